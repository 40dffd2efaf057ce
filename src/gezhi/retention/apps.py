"""The room `retention` as a Django app."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "gezhi.retention"
    label = "retention"

    def ready(self) -> None:
        from gezhi.retention import reactions  # noqa: F401  # register what they hear
