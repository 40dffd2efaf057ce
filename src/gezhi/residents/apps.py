"""The room `residents` as a Django app."""

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "gezhi.residents"
    label = "residents"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.residents import adapters
        from gezhi.residents.actions import forgetting  # noqa: F401  # register what it keeps

        resealing.sealed_files("copies", "copies/??/*.sealed", about=adapters.about_copy)
