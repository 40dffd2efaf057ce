"""The room `triage` as a Django app."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "gezhi.triage"
    label = "triage"

    def ready(self) -> None:
        from gezhi.triage import checks, followers, reactions  # noqa: F401  # register what they hear

        checks.must_make_sense()
