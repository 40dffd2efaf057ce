"""The room `rulebook` as a Django app."""

from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "gezhi.rulebook"
    label = "rulebook"
