"""A sealed stream in chunks: read in order, authenticated whole, in bounded memory.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM or SM4-GCM:

    magic | length of header (4 bytes) | header (JSON) | HMAC of all before (32) | chunks

Each file has a key of its own (HKDF of the backup key and the file's id); the nonce of a chunk is
its index and whether it is the last, its associated data the digest of everything before the
chunks. So a chunk that was changed, left out, doubled, moved, or taken from another file does not
open, nor does a file whose end was cut off at any byte.
"""

import hashlib
import hmac
import json
import struct
from dataclasses import dataclass
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gezhi.backup.errors import BackupBroken, NotABackup
from gezhi.backup.rules import Cipher
from gezhi.base.sealed import SUITES, Key

MAGIC = b"GEZHI-SEALED-1\n"
CHUNK = 1024 * 1024
_TAG = 16
_MAC = 32
_ID = 16
_LONGEST_HEADER = 8192
_SUITES = {suite.sealing: suite for suite in SUITES.values()}


@dataclass(frozen=True)
class Header:
    """What can be read without a key. It is authenticated by whoever has the key."""

    id: str
    kind: str
    county: str
    made_at: str
    cipher: str
    key: str  # what opens it: a backup key's number, or "passphrase"
    salt: str = ""  # of the passphrase

    def to_bytes(self) -> bytes:
        return json.dumps(vars(self), sort_keys=True).encode()


def read_header(file: IO[bytes], name: str) -> tuple[Header, bytes]:
    """The header, not yet authenticated, and the bytes it stands in."""
    start = file.read(len(MAGIC) + 4)
    if not start.startswith(MAGIC) or len(start) < len(MAGIC) + 4:
        raise NotABackup(name=name)
    (length,) = struct.unpack(">I", start[len(MAGIC) :])
    if length > _LONGEST_HEADER:
        raise BackupBroken(name=name, why="header")
    body = file.read(length)
    try:
        header = Header(**json.loads(body))
        Cipher(header.cipher)
        if not all(isinstance(value, str) for value in vars(header).values()):
            raise ValueError("not all texts")
        if len(bytes.fromhex(header.id)) != _ID or len(bytes.fromhex(header.salt)) not in (0, _ID):
            raise ValueError("not an id")
    except (ValueError, TypeError) as error:
        raise BackupBroken(name=name, why="header") from error
    return header, start + body


class _Keys:
    """The keys of one file."""

    def __init__(self, master: bytes, header: Header, whole: bytes) -> None:
        suite = _SUITES[header.cipher]
        salt = bytes.fromhex(header.id)

        def derive(info: str, size: int) -> bytes:
            return HKDF(suite.hash, size, salt=salt, info=f"gezhi {info}".encode()).derive(master)

        self.aead = Key(suite.sealing, derive(f"chunks {suite.sealing}", suite.length)).cipher
        self.mac = hmac.digest(derive("header", 32), whole, "sha256")
        self.about = hashlib.sha256(whole).digest()

    def nonce(self, index: int, *, is_last: bool) -> bytes:
        return struct.pack(">3xQB", index, is_last)


class Sealer:
    """A file to write plain bytes into. `close` seals the last chunk; without it none opens."""

    def __init__(self, file: IO[bytes], header: Header, master: bytes) -> None:
        body = header.to_bytes()
        whole = MAGIC + struct.pack(">I", len(body)) + body
        self._file, self._keys = file, _Keys(master, header, whole)
        self._waiting, self._index = bytearray(), 0
        file.write(whole + self._keys.mac)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # the last chunk is never empty unless all is
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        nonce = self._keys.nonce(self._index, is_last=is_last)
        self._file.write(self._keys.aead.encrypt(nonce, plain, self._keys.about))
        self._index += 1


class Opener:
    """A sealed file to read plain bytes from; refuses at the first chunk that isn't as written.

    `header_fits` is asked before anything else; `drain` reads to the end, so that all of it was
    authenticated.
    """

    def __init__(self, file: IO[bytes], header: Header, whole: bytes, master: bytes, name: str):
        self._file, self._keys, self._name = file, _Keys(master, header, whole), name
        self.header_fits = hmac.compare_digest(file.read(_MAC), self._keys.mac)
        self._ready, self._at, self._index = b"", 0, 0
        self._next = file.read(CHUNK + _TAG)
        self._is_over = False

    def read(self, size: int) -> bytes:
        while len(self._ready) - self._at < size and not self._is_over:
            self._ready = self._ready[self._at :] + self._open_next()
            self._at = 0
        found = self._ready[self._at : self._at + size]
        self._at += len(found)
        return found

    def drain(self) -> None:
        while self.read(CHUNK):
            pass

    def _open_next(self) -> bytes:
        sealed, self._next = self._next, self._file.read(CHUNK + _TAG)
        is_last = not self._next
        nonce = self._keys.nonce(self._index, is_last=is_last)
        try:
            plain = self._keys.aead.decrypt(nonce, sealed, self._keys.about)
        except (InvalidTag, ValueError) as error:
            raise BackupBroken(name=self._name, why=f"chunk {self._index}") from error
        self._index += 1
        self._is_over = is_last
        return plain
