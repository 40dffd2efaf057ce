"""Second factors: who needs one, what a session still owes, codes that change with time.

Pure. Codes are those of RFC 6238 (TOTP): six digits, thirty seconds, SHA-1, as every
authenticator app reads them.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.people.rules.staff import ADMINISTRATORS, rights_of


class FactorKind(StrEnum):
    """What somebody has besides a password."""

    TOTP = "totp"
    PASSKEY = "passkey"

    @property
    def label(self) -> Promise:
        return FACTOR_NAMES[self]


class Policy(StrEnum):
    """Whose sign-in takes a second factor, whatever they set up themselves."""

    ROLES = "roles"
    ALL = "all"
    NONE = "none"


class Owed(StrEnum):
    """What a person who is signed in has to do before anything else."""

    PROOF = "proof"
    PASSWORD = "password"  # noqa: S105  # the name of a step
    SET_UP = "set_up"


FACTOR_NAMES: Mapping[FactorKind, Promise] = {
    FactorKind.TOTP: _("验证器动态码"),
    FactorKind.PASSKEY: _("通行密钥"),
}
STEP = 30  # seconds one code is shown
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
MOST_PASSKEYS = 10
FRESH = timedelta(minutes=10)  # so long a password or factor stands for a change of factors
ENTERING = timedelta(minutes=10)  # so long the second page waits after the password
_CLEAR = str.maketrans("lo", "89")  # base32 has the digits 2 to 7
_DRIFT = 1  # steps a phone's clock may be off, to either side


def needs_factor(policy: str, roles: Collection[str]) -> bool:
    """Whether somebody with these roles must have a second factor.

    By default whoever may open personal data, and the three administrators.
    """
    if policy != Policy.ROLES:
        return policy == Policy.ALL
    return any(role in ADMINISTRATORS or "case.open_sealed" in rights_of(role) for role in roles)


def owed(
    *, has_factor: bool, must_have: bool, is_proven: bool, must_change_password: bool
) -> Owed | None:
    """The next thing to do before the work; None where nothing stands in the way."""
    if has_factor and not is_proven:
        return Owed.PROOF
    if must_change_password:
        return Owed.PASSWORD
    if must_have and not is_proven:
        return Owed.SET_UP
    return None


def spell_secret(secret: bytes) -> str:
    """A secret as authenticator apps take it when it is typed."""
    return base64.b32encode(secret).decode().rstrip("=")


def totp_address(secret: bytes, *, issuer: str, login: str) -> str:
    """What the QR code holds."""
    asked = urlencode({"secret": spell_secret(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(login)}?{asked}"


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def totp_code(secret: bytes, step: int) -> str:
    # Authenticator apps know SHA-1 alone for sure; in an HMAC it is sound (RFC 6238).
    return HOTP(secret, 6, SHA1()).generate(step).decode()  # noqa: S303  # as above


def step_of_code(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The step a code belongs to, if it is of now and later than the last one that was used."""
    typed = "".join(code.split())
    present = step_at(now)
    for step in range(max(present - _DRIFT, after + 1), present + _DRIFT + 1):
        if hmac.compare_digest(totp_code(secret, step).encode(), typed.encode()):
            return step
    return None


def spell_recovery_code(random: bytes) -> str:
    """Sixteen letters and digits in four groups; nobody mistakes 0 for O or 1 for L."""
    letters = base64.b32encode(random).decode().lower().translate(_CLEAR)
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def recovery_digest(account: UUID, code: str) -> bytes:
    """What is kept of a recovery code. It has 80 random bits, so a plain digest will do."""
    typed = "".join(each for each in code.lower() if each.isalnum())
    return hashlib.sha256(account.bytes + typed.encode()).digest()


def is_recovery_code(code: str) -> bool:
    """Whether this was meant as a recovery code rather than as six digits."""
    return len("".join(code.split())) > 8


def minutes_until(end: datetime | None, now: datetime) -> int:
    """Whole minutes, the begun one too, until `end`; 0 if that is past."""
    if end is None or end <= now:
        return 0
    return -int((now - end).total_seconds() // 60)


def is_counter_sound(stored: int, shown: int) -> bool:
    """Whether a passkey's counter went on: one that stands still or goes back was copied.

    Passkeys that travel between devices count nothing and always show 0.
    """
    return (stored == 0 and shown == 0) or shown > stored
