"""The contact of a report put right, whatever proves that it is one's own.

Everybody comes through here, by the page, the API or the tracking code: below nobody knows of
legal holds.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.words import clean, mobile_of
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.notices import actions as notices
from gezhi.residents import reads
from gezhi.residents.errors import ContactHeld
from gezhi.residents.models import HeldContact
from gezhi.residents.reads import Signed

_REPLACED = _(
    "有人凭查询码改了 %(number)s 的联系电话，以后的消息不再发到这里。不是您改的，请联系受理中心。"
)


@transaction.atomic
def correct(
    ref: case_reads.Ref,
    *,
    report: UUID,
    name: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    sees_contact: bool = False,
    actor: Actor,
) -> Case:
    """Put right how the reporter is reached; what is left out stays, what is empty is removed.

    Under a legal hold nothing is removed, and what another value takes the place of is kept.
    A phone that was replaced by the tracking code alone is told once: a stranger may have it.
    """
    reads.keep_holds_still()
    own = reads.own_report_held(actor, report)
    given = {"name": name, "phone": phone, "address": address}
    if reads.is_held(own.case):
        if any(getattr(own, field) and value is not None and not clean(value)
               for field, value in given.items()):  # fmt: skip
            raise ContactHeld()
        HeldContact.objects.create(
            county=own.county, report=own, at=clock.now(),
            name=own.name, phone=own.phone, address=own.address,
        )  # fmt: skip
    case = cases.correct(ref, report=report, **given, sees_contact=sees_contact, actor=actor)
    if phone is not None and not sees_contact and mobile_of(phone) != mobile_of(own.phone):
        notices.tell_reporter(
            own, event="phone_replaced", cause=f"contact:{own.id}", case=case, words=_REPLACED,
            values={"number": case.number},
        )  # fmt: skip
    return case


@transaction.atomic
def correct_contact(report: UUID, *, corrected: Mapping[str, str], signed: Signed) -> None:
    """Put right how the reporter of an own report is reached; it stays theirs by the account."""
    reads.keep_holds_still()
    own = reads.own_report_held(signed.actor, report)
    sees = reads.sees_contact(own, signed)
    cases.link_reports([own.id], actor=signed.actor)
    voice = reads.voice_of(own.id)
    correct(own.case_id, report=own.id, **corrected, sees_contact=sees, actor=voice)


def drop_held_contacts() -> int:
    """Contacts of before are gone when the hold that kept them has ended; how many that were."""
    over = [each.id for each in reads.contacts_no_longer_held()]
    return HeldContact.objects.filter(id__in=over).delete()[0]
