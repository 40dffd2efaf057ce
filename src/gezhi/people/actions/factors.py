"""Second factors: proving one, setting one up, taking one away, recovery codes.

A wrong code changes something too (it is counted), so proving answers with what was proved, or
nothing, and refuses only while an account's factors are closed. The account's row is held, so
that one code tried twice at once is taken once.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import SignInNeeded
from gezhi.people import adapters, errors, reads, rules
from gezhi.people.actions.sessions import end_all
from gezhi.people.models import Account, Factor, RecoveryCode
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind


class Proved(NamedTuple):
    """Which account showed which factor."""

    account: Account
    by: str


@transaction.atomic
def prove_by_code(account: UUID, *, code: str, address: str, actor: Actor) -> Proved | None:
    """A code of the authenticator app, or a recovery code; None if it is not good (any more)."""
    now = clock.now()
    person = _person(account, now)
    if rules.is_recovery_code(code):
        taken, by = _take_recovery_code(person, code, now), "recovery"
    else:
        taken, by = _take_app_code(person, code, now), rules.FactorKind.TOTP.value
    return _count(person, taken, by, address=address, actor=actor, now=now)


@transaction.atomic
def prove_by_passkey(
    account: UUID | None,
    *,
    place: adapters.Place,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    address: str,
    actor: Actor,
) -> Proved | None:
    """A passkey of this account, or, where none is named, of whoever holds it."""
    now = clock.now()
    found = _passkey(answer)
    if account is None and found is None:
        return None  # nobody's: there is nobody to count it for
    holder = account or (found.account_id if found else UUID(int=0))
    person = _person(holder, now)
    taken = found is not None and _take_passkey(person, found, place, state, answer, now)
    kind = rules.FactorKind.PASSKEY.value
    return _count(person, taken, kind, address=address, actor=actor, now=now)


@transaction.atomic
def set_up_app(*, secret: bytes, code: str, actor: Actor) -> Factor:
    """Take an authenticator app whose first code is right."""
    now = clock.now()
    person = _own(actor)
    if reads.app_of(person.id):
        raise errors.AppSetUpAlready()
    step = rules.step_of_code(secret, code, now=now, after=0)
    if step is None:
        raise errors.FirstCodeWrong()
    app = Factor(
        account=person,
        kind=rules.FactorKind.TOTP.value,
        name="",
        secret=secret.hex(),
        count=step,
        made_at=now,
        last_used=now,
    )
    return _add(person, app, actor, now)


@transaction.atomic
def add_passkey(
    *,
    name: str,
    place: adapters.Place,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    actor: Actor,
) -> Factor:
    """Take a passkey that the browser has just made."""
    now = clock.now()
    person = _own(actor)
    if len(reads.passkeys_of(person.id)) >= rules.MOST_PASSKEYS:
        raise errors.TooManyPasskeys(most=rules.MOST_PASSKEYS)
    try:
        made = adapters.read_new(place, dict(state), answer)
    except adapters.PasskeyNotTaken as error:
        raise errors.PasskeyNotMade() from error
    if reads.passkey_with(made.handle):
        raise errors.PasskeyNotMade()
    passkey = Factor(
        account=person,
        kind=rules.FactorKind.PASSKEY.value,
        name=name.strip()[:48],
        credential=made.credential,
        handle=made.handle,
        count=made.count,
        made_at=now,
    )
    return _add(person, passkey, actor, now)


@transaction.atomic
def remove_factor(id: UUID, *, actor: Actor) -> Account:
    """Take one's own factor away; with the last one the recovery codes go too."""
    now = clock.now()
    person = _own(actor)
    factor = reads.factor_to_remove(person, id)
    kind = factor.kind
    factor.delete()
    if not reads.factors_of(person.id):
        _forget_codes(person)
    _note(person, "removed", actor, now, factor=kind)
    return person


@transaction.atomic
def new_recovery_codes(*, actor: Actor) -> list[str]:
    """Ten new codes, shown once; the old ones are good for nothing any more."""
    now = clock.now()
    person = _own(actor)
    if not person.has_factor:
        raise errors.NoFactor()
    RecoveryCode.objects.filter(account=person).delete()
    codes = [
        rules.spell_recovery_code(secrets.token_bytes(rules.RECOVERY_BYTES))
        for _each in range(rules.RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=person, digest=rules.recovery_digest(person.id, code), made_at=now)
        for code in codes
    )
    _note(person, "recovery_codes", actor, now)
    return codes


