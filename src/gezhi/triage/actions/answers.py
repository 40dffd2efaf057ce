"""Keeping standard replies, noting their use, and asking the model, each on record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text, masked_in
from gezhi.base.refusal import NotFound
from gezhi.base.words import clean
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.record import actions as record
from gezhi.record.rules import AuditKind
from gezhi.rulebook import reads as rulebook
from gezhi.triage import adapters
from gezhi.triage.errors import (
    ModelSilent,
    NoModel,
    NothingAnswered,
    NotSent,
    ReplyEmpty,
    ReplyKindUnknown,
    ReplyStands,
    ReplyTellsOfPersons,
    ReplyTooLong,
)
from gezhi.triage.models import ReplyChange, ReplyUse, StandardReply
from gezhi.triage.reads import answers as reads
from gezhi.triage.rules import answers_model, answers_replies
from gezhi.triage.rules.answers import PERSON
from gezhi.triage.rules.answers_model import LONGEST_ASKED, Wish
from gezhi.triage.rules.answers_replies import CHANGES, STATE_NAMES, is_made_from

_log = structlog.get_logger("gezhi.triage")


# --- standard replies -----------------------------------------------------------------------------


@transaction.atomic
def add_reply(
    *, title: str, text: str, category: str = "", group: str = "", actor: Actor
) -> StandardReply:
    """A standard reply that may be used from now on."""
    reads.must_manage(actor)
    values = _checked(title, text, category, group)
    return _make(values, state="in_use", act="made", actor=actor)


@transaction.atomic
def propose_reply(ref: cases.Ref, *, title: str, text: str, actor: Actor) -> StandardReply:
    """A standard reply made of what was answered in a case; who keeps the rules takes it in."""
    case = cases.case_for(actor, ref)
    actor.must("case.note")
    if not reads.may_propose(actor, case):
        raise NothingAnswered()
    values = _checked(title, text, case.category, "")
    known = [each.strip() for each in reads.known_of_reporters(actor, case)]
    if any(each in f"{title}\n{text}" for each in known if len(each) > 1):
        raise ReplyTellsOfPersons(found="…")
    return _make(values, state="proposed", act="proposed", actor=actor, source=case)


@transaction.atomic
def change_reply(
    id: UUID, *, title: str, text: str, category: str = "", group: str = "", actor: Actor
) -> StandardReply:
    """Other words or another kind; how it stood before is kept."""
    reply = _held(id, "changed", actor)
    values = _checked(title, text, category, group)
    return _change(reply, "changed", values, actor)


@transaction.atomic
def take_reply(id: UUID, *, actor: Actor) -> StandardReply:
    """A proposed or dropped one is offered to whoever answers."""
    return _change(_held(id, "taken", actor), "taken", {"state": "in_use"}, actor)


@transaction.atomic
def drop_reply(id: UUID, *, actor: Actor) -> StandardReply:
    """It is offered to nobody any more; where it was used stays known.

    A proposal that is not wanted goes with all its words: nobody has looked them over.
    """
    reply = _held(id, "dropped", actor)
    was = reply.state
    dropped = _change(reply, "dropped", {"state": "dropped"}, actor)
    if was == "proposed":
        _forget([dropped])
    return dropped


def forget_replies_of(case: UUID) -> None:
    """The words of a case went: so do those that were taken from it, unless they are in use.

    Of what is in use somebody has looked over the words as they are, not as they were before.
    """
    for reply in StandardReply.objects.select_for_update().filter(source=case).order_by("id"):
        if reply.state == "in_use":
            ReplyChange.objects.filter(reply=reply).update(before={})
        else:
            _forget([reply])


def _forget(replies: Iterable[StandardReply]) -> None:
    """The rows go, with history and uses; that there was one stays on the audit."""
    ids = [reply.id for reply in replies]
    ReplyUse.objects.filter(reply__in=ids).delete()
    ReplyChange.objects.filter(reply__in=ids).delete()
    StandardReply.objects.filter(id__in=ids).delete()


def _held(id: UUID, act: str, actor: Actor) -> StandardReply:
    reply = reads.reply_to_change(actor, id, county=settings.COUNTY)
    if reply.state not in CHANGES[act][0]:
        raise ReplyStands(state=str(STATE_NAMES[reply.state]))
    return reply


def _checked(title: str, text: str, category: str, group: str) -> dict[str, str]:
    title, text = clean(title), clean(text)
    if not title or not text:
        raise ReplyEmpty()
    most_title, most_text = answers_replies.LONGEST_TITLE, answers_replies.LONGEST_TEXT
    if len(title) > most_title or len(text) > most_text:
        raise ReplyTooLong(title=most_title, text=most_text)
    for said in (title, text):
        for start, end in masked_in(said):
            raise ReplyTellsOfPersons(found=mask_text(said[start:end]))
        if person := PERSON.search(said):
            raise ReplyTellsOfPersons(found=person[0])
    book = rulebook.current(settings.COUNTY)
    is_known = (not category or category in book.categories) and (not group or group in book.groups)
    if not is_known or (category and group):
        raise ReplyKindUnknown()
    return {"title": title, "text": text, "category": category, "group": group}


def _make(
    values: Mapping[str, str], *, state: str, act: str, actor: Actor, source: Case | None = None
) -> StandardReply:
    now = clock.now()
    made = StandardReply.objects.create(
        county=settings.COUNTY, state=state, source=source, made_by=actor.label, made_at=now,
        changed_at=now, **values,
    )  # fmt: skip
    _note(made, act, {}, actor, now)
    return made


def _change(
    reply: StandardReply, act: str, values: Mapping[str, str], actor: Actor
) -> StandardReply:
    before = {
        name: getattr(reply, name) for name in ("title", "text", "category", "group", "state")
    }
    now = clock.now()
    for name, value in values.items():
        setattr(reply, name, value)
    reply.changed_at = now
    reply.save(update_fields=[*values, "changed_at"])
    _note(reply, act, before, actor, now)
    return reply


def _note(
    reply: StandardReply, act: str, before: Mapping[str, str], actor: Actor, now: datetime
) -> None:
    """The history keeps the words; the audit, of which nothing can be taken out, who and what."""
    ReplyChange.objects.create(
        county=reply.county, reply=reply, act=act, before=dict(before), actor=actor.label, at=now
    )
    record.note(
        AuditKind.RULES, about=f"reply:{reply.id}", data={"reply": act}, county=reply.county,
        actor=actor, now=now,
    )  # fmt: skip


@transaction.atomic
def note_uses(finished: Iterable[UUID], *, now: datetime) -> None:
    """Which standard replies these finished cases were answered with, as their answers are now.

    A case that was reopened and answered in other words speaks for its first reply no more.
    """
    made: list[ReplyUse] = []
    kept: dict[str, list[StandardReply]] = {}
    for case in cases.cases_behind(finished):
        if case.county not in kept:
            kept[case.county] = reads.in_use(case.county)
        held = [one for one in kept[case.county] if is_made_from(case.answer, one.text)]
        of_case = ReplyUse.objects.filter(county=case.county, case=case.id, reply__state="in_use")
        of_case.exclude(reply__in=held).delete()
        made += [
            ReplyUse(county=case.county, reply=reply, case_id=case.id, at=now) for reply in held
        ]
    ReplyUse.objects.bulk_create(made, ignore_conflicts=True)


# --- the model ------------------------------------------------------------------------------------


def reword(ref: cases.Ref, *, answer: str, actor: Actor) -> str:
    """The draft of an answer in plainer words, as the model would say it. Nothing is changed."""
    case = reads.case_to_answer(actor, ref)
    return _ask(case, Wish.PLAINER, clean(answer), actor)


def summarise(ref: cases.Ref, *, actor: Actor) -> str:
    """A long report in one line, as the model would say it. Kept nowhere."""
    case = cases.case_for(actor, ref)
    if not actor.may("case.note"):
        raise NotFound()
    return _ask(case, Wish.SUMMARY, case.what, actor)


def _ask(case: Case, wish: Wish, text: str, actor: Actor) -> str:
    """Not in a transaction: nobody's row waits for another house's answer."""
    model = adapters.model()
    if model is None or not reads.may_ask_model(case):
        raise NoModel()
    hidden = answers_model.hide(text[:LONGEST_ASKED])
    if not text or len(text) > LONGEST_ASKED:
        raise ModelSilent()
    if answers_model.tells_of(hidden.text, reads.all_of_reporters(case)):
        raise NotSent()
    # Before it is sent, so that nothing leaves the house unrecorded.
    record.note(
        AuditKind.EXPORT, about=f"case:{case.id}", county=case.county, actor=actor, now=clock.now(),
        data={"model": wish.value, "signs": len(hidden.text)},
    )  # fmt: skip
    try:
        said = adapters.ask(model, wish, hidden.text)
    except adapters.ModelFailed as failed:
        _log.warning("the model does not answer", why=str(failed))
        raise ModelSilent() from failed
    if not (proposal := answers_model.usable(wish, said, hidden)):
        raise ModelSilent()
    return proposal
