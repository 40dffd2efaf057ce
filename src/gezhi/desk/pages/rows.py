"""One row of a list, as values a template only has to write down.

The list itself is written here: fifty rows through the template engine took half of the
page's time (docs/decisions/0010).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from gezhi.base.masking import mask_text
from gezhi.cases.models import Case
from gezhi.cases.rules import STATE_NAMES, State
from gezhi.desk import reads
from gezhi.desk.pages import words

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


_ITEM = (
    '<li class="gz-row" data-row="{number}">'
    '<input class="form-check-input gz-pick" type="checkbox" name="number" value="{number}"'
    ' aria-label="{number}"><a href="{href}">'
    '<span class="gz-row-top"><span class="gz-number">{number}</span>{urgent}'
    '<span class="gz-row-state">{state}</span></span>'
    '<span class="gz-what">{what}</span><span class="gz-where">{where}</span>'
    '<span class="gz-row-end"><span class="gz-holder">{holder}</span>{end}</span></a></li>'
)
_PROMISE = (
    '<span class="gz-bar gz-{colour}"><i style="width:{percent}%"></i><b>{promise}</b></span>'
)
_OPENED = '<span class="gz-when">{opened}</span>'
_MARKUP = re.compile("[&<>\"']")  # looking once is cheaper than replacing five times
_URGENT = '<span class="gz-urgent">{urgent}</span>'


class Rows(list[Row]):
    """Rows of one list."""

    @property
    def html(self) -> SafeString:
        """The items of the list. Every value is escaped here."""
        urgent = _URGENT.format(urgent=escape(_("紧急")))
        items = []
        for row in self:
            shown = {
                name: escape(value) if isinstance(value, str) and _MARKUP.search(value) else value
                for name, value in row.__dict__.items()
            }
            shown["urgent"] = urgent if row.is_urgent else ""
            shown["end"] = (_PROMISE if row.promise else _OPENED).format_map(shown)
            items.append(_ITEM.format_map(shown))
        return SafeString("".join(items))


def rows_of(cases: "Sequence[Case | reads.Listed]", now: datetime) -> Rows:
    """Rows for these cases: one query for all of them, however many."""
    units = reads.unit_names(cases)
    areas = words.area_words(case.path for case in cases)
    states = {state.value: str(name) for state, name in STATE_NAMES.items()}
    base = reverse("desk:case", args=["-"]).removesuffix("-/")
    rows = Rows()
    for case in cases:
        left = words.left(case, now)
        promise = words.promise(left)
        rows.append(
            Row(
                number=case.number,
                href=f"{base}{case.number}/",
                what=first_words(case.what),
                where=place_of(case, areas),
                holder=units.get(case.holder_id, ""),
                state=states[State(case.state).value],
                state_code=case.state,
                is_urgent=case.is_urgent,
                opened="" if promise else words.moment(case.opened_at, now),
                colour=left.colour.value,
                percent=left.percent,
                promise=promise,
            )
        )
    return rows


def first_words(what: str) -> str:
    """The beginning of what somebody wrote, on one line, masked."""
    line = mask_text(" ".join(what[: _SHORT * 3].split()))
    return line if len(line) <= _SHORT else line[:_SHORT] + "…"


def place_of(case: "Case | reads.Listed", areas: dict[str, str]) -> str:
    """The area and the words for the place."""
    return " · ".join(filter(None, (areas.get(case.path, ""), mask_text(case.place))))
