"""Which finished cases wait for a second person: `rules.waits_for_check` as a condition in SQL."""

from functools import reduce
from operator import or_

from django.db.models import Q

from gezhi.cases.models import Case
from gezhi.cases.rules.moves import State
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_Asked = tuple[tuple[str, ...], tuple[str, ...]]


def unchecked_in(county: str) -> Q:
    """Of the county's finished cases those that a second person has still to look at.

    Each by the rulebook it was opened under. One query: of all versions few have such cases.
    """
    done = Case.objects.filter(county=county, state=State.DONE.value, is_verified=False)
    versions: dict[_Asked, list[int]] = {}
    for version in done.order_by().values_list("book", flat=True).distinct():
        versions.setdefault(_asked_for(rulebook.book(county, version)), []).append(version)
    ways = (
        Q(book__in=books, category__in=checked, outcome__in=solved)
        for (checked, solved), books in versions.items()
    )
    return Q(is_verified=False) & reduce(or_, ways, Q(pk__in=[]))


def _asked_for(book: Book) -> _Asked:
    """The categories that ask for a check, and the outcomes that have one."""
    checked = sorted(key for key, one in book.categories.items() if "second_check" in one.proof)
    solved = sorted(code for code, one in book.outcomes.items() if one.is_solved)
    return tuple(checked), tuple(solved)
