"""The room `portal` as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "gezhi.portal"
    label = "portal"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.portal import adapters
        from gezhi.record.models import KeptAnswer

        resealing.sealed_files("drafts", "drafts/*/*/*", about=adapters.about_file)
        resealing.sealed_in_json(
            KeptAnswer, "answer", "code",
            about=lambda row: f"sent:{row['key'].removeprefix('draft:')}", given=("key",),
        )  # fmt: skip
