"""The base as a Django app (it owns no tables, only words)."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "gezhi.base"
    label = "base"
