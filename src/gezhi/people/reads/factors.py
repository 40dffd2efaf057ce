"""Second factors: what an account has, and what a session has shown of its person."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase

from gezhi.base.actor import NOBODY, Actor
from gezhi.base.refusal import NotFound, SignInNeeded
from gezhi.people import rules
from gezhi.people.models import Account, Factor, Identity, RecoveryCode
from gezhi.people.reads.staff import acting, administrator_roles, posts_of_today

# What a session remembers of its sign-in, as seconds since 1970.
FACTOR_AT = "factor_at"
FRESH_AT = "fresh_at"
BY_PROVIDER = "by_provider"


class Entered(NamedTuple):
    """Who is signed in, and what it has to do before anything else; until then without posts."""

    actor: Actor
    owed: rules.Owed | None


def entered(user: AbstractBaseUser | AnonymousUser, session: SessionBase) -> Entered:
    """The actor of a session. Asks nothing that `signed_in` has not answered already."""
    if not isinstance(user, Account) or not user.is_active:
        return Entered(NOBODY, None)
    is_proven = FACTOR_AT in session
    owed = rules.owed(
        has_factor=user.has_factor,
        must_have=not is_proven and must_have_factor(user),
        is_proven=is_proven,
        # Who comes from the identity provider has no use for a password of ours.
        must_change_password=user.must_change_password and BY_PROVIDER not in session,
    )
    if owed:
        return Entered(person_entering(user), owed)
    return Entered(acting(user), None)


def person_entering(account: Account) -> Actor:
    """Somebody on the way in: named, without posts."""
    return Actor(label=f"account:{account.id}", kind="staff", account=account.id)


def must_have_factor(account: Account) -> bool:
    """Whether the deployment asks a second factor of this account."""
    policy = settings.SECOND_FACTOR
    if policy != rules.Policy.ROLES:
        return rules.needs_factor(policy, ())
    return rules.needs_factor(policy, {post.role for post in posts_of_today(account)})


def fresh_until(session: SessionBase) -> datetime | None:
    """Until when the last password or factor stands for a change of factors."""
    shown = session.get(FRESH_AT)
    return datetime.fromtimestamp(shown, UTC) + rules.FRESH if shown else None


def account_proving(id: UUID) -> Account:
    """An account whose factor is tried or changed, held until the transaction ends."""
    found = Account.objects.select_for_update().filter(id=id, is_active=True).first()
    if found is None:
        raise SignInNeeded()
    return found


def account_entering(id: str) -> Account | None:
    """The account that has given its password and waits for its second factor."""
    return Account.objects.filter(id=id, is_active=True).first()


def factors_of(account: UUID) -> list[Factor]:
    """What an account has, the oldest first."""
    return list(Factor.objects.filter(account=account).order_by("made_at", "id"))


def app_of(account: UUID) -> Factor | None:
    """The authenticator app of an account."""
    kind = rules.FactorKind.TOTP.value
    return Factor.objects.filter(account=account, kind=kind).first()


def passkeys_of(account: UUID) -> list[Factor]:
    kind = rules.FactorKind.PASSKEY.value
    return list(Factor.objects.filter(account=account, kind=kind).order_by("made_at", "id"))


def passkey_with(handle: bytes) -> Factor | None:
    """The passkey with this handle, of whomever it is."""
    return Factor.objects.filter(handle=handle).first()


def factor_to_remove(account: Account, id: UUID) -> Factor:
    """One of an account's own factors."""
    found = Factor.objects.filter(account=account, id=id).first()
    if found is None:
        raise NotFound(factor=id)
    return found


def recovery_code(account: Account, code: str) -> RecoveryCode | None:
    """The unused recovery code that was typed."""
    digest = rules.recovery_digest(account.id, code)
    return RecoveryCode.objects.filter(account=account, digest=digest, used_at=None).first()


def recovery_codes_left(account: UUID) -> int:
    return RecoveryCode.objects.filter(account=account, used_at=None).count()


def identity_of(account: UUID) -> Identity | None:
    """Who an account is at the identity provider, where an administrator has said."""
    return Identity.objects.filter(account=account).first()


def account_behind(*, issuer: str, subject: str, login: str) -> Account | None:
    """Whom the identity provider speaks of: the account bound to it, or else that of the login.

    A login is believed only of an account that nobody bound to another subject, and of none of
    the three administrators: who adds an account names it as they like, also after themselves.
    What its person hasn't confirmed lets nobody in.
    """
    active = Account.objects.filter(is_active=True)
    bound = active.filter(
        identity__issuer=issuer,
        identity__subject=subject,
        identity__confirmed_at__isnull=False,
    ).first()
    if bound or not login:
        return bound
    named = active.filter(login=rules.clean_login(login), identity=None).first()
    return None if named is None or administrator_roles(named.id) else named
