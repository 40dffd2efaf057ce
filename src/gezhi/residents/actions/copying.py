"""A copy of all that is kept about a resident: asked for, made by the worker, taken away again.

One zip: `data.json` for programs, `index.html` for people, and the own pictures.
"""

import io
import json
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from gezhi.base import clock
from gezhi.base.slices import queue_once
from gezhi.cases import reads as cases
from gezhi.cases.models import Attachment, Case, Report
from gezhi.cases.rules import ACT_NAMES, STATE_NAMES, Act, State, are_words_for
from gezhi.cases.rules.sealed import FIELD_NAMES
from gezhi.hotline import reads as hotline
from gezhi.hotline.models import Call
from gezhi.hotline.rules import OUTCOME_NAMES, Outcome
from gezhi.people import reads as people
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind
from gezhi.residents import adapters, reads, rules
from gezhi.residents.models import Copy
from gezhi.residents.reads import OwnReport, Signed
from gezhi.residents.rules import CopyState, RequestState, Wish

_JOB = "gezhi.residents.jobs.make_copy"
_FIELDS = {field.value: name for field, name in FIELD_NAMES.items()}
_ENDINGS = {
    "image/jpeg": "jpg", "audio/ogg": "ogg", "audio/webm": "webm", "audio/mpeg": "mp3",
    "audio/amr": "amr", "audio/mp4": "m4a", "application/pdf": "pdf", "application/zip": "docx",
}  # fmt: skip
_log = structlog.get_logger("gezhi.residents")


@transaction.atomic
def ask_copy(*, address: str, signed: Signed) -> Copy:
    """Have a copy made in the place of the one before; one that is new enough is that one."""
    signed.must_be_fresh()
    resident, now = people.resident_held(signed.actor), clock.now()
    newest = reads.newest_copy(signed.actor)
    if newest is not None and rules.is_new_enough(newest.state, newest.asked_at, now=now):
        return newest
    _drop(reads.copies_for(resident.id))
    copy = Copy.objects.create(
        county=resident.county,
        resident=resident,
        state=CopyState.WORKING.value,
        language=translation.get_language() or "",
        total=len(signed.actor.proven),
        asked_at=now,
        touched_at=now,
        ends_at=now + rules.COPY_KEPT,
    )
    data: dict[str, str | int] = {"copy": str(copy.id), "reports": copy.total}
    note(AuditKind.EXPORT, about=signed.actor.label, data=data, address=address,
         county=resident.county, actor=signed.actor, now=now)  # fmt: skip
    _leave_to_worker(copy.id, now)
    return copy


def _leave_to_worker(copy: UUID, now: datetime) -> None:
    queue_once(_JOB, lock=f"copy:{copy}", at=now, copy=str(copy))


def make_copy(id: UUID) -> bool:
    """Make it, report by report; whether it is there now. One that broke off begins again."""
    copy = _begin(id)
    if copy is None:
        return False
    with translation.override(copy.language or settings.LANGUAGE_CODE):
        body = _zip(copy)
    adapters.keep_copy(copy.id, body)
    if _end(copy.id, CopyState.READY, size=len(body)):
        return True
    adapters.drop_copy(copy.id)  # taken away while it was made
    return False


@transaction.atomic
def _begin(id: UUID) -> Copy | None:
    copy = reads.copy_held(id)
    if copy is None:
        return None
    if copy.tries >= rules.MOST_COPY_TRIES:
        _end(id, CopyState.FAILED)
        return None
    copy.tries, copy.done, copy.touched_at = copy.tries + 1, 0, clock.now()
    copy.save(update_fields=["tries", "done", "touched_at"])
    return copy


@transaction.atomic
def _end(id: UUID, state: CopyState, *, size: int = 0) -> bool:
    ended = Copy.objects.filter(id=id, state=CopyState.WORKING.value)
    return ended.update(state=state.value, size=size, touched_at=clock.now()) == 1


@transaction.atomic
def _go_on(copy: Copy) -> None:
    """One more is in it. The row may be gone, which the end finds out."""
    copy.done += 1
    Copy.objects.filter(id=copy.id).update(done=copy.done, touched_at=clock.now())


def _zip(copy: Copy) -> bytes:
    resident, county = copy.resident, copy.resident.county
    own = cases.own_reports(resident.id, resident.phone, county=county)
    signed = Signed(
        actor=people.resident_actor(resident.id, proven=frozenset(each.id for each in own)),
        session=copy.id,
        phone=resident.phone,
        is_fresh=True,
    )
    told = []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in reads.own_data(signed):
            told.append(_report(each, packed))
            _go_on(copy)
        body = {
            "made_at": _moment(clock.now()),
            "phone": resident.phone,
            "account_since": _moment(resident.made_at),
            "sessions": [
                {"since": _moment(one.made_at), "until": _moment(one.ends_at),
                 "is_app": one.is_app}
                for one in people.resident_sessions(signed.actor)
            ],
            "reports": told,
            "calls": [_call(one) for one in hotline.calls_from(resident.phone, county=county)],
        }  # fmt: skip
        packed.writestr("data.json", json.dumps(body, ensure_ascii=False, indent=1))
        packed.writestr("index.html", render_to_string("residents/copy.html", body))
    return out.getvalue()


