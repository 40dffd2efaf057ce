"""Lines of the book as occasions to tell somebody something."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from gezhi.notices.rules import EVENTS_OF, Occasion
from gezhi.record import reads as record
from gezhi.record.models import Line

# Which of a fact's moments the words call "by when".
_DUE = ("answer_by", "arrive_by", "until", "due")
# Somebody who heard one of these of a promise needn't hear the other at the same moment.
_HEARD_BY = {
    "promise_broken": frozenset({"promise_broken"}),
    "promise_climbed": frozenset({"promise_broken", "promise_climbed", "nobody_on_duty"}),
    "nobody_on_duty": frozenset({"nobody_on_duty"}),
}
_AT_ONCE = timedelta(minutes=1)


def occasions_of(lines: Iterable[Line]) -> list[Occasion]:
    """What these lines tell of, in order; lines of other things are passed over."""
    wanted = [line for line in lines if line.kind in EVENTS_OF]
    before = _said_before([line for line in wanted if line.kind in _HEARD_BY])
    return [
        _promise(line, event, before.get(line.id, ()))
        if "deadline" in line.data
        else _act(line, event)
        for line in wanted
        for event in EVENTS_OF[line.kind]
        if event != "rating_asked" or _may_be_rated(line)
    ]


def _may_be_rated(line: Line) -> bool:
    """Nobody is asked whether it is solved before a second person has looked, where one must.

    Lines from before that was so don't say.
    """
    if line.kind == "case_verified":
        return bool(line.data.get("is_to_be_rated"))
    return not line.data.get("waits_for_check")


def _said_before(lines: Sequence[Line]) -> dict[int, tuple[Occasion, ...]]:
    """By line, what the book says just before it of the same promise, for whoever is told twice.

    All of them are asked for at once. These lines alone are read here, with no more of the book
    than the minute before them.
    """
    if not lines:
        return {}
    moments = [line.at for line in lines]
    by_thing: dict[str, list[Line]] = {}
    said = record.facts_about(*{line.about for line in lines}, county=lines[0].county)
    near = said.filter(kind__in=_HEARD_BY, at__gt=min(moments) - _AT_ONCE, at__lte=max(moments))
    for one in near:
        by_thing.setdefault(one.about, []).append(one)
    return {
        line.id: tuple(
            _promise(one, EVENTS_OF[one.kind][0])
            for one in by_thing.get(line.about, ())
            if _is_just_before(one, line)
        )
        for line in lines
    }


def _is_just_before(one: Line, line: Line) -> bool:
    return (
        one.id < line.id
        and one.kind in _HEARD_BY[line.kind]
        and line.at - one.at < _AT_ONCE
        and all(one.data[name] == line.data[name] for name in ("deadline", "due"))
    )


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
        demand=UUID(data["demand"]) if "demand" in data else None,
        move=data.get("act", ""),
        stage=data.get("stage", ""),
    )


def _promise(line: Line, event: str, heard: tuple[Occasion, ...] = ()) -> Occasion:
    """Who is told of a promise was found out when it was announced."""
    data = line.data
    absent = data.get("absent")  # where nobody was at work: the words name that unit
    return Occasion(
        event=event,
        case=UUID(data["case"]),
        at=line.at,
        holder=UUID(data["unit"]),
        line=line.id,
        named=UUID(absent) if absent else None,
        due=_due(data),
        percent=data.get("percent"),
        promise=UUID(data["deadline"]),
        kind=data["promise"],
        stage=data.get("stage", ""),  # lines from before there were any don't say
        audience=data["audience"],
        told=tuple(UUID(account) for account in data["told"]),
        heard=heard,
    )


def _due(data: dict[str, Any]) -> datetime | None:
    found = next((data[name] for name in _DUE if data.get(name)), None)
    return parse_datetime(found) if found else None
