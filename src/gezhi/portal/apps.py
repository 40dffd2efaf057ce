"""The room `portal` as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "gezhi.portal"
    label = "portal"
