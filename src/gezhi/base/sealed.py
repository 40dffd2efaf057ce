"""Sealed fields: an authenticated cipher per value, key versions, a keyed index for exact search.

Sources: NIST SP 800-38D (GCM, 96-bit random nonce), GB/T 32907 and RFC 8998 (SM4-GCM). A sealed
value is `version (1 byte) | nonce (12) | ciphertext and tag`; the associated data names table and
column, so a value moved to another column does not open.

An index is a digest of 32 bytes under the first index key; under a later one its version stands
before it. The algorithm belongs to the version (docs/decisions/0021), so keys of both kinds open
and search side by side.
"""

import hmac as compare
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from gezhi.base import clock, disk

NEWEST = 255  # a version is one byte
_NONCE = 12
_TAG = 16
_DIGEST = 32


class KeyMissing(ImproperlyConfigured):
    """A value is sealed with a version that the key file does not hold."""


class _Sm4Gcm:
    """SM4-GCM with the manners of `AESGCM`: the tag stands behind the ciphertext."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, plain: bytes, about: bytes) -> bytes:
        cipher = Cipher(self._key, modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(about)
        return cipher.update(plain) + cipher.finalize() + cipher.tag

    def decrypt(self, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
        if len(sealed) < _TAG:
            raise InvalidTag()
        cipher = Cipher(self._key, modes.GCM(nonce, sealed[-_TAG:])).decryptor()
        cipher.authenticate_additional_data(about)
        return cipher.update(sealed[:-_TAG]) + cipher.finalize()


@dataclass(frozen=True)
class Suite:
    """Algorithms that go together, as GEZHI_CIPHER names them."""

    sealing: str
    index: str
    length: int  # of a sealing key, in bytes

    @property
    def hash(self) -> hashes.HashAlgorithm:
        """What its index and keys that are made of others are digested by."""
        return _HASHES[self.index]()


SUITES: Mapping[str, Suite] = {
    "aes": Suite("aes-256-gcm", "hmac-sha256", 32),
    "sm4": Suite("sm4-gcm", "hmac-sm3", 16),
}
_CIPHERS: Mapping[str, type[AESGCM] | type[_Sm4Gcm]] = {"aes-256-gcm": AESGCM, "sm4-gcm": _Sm4Gcm}
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "hmac-sha256": hashes.SHA256, "hmac-sm3": hashes.SM3,
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """One version of a sealing or an index key."""

    algorithm: str
    secret: bytes

    @cached_property
    def cipher(self) -> AESGCM | _Sm4Gcm:
        return _CIPHERS[self.algorithm](self.secret)

    def digest(self, value: str) -> bytes:
        """The keyed digest of a value."""
        keyed = hmac.HMAC(self.secret, _HASHES[self.algorithm]())
        keyed.update(value.encode())
        return keyed.finalize()


@dataclass(frozen=True)
class Keys:
    """The keys of one deployment by version, and which of them seal and index now.

    One newer than the current waits: it is on its way to the deployment's other machines. `since`
    is from when on no other than the current is in use here; None where none ever was.
    """

    sealing: Mapping[int, Key]
    index: Mapping[int, Key]
    current: int
    current_index: int
    since: datetime | None = None
    since_index: datetime | None = None

    def seal(self, plain: bytes, about: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self.sealing[self.current].cipher.encrypt(nonce, plain, about)
        return bytes([self.current]) + nonce + sealed

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Open a value that was sealed under a version these keys hold."""
        if not sealed:
            raise InvalidTag()
        key = self.sealing.get(sealed[0])
        if key is None:
            raise KeyMissing(
                f"A value is sealed with key {sealed[0]}, which the key file does not hold."
            )
        if len(sealed) < 1 + _NONCE + _TAG:
            raise InvalidTag()
        return key.cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], about)

    def digest(self, value: str, version: int) -> bytes:
        """The index of a value under one version."""
        digest = self.index[version].digest(value)
        return digest if version == 1 else bytes([version]) + digest

    @property
    def waiting(self) -> int | None:
        """The sealing key that was added and seals nothing yet."""
        newest = max(self.sealing)
        return newest if newest > self.current else None

    @property
    def waiting_index(self) -> int | None:
        """The index key that was added and indexes nothing yet."""
        newest = max(self.index)
        return newest if newest > self.current_index else None