@transaction.atomic
def reset_factors(id: UUID, *, actor: Actor) -> Account:
    """Take away all factors of somebody who lost them; who must have one sets up another."""
    now = clock.now()
    person = reads.account_to_change(actor, id, "post.manage")
    if person.id == actor.account:
        raise errors.OwnAccount()
    forget_factors(person)
    end_all(person, actor=actor, now=now)
    _note(person, "reset", actor, now)
    return person


def forget_factors(person: Account) -> None:
    """Take away all that an account signs in with besides its password."""
    Factor.objects.filter(account=person).delete()
    _forget_codes(person)


def _person(account: UUID, now: datetime) -> Account:
    """An account whose factor is tried, held; refused while too many codes were wrong."""
    person = reads.account_proving(account)
    if minutes := rules.minutes_until(person.factors_closed_until, now):
        raise errors.FactorsClosed(minutes=minutes)
    return person


def _own(actor: Actor) -> Account:
    if actor.kind != "staff" or actor.account is None:
        raise SignInNeeded()
    return reads.account_proving(actor.account)


def _take_app_code(person: Account, code: str, now: datetime) -> bool:
    app = reads.app_of(person.id)
    if app is None:
        return False
    step = rules.step_of_code(bytes.fromhex(app.secret), code, now=now, after=app.count)
    if step is None:
        return False
    app.count, app.last_used = step, now
    app.save(update_fields=["count", "last_used"])
    return True


def _take_recovery_code(person: Account, code: str, now: datetime) -> bool:
    found = reads.recovery_code(person, code)
    if found is None:
        return False
    found.used_at = now
    found.save(update_fields=["used_at"])
    return True


def _passkey(answer: Mapping[str, Any]) -> Factor | None:
    try:
        return reads.passkey_with(adapters.handle_of(answer))
    except adapters.PasskeyNotTaken:
        return None


def _take_passkey(
    person: Account,
    found: Factor,
    place: adapters.Place,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    now: datetime,
) -> bool:
    if found.account_id != person.id:
        return False
    found.refresh_from_db()  # the account's row is held now
    try:
        count = adapters.read_one(place, dict(state), answer, credential=bytes(found.credential))
    except adapters.PasskeyNotTaken:
        return False
    if not rules.is_counter_sound(found.count, count):
        return False
    found.count, found.last_used = count, now
    found.save(update_fields=["count", "last_used"])
    return True


def _count(
    person: Account, taken: bool, by: str, *, address: str, actor: Actor, now: datetime
) -> Proved | None:
    """Forget wrong tries after a right one; after too many, close for a while."""
    if taken:
        if person.factor_failures:
            person.factor_failures = 0
            person.save(update_fields=["factor_failures"])
        return Proved(person, by)
    person.factor_failures += 1
    if person.factor_failures >= settings.FACTOR_TRIES:
        person.factor_failures = 0
        person.factors_closed_until = now + timedelta(minutes=settings.FACTOR_PAUSE)
    person.save(update_fields=["factor_failures", "factors_closed_until"])
    note(
        AuditKind.SIGN_IN_FAILED,
        about=f"account:{person.id}",
        data={"step": "factor", "factor": by, "closed": person.factor_failures == 0},
        address=address,
        county=person.county,
        actor=actor,
        now=now,
    )
    return None


def _add(person: Account, factor: Factor, actor: Actor, now: datetime) -> Factor:
    factor.save(force_insert=True)
    if not person.has_factor:
        person.has_factor = True
        person.save(update_fields=["has_factor"])
    _note(person, "added", actor, now, factor=factor.kind)
    return factor


def _forget_codes(person: Account) -> None:
    """Without a factor there is nothing that a recovery code could stand for."""
    RecoveryCode.objects.filter(account=person).delete()
    person.has_factor, person.factor_failures, person.factors_closed_until = False, 0, None
    person.save(update_fields=["has_factor", "factor_failures", "factors_closed_until"])


def _note(person: Account, done: str, actor: Actor, now: datetime, **data: str) -> None:
    note(
        AuditKind.SECURITY,
        about=f"account:{person.id}",
        data={"done": f"factor_{done}", **data},
        county=person.county,
        actor=actor,
        now=now,
    )
