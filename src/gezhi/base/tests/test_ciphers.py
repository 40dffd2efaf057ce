"""The national algorithms by their own vectors, and a key file of the first kind."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from gezhi.base import sealed
from gezhi.base.sealed import Key

_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")


def _sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def test_sm4_is_the_standards_block_cipher() -> None:
    """GB/T 32907-2016, appendix A, example 1."""
    cipher = Cipher(algorithms.SM4(_KEY), modes.ECB()).encryptor()  # noqa: S305 - the standard's own example of one block
    assert cipher.update(_KEY).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_gcm_seals_and_opens_the_rfcs_example() -> None:
    """RFC 8998, appendix A.1."""
    key = Key("sm4-gcm", _KEY)
    nonce = bytes.fromhex("00001234567800000000abcd")
    about = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = b"".join(bytes([each] * 8) for each in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    expected = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert key.cipher.encrypt(nonce, plain, about) == expected
    assert key.cipher.decrypt(nonce, expected, about) == plain
    for broken in (expected[:-1] + b"\0", expected[:15], b""):
        with pytest.raises(InvalidTag):
            key.cipher.decrypt(nonce, broken, about)
    with pytest.raises(InvalidTag):
        key.cipher.decrypt(nonce, expected, about + b"!")


def test_sm3_is_the_standards_digest_and_the_index_is_its_hmac() -> None:
    """GB/T 32905-2016, appendix A; the HMAC as RFC 2104 makes one of it."""
    assert _sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert _sm3(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    inner = bytes(each ^ 0x36 for each in _KEY.ljust(64, b"\0"))
    outer = bytes(each ^ 0x5C for each in _KEY.ljust(64, b"\0"))
    by_hand = _sm3(outer + bytes.fromhex(_sm3(inner + "电话".encode())))
    assert Key("hmac-sm3", _KEY).digest("电话").hex() == by_hand


def test_the_old_index_is_hmac_sha256() -> None:
    found = Key("hmac-sha256", b"k").digest("x")
    inner = hashlib.sha256(bytes([0x6B ^ 0x36]) + b"\x36" * 63 + b"x").digest()
    assert found == hashlib.sha256(bytes([0x6B ^ 0x5C]) + b"\x5c" * 63 + inner).digest()


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_FILE = tmp_path / "seal.json"
    return Path(settings.KEY_FILE)


def test_a_key_file_of_the_first_kind_goes_on_opening(key_file: Path) -> None:
    key_file.write_text(json.dumps({"sealing": {"1": "11" * 32}, "index": "22" * 32}))
    key_file.chmod(0o600)
    value, index = sealed.seal_bytes(b"x", "a"), sealed.blind_index("phone:1")
    assert sealed.add_key("sm4") == 2
    assert sealed.seal_bytes(b"x", "a")[0] == 1, "a key that waits seals nothing"
    assert sealed.use_newest() == 2
    assert sealed.seal_bytes(b"x", "a")[0] == 2
    assert sealed.open_bytes(value, "a") == b"x"
    assert sealed.blind_index("phone:1") == index
    assert key_file.stat().st_mode & 0o077 == 0


def test_a_value_is_found_under_both_index_keys_while_they_change(key_file: Path) -> None:
    sealed.make_key_file(key_file)
    old = sealed.blind_index("phone:1")
    sealed.add_key("sm4", index=True)
    sealed.use_newest(index=True)
    new = sealed.blind_index("phone:1")
    assert new != old
    assert sealed.blind_indexes("phone:1") == [new, old]
    assert sealed.is_index_of(old, "phone:1")
    assert sealed.is_index_of(new, "phone:1")
    assert not sealed.is_index_of(old, "phone:2")
    assert not sealed.is_index_of(b"", "phone:1")
    assert [sealed.index_version(each) for each in (old, new)] == [1, 2]
    sealed.drop_key(1, index=True)
    assert sealed.blind_indexes("phone:1") == [new]
    assert not sealed.is_index_of(old, "phone:1")


def test_the_current_key_can_not_be_dropped(key_file: Path) -> None:
    sealed.make_key_file(key_file, "sm4")
    for index in (False, True):
        with pytest.raises(ValueError, match="current"):
            sealed.drop_key(1, index=index)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        '{"sealing": {}, "index": "22"}',
        '{"sealing": {"1": {"algorithm": "des", "key": "11"}}, "index": "22"}',
        '{"sealing": {"1": "zz"}, "index": "22"}',
        '{"sealing": {"1": "11"}, "index": "22", "current": {"sealing": 7}}',
    ],
)
def test_a_broken_key_file_is_told_by_its_setting(key_file: Path, body: str) -> None:
    key_file.write_text(body)
    with pytest.raises(ImproperlyConfigured, match="GEZHI_KEYS"):
        sealed.keys()


def test_the_setting_names_a_suite() -> None:
    assert settings.CIPHER in sealed.SUITES
