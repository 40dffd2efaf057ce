"""Calls as they come and go: begun and ended by the telephone system, typed along by the agent."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.days import written
from gezhi.base.refusal import NotFound
from gezhi.base.sealed import blind_index
from gezhi.base.words import clean
from gezhi.cases.rules import phone_text
from gezhi.hotline import reads, rules
from gezhi.hotline.errors import CallerNumberWrong, CallTimeImpossible
from gezhi.hotline.facts import CallBegan, CallEnded
from gezhi.hotline.models import Call
from gezhi.people.models import Account
from gezhi.record import actions as record
from gezhi.record.actions import announce
from gezhi.record.rules import AuditKind
from gezhi.rulebook.rules import Given

_MOST_ANSWERS = 100
# What of the console's form is kept while somebody types, beside the answers to questions.
TYPED = ("what", "place", "path", "lon", "lat", "category", "name", "phone", "is_secret")


class Begun(NamedTuple):
    """A call, and whether it was told for the first time."""

    call: Call
    is_new: bool


@transaction.atomic
def begin_call(
    call_id: str,
    *,
    agent: str,
    from_number: str = "",
    began_at: datetime | None = None,
    line: str = "",
    order: str = "",
    actor: Actor,
) -> Begun:
    """A call rings at an agent's. Told again for another agent it is handed over, with all typed.

    The telephone system's own number of the order may come with it; the case keeps it.
    """
    number = rules.number_told(from_number)
    if number is None:
        raise CallerNumberWrong(withheld=", ".join(rules.WITHHELD))
    found, now = reads.call_of_program(actor, call_id, is_held=True), clock.now()
    account, unit = reads.agent_called(agent, actor=actor)
    call, is_new = (found, False) if found else _first_told(call_id, account, began_at, actor, now)
    if not is_new and (call.account_id == account.id or call.outcome):
        return Begun(call, is_new=False)
    call.account = account
    call.line = line or call.line
    call.order = rules.order_number(order) or call.order
    _number(call, number or call.phone)
    call.save()
    fact = CallBegan(call=call.id, account=account.id, holder=unit)
    announce(fact, about=f"call:{call.id}", county=call.county, actor=actor, now=now)
    return Begun(call, is_new)


def _first_told(
    call_id: str, account: Account, began_at: datetime | None, actor: Actor, now: datetime
) -> tuple[Call, bool]:
    """The row, held; whoever tells of the same call at the same moment gets the same one."""
    if began_at is not None and not rules.may_begin(began_at, now):
        raise CallTimeImpossible(at=written(began_at))
    new = Call(
        county=settings.COUNTY, program=actor.account, call_id=call_id, account=account,
        began_at=began_at or now,
    )  # fmt: skip
    Call.objects.bulk_create([new], ignore_conflicts=True)
    call = reads.call_of_program(actor, call_id, is_held=True)
    if call is None:
        raise NotFound()
    return call, call.id == new.id


@transaction.atomic
def end_call(
    call_id: str,
    *,
    ended_at: datetime | None = None,
    seconds: int | None = None,
    recording: str = "",
    order: str = "",
    actor: Actor,
) -> Call:
    """It is over: when or after how long, under what name its recording is kept elsewhere.

    Told again, what is told now stands: a recording is often named a while later.
    """
    call = reads.call_of_program(actor, call_id, is_held=True)
    if call is None:
        raise NotFound()
    now, is_first = clock.now(), call.ended_at is None
    if ended_at is None and seconds is not None:
        ended_at = call.began_at + timedelta(seconds=seconds)
    if ended_at is not None and not rules.may_end(ended_at, call.began_at, now):
        raise CallTimeImpossible(at=written(ended_at))
    call.ended_at = ended_at or call.ended_at or min(now, call.began_at + rules.LONGEST_CALL)
    lasted = max(0, int((call.ended_at - call.began_at).total_seconds()))
    if seconds is None:
        seconds = lasted if ended_at is not None or call.seconds is None else call.seconds
    call.seconds = seconds
    call.recording = clean(recording)[:500] or call.recording
    call.order = rules.order_number(order) or call.order
    call.save(update_fields=["ended_at", "seconds", "recording", "order"])
    if is_first:
        fact = CallEnded(call=call.id, seconds=call.seconds)
        announce(fact, about=f"call:{call.id}", county=call.county, actor=actor, now=now)
    return call


@transaction.atomic
def write_down(id: UUID, *, actor: Actor) -> None:
    """A call that no telephone system told of, unless it is there: its page chose the id."""
    actor.must(reads.ANSWER)
    if actor.account:
        call = Call(id=id, county=settings.COUNTY, account_id=actor.account, began_at=clock.now())
        Call.objects.bulk_create([call], ignore_conflicts=True)


@transaction.atomic
def note_typed(
    id: UUID, *, typed: Mapping[str, str], answers: Given | None = None, actor: Actor
) -> Call:
    """Keep what the agent has typed so far, sealed: a page that is closed loses nothing.

    `answers` are those to the category's questions, as they stand, whole or not.
    """
    call = reads.call_to_settle(actor, id)
    said: dict[str, Any] = {name: _kept(typed.get(name, "")) for name in TYPED}
    said["answers"] = {
        code[:100]: [_kept(text) for text in texts[:_MOST_ANSWERS]]
        for code, texts in islice((answers or {}).items(), _MOST_ANSWERS)
        if any(texts)
    }
    call.said = json.dumps({name: text for name, text in said.items() if text}, ensure_ascii=False)
    call.save(update_fields=["said"])
    return call


def _kept(text: str) -> str:
    return text[: rules.MOST_TYPED].replace("\x00", "")


def note_looked_up(*, actor: Actor) -> None:
    """Somebody looked what a number they typed is known by: on the audit, without the number."""
    actor.must(reads.ANSWER)
    record.note(
        AuditKind.OPENING, about="caller", county=settings.COUNTY, data={"looked_up": "caller"},
        actor=actor, now=clock.now(),
    )  # fmt: skip


def _number(call: Call, phone: str) -> None:
    call.phone = clean(phone)[:40]
    call.phone_index = blind_index(phone_text(call.phone)) if call.phone else None


def keep_number(call: Call, phone: str) -> None:
    """The number the caller wants to be reached at, where none came with the call."""
    if phone and not call.phone:
        _number(call, phone)
