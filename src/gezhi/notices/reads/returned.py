"""What was handed over as mail and is taken for delivered."""

from uuid import UUID

from django.conf import settings

from gezhi.intake.reads.sent import knows_sent
from gezhi.notices.models import AddressCheck, Delivery
from gezhi.notices.rules import Channel, State


@knows_sent
def is_out(mail: UUID) -> bool:
    """Whether a message, or a code that still counts, went out under this key."""
    by_mail = {"channel": Channel.MAIL.value}
    sent = Delivery.objects.filter(
        county=settings.COUNTY, bundle=mail, state=State.SENT.value, **by_mail
    )
    codes = AddressCheck.objects.filter(pk=mail, ended_at=None, **by_mail).exclude(code=b"")
    return sent.exists() or codes.exists()
