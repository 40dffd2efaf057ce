"""Accounts: adding, changing, passwords."""

import secrets
from typing import NamedTuple, TypedDict, Unpack
from uuid import UUID

from axes.utils import reset as unlock
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.people import errors, reads, rules
from gezhi.people.actions.units import check_texts
from gezhi.people.facts import AccountAdded, AccountChanged, PasswordChanged, PasswordReset
from gezhi.people.models import Account
from gezhi.record.actions import announce


class NewAccount(NamedTuple):
    """An account and its one-time password, which is shown once and never stored."""

    account: Account
    password: str


class AccountWords(TypedDict, total=False):
    """What may be changed in an account. Left out means left as it is."""

    name: str
    language: str
    is_active: bool


@transaction.atomic
def add_account(
    *, county: str, path: str, login: str, name: str, language: str = "zh-hans", actor: Actor
) -> NewAccount:
    """Add an account that the administrators of `path` look after."""
    actor.must("account.manage", path=path)
    login = rules.clean_login(login)
    if not rules.is_login(login):
        raise errors.LoginWrong()
    if reads.logins_taken([login]):
        raise errors.LoginTaken(login=login)
    account = Account(county=county, path=path, login=login, name=name, language=language)
    _check(account)
    password = _one_time_password(account)
    account.save(force_insert=True)
    _announce(AccountAdded(account=account.id), account, actor)
    return NewAccount(account, password)


@transaction.atomic
def change_account(id: UUID, *, actor: Actor, **words: Unpack[AccountWords]) -> Account:
    """Change what is given of an account; closing one takes effect at its next click."""
    account = reads.account_to_change(actor, id)
    changed = tuple(
        field
        for field in AccountWords.__optional_keys__
        if field in words and words[field] != getattr(account, field)  # type: ignore[literal-required]  # keys of the dict itself
    )
    for field in changed:
        setattr(account, field, words[field])  # type: ignore[literal-required]  # as above
    _check(account)
    if "is_active" in changed and not account.is_active:
        _check_may_close(account, actor)
    if changed:
        account.save(update_fields=changed)
        reads.forget_keys()
        _announce(AccountChanged(account=id, fields=tuple(sorted(changed))), account, actor)
    return account


@transaction.atomic
def reset_password(id: UUID, *, actor: Actor) -> str:
    """Give an account a one-time password, which it must change, and lift a lock-out."""
    account = reads.account_to_change(actor, id)
    if not account.is_active:
        raise errors.AccountClosed()
    password = _one_time_password(account)
    account.save(update_fields=["password", "must_change_password"])
    unlock(username=account.login)
    _announce(PasswordReset(account=id), account, actor)
    return password


@transaction.atomic
def change_own_password(*, old: str, new: str, actor: Actor) -> Account:
    """Change the signed-in person's own password."""
    account = reads.own_account(actor)
    if not account.check_password(old):
        raise errors.OldPasswordWrong()
    try:
        validate_password(new, account)
    except ValidationError as weak:
        raise errors.PasswordWeak(why=" ".join(weak.messages)) from weak
    if old == new:
        raise errors.PasswordSame()
    account.set_password(new)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    _announce(PasswordChanged(account=account.id), account, actor)
    return account


def _one_time_password(account: Account) -> str:
    # Letters and digits that nobody mistakes for one another on paper or on the phone.
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    password = "-".join("".join(secrets.choice(letters) for _at in range(4)) for _part in range(3))
    account.set_password(password)
    account.must_change_password = True
    return password


def _check(account: Account) -> None:
    check_texts(account, "name")
    if account.language not in dict(settings.LANGUAGES):
        raise errors.ValueWrong(input="language")


def _check_may_close(account: Account, actor: Actor) -> None:
    if account.id == actor.account:
        raise errors.OwnAccount()
    for post in reads.administrator_posts(account.id):
        if not reads.others_administer(post):
            raise errors.LastAdministrator()


def _announce(fact: Fact, account: Account, actor: Actor) -> None:
    announce(
        fact, about=f"account:{account.id}", county=account.county, actor=actor, now=clock.now()
    )
