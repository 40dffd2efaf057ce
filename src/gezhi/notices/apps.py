"""The room `notices` as a Django app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "gezhi.notices"
    label = "notices"

    def ready(self) -> None:
        from gezhi.notices import checks, followers  # noqa: F401  # register what they hear

        checks.must_make_sense()