def _call(call: Call) -> dict[str, Any]:
    """A call from the own number: when, how long, what was said and read out."""
    return {
        "at": _moment(call.began_at),
        "seconds": call.seconds,
        "outcome": str(OUTCOME_NAMES[Outcome(call.outcome)]) if call.outcome else "",
        "words": hotline.said_in(call).get("what", ""),
        "answer": call.version.answer if call.version else "",
        "recording": call.recording,
    }


def _report(own: OwnReport, packed: zipfile.ZipFile) -> dict[str, Any]:
    """One report as it stands in the copy; its files go into the zip beside."""
    report, case = own.report, own.report.case
    main = case.main or case
    return {
        "number": case.number,
        "at": _moment(report.at),
        "state": str(STATE_NAMES[State(main.state)]),
        "words": reads.words_of(report),
        "answers": [
            {"question": one.name, "answer": said}
            for one, said in (cases.told_answers(case, is_own=True) if report.is_first else ())
        ],
        "place": case.place if report.is_first else "",
        "contact": reads.shown_contact(own),
        "asked_for_secrecy": report.is_secret,
        "rating": None if report.rated_at is None else {
            "at": _moment(report.rated_at), "solved": report.is_solved,
            "rating": report.rating, "words": report.rating_words,
        },
        "steps": _steps(case, report.id),
        "messages": [
            {"at": _moment(each.made_at), "channel": each.channel, "state": each.state,
             "words": each.words}
            for each in own.told
        ],
        "who_looked": [
            {"at": _moment(look.at), "who": look.who, "field": look.field,
             "field_name": str(_FIELDS.get(look.field, "")), "reason": look.reason}
            for look in own.looks
        ],
        "requests": [
            {"at": _moment(each.asked_at), "wish": each.wish,
             "wish_name": str(rules.WISH_NAMES[Wish(each.wish)]), "wanted": each.wanted,
             "reason": each.reason, "state": each.state,
             "state_name": str(rules.STATE_NAMES[RequestState(each.state)]),
             "answer": each.answer}
            for each in own.requests
        ],
        "files": _files(case, report.id, packed),
    }  # fmt: skip


def _moment(at: datetime) -> str:
    """By the clocks of the city, with their offset."""
    return timezone.localtime(at).isoformat(sep=" ", timespec="minutes")


def _steps(case: Case, report: UUID) -> list[dict[str, str]]:
    voice = reads.voice_of(report).label
    return [
        {"at": _moment(line.at), "act": str(ACT_NAMES[Act(line.act)]),
         "words": line.words if are_words_for(voice, act=line.act, actor=line.actor) else ""}
        for line in cases.history_of(case)
        if line.is_public or line.actor == voice
    ]  # fmt: skip


def _files(case: Case, report: UUID, packed: zipfile.ZipFile) -> list[dict[str, str]]:
    told = []
    own: list[Attachment] = [
        each for each in cases.attachments_of(case) if each.report_id == report
    ]
    for number, file in enumerate(own, start=1):
        name = f"files/{case.number}/{number}.{_ENDINGS.get(file.media_type, 'bin')}"
        try:
            packed.writestr(name, cases.file_bytes(file), zipfile.ZIP_STORED)
        except FileNotFoundError:
            _log.warning("a file of a copy is not there", file=str(file.id))
            continue
        told.append({"name": name, "kind": file.kind, "at": _moment(file.at)})
    return told


def fetch_copy(id: UUID, *, address: str, signed: Signed) -> bytes:
    """The zip, for whoever had it made, once more shown to be them."""
    signed.must_be_fresh()
    copy = reads.ready_copy(signed.actor, id)
    note(AuditKind.EXPORT, about=signed.actor.label,
         data={"copy": str(copy.id), "fetched": True, "size": copy.size}, address=address,
         county=copy.county, actor=signed.actor, now=clock.now())  # fmt: skip
    return adapters.read_copy(copy.id)


@transaction.atomic
def sweep_copies() -> int:
    """Go on with what a killed process left, take away whose time is over; how many that were."""
    now = clock.now()
    for id in reads.copies_left(before=now - rules.COPY_LOST):
        _leave_to_worker(id, now)
    return _drop(reads.copies_over())


@transaction.atomic
def drop_copies_with(report: Report) -> int:
    """Take away copies that hold a report which is being erased; how many that were."""
    return _drop(reads.copies_with(report))


@transaction.atomic
def drop_copies_of(resident: UUID) -> int:
    """Take away what was made for an account that ends: nobody could fetch it any more."""
    return _drop(reads.copies_for(resident))


def _drop(copies: list[Copy]) -> int:
    ids = [copy.id for copy in copies]
    Copy.objects.filter(id__in=ids).delete()

    def drop() -> None:
        for id in ids:
            adapters.drop_copy(id)

    transaction.on_commit(drop)
    return len(ids)
