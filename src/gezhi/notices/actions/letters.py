"""Answering letters: whoever wrote to a mailbox is told the number and the tracking code."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.base.ids import new_id
from gezhi.intake import actions as intake
from gezhi.intake.actions import Answer
from gezhi.notices import adapters, reads, rules
from gezhi.notices.actions.sending import leave_new_to_worker
from gezhi.notices.actions.threads import forget_code
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import Audience, Channel, State
from gezhi.record.models import Line

_KIND = "message_received"
_SAID = gettext_lazy(
    "您的来信已收到，编号 %(number)s，查询码 %(code)s。\n查进展：%(link)s\n"
    "有补充的，直接回复这封邮件。本邮件由系统自动发出。"
)
_SAID_ALONE = gettext_lazy(  # where nobody is known to read what is answered to it
    "您的来信已收到，编号 %(number)s，查询码 %(code)s。\n查进展：%(link)s\n"
    "本邮件由系统自动发出，请不要直接回复。"
)

_LISTED = gettext_lazy("编号 %(number)s，查询码 %(code)s，查进展：%(link)s")


def answer_letters(lines: Iterable[Line], *, now: datetime) -> int:
    """One mail for each letter that went in and may be answered; how many."""
    found = [UUID(line.data["received_id"]) for line in lines if line.kind == _KIND]
    return sum(_answer(received, now) for received in found)


def answer_first(reports: Collection[UUID], *, now: datetime) -> None:
    """What waits for its hour goes at once where these are told more of their case meanwhile."""
    if not reports:
        return
    waiting = Delivery.objects.filter(
        county=settings.COUNTY, notice__report__in=reports,
        notice__event=rules.LETTER, state=State.WAITING.value, due__gt=now, tries=0,
    )  # fmt: skip
    found = list(waiting.select_for_update(of=("self",)).values_list("bundle", flat=True))
    waiting.update(due=now)
    leave_new_to_worker({bundle: now for bundle in found})


def _answer(received: UUID, now: datetime) -> bool:
    answer = intake.answer_letter(received, now=now)
    if answer is None:
        return False
    along = _waiting_with(answer.along, now) if answer.along else None
    bundle, at = (along.bundle, along.due) if along else (new_id(), answer.at)
    name = "" if answer.is_listed else adapters.mail_name(str(bundle))
    intake.note_answer(received, at=at, id=name)
    number = answer.case.number
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("已收到您的来信：%(number)s") % {"number": number}
        link = reads.link_to(answer.case, is_reporters=True)
        words = str(_said_of(answer)) % {
            "number": number,
            "code": rules.CODE_PLACE,
            "link": link,
        }
    notice = Notice.objects.create(
        county=answer.case.county, report_id=answer.report, case=answer.case, number=number,
        event=rules.LETTER, audience=Audience.REPORTER.value, cause=f"letter:{received}",
        words=words, at=now, made_at=now,
    )  # fmt: skip
    is_kept = adapters.gateway_for(Channel.MAIL, answer.to) is None
    Delivery.objects.create(
        county=notice.county, notice=notice, channel=Channel.MAIL.value, address=answer.to,
        subject=subject, words=words, bundle=bundle, made_at=now, due=at,
        state=(State.KEPT if is_kept else State.WAITING).value,
        settled_at=now if is_kept else None,
    )  # fmt: skip
    if is_kept:
        forget_code(notice)
    elif along is None:
        leave_new_to_worker({bundle: at})
    return True


def _said_of(answer: Answer) -> str | Promise:
    if answer.is_listed:
        return _LISTED
    return _SAID if answer.is_read else _SAID_ALONE


def _waiting_with(report: UUID, now: datetime) -> Delivery | None:
    """The mail that lists this one and has not gone yet, held until the transaction ends."""
    found = Delivery.objects.filter(
        county=settings.COUNTY, notice__report=report, notice__event=rules.LETTER,
        state=State.WAITING.value, due__gt=now, tries=0,
    )  # fmt: skip
    return found.select_for_update(of=("self",)).first()
