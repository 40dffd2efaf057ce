"""Whom somebody in danger should ring at once: a report is read later than a call is heard."""

from dataclasses import dataclass

from gezhi.portal.reads import Tracked

_ALL = ("119", "120", "110")  # fire and rescue, ambulance, police


@dataclass(frozen=True)
class Danger:
    """`is_gas`: the gas company's own line comes too, and what not to touch."""

    numbers: tuple[str, ...]
    is_gas: bool


def danger_in(tracked: Tracked) -> Danger | None:
    """What the words of the case tell of; None where they tell of none."""
    words = tracked.case.what
    told = tracked.book.dangers_in(words)
    numbers = dict.fromkeys(number for one in told for number in one.danger.call)
    if not told and not tracked.book.urgent_words(words):
        return None
    kinds = [tracked.book.categories[one.danger.category] for one in told]
    return Danger(tuple(numbers) or _ALL, any(kind.asset == "gas" for kind in kinds))
