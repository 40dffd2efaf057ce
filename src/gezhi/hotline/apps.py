"""The room `hotline` as a Django app."""

from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "gezhi.hotline"
    label = "hotline"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.cases.rules import phone_text
        from gezhi.hotline import reactions  # noqa: F401  # register what they hear
        from gezhi.hotline.models import Call

        resealing.indexed(
            Call, "phone_index", of="phone", text=lambda phone, row: phone_text(phone)
        )
