"""Sealed fields: closed in the database, open when read, refused when a byte was changed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base import disk, files, sealed
from gezhi.base.sealed import Keys, blind_index, make_key_file, new_key, open_bytes, seal_bytes
from gezhi.cases.models import Report
from tests.cast import County, report_leak


@given(st.binary(max_size=200))
def test_what_was_sealed_opens(plain: bytes) -> None:
    assert open_bytes(seal_bytes(plain, "a"), "a") == plain


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_changed_byte_does_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal_bytes(plain, "a"))
    at = data.draw(st.integers(1, len(sealed) - 1))
    sealed[at] ^= 1
    with pytest.raises(InvalidTag):
        open_bytes(bytes(sealed), "a")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(InvalidTag):
        open_bytes(seal_bytes(b"x", "cases_report.name"), "cases_report.phone")


def test_an_old_key_still_opens_and_the_newest_seals() -> None:
    first, second = new_key("aes"), new_key("sm4")
    index = {1: new_key("aes", index=True)}
    old, both = Keys({1: first}, index, 1, 1), Keys({1: first, 2: second}, index, 2, 1)
    assert both.open(old.seal(b"x", b""), b"") == b"x"
    assert both.seal(b"x", b"")[0] == 2
    with pytest.raises(ImproperlyConfigured):
        old.open(both.seal(b"x", b""), b"")


def test_equal_values_share_an_index_and_nothing_else() -> None:
    assert blind_index("phone:1") == blind_index("phone:1")
    assert blind_index("phone:1") != blind_index("phone:2")
    assert seal_bytes(b"x", "a") != seal_bytes(b"x", "a")


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "seal.json"
    make_key_file(path)
    first = path.read_text()
    make_key_file(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o077 == 0
    assert set(json.loads(first)) == {"sealing", "index", "current", "since"}


def _of(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode & 0o777


def test_a_key_file_keeps_its_owner_its_mode_and_the_link_to_it(
    tmp_path: Path, settings: Any
) -> None:
    """As root, `sudo gezhi keys rotate` must not take the file from the service's own user."""
    real, settings.KEY_FILE = tmp_path / "real" / "seal.json", tmp_path / "seal.json"
    make_key_file(real)
    settings.KEY_FILE.symlink_to(real)
    owner = (1234, 4321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    for path in (real, real.parent):
        os.chown(path, *owner)
    real.chmod(0o640)
    assert sealed.add_key("aes") == 2
    assert sealed.use_newest() == 2
    sealed.drop_key(1)
    assert _of(real) == (*owner, 0o640)
    assert settings.KEY_FILE.is_symlink()
    assert set(sealed.keys().sealing) == {2}
    names = sorted(path.name for path in real.parent.iterdir())
    assert names == ["seal.json", "seal.lock"], "no draft of a key is left"
    assert _of(real.parent / "seal.lock")[:2] == owner, "its owner can take the lock as well"


def test_a_key_file_that_would_change_hands_is_left_as_it_is(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEY_FILE = tmp_path / "seal.json"
    make_key_file(settings.KEY_FILE)
    before = settings.KEY_FILE.read_bytes()

    def refuse(*_given: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(disk, "keep_owner", refuse)
    with pytest.raises(ImproperlyConfigured, match="as its owner or as root"):
        sealed.add_key("aes")
    assert settings.KEY_FILE.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seal.json", "seal.lock"]


def test_a_sealed_file_keeps_its_owner_and_mode_when_it_is_sealed_anew(
    tmp_path: Path, settings: Any
) -> None:
    settings.FILES_DIR = tmp_path
    path = tmp_path / "one"
    files.write(path, b"x", "a")
    owner = (1234, 4321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(path, *owner)
    path.chmod(0o640)
    assert files.seal_anew(path, "a")
    assert _of(path) == (*owner, 0o640)
    assert files.read(path, "a") == b"x"


def test_what_is_too_short_to_be_sealed_is_no_other_kind_of_fault() -> None:
    for length in range(29):
        with pytest.raises(InvalidTag):
            open_bytes(bytes([sealed.keys().current]) * length, "a")


def test_the_database_never_sees_who_reported(county: County) -> None:
    reported = report_leak()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM cases_report r")
        (stored,) = cursor.fetchone()
    for secret in ("李秀兰", "13812345678", "三社12号"):
        assert secret not in stored
    report = Report.objects.get(pk=reported.report.pk)
    assert (report.name, report.phone) == ("李秀兰", "13812345678")
