"""The room `cases` as a Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "gezhi.cases"
    label = "cases"

    def ready(self) -> None:
        from gezhi.cases import followers, reactions  # noqa: F401  # register what they hear
