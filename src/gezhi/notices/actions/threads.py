"""Mails to somebody who wrote one: they go on with theirs, and tell the tracking code once."""

from dataclasses import replace

from django.utils.translation import gettext as _

from gezhi.intake import actions as intake
from gezhi.intake.reads import letters
from gezhi.notices import adapters, rules
from gezhi.notices.adapters import DeliveryFailed, Message
from gezhi.notices.models import Notice


def in_thread(message: Message, notice: Notice) -> Message:
    """The mail as one of those about the letter; the code stands in it alone."""
    if notice.report_id is None or notice.case_id is None:
        return message
    thread = letters.thread_of(notice.report_id, case=notice.case_id)
    if notice.event == rules.LETTER and not (thread and thread.code):
        raise DeliveryFailed(_("来信人的信息已清除，不再发送。"), is_lasting=True)
    if thread is None:
        return message
    own = adapters.mail_name(message.key)
    behind = tuple(id for id in (thread.letter, thread.ours) if id and id != own)
    words = message.words
    if notice.event == rules.LETTER:
        words = words.replace(rules.CODE_PLACE, thread.code)
    return replace(
        message, words=words, behind=behind, reply_to=thread.mailbox,
        is_reply=notice.event == rules.LETTER,
    )  # fmt: skip


def forget_code(notice: Notice) -> None:
    """It has been told, or nothing leaves the house that would tell it."""
    if notice.event == rules.LETTER and notice.report_id is not None:
        intake.forget_code(notice.report_id)
