"""Whom somebody in danger should ring at once: a report is read later than a call is heard."""

from dataclasses import dataclass

from gezhi.portal.reads import Tracked


@dataclass(frozen=True)
class Danger:
    """`is_gas`: the gas company's own line comes too, and what not to touch."""

    numbers: tuple[str, ...]
    is_gas: bool


def danger_in(tracked: Tracked) -> Danger | None:
    """What the words of the case tell of; None where they tell of none."""
    book, words = tracked.book, tracked.case.what
    numbers = book.numbers_to_call(words)
    kinds = [book.categories[one.danger.category] for one in book.dangers_in(words)]
    return Danger(numbers, any(kind.asset == "gas" for kind in kinds)) if numbers else None
