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
        from gezhi.intake.models import Received
        from gezhi.intake.rules.mail import sender_text

        resealing.indexed(
            Received, "sender_index", of="sender", text=lambda sender, row: sender_text(sender)
        )
        resealing.sealed_files("imports", "*/imports/*.sealed", about=adapters.about_file)
        resealing.sealed_files("received", "*/received/*.sealed", about=adapters.about_received)
