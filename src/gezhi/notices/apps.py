"""The room `notices` as a Django app."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.apps import AppConfig


def _address_text(way: str, address: str, row: Mapping[str, Any]) -> str:
    from gezhi.notices.models import address_text

    return address_text(way, address)


class NoticesConfig(AppConfig):
    name = "gezhi.notices"
    label = "notices"

    def ready(self) -> None:
        from gezhi.base import resealing
        from gezhi.notices import checks, followers, reactions  # noqa: F401  # register what they hear
        from gezhi.notices.models import AddressCheck, Choice, address_text
        from gezhi.notices.rules import FIELDS

        for way, field in FIELDS.items():
            text = partial(_address_text, way)
            resealing.indexed(Choice, f"{field}_confirmed", of=field, text=text)
        resealing.indexed(
            AddressCheck, "address_key", of="address", given=("channel",),
            text=lambda address, row: address_text(row["channel"], address),
        )  # fmt: skip
        resealing.indexed(AddressCheck, "code")  # good for ten minutes
        resealing.indexed(AddressCheck, "asked_from")  # of use for an hour
        checks.must_make_sense()
