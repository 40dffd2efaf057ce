"""Accounts: adding and changing."""

from typing import NamedTuple, TypedDict, Unpack
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.people import errors, reads, rules
from gezhi.people.actions.delegations import end_delegations_by
from gezhi.people.actions.passwords import one_time_password
from gezhi.people.actions.sessions import end_all
from gezhi.people.actions.units import check_texts
from gezhi.people.facts import AccountAdded, AccountChanged
from gezhi.people.models import Account, Post
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
    password = one_time_password(account, clock.now())
    account.save(force_insert=True)
    _announce(AccountAdded(account=account.id), account, actor)
    return NewAccount(account, password)


@transaction.atomic
def change_account(id: UUID, *, actor: Actor, **words: Unpack[AccountWords]) -> Account:
    """Change what is given of an account; closing one takes effect at its next click."""
    if words.get("is_active") is False:
        reads.hold_administrators(Q(account=id))
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
        if not account.is_active:
            end_delegations_by(account, actor, clock.now())
            end_all(account, actor=actor, now=clock.now())
        fact = AccountChanged(account=id, fields=tuple(sorted(changed)))
        _announce(fact, account, actor)
    return account


@transaction.atomic
def choose_language(language: str, *, actor: Actor) -> None:
    """What the house speaks with this person from now on: on any device, and in messages."""
    account = reads.own_account(actor)
    account.language = language
    _check(account)
    account.save(update_fields=["language"])


def _check(account: Account) -> None:
    check_texts(account, "name")
    if account.language not in dict(settings.LANGUAGES):
        raise errors.ValueWrong(input="language")


def _check_may_close(account: Account, actor: Actor) -> None:
    if account.id == actor.account:
        raise errors.OwnAccount()
    for post in reads.administrator_posts(account.id):
        must_not_be_last(post)


def must_not_be_last(post: Post) -> None:
    """Refuse if nobody else has this administrator's part."""
    if not reads.others_administer(post):
        raise errors.LastAdministrator(role=str(rules.ROLE_NAMES[rules.Role(post.role)]))


def _announce(fact: Fact, account: Account, actor: Actor) -> None:
    about, now = f"account:{account.id}", clock.now()
    announce(fact, about=about, county=account.county, actor=actor, now=now)
