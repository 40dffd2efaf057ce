"""Passwords: given for once, chosen by the person, asked for anew."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from axes.utils import reset as unlock
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.people import errors, reads, rules
from gezhi.people.actions.sessions import end_all
from gezhi.people.facts import PasswordChanged, PasswordDue, PasswordReset
from gezhi.people.models import Account, PasswordBefore
from gezhi.record.actions import announce

_FIELDS = ["password", "must_change_password", "password_is_once", "password_set_at"]


@transaction.atomic
def reset_password(id: UUID, *, actor: Actor) -> str:
    """Give an account a one-time password, which it must change, and lift a lock-out."""
    account = reads.account_to_change(actor, id)
    if not account.is_active:
        raise errors.AccountClosed()
    _must_be_own_part(account, actor)
    now = clock.now()
    _remember(account, now)
    password = one_time_password(account, now)
    account.save(update_fields=_FIELDS)
    unlock(username=account.login)
    end_all(account, actor=actor, now=now)
    _announce(PasswordReset(account=id), account, actor, now)
    return password


@transaction.atomic
def change_own_password(*, old: str, new: str, actor: Actor) -> Account:
    """Change the signed-in person's own password; whoever did goes on by a session made anew.

    Hashing takes its time, so it is done before the row is held: signing in waits for nobody.
    """
    seen, now = reads.own_account_seen(actor), clock.now()
    if not seen.check_password(old):
        raise errors.OldPasswordWrong()
    _check(seen, new)
    digest = make_password(new)
    account = reads.own_account(actor)
    if account.password != seen.password:  # another was set meanwhile
        raise errors.OldPasswordWrong()
    _remember(account, now)
    account.password, account.password_set_at = digest, now
    account.must_change_password = account.password_is_once = False
    account.save(update_fields=_FIELDS)
    end_all(account, actor=actor, now=now)
    _announce(PasswordChanged(account=account.id), account, actor, now)
    return account


@transaction.atomic
def accept_password(id: UUID, *, actor: Actor) -> Account:
    """What a right password is good for: refused if it was for once and its days are over.

    One that is older than the deployment allows has to be changed before anything else.
    """
    account, now = reads.account_with_password(id), clock.now()
    days = settings.PASSWORD_ONCE_DAYS
    if account.password_is_once:
        if rules.has_lapsed(account.password_set_at, now, after=timedelta(days=days)):
            raise errors.OneTimePasswordLapsed(days=days)
    elif not account.must_change_password and rules.is_due_for_change(
        account.password_set_at, now, after=timedelta(days=settings.PASSWORD_DAYS)
    ):
        account.must_change_password = True
        account.save(update_fields=["must_change_password"])
        _announce(PasswordDue(account=id), account, actor, now)
    return account


def one_time_password(account: Account, now: datetime) -> str:
    """Set a password that is good for one sign-in; the caller stores the account."""
    # Letters and digits that nobody mistakes for one another on paper or on the phone.
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    password = "-".join("".join(secrets.choice(letters) for _at in range(4)) for _part in range(3))
    account.set_password(password)
    account.must_change_password = account.password_is_once = True
    account.password_set_at = now
    return password


def forget_password(account: Account) -> None:
    """No password opens it any more, until somebody gives one for one sign-in."""
    account.set_unusable_password()
    account.must_change_password = account.password_is_once = False
    account.save(update_fields=_FIELDS)


def _check(account: Account, new: str) -> None:
    least = reads.least_password_length(account.id)
    if len(new) < least:
        raise errors.PasswordShort(least=least, count=len(new))
    try:
        validate_password(new, account)
    except ValidationError as weak:
        raise errors.PasswordWeak(why=" ".join(weak.messages)) from weak
    before = [account.password, *reads.passwords_before(account)]
    if any(check_password(new, digest) for digest in before):
        raise errors.PasswordSame(count=max(settings.PASSWORD_HISTORY, 1))


def _remember(account: Account, now: datetime) -> None:
    """Keep the digest of a password that goes, as many as may not come back."""
    if account.password_is_once or not account.has_usable_password():
        return  # made by the house for one sign-in, or none
    PasswordBefore.objects.create(
        account=account, digest=account.password, set_at=account.password_set_at or now
    )
    # The present one is the first of those that may not come back.
    kept = PasswordBefore.objects.filter(account=account).order_by("-id")
    too_old = kept.values_list("id", flat=True)[max(settings.PASSWORD_HISTORY, 1) :]
    PasswordBefore.objects.filter(id__in=list(too_old)).delete()


def _must_be_own_part(account: Account, actor: Actor) -> None:
    """Nobody gets into the account of another of the three by giving it a password.

    Where it has a second factor the password alone opens nothing, and may be given.
    """
    roles = reads.administrator_roles(account.id) - {rules.Role.ADMINISTRATOR}
    if roles and not account.has_factor and not actor.is_system:
        raise errors.OtherAdministrator(roles=rules.role_names(roles), login=account.login)


def _announce(fact: Fact, account: Account, actor: Actor, now: datetime) -> None:
    announce(fact, about=f"account:{account.id}", county=account.county, actor=actor, now=now)
