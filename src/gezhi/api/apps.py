"""The room `api` as a Django app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "gezhi.api"
    label = "api"
