"""Which days and moments are taken, in pages and for programs alike."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from pydantic import TypeAdapter
from pydantic import ValidationError as Unreadable

from gezhi.base.api import Day, Moment
from gezhi.base.days import midnight
from gezhi.base.forms import DayField, MomentField


@pytest.mark.parametrize("year", ["0001", "1899", "2200", "9999"])
def test_years_far_away_are_refused_everywhere_with_the_years_that_are_taken(year: str) -> None:
    for field, typed in ((DayField(), f"{year}-01-01"), (MomentField(), f"{year}-01-01T12:00")):
        with pytest.raises(ValidationError, match="1900 年到 2199 年"):
            field.clean(typed)
    for kind, sent in ((Day, f"{year}-01-01"), (Moment, f"{year}-01-01T12:00:00+08:00")):
        with pytest.raises(Unreadable):
            TypeAdapter(kind).validate_python(sent)


def test_the_words_are_in_the_language_of_whoever_typed() -> None:
    with translation.override("en"), pytest.raises(ValidationError, match="between 1900 and 2199"):
        DayField().clean("0001-01-01")


@pytest.mark.parametrize("day", ["1900-01-01", "2026-11-22", "2199-12-31"])
def test_days_up_to_the_ends_are_taken(day: str) -> None:
    assert DayField().clean(day) == date.fromisoformat(day)
    assert MomentField().clean(f"{day}T23:59").astimezone(UTC)
    assert TypeAdapter(Day).validate_python(day) == date.fromisoformat(day)
    assert TypeAdapter(Moment).validate_python(f"{day}T23:59:00+08:00").tzinfo is UTC


def test_a_day_begins_at_midnight_in_the_city() -> None:
    assert midnight(date(2026, 11, 22)) == datetime(2026, 11, 21, 16, tzinfo=UTC)
