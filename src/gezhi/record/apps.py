"""The record as a Django app."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "gezhi.record"
    label = "record"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.record import followers  # noqa: F401  # the sealing follower registers itself
        from gezhi.record.models import KeptAnswer

        resealing.sealed_in_json(
            KeptAnswer, "answer", "sealed",
            about=lambda row: f"answer:{row['actor']}:{row['key']}", given=("actor", "key"),
        )  # fmt: skip
