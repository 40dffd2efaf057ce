"""One row of a list, as values a template only has to write down.

The list itself is written here: fifty rows through the template engine took half of the
page's time (docs/decisions/0010).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases_reads
from gezhi.cases.models import Case
from gezhi.cases.rules import STATE_NAMES, State, handed, waits_for_check
from gezhi.desk import reads
from gezhi.desk.pages import words
from gezhi.places.rules import with_spot
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_SHORT = 60


@dataclass(frozen=True)
class Row:
    number: str
    href: str
    what: str
    where: str
    holder: str
    state: str
    state_code: str
    is_urgent: bool
    opened: str
    colour: str
    percent: int
    promise: str

    def __getitem__(self, name: str) -> object:
        """Templates ask this way first; answering saves them an exception per value."""
        return self.__dict__[name]


_MARKUP = re.compile("[&<>\"']")  # looking once is cheaper than replacing five times


def _safe(words: str) -> str:
    return escape(words) if _MARKUP.search(words) else words


class Rows(list[Row]):
    """Rows of one list."""

    @property
    def html(self) -> SafeString:
        """The items of the list. What is not the house's own word is escaped here."""
        urgent = f'<span class="gz-urgent">{escape(_("紧急"))}</span>'
        return SafeString("".join([_item(row, urgent if row.is_urgent else "") for row in self]))


def _item(row: Row, urgent: str) -> str:
    if row.promise:
        end = (
            f'<span class="gz-bar gz-{row.colour}"><i data-style="width:{row.percent}%"></i>'
            f"<b>{row.promise}</b></span>"
        )
    else:
        end = f'<span class="gz-when">{row.opened}</span>'
    number = _safe(row.number)
    return (
        f'<li class="gz-row" data-row="{number}">'
        f'<input class="form-check-input gz-pick" type="checkbox" name="number" value="{number}"'
        f' aria-label="{number}"><a href="{_safe(row.href)}">'
        f'<span class="gz-row-top"><span class="gz-number">{number}</span>{urgent}'
        f'<span class="gz-row-state">{row.state}</span></span>'
        f'<span class="gz-what">{_safe(row.what)}</span>'
        f'<span class="gz-where">{_safe(row.where)}</span>'
        f'<span class="gz-row-end"><span class="gz-holder">{_safe(row.holder)}</span>{end}'
        "</span></a></li>"
    )


@lru_cache(maxsize=8)
def _state_names(_language: str | None) -> dict[str, str]:
    return {state.value: str(name) for state, name in STATE_NAMES.items()}


def rows_of(cases: "Sequence[Case | reads.Listed]", now: datetime) -> Rows:
    """Rows for these cases: one query for all of them, however many."""
    units = reads.unit_names(cases)
    areas = words.area_words(case.path for case in cases)
    language, waits = get_language(), _("已办结，待核查")
    states = _state_names(language)
    base = reverse("desk:case", args=["-"]).removesuffix("-/")
    rows, books = Rows(), dict[int, Book]()
    for case in cases:
        left = words.left(case, now)
        promise = words.promise(left, language)
        rows.append(
            Row(
                number=case.number,
                href=f"{base}{case.number}/",
                what=first_words(case.what),
                where=place_of(case, areas),
                holder=units.get(case.holder_id, ""),
                state=waits if _waits_for_check(case, books) else states[case.state],
                state_code=case.state,
                is_urgent=_is_urgent(case, books),
                opened="" if promise else words.moment(case.opened_at, now),
                colour=left.colour.value,
                percent=left.percent,
                promise=promise,
            )
        )
    return rows


def _is_urgent(case: "Case | reads.Listed", books: dict[int, Book]) -> bool:
    """What was accepted says so itself."""
    if case.is_urgent or case.category or not case.proposed_category:
        return case.is_urgent
    if case.book not in books:
        books[case.book] = rulebook.book(case.county, case.book)
    return cases_reads.is_urgent(case, books[case.book])


def _waits_for_check(case: "Case | reads.Listed", books: dict[int, Book]) -> bool:
    """Each book is asked for once, and only for what is done."""
    if case.state != State.DONE or case.is_verified:
        return False
    if case.book not in books:
        books[case.book] = rulebook.book(case.county, case.book)
    return waits_for_check(
        case.state,
        outcome=case.outcome,
        category=case.category,
        is_verified=case.is_verified,
        book=books[case.book],
    )


@lru_cache(maxsize=4096)  # lists are opened again and again with the same cases
def first_words(what: str) -> str:
    """The beginning of what somebody wrote, on one line, masked."""
    line = mask_text(" ".join(handed.without_end(what)[: _SHORT * 3].split()))
    return line if len(line) <= _SHORT else line[:_SHORT] + "…"


def place_of(case: "Case | reads.Listed", areas: dict[str, str]) -> str:
    """The area and the words for the place."""
    return with_spot(areas.get(case.path, ""), cases_reads.shown_place(case))
