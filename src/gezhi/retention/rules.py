"""How a certificate is made, what a number of days may be. Pure."""

import hashlib
from collections.abc import Mapping

from gezhi.record.rules import canonical

MOST_DAYS = 36500
SLICE = 200


def is_long_enough(days: int, least: int) -> bool:
    """Whether a kind may be kept for so many days."""
    return least <= days <= MOST_DAYS


def certificate(values: Mapping[str, str | int]) -> str:
    """The number of a certificate: anybody can work it out again from what stands on it."""
    return hashlib.sha256(b"gezhi removal " + canonical(values)).hexdigest()
