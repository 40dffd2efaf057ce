"""The room `intake` as a Django app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "gezhi.intake"
    label = "intake"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.intake import (
            adapters,
            reactions,  # noqa: F401  # register what they hear
        )

        resealing.sealed_files("imports", "*/imports/*.sealed", about=adapters.about_file)
        resealing.sealed_files("received", "*/received/*.sealed", about=adapters.about_received)
