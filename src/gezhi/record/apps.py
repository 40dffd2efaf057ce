"""The record as a Django app."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "gezhi.record"
    label = "record"

    def ready(self) -> None:
        from gezhi.record import followers  # noqa: F401  # the sealing follower registers itself
