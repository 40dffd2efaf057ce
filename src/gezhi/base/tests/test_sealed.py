"""Sealed fields: closed in the database, open when read, refused when a byte was changed."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base.sealed import Keys, blind_index, make_key_file, open_bytes, seal_bytes
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
    old = Keys({1: b"1" * 32}, b"i")
    both = Keys({1: b"1" * 32, 2: b"2" * 32}, b"i")
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
    assert set(json.loads(first)) == {"sealing", "index"}


def test_the_database_never_sees_who_reported(county: County) -> None:
    reported = report_leak()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM cases_report r")
        (stored,) = cursor.fetchone()
    for secret in ("李秀兰", "13812345678", "三社12号"):
        assert secret not in stored
    report = Report.objects.get(pk=reported.report.pk)
    assert (report.name, report.phone) == ("李秀兰", "13812345678")
