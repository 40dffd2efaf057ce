"""The room `deadlines` as a Django app."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "gezhi.deadlines"
    label = "deadlines"

    def ready(self) -> None:
        from gezhi.deadlines import reactions  # noqa: F401  # registers what it reacts to
