"""The room `bench` as a Django app."""

from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "gezhi.bench"
    label = "bench"
