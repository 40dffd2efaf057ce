"""The room `people` as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gezhi.people"
    label = "people"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.people import checks, reactions  # noqa: F401  # the reactions register themselves
        from gezhi.people.actions import forgetting  # noqa: F401  # register what it keeps
        from gezhi.people.models import Resident
        from gezhi.people.reads import resident_text

        checks.must_make_sense()
        resealing.indexed(
            Resident, "phone_index", of="phone", text=lambda phone, row: resident_text(phone)
        )
