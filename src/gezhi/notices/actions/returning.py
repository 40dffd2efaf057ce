"""What was handed over and came back: it is not taken for delivered any more."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from gezhi.notices import reads
from gezhi.notices.actions.confirming import say_failed
from gezhi.notices.models import Delivery
from gezhi.notices.rules import State

_OF_SENDER = ("5.1.7", "5.1.8")  # the address that it came from


@transaction.atomic
def take_back(key: UUID, *, status: str, now: datetime) -> None:
    """A code in it is good for nothing and its page says so; of news the outbox does."""
    check = reads.check_held(key)
    if check is not None and check.ended_at is None:
        with override(reads.language_of(check.account_id)):
            say_failed(check, _words(status))
    sent = Delivery.objects.filter(bundle=key, state=State.SENT.value)
    sent.update(state=State.FAILED.value, error=_words(status), settled_at=now)


def _words(status: str) -> str:
    """The count, and what it says of the address and its mailbox (RFC 3463)."""
    said = _("邮件被收件人的邮件服务器退回（%(status)s）。")
    if status.startswith("5.1.") and status not in _OF_SENDER:
        said = _("邮件被收件人的邮件服务器退回（%(status)s），地址可能不存在。")
    elif status.endswith(".2.2"):
        said = _("邮件被收件人的邮件服务器退回（%(status)s），收件人的邮箱已满。")
    return said % {"status": status}
