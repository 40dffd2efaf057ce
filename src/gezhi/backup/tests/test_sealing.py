"""A sealed file opens whole and as it was written, or not at all."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.backup.adapters import sealing
from gezhi.backup.adapters.keyring import Secret, make_key, number_at
from gezhi.backup.adapters.sealing import CHUNK, Header, Opener, Sealer, read_header
from gezhi.backup.errors import (
    BackupBroken,
    BackupKeyMissing,
    BackupKeyOpen,
    BackupKeyWrong,
    PassphraseMissing,
    PassphraseShort,
)
from gezhi.backup.rules import Cipher
from gezhi.base.refusal import Refusal

KEY = bytes(range(32))
HEADER = Header("0f" * 16, "backup", "990101", "2026-11-22T03:10:00+00:00", "aes-256-gcm", "k")


def sealed(plain: bytes, header: Header = HEADER, key: bytes = KEY) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, header, key)
    for at in range(0, len(plain), 7000):
        sealer.write(plain[at : at + 7000])
    sealer.close()
    return file.getvalue()


def opened(whole: bytes, key: bytes = KEY) -> bytes:
    """What stands inside; refuses as restoring does."""
    file = io.BytesIO(whole)
    header, start = read_header(file, "b.gzb")
    opener = Opener(file, header, start, key, "b.gzb")
    if not opener.header_fits:
        raise BackupBroken(name="b.gzb", why="header")
    found = b""
    while part := opener.read(100_000):
        found += part
    return found


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    """Borders every kilobyte, so that a small file has many."""
    monkeypatch.setattr(sealing, "CHUNK", 1024)


@pytest.mark.parametrize("cipher", list(Cipher))
@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 2048, 5000])
def test_what_is_sealed_opens_as_it_was(cipher, size):
    plain = bytes(at % 251 for at in range(size))
    header = Header(**{**vars(HEADER), "cipher": cipher.value})
    whole = sealed(plain, header)
    assert opened(whole) == plain
    assert plain[:64] not in whole or size < 8


@pytest.mark.parametrize(
    ("cipher", "body"),
    [
        (
            "aes-256-gcm",
            "b1a5f06947ab01f17471866986345d95c6d7133beb1c57bc092457045adeed23"
            "4309c9b021d20d338cc8f8ade870f1c0f87122a513",
        ),
        (
            "sm4-gcm",
            "13651753f1fde9c3f5fbf36babf511d4f1981de83440e9a3e77263b3f5d069f2"
            "c3b415922fb23ab9785192e062ae5d87719d1e1edf",
        ),
    ],
)
def test_what_was_sealed_by_the_first_release_opens(cipher, body):
    """The form of the file: the header's digest and the only chunk, as they lie in old backups."""
    head = sealed(b"", Header(**{**vars(HEADER), "cipher": cipher}))[: -32 - 16]
    whole = head + bytes.fromhex(body)
    assert opened(whole) == b"words"
    assert sealed(b"words", Header(**{**vars(HEADER), "cipher": cipher})) == whole


@pytest.mark.parametrize("cipher", list(Cipher))
def test_every_byte_that_is_changed_is_refused(cipher):
    header = Header(**{**vars(HEADER), "cipher": cipher.value})
    whole = sealed(b"words " * 400, header)
    for at in range(len(whole)):
        with pytest.raises(Refusal):
            opened(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


def test_every_end_that_is_cut_off_is_refused():
    whole = sealed(b"words " * 400)
    for length in range(len(whole)):
        with pytest.raises(Refusal):
            opened(whole[:length])


@given(st.integers(0, 255), st.integers(1, 40))
def test_what_is_added_at_the_end_is_refused(byte, count):
    with pytest.raises(Refusal):
        opened(sealed(b"words " * 400) + bytes([byte]) * count)


def _chunks(whole: bytes) -> tuple[bytes, list[bytes]]:
    (length,) = struct.unpack(">I", whole[15:19])
    start, piece = 19 + length + 32, sealing.CHUNK + 16
    return whole[:start], [whole[at : at + piece] for at in range(start, len(whole), piece)]


def test_chunks_that_change_places_or_are_doubled_or_left_out_are_refused():
    head, chunks = _chunks(sealed(b"words " * 1000))
    assert len(chunks) == 6
    swapped = [chunks[1], chunks[0], *chunks[2:]]
    for wrong in (swapped, [*chunks[:2], *chunks[1:]], [*chunks[:2], *chunks[3:]], chunks[:-1]):
        with pytest.raises(Refusal):
            opened(head + b"".join(wrong))
    assert opened(head + b"".join(chunks)) == b"words " * 1000


def test_a_chunk_of_another_backup_under_the_same_key_is_refused():
    other = Header(**{**vars(HEADER), "id": "1e" * 16})
    head, chunks = _chunks(sealed(b"a" * 3000))
    _, others = _chunks(sealed(b"b" * 3000, other))
    with pytest.raises(Refusal):
        opened(head + chunks[0] + others[1] + chunks[2])


def test_chunks_are_a_megabyte_outside_of_tests():
    assert CHUNK == 1024 * 1024


def test_a_key_file_is_for_its_owner_and_at_most_a_group(tmp_path):
    path = tmp_path / "keys" / "backup.json"
    secret = Secret(path)
    with pytest.raises(BackupKeyMissing):
        secret.to_seal()
    assert make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    number = number_at(path)
    assert not make_key(path), "one that is there is kept"
    assert number_at(path) == number
    path.chmod(0o640)
    assert number_at(path) == number
    path.chmod(0o644)
    with pytest.raises(BackupKeyOpen, match="chmod o-rwx"):
        secret.to_seal()


def test_another_key_is_named_before_anything_is_tried(tmp_path):
    make_key(tmp_path / "a")
    make_key(tmp_path / "b")
    _, number, salt = Secret(tmp_path / "a").to_seal()
    with pytest.raises(BackupKeyWrong, match=number):
        Secret(tmp_path / "b").to_open(number, salt, name="b.gzb")


def test_a_passphrase_opens_what_it_sealed_and_no_other_does(tmp_path):
    path = tmp_path / "none"
    key, named, salt = Secret(path, "correct horse battery").to_seal()
    assert Secret(path, "correct horse battery").to_open(named, salt, name="b") == key
    assert Secret(path, "correct horse batterz").to_open(named, salt, name="b") != key
    with pytest.raises(PassphraseMissing):
        Secret(path).to_open(named, salt, name="b")
    with pytest.raises(PassphraseShort, match="12"):
        Secret(path, "elevensigns").to_seal()
