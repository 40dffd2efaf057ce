"""What residents ask about the data of their reports, and what becomes of it."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.words import clean
from gezhi.cases import actions as cases
from gezhi.cases.errors import NothingCorrected
from gezhi.hotline import actions as hotline
from gezhi.intake import actions as intake
from gezhi.notices import actions as notices
from gezhi.people import reads as people
from gezhi.people.rules import Role
from gezhi.record.actions import announce, note
from gezhi.record.rules import AuditKind
from gezhi.residents import reads, rules
from gezhi.residents.actions.copying import drop_copies_with
from gezhi.residents.errors import (
    AnswerMissing,
    AskedAlready,
    ErasureHeld,
    WantedMissing,
    WordsHeld,
)
from gezhi.residents.facts import DataRequestDecided, DataRequested
from gezhi.residents.models import DataRequest, DataRequestLine, HeldContact
from gezhi.residents.reads import Signed
from gezhi.residents.rules import RequestState, Wish

_MOST_WORDS = 2000
NO_WORDS = {"wanted": "", "reason": "", "answer": ""}
_log = structlog.get_logger("gezhi.residents")
_ASKED = _("%(number)s：诉求人申请%(wish)s，请在%(day)s前答复。")
_BY_CODE = _(
    "有人凭查询码为 %(number)s 申请%(wish)s，%(day)s前答复。不是您申请的，请联系受理中心。"
)
_GRANTED = _("您为 %(number)s 提出的“%(wish)s”申请已同意并办好。")
_GRANTED_LATER = _(
    "您为 %(number)s 提出的“%(wish)s”申请已同意：称呼、电话和住址已经删除，原话和照片等办结后删除。"
)
_DENIED = _("您为 %(number)s 提出的“%(wish)s”申请没有同意，理由请登录后在“我的信息”里看。")


@transaction.atomic
def ask_about_data(
    report: UUID, *, wish: Wish, wanted: str = "", reason: str = "", signed: Signed
) -> DataRequest:
    """Ask the centre that has the case to correct the words of an own report, or to erase it."""
    own, now = reads.own_report_held(signed.actor, report), clock.now()
    wanted = clean(wanted)[:_MOST_WORDS]
    if wish == Wish.CORRECT and not wanted:
        raise WantedMissing()
    if wish == Wish.CORRECT and wanted == clean(reads.words_of(own)):
        raise NothingCorrected()
    if reads.is_asked(report, wish):
        raise AskedAlready()
    cases.link_reports([own.id], actor=signed.actor)  # theirs also when the phone is gone
    found = DataRequest.objects.create(
        county=own.county,
        report=own,
        case=own.case,
        wish=wish.value,
        wanted=wanted if wish == Wish.CORRECT else "",
        reason=clean(reason)[:_MOST_WORDS],
        state=RequestState.OPEN.value,
        asked_at=now,
        due_at=now + timedelta(days=settings.DATA_REQUEST_DAYS),
        is_by_code=not reads.sees_contact(own, signed),
    )
    voice = reads.voice_of(own.id)
    _add_line(found, "asked", voice)
    fact = DataRequested(request=found.id, report=own.id, wish=wish.value)
    announce(fact, about=f"request:{found.id}", county=own.county, actor=voice, now=now)
    due = timezone.localtime(found.due_at)
    staff = people.on_duty(own.case.centre_id, roles=[Role.RECEPTIONIST], at=now)
    values = {
        "number": own.case.number,
        "wish": rules.WISH_NAMES[wish],
        "day": f"{due:%Y-%m-%d}",
    }
    notices.tell_accounts(
        staff, event="data_requested", cause=f"request:{found.id}", case=own.case, words=_ASKED,
        values=values,
    )  # fmt: skip
    if found.is_by_code:
        notices.tell_reporter(
            own, event="data_requested", cause=f"request:{found.id}", case=own.case,
            words=_BY_CODE, values=values,
        )  # fmt: skip
    return found


def _add_line(request: DataRequest, act: str, actor: Actor) -> None:
    DataRequestLine.objects.create(request=request, at=clock.now(), act=act, actor=actor.label)


@transaction.atomic
def take_back(request: UUID, *, actor: Actor) -> DataRequest:
    """Whoever asked wants it no more."""
    found = reads.own_request_held(actor, request)
    found.state, found.decided_at = RequestState.WITHDRAWN.value, clock.now()
    found.save(update_fields=["state", "decided_at"])
    _add_line(found, "withdrawn", reads.voice_of(found.report_id))
    return found


@transaction.atomic
def decide(request: UUID, *, is_granted: bool, answer: str = "", actor: Actor) -> DataRequest:
    """Grant it, which is done at once, or say why not; whoever asked is told.

    Under a legal hold neither is granted: corrected words stand in the place of the old ones.
    """
    reads.keep_holds_still()
    found, now = reads.request_to_decide(actor, request), clock.now()
    answer = clean(answer)[:_MOST_WORDS]
    if not is_granted and not answer:
        raise AnswerMissing()
    is_erased = is_granted and found.wish == Wish.ERASE
    if is_granted and reads.is_held(found.case):
        raise ErasureHeld() if is_erased else WordsHeld()
    state = RequestState.GRANTED if is_granted else RequestState.DENIED
    found.state, found.answer, found.decided_at = state.value, answer, now
    found.save(update_fields=["state", "answer", "decided_at"])
    _add_line(found, state.value, actor)
    fact = DataRequestDecided(
        request=found.id, report=found.report_id, wish=found.wish, granted=is_granted
    )
    announce(fact, about=f"request:{found.id}", county=found.county, actor=actor, now=now)
    data: dict[str, str | bool] = {
        "wish": found.wish,
        "granted": is_granted,
        "report": str(found.report_id),
    }
    note(AuditKind.RETENTION, about=f"request:{found.id}", data=data, county=found.county,
         actor=actor, now=now)  # fmt: skip
    _tell(found)  # before an erasure takes the phone away
    if is_erased:
        _erase(found, actor)
    elif is_granted:
        cases.reword(found.case_id, report=found.report_id, words=found.wanted, actor=actor)
        _note_done(found)
    return found


def _tell(request: DataRequest) -> None:
    values = {
        "number": request.case.number,
        "wish": rules.WISH_NAMES[Wish(request.wish)],
    }
    words = _GRANTED if request.state == RequestState.GRANTED else _DENIED
    if words is _GRANTED and request.wish == Wish.ERASE and not reads.has_ended(request.case):
        words = _GRANTED_LATER
    notices.tell_reporter(
        request.report, event="data_answered", cause=f"answer:{request.id}", case=request.case,
        words=words, values=values,
    )  # fmt: skip


def _erase(request: DataRequest, actor: Actor) -> None:
    """The contact here and now; the rest once nobody works by it and no message of it waits.

    Calls are those of a number: only of who has proved that it is theirs.
    """
    report = request.report
    if not request.is_by_code:
        hotline.forget_calls_from(report.phone)
    intake.forget_senders_of(request.case_id, report=report.id)
    if report.name or report.phone or report.address:
        voice = reads.voice_of(report.id)
        cases.correct(request.case_id, report=report.id, name="", phone="", address="", actor=voice)
    drop_copies_with(report)
    if not reads.has_ended(request.case) or reads.has_messages_waiting(report.id):
        return
    cases.anonymise_report(report.id, reason=str(rules.WISH_NAMES[Wish.ERASE]), actor=actor)
    notices.forget_messages_to(report.id)
    _forget_requests(report.id)
    _note_done(request)


def _forget_requests(report: UUID) -> None:
    """What was asked about a report and answered; what still waits has nothing to be about."""
    about = DataRequest.objects.filter(report=report)
    withdrawn = RequestState.WITHDRAWN.value
    about.filter(state=RequestState.OPEN.value).update(state=withdrawn, decided_at=clock.now())
    about.update(**NO_WORDS)
    HeldContact.objects.filter(report=report).delete()


def _note_done(request: DataRequest) -> None:
    request.done_at = clock.now()
    request.save(update_fields=["done_at"])


def erase_what_has_ended() -> int:
    """Erasures that were granted while the case was worked on; how many could be done now.

    Each in a transaction of its own: one that can't be done keeps no other from being done.
    """
    done = 0
    for request in reads.erasures_left():
        try:
            done += _erase_left(request)
        except Exception:
            _log.exception("an erasure broke", request=str(request))
    return done


@transaction.atomic
def _erase_left(id: UUID) -> bool:
    reads.keep_holds_still()
    request = reads.erasure_held(id)
    if request is None or reads.is_held(request.case):
        return False
    _erase(request, system("erasure"))
    return request.done_at is not None
