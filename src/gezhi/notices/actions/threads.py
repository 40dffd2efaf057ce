"""Mails to somebody who wrote one: they go on with theirs, and tell the tracking code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from gezhi.base import clock
from gezhi.intake import actions as intake
from gezhi.intake.reads import letters
from gezhi.notices import adapters, rules
from gezhi.notices.adapters import DeliveryFailed, Message
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import State

_CODE_KEPT = timedelta(days=6)  # servers give up on a mail after four or five (RFC 5321)


def in_thread(message: Message, notices: Sequence[Notice]) -> Message:
    """The mail as one of those about the letter; the code stands in it alone."""
    notice = notices[0]
    if notice.report_id is None or notice.case_id is None:
        return message
    thread = letters.thread_of(notice.report_id, case=notice.case_id)
    if notice.event == rules.LETTER:
        message = _answering(message, notices, is_list=thread is None)
    if thread is None:
        return message
    own = adapters.mail_name(message.key)
    behind = tuple(id for id in (thread.letter, thread.ours) if id and id != own)
    return replace(message, behind=behind, reply_to=thread.mailbox)


def _answering(message: Message, notices: Sequence[Notice], *, is_list: bool) -> Message:
    """With the codes of those letters whose senders are not forgotten."""
    told = [(each.number, words) for each in notices if (words := _with_code(each))]
    if not told:
        raise DeliveryFailed(_why_not(notices), is_lasting=True)
    subject, lines = message.subject, [each for _number, each in told]
    if is_list:
        with translation.override(settings.LANGUAGE_CODE):
            subject = _("已收到您的 %(count)s 封来信") % {"count": len(told)}
            if len(told) == 1:
                subject = _("已收到您的来信：%(number)s") % {"number": told[0][0]}
            lines.insert(0, _(
                "您的来信已收到。有补充的，请另写一封，在主题里写上编号。"
                "本邮件由系统自动发出，请不要直接回复。"
            ))  # fmt: skip
    return replace(message, subject=subject, words="\n".join(lines), is_reply=True)


def _with_code(notice: Notice) -> str:
    """What is told of one letter; nothing of one whose code is kept no more."""
    if notice.report_id is None or notice.case_id is None:
        return ""
    code = letters.code_due(notice.report_id, case=notice.case_id)
    return notice.words.replace(rules.CODE_PLACE, code) if code else ""


def _why_not(notices: Sequence[Notice]) -> str:
    reports = [each.report_id for each in notices if each.report_id]
    if letters.is_any_sender_known(reports):
        return _("查询码送出后只保存 %(days)s 天，已经没有了，不能重发。") % {
            "days": _CODE_KEPT.days
        }
    return _("来信人的信息已清除，不再发送。")


def forget_told_codes() -> int:
    """Those in mails that went out so long ago that they don't come back; how many."""
    before = clock.now() - _CODE_KEPT
    kept = letters.codes_kept(before=before)
    told = Delivery.objects.filter(
        county=settings.COUNTY, notice__report__in=kept, notice__event=rules.LETTER,
        state=State.SENT.value, settled_at__lt=before,
    )  # fmt: skip
    reports = set(told.values_list("notice__report", flat=True))
    for report in reports:
        intake.forget_code(report)
    return len(reports)


def forget_code(notice: Notice) -> None:
    """Nothing leaves the house that would tell it."""
    if notice.event == rules.LETTER and notice.report_id is not None:
        intake.forget_code(notice.report_id)
