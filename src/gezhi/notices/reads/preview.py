"""What an act would send, before it is done: to whom (masked), by which way, in which words."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_name, mask_phone
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.deadlines import actions as promises
from gezhi.deadlines import reads as deadlines
from gezhi.notices.reads.telling import Addressee, Outgoing, Teller
from gezhi.notices.rules import AUDIENCE_NAMES, CHANNEL_NAMES, Audience, Channel, Occasion
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook

# What an act comes to, where it is known beforehand, and which typed field holds its words.
_EVENTS: Mapping[Act, tuple[tuple[str, ...], str]] = {
    Act.ACCEPT: (("accepted",), "words"),
    Act.ASK: (("asked",), "words"),
    Act.FINISH: (("finished", "rating_asked"), "answer"),
    Act.REFUSE: (("refused",), "words"),
    Act.CLOSE: (("closed",), "words"),
}
SHOWN_FOR = frozenset(_EVENTS)


@dataclass(frozen=True)
class Told:
    """One message that would go to a reporter or a group, or how many are told on the desk."""

    audience: Any
    to: str
    channel: Any
    words: str
    count: int = 1


def preview(
    case: Case, act: Act, values: Mapping[str, Any] | None = None, *, actor: Actor
) -> list[Told]:
    """What would be sent if the act were done now with these values, reporters first.

    Nothing is changed. What only somebody else's leave brings about is not foretold.
    """
    typed, now = values or {}, clock.now()
    events, field = _EVENTS.get(act, ((), ""))
    if act == Act.REFUSE and (
        typed.get("unit") or not actor.may("case.approve", path=case.path)
    ):  # it is asked for, or goes to another body: no refusal yet
        return []
    occasion = Occasion(
        event="",
        case=case.id,
        at=now,
        holder=case.holder_id,
        actor=actor.label,
        reason=str(typed.get("reason") or ""),
        said=str(typed.get(field) or ""),
        due=_answer_by(act, case, now),
    )
    occasions = [replace(occasion, event=event) for event in events]
    teller = Teller(case.county, occasions)
    if act == Act.ACCEPT:
        after = _as_accepted(case, typed)
        teller.cases[case.id], teller.targets[case.id] = after, _due_when_accepted(after, now)
    return _together(teller, occasions)


def _together(teller: Teller, occasions: list[Occasion]) -> list[Told]:
    """Words to one address by one channel are one message, as when they are sent."""
    sent: dict[tuple[Any, Channel], tuple[Addressee, list[Outgoing]]] = {}
    desk: dict[Audience, dict[UUID, str]] = {}
    for occasion in occasions:
        for telling in teller.tellings(occasion):
            for way in telling.ways:
                sent.setdefault((telling.to.id, way.channel), (telling.to, []))[1].append(way)
            if telling.desk is not None and telling.to.account:
                desk.setdefault(telling.to.audience, {})[telling.to.account] = telling.desk
    outside = [
        Told(
            audience=AUDIENCE_NAMES[to.audience],
            to=_masked(to, ways[0]),
            channel=CHANNEL_NAMES[channel],
            words="\n".join(way.words for way in ways),
        )
        for (_id, channel), (to, ways) in sent.items()
        if to.account is None  # whoever of the house wants mail besides is told on the desk too
    ]
    inside = [
        Told(AUDIENCE_NAMES[audience], "", None, next(iter(told.values())), len(told))
        for audience, told in desk.items()
    ]
    return outside + inside


def _masked(to: Addressee, way: Outgoing) -> str:
    if to.report is None:
        return people.unit(to.unit).label if to.unit else ""
    if to.report.is_secret:
        return "****"
    return f"{mask_name(to.report.name)} {mask_phone(way.to)}".strip()


def _answer_by(act: Act, case: Case, now: datetime) -> datetime | None:
    if act != Act.ASK:
        return None
    return now + timedelta(days=rulebook.book(case.county, case.book).limits.answer_days)


def _as_accepted(case: Case, typed: Mapping[str, Any]) -> Case:
    """The case as it would be, in memory alone."""
    after = copy(case)
    after.category = str(typed.get("category") or case.proposed_category)
    known = rulebook.book(case.county, case.book).categories.get(after.category)
    after.size = str(typed.get("size") or (known.size if known else ""))
    return after


def _due_when_accepted(case: Case, now: datetime) -> datetime | None:
    """The day the reporter would be promised, worked out by the hand that will do it."""
    row = deadlines.target(case)
    if row is None or not case.category:
        return row.due if row else None
    promises.renew_finish(
        deadlines.matter_as_is(case), row, now=now
    )  # the row in memory; nobody writes it
    return row.due
