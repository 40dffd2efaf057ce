"""Entering by a code, showing again that it is oneself, another phone, the end of the account.

A wrong code is a try that stays counted, so codes are tried before any transaction begins.
"""

from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.refusal import Refusal
from gezhi.base.words import mobile_of
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.notices import actions as notices
from gezhi.notices.errors import CodeOver
from gezhi.notices.models import AddressCheck
from gezhi.notices.rules import Purpose
from gezhi.people import actions as people
from gezhi.people.actions import LetIn
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind
from gezhi.residents import reads
from gezhi.residents.actions.copying import drop_copies_of
from gezhi.residents.actions.correcting import correct
from gezhi.residents.errors import SamePhone
from gezhi.residents.reads import Signed


def ask_entry(phone: str, *, address: str) -> AddressCheck:
    """Have a code sent, whether anybody ever signed in with this phone or not."""
    return notices.ask_phone_code(phone, purpose=Purpose.ENTRY, address=address)


def enter(check: UUID, code: str, *, is_app: bool, county: str, address: str) -> LetIn:
    """Let in whoever typed in the code that came to their phone."""
    phone = _tried(check, code, Purpose.ENTRY, county=county, address=address, actor=NOBODY)
    return people.let_in(phone=phone, is_app=is_app, county=county, address=address)


def _tried(
    check: UUID, code: str, purpose: Purpose, *, county: str, address: str, actor: Actor
) -> str:
    try:
        return notices.try_phone_code(check, code, purpose=purpose)
    except Refusal as refusal:
        data = {"way": "phone_code", "purpose": purpose.value, "code": refusal.code}
        note(AuditKind.SIGN_IN_FAILED, data=data, address=address, county=county, actor=actor,
             now=clock.now())  # fmt: skip
        raise


def ask_again(*, address: str, signed: Signed) -> AddressCheck:
    """A code to the own phone, before what can't be taken back."""
    return notices.ask_phone_code(signed.phone, purpose=Purpose.AGAIN, address=address)


def prove_again(check: UUID, code: str, *, county: str, address: str, signed: Signed) -> None:
    """The own phone has given back its code: for some minutes nothing more is asked."""
    phone = _tried(
        check, code, Purpose.AGAIN, county=county, address=address, actor=signed.actor
    )  # fmt: skip
    if phone != signed.phone:
        raise CodeOver()  # of another phone: it says nothing of this one
    people.note_proven(signed.session, actor=signed.actor)


def ask_new_phone(phone: str, *, address: str, signed: Signed) -> AddressCheck:
    """A code to the phone that is to take the place of the old one."""
    signed.must_be_fresh()
    if mobile_of(phone) == signed.phone:
        raise SamePhone()
    return notices.ask_phone_code(phone, purpose=Purpose.NEW_PHONE, address=address)


def change_phone(check: UUID, code: str, *, county: str, address: str, signed: Signed) -> int:
    """Both phones have given back their codes: the new one takes the place of the old one.

    In the own reports too, so that whoever gets the old number one day finds nothing by it.
    How many of them that were.
    """
    signed.must_be_fresh()
    phone = _tried(
        check, code, Purpose.NEW_PHONE, county=county, address=address, actor=signed.actor
    )  # fmt: skip
    return _change(phone, signed=signed)


@transaction.atomic
def _change(phone: str, *, signed: Signed) -> int:
    actor = signed.actor
    other = people.change_phone(phone=phone, keep=signed.session, actor=actor)
    theirs = [
        report
        for report in case_reads.reports_proven(actor).order_by("case_id", "id")
        if mobile_of(report.phone) == signed.phone
    ]
    for report in theirs:
        voice = reads.voice_of(report.id)
        correct(report.case_id, report=report.id, phone=phone, sees_contact=True, actor=voice)
    # Last, for it holds reports: every act holds cases first.
    if other is not None and actor.resident is not None:
        cases.move_links(of=other, to=actor.resident)
        drop_copies_of(other)
    cases.link_reports(actor.proven, actor=actor)
    return len(theirs)


@transaction.atomic
def close(*, signed: Signed) -> None:
    """End the account and its copies. The reports stay what they are, with their codes."""
    signed.must_be_fresh()
    people.close_resident(actor=signed.actor)
    if signed.actor.resident is not None:
        cases.move_links(of=signed.actor.resident, to=None)
        drop_copies_of(signed.actor.resident)


def sweep_sessions() -> int:
    """Remove what has ended by itself; how many sessions that were."""
    return people.forget_resident_sessions()
