"""Sealed fields: AES-256-GCM per value, key versions, and a keyed index for exact search.

Source: NIST SP 800-38D (GCM, 96-bit random nonce). A sealed value is
`version (1 byte) | nonce (12) | ciphertext and tag`; the associated data names
table and column, so a value moved to another column does not open.
"""

import hashlib
import hmac
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

_NONCE = 12


class Keys:
    """The keys of one deployment: numbered sealing keys (the highest seals) and an index key."""

    def __init__(self, sealing: dict[int, bytes], index: bytes) -> None:
        self.current = max(sealing)
        self._ciphers = {version: AESGCM(key) for version, key in sealing.items()}
        self.index = index

    def seal(self, plain: bytes, about: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return (
            bytes([self.current]) + nonce + self._ciphers[self.current].encrypt(nonce, plain, about)
        )

    def open(self, sealed: bytes, about: bytes) -> bytes:
        cipher = self._ciphers.get(sealed[0])
        if cipher is None:
            raise ImproperlyConfigured(
                f"A value is sealed with key {sealed[0]}, which the key file does not hold."
            )
        return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], about)


def make_key_file(path: Path) -> None:
    """Write a new key file, readable by its owner only. An existing one is kept."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    body = {"sealing": {"1": os.urandom(32).hex()}, "index": os.urandom(32).hex()}
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(body), encoding="utf-8")
    draft.rename(path)


@lru_cache(maxsize=4)
def _read_keys(path: str) -> Keys:
    try:
        body = json.loads(Path(path).read_text(encoding="utf-8"))
        sealing = {int(version): bytes.fromhex(key) for version, key in body["sealing"].items()}
        return Keys(sealing, bytes.fromhex(body["index"]))
    except (OSError, ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            f"The key file {path} cannot be read ({error}). See GEZHI_KEYS in docs/settings.md."
        ) from error


def keys() -> Keys:
    """The deployment's keys, from the file that settings.KEY_FILE names."""
    return _read_keys(str(settings.KEY_FILE))


def seal_bytes(plain: bytes, about: str) -> bytes:
    """Seal `plain`; `about` must be the same when it is opened."""
    return keys().seal(plain, about.encode())


def open_bytes(sealed: bytes, about: str) -> bytes:
    """Open what `seal_bytes` sealed; raises InvalidTag if a byte was changed."""
    return keys().open(sealed, about.encode())


def blind_index(value: str) -> bytes:
    """A keyed digest (HMAC-SHA-256) for finding an exact value without opening any."""
    return hmac.new(keys().index, value.encode(), hashlib.sha256).digest()


if TYPE_CHECKING:
    _Binary = models.BinaryField[str, str]
else:  # the field takes types for the checker only
    _Binary = models.BinaryField


class SealedField(_Binary):
    """A text that is sealed in the database and opened when read. Empty stays empty.

    No lookups: search by a `blind_index` column beside it.
    """

    description = "A text sealed with AES-256-GCM"

    def _check_str_default_value(self) -> list[Any]:
        return []  # Django would have bytes; in Python our values are texts

    def _about(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        raw = bytes(value)
        return open_bytes(raw, self._about()).decode() if raw else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        raw = seal_bytes(str(value).encode(), self._about()) if value else b""
        return connection.Database.Binary(raw)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
