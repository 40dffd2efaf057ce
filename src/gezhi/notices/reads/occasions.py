"""Lines of the book as occasions to tell somebody something."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from gezhi.base.actor import system
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.notices.rules import EVENTS_OF, Occasion
from gezhi.record.models import Line

_NOTICES = system("notices")
# Which of a fact's moments the words call "by when".
_DUE = ("answer_by", "arrive_by", "until", "due")


def occasions_of(lines: Iterable[Line]) -> list[Occasion]:
    """What these lines tell of, in order; lines of other things are passed over."""
    return [
        each
        for line in lines
        for event in EVENTS_OF.get(line.kind, ())
        for each in (_promise(line, event) if "deadline" in line.data else _act(line, event),)
    ]


def cases_of(occasions: Iterable[Occasion]) -> dict[UUID, Case]:
    """Their cases in one query, and those that they were merged into."""
    wanted = {id for occasion in occasions for id in (occasion.case, occasion.main) if id}
    return cases.visible_to(_NOTICES).defer("words", "head").in_bulk(list(wanted))


def _act(line: Line, event: str) -> Occasion:
    data = line.data
    main = data.get("main") if event == "merged" else None
    return Occasion(
        event=event,
        case=UUID(data["case"]),
        at=line.at,
        holder=UUID(data["holder"]),
        line=line.id,
        named=UUID(data["holder_was"]) if event == "sent_back" else None,
        actor=line.actor,
        legs=tuple(UUID(leg) for leg in data.get("legs", ())),
        due=_due(data),
        reason=data.get("reason", ""),
        seq=data["seq"],
        main=UUID(main) if main else None,
        approval=UUID(data["approval"]) if "approval" in data else None,
        move=data.get("act", ""),
    )


def _promise(line: Line, event: str) -> Occasion:
    """Who is told of a promise was found out when it was announced."""
    data = line.data
    return Occasion(
        event=event,
        case=UUID(data["case"]),
        at=line.at,
        holder=UUID(data["unit"]),
        line=line.id,
        due=_due(data),
        percent=data.get("percent"),
        promise=UUID(data["deadline"]),
        kind=data["promise"],
        stage=data.get("stage", ""),  # lines from before there were any don't say
        audience=data["audience"],
        told=tuple(UUID(account) for account in data["told"]),
    )


def _due(data: dict[str, Any]) -> datetime | None:
    found = next((data[name] for name in _DUE if data.get(name)), None)
    return parse_datetime(found) if found else None
