"""Passwords: what a new one must be like."""

from uuid import UUID

from django.conf import settings

from gezhi.base.refusal import SignInNeeded
from gezhi.people import rules
from gezhi.people.models import Account, PasswordBefore
from gezhi.people.reads.staff import administrator_roles


def least_password_length(account: UUID) -> int:
    """How many signs a new password of this account must have."""
    return rules.password_length(
        administrator_roles(account),
        least=settings.PASSWORD_LENGTH,
        of_administrators=settings.PASSWORD_LENGTH_ADMINISTRATORS,
    )


def passwords_before(account: Account) -> list[str]:
    """The digests of earlier passwords that mustn't come back, without the present one."""
    found = PasswordBefore.objects.filter(account=account).order_by("-id")
    most = max(settings.PASSWORD_HISTORY - (0 if account.password_is_once else 1), 0)
    return list(found.values_list("digest", flat=True)[:most])


def account_with_password(id: UUID) -> Account:
    """An account whose password was right, held until the transaction ends."""
    found = Account.objects.select_for_update().filter(id=id, is_active=True).first()
    if found is None:
        raise SignInNeeded()
    return found
