"""What a backup is sealed with: the backup key in a file of its own, or a passphrase."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gezhi.backup.errors import (
    BackupBroken,
    BackupKeyMissing,
    BackupKeyOpen,
    BackupKeyWrong,
    PassphraseMissing,
    PassphraseShort,
    PassphraseWrong,
)
from gezhi.backup.rules import LEAST_PASSPHRASE
from gezhi.base import env

PASSPHRASE = "passphrase"  # noqa: S105  # what a header says, no secret
_SALT = 16
# 128 MB and about half a second: fixed by the format, so that no file can ask for more.
_N, _R, _P = 2**17, 8, 1


@dataclass(frozen=True)
class Secret:
    """The key file's path, and a passphrase where one is given: it is used first."""

    path: Path
    passphrase: str = ""

    def to_seal(self) -> tuple[bytes, str, str]:
        """The key, its name in the header, and the salt of the passphrase."""
        if not self.passphrase:
            key = _read(self.path)
            return key, number_of(key), ""
        if len(self.passphrase) < LEAST_PASSPHRASE:
            raise PassphraseShort(least=LEAST_PASSPHRASE)
        salt = os.urandom(_SALT)
        return _stretched(self.passphrase, salt), PASSPHRASE, salt.hex()

    def to_open(self, named: str, salt: str, *, name: str) -> bytes:
        """The key for a file whose header says this."""
        if named == PASSPHRASE:
            if not self.passphrase:
                raise PassphraseMissing(name=name)
            return _stretched(self.passphrase, bytes.fromhex(salt))
        key = _read(self.path)
        if number_of(key) != named:
            raise BackupKeyWrong(name=name, needed=named[:16], here=number_of(key))
        return key

    def wrong(self, named: str, *, name: str) -> Exception:
        """What to say when the header isn't authentic under this secret."""
        if named == PASSPHRASE:
            return PassphraseWrong(name=name)
        return BackupBroken(name=name, why="header")


def make_key(path: Path) -> bool:
    """Write a new backup key that only its owner may read; false if there is one already."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"key": os.urandom(32).hex()}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return True


def number_at(path: Path) -> str:
    """The number of the backup key in this file."""
    return number_of(_read(path))


def number_of(key: bytes) -> str:
    """A key's number: tells it from others and says nothing about it."""
    return hashlib.sha256(b"gezhi backup key" + key).hexdigest()[:16]


def _read(path: Path) -> bytes:
    try:
        if env.is_open(path):
            raise BackupKeyOpen(path=path)
        key = bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupKeyMissing(path=path) from error
    if len(key) != 32:
        raise BackupKeyMissing(path=path)
    return key


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())