def index_version(digest: bytes) -> int:
    """Under which index key a digest was made."""
    return 1 if len(digest) == _DIGEST else digest[0]


def new_key(cipher: str, *, index: bool = False) -> Key:
    """A fresh key for what GEZHI_CIPHER names."""
    suite = SUITES[cipher]
    if index:
        return Key(suite.index, os.urandom(32))
    return Key(suite.sealing, os.urandom(suite.length))


def make_key_file(path: Path, cipher: str = "aes") -> None:
    """Write a new key file, readable by its owner only. An existing one is kept."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = Keys({1: new_key(cipher)}, {1: new_key(cipher, index=True)}, 1, 1)
    disk.put(path, _told(keys), 0o600)


def _told(keys: Keys) -> bytes:
    """A key file's body."""

    def versions(found: Mapping[int, Key]) -> dict[str, dict[str, str]]:
        return {
            str(version): {"algorithm": key.algorithm, "key": key.secret.hex()}
            for version, key in sorted(found.items())
        }

    body = {
        "sealing": versions(keys.sealing),
        "index": versions(keys.index),
        "current": {"sealing": keys.current, "index": keys.current_index},
        "since": {
            kind: moment.isoformat(timespec="seconds")
            for kind, moment in (("sealing", keys.since), ("index", keys.since_index))
            if moment is not None
        },
    }
    return (json.dumps(body, indent=1) + "\n").encode()


