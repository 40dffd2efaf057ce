"""One row of a list, as values a template only has to write down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

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


def rows_of(cases: Sequence[Case], now: datetime) -> list[Row]:
    """Rows for these cases: one query for all of them, however many."""
    units = reads.unit_names(cases)
    areas = words.area_words(case.path for case in cases)
    states = {state.value: str(name) for state, name in STATE_NAMES.items()}
    base = reverse("desk:case", args=["-"]).removesuffix("-/")
    rows = []
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


def place_of(case: Case, areas: dict[str, str]) -> str:
    """The area and the words for the place."""
    return " · ".join(filter(None, (areas.get(case.path, ""), mask_text(case.place))))
