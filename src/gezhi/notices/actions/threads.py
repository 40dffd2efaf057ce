"""Mails to somebody who wrote one: they go on with theirs, and tell the tracking code once."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from gezhi.intake import actions as intake
from gezhi.intake.reads import letters
from gezhi.notices import adapters, rules
from gezhi.notices.adapters import DeliveryFailed, Message
from gezhi.notices.models import Notice


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
    words = [told for each in notices if (told := _with_code(each))]
    if not words:
        raise DeliveryFailed(_("来信人的信息已清除，不再发送。"), is_lasting=True)
    subject = message.subject
    if is_list:
        with translation.override(settings.LANGUAGE_CODE):
            subject = _("已收到您的 %(count)s 封来信") % {"count": len(words)}
            words.insert(0, _(
                "您这几封来信合在一起答复，都已收到。有补充的，请另写一封，在主题里写上编号。"
                "本邮件由系统自动发出，请不要直接回复。"
            ))  # fmt: skip
    return replace(message, subject=subject, words="\n".join(words), is_reply=True)


def _with_code(notice: Notice) -> str:
    """What is told of one letter; nothing of one whose sender was forgotten."""
    if notice.report_id is None or notice.case_id is None:
        return ""
    code = letters.code_due(notice.report_id, case=notice.case_id)
    return notice.words.replace(rules.CODE_PLACE, code) if code else ""


def forget_code(notice: Notice) -> None:
    """It has been told, or nothing leaves the house that would tell it."""
    if notice.event == rules.LETTER and notice.report_id is not None:
        intake.forget_code(notice.report_id)