def _read_file(path: Path) -> Keys:
    """The keys of a file; one of the first kind names neither algorithms nor what is current."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        sealing = _versions(body["sealing"], SUITES["aes"].sealing)
        index = body["index"] if isinstance(body["index"], dict) else {"1": body["index"]}
        digests = _versions(index, SUITES["aes"].index)
        current = body.get("current", {})
        found = Keys(
            sealing,
            digests,
            int(current.get("sealing", max(sealing))),
            int(current.get("index", max(digests))),
            _moment(body, "sealing"),
            _moment(body, "index"),
        )
        found.sealing[found.current], found.index[found.current_index]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(
            f"The key file {path} cannot be read ({error}). See GEZHI_KEYS in docs/settings.md."
        ) from error
    return found


def _moment(body: Mapping[str, Any], kind: str) -> datetime | None:
    text = body.get("since", {}).get(kind)
    return datetime.fromisoformat(text) if text else None


def _versions(told: Mapping[str, Any], algorithm: str) -> dict[int, Key]:
    found = {}
    for version, key in told.items():
        told_whole = key if isinstance(key, dict) else {"algorithm": algorithm, "key": key}
        if told_whole["algorithm"] not in {*_CIPHERS, *_HASHES}:
            raise ValueError(f"unknown algorithm {told_whole['algorithm']}")
        found[int(version)] = Key(told_whole["algorithm"], bytes.fromhex(told_whole["key"]))
    return found


_known: dict[str, tuple[tuple[int, int, int], Keys]] = {}


def keys(*, again: bool = False) -> Keys:
    """The deployment's keys, from the file that settings.KEY_FILE names, as it is now.

    A change of the file is seen at the next value; `again` reads it whatever it looks like.
    """
    path = str(settings.KEY_FILE)
    try:
        found = os.stat(path)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The key file {path} cannot be read ({error}). See GEZHI_KEYS in docs/settings.md."
        ) from error
    stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
    known = _known.get(path)
    if known is None or known[0] != stamp or again:
        known = _known[path] = (stamp, _read_file(Path(path)))
    return known[1]


def _change(changed: Callable[[Keys], Keys]) -> Keys:
    """One change of the key file at a time; the keys after it.

    Whoever could read it before can read it after, and a link to it stays one.
    """
    path = Path(settings.KEY_FILE).resolve()
    try:
        with disk.held(path.with_suffix(".lock")):
            before, now = path.stat(), _read_file(path)
            after = changed(now)
            if after is not now and not disk.change(path, _told(after), before):
                raise OSError("another file has taken its place")
            return keys(again=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The key file {path} cannot be changed from here ({error}). Run the command as its "
            "owner or as root, where it can be written; then bring it to the other machines."
        ) from error


def add_key(cipher: str, *, index: bool = False) -> int:
    """Add a new version that waits; its number. One that waits already is taken."""

    def added(now: Keys) -> Keys:
        if now.waiting_index if index else now.waiting:
            return now
        version = max(now.index if index else now.sealing) + 1
        if version > NEWEST:
            raise ImproperlyConfigured(f"There are {NEWEST} key versions; no more have a number.")
        key = new_key(cipher, index=index)
        if index:
            return replace(now, index={**now.index, version: key})
        return replace(now, sealing={**now.sealing, version: key})

    after = _change(added)
    return max(after.index if index else after.sealing)


def use_newest(*, index: bool = False) -> int:
    """From now on, if not before, the newest version seals (indexes); its number."""

    def used(now: Keys) -> Keys:
        if index:
            return replace(now, current_index=max(now.index), since_index=clock.now())
        return replace(now, current=max(now.sealing), since=clock.now())

    after = _change(used)
    return after.current_index if index else after.current


def drop_key(version: int, *, index: bool = False) -> None:
    """Take a version out of the file. The caller has seen that nothing needs it."""

    def dropped(now: Keys) -> Keys:
        if version == (now.current_index if index else now.current):
            raise ValueError("the current key stays")
        versions = now.index if index else now.sealing
        kept = {each: key for each, key in versions.items() if each != version}
        return replace(now, index=kept) if index else replace(now, sealing=kept)

    _change(dropped)


def seal_bytes(plain: bytes, about: str) -> bytes:
    """Seal `plain`; `about` must be the same when it is opened."""
    return keys().seal(plain, about.encode())


def open_bytes(sealed: bytes, about: str) -> bytes:
    """Open what `seal_bytes` sealed; raises InvalidTag if a byte was changed."""
    known = keys()
    if sealed and sealed[0] not in known.sealing:
        known = keys(again=True)  # a newer version than this process knew of
    return known.open(sealed, about.encode())


def blind_index(value: str) -> bytes:
    """A keyed digest for finding an exact value without opening any, under the current key."""
    known = keys()
    return known.digest(value, known.current_index)


def blind_indexes(value: str) -> list[bytes]:
    """All digests a value may be found under, the current one first: search with `__in`."""
    known = keys()
    newest_first = sorted(known.index, key=lambda each: (each != known.current_index, -each))
    return [known.digest(value, version) for version in newest_first]


def is_index_of(kept: bytes, value: str) -> bool:
    """Whether a kept digest is this value's, under whichever key it was made."""
    version = index_version(kept) if kept else 0
    known = keys()
    if version not in known.index:
        known = keys(again=True)
    return version in known.index and compare.compare_digest(kept, known.digest(value, version))


if TYPE_CHECKING:
    _Binary = models.BinaryField[str, str]
else:  # the field takes types for the checker only
    _Binary = models.BinaryField


class SealedField(_Binary):
    """A text that is sealed in the database and opened when read. Empty stays empty.

    No lookups: search by a `blind_index` column beside it.
    """

    description = "A sealed text"

    def _check_str_default_value(self) -> list[Any]:
        return []  # Django would have bytes; in Python our values are texts

    @property
    def about(self) -> str:
        """What its values are bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        raw = bytes(value)
        return open_bytes(raw, self.about).decode() if raw else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        raw = seal_bytes(str(value).encode(), self.about) if value else b""
        return connection.Database.Binary(raw)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
