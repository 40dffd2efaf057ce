"""Moments come from the database as they went in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st

FIRST, LAST = datetime(1900, 1, 2), datetime(9000, 1, 1)  # noqa: DTZ001 - bounds of any zone
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def stored(value: datetime | str | None, sql: str = "SELECT %s::timestamptz") -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@given(st.datetimes(FIRST, LAST, timezones=ZONES))
def test_a_moment_comes_back_in_utc(moment: datetime) -> None:
    found = stored(moment)
    assert found == moment
    assert isinstance(found, datetime)
    assert found.tzinfo is UTC


@pytest.mark.django_db
def test_no_moment_is_none_and_endless_ones_are_refused() -> None:
    assert stored(None) is None
    with pytest.raises(DataError, match="no moment"):
        stored("infinity")
