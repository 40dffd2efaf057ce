"""What an act would send, before it is done: to whom (masked), by which way, in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from gezhi.base.actor import Actor
from gezhi.base.masking import mask_name, mask_phone
from gezhi.cases.models import Case
from gezhi.notices.reads.foretelling import FORETOLD, Move, occasions_ahead
from gezhi.notices.reads.telling import Outgoing, Teller
from gezhi.notices.reads.wording import Addressee
from gezhi.notices.rules import AUDIENCE_NAMES, CHANNEL_NAMES, Audience, Channel, Occasion
from gezhi.people import reads as people

SHOWN_FOR = frozenset(FORETOLD)


@dataclass(frozen=True)
class Told:
    """One message that would go to a reporter or a group, or how many are told on the desk.

    A `count` of none says who would be told, were anybody at work.
    """

    audience: Any
    to: str
    channel: Any
    words: str
    count: int = 1


def preview(
    case: Case, act: str, values: Mapping[str, Any] | None = None, *, actor: Actor
) -> list[Told]:
    """What would be sent if the act were done now with these values, reporters first.

    Nothing is changed. What is not filled in yet foretells nothing.
    """
    if act not in SHOWN_FOR:
        return []
    move = Move(case, act, values or {}, actor=actor)
    occasions = occasions_ahead(move)
    if not occasions:
        return []
    teller = Teller(case.county, occasions)
    teller.batch.cases[case.id] = move.case
    if move.is_due_new:
        teller.batch.set_target(case.id, move.due)
    return _together(teller, occasions)


def _together(teller: Teller, occasions: list[Occasion]) -> list[Told]:
    """Words of one line to one address by one channel are one message, as when they are sent."""
    sent: dict[tuple[Any, Channel, int], tuple[Addressee, list[Outgoing]]] = {}
    desk: dict[tuple[Audience, str], dict[UUID, str]] = {}
    for occasion, telling in teller.tellings():
        for way in telling.ways:
            key = telling.to.id, way.channel, occasion.line
            sent.setdefault(key, (telling.to, []))[1].append(way)
        if telling.desk is not None and telling.to.account:
            told = desk.setdefault((telling.to.audience, occasion.event), {})
            told[telling.to.account] = telling.desk
    outside = [
        Told(
            audience=AUDIENCE_NAMES[to.audience],
            to=_masked(to, ways[0]),
            channel=CHANNEL_NAMES[channel],
            words="\n".join(way.words for way in ways),
        )
        for (_id, channel, _line), (to, ways) in sent.items()
        if to.account is None  # whoever of the house wants mail besides is told on the desk too
    ]
    inside = [
        Told(AUDIENCE_NAMES[audience], "", None, next(iter(told.values())), len(told))
        for (audience, _event), told in desk.items()
    ]
    absent = [
        Told(AUDIENCE_NAMES[Audience.HOLDER], "", None, gettext("承办单位现在没有人值班"), 0)
        for occasion in occasions
        if teller.is_holder_absent(occasion)
    ]
    return outside + inside + absent[:1]


def is_filled_in(case: Case, act: str, values: Mapping[str, Any], *, actor: Actor) -> bool:
    """Whether enough is chosen to say what the act would come to."""
    return bool(occasions_ahead(Move(case, act, values, actor=actor)))


def _masked(to: Addressee, way: Outgoing) -> str:
    if to.report is None:
        return people.unit(to.unit).label if to.unit else ""
    if to.report.is_secret:
        return "****"
    phone = mask_phone(way.to) if way.channel == Channel.SMS else ""
    return f"{mask_name(to.report.name)} {phone}".strip()
