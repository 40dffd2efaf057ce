"""The room `intake` as a Django app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "gezhi.intake"
    label = "intake"
