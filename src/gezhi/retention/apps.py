"""The room `retention` as a Django app."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "gezhi.retention"
    label = "retention"
