"""What becomes of a call: a case, another voice in one, an answer at once, nothing."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.actions import Contact, Reported, Where
from gezhi.hotline import reads, rules
from gezhi.hotline.actions.calls import keep_number
from gezhi.hotline.errors import OrderKnown
from gezhi.hotline.facts import CallDone, CallTakenUpAgain
from gezhi.hotline.models import Call, Version
from gezhi.hotline.rules import Outcome
from gezhi.record.actions import announce
from gezhi.rulebook.rules import Given

CHANNEL = "hotline"


@transaction.atomic
def open_case(
    id: UUID,
    *,
    what: str,
    where: Where,
    contact: Contact | None = None,
    category: str = "",
    answers: Given | None = None,
    actor: Actor,
) -> Reported:
    """Open a case for what the caller says; the hotline's own number of the order goes with it.

    Who leaves no other number is reached at the one that called.
    """
    call = reads.call_to_settle(actor, id)
    contact = contact or Contact()
    key = rules.source_key(call.order)
    if key and (there := case_reads.with_source_keys([key], county=call.county)):
        number = case_reads.cases_behind(there)[0].number
        raise OrderKnown(order=call.order, number=number)
    made = cases.report(
        county=call.county,
        what=what,
        where=where,
        channel=CHANNEL,
        contact=_reached(contact, call),
        category=category,
        answers=answers,
        source_key=key,
        actor=actor,
    )
    _settle(call, Outcome.OPENED, contact.phone, actor, made=made)
    return made


@transaction.atomic
def join_case(
    id: UUID, ref: case_reads.Ref, *, what: str, contact: Contact | None = None, actor: Actor
) -> Reported:
    """The caller is one more voice in a case that is there, with a tracking code of their own."""
    call = reads.call_to_settle(actor, id)
    contact = contact or Contact()
    made = cases.follow(
        ref,
        channel=CHANNEL,
        words=what,
        contact=_reached(contact, call),
        county=call.county,
        actor=actor,
    )
    _settle(call, Outcome.JOINED, contact.phone, actor, made=made)
    return made


@transaction.atomic
def answer_call(id: UUID, *, article: UUID, what: str = "", phone: str = "", actor: Actor) -> Call:
    """The caller was read an article and needs no more. No case: see decision 0036."""
    call = reads.call_to_settle(actor, id)
    version = reads.version_to_read_out(actor, article)
    if what.strip():
        said = json.loads(call.said or "{}") | {"what": what[: rules.LONGEST_ANSWER]}
        call.said = json.dumps(said, ensure_ascii=False)
    _settle(call, Outcome.ANSWERED, phone, actor, version=version)
    return call


@transaction.atomic
def drop_call(id: UUID, *, actor: Actor) -> Call:
    """Nothing is to be done: a wrong number, silence, somebody who thinks better of it.

    What was typed stays with it, as with an answer: the key may have been the wrong one.
    """
    call = reads.call_to_settle(actor, id)
    _settle(call, Outcome.DROPPED, "", actor)
    return call


@transaction.atomic
def take_up_again(id: UUID, *, actor: Actor) -> Call:
    """An own call that was settled without a case by mistake: at hand again with all typed."""
    call = reads.call_to_take_up(actor, id)
    call.outcome, call.settled_at, call.version = "", None, None
    call.save(update_fields=["outcome", "settled_at", "version"])
    fact = CallTakenUpAgain(call=call.id)
    announce(fact, about=f"call:{call.id}", county=call.county, actor=actor, now=clock.now())
    return call


def _reached(contact: Contact, call: Call) -> Contact:
    return Contact(
        name=contact.name,
        phone=contact.phone or call.phone,
        address=contact.address,
        is_secret=contact.is_secret,
    )


def _settle(
    call: Call,
    outcome: Outcome,
    phone: str,
    actor: Actor,
    *,
    made: Reported | None = None,
    version: Version | None = None,
) -> None:
    """It stands from now on. What was typed is the case's, and is kept here no more."""
    now: datetime = clock.now()
    keep_number(call, phone)
    call.outcome, call.settled_at = outcome.value, now
    call.version = version
    if made is not None:
        call.case, call.report, call.said = made.case, made.report, ""
    call.save()
    fact = CallDone(
        call=call.id,
        outcome=outcome.value,
        number=made.case.number if made else "",
        article=version.article_id if version else None,
    )
    announce(fact, about=f"call:{call.id}", county=call.county, actor=actor, now=now)
