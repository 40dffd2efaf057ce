"""The room `site` as a Django app."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "gezhi.site"
    label = "site"
