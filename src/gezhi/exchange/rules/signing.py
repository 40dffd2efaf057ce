"""Signatures as standardwebhooks.com describes them: HMAC-SHA-256 over id, time and body. Pure.

While a secret is being changed a message carries a signature under each of the two.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def secret_of(random: bytes) -> str:
    """A secret as the subscriber writes it down."""
    return PREFIX + base64.b64encode(random).decode()


def sign(secret: str, id: str, seconds: int, body: bytes) -> str:
    """One signature, `v1,` and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(secrets: Iterable[str], id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers of a signed message; the time is that of this try."""
    seconds = int(at.timestamp())
    return {
        "webhook-id": id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(sign(each, id, seconds, body) for each in secrets),
    }
