"""The room `people` as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gezhi.people"
    label = "people"

    def ready(self) -> None:
        from gezhi.people import reactions  # noqa: F401  # the reactions register themselves
