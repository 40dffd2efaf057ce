"""A year nobody has announced: told from November on, loudly once promises end in it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gezhi.base import clock
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import Book, add_span, find_unknown_year
from gezhi.rulebook.tests.books import default_book
from gezhi.rulebook.tests.test_calendars import city


def book_of(*years: int, guess: bool = False) -> Book:
    """The default book where these years are known."""
    calendar = default_book().calendar
    official = replace(calendar.official, years=frozenset(years))
    return replace(
        default_book(), calendar=replace(calendar, official=official, guess_weekdays=guess)
    )


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-06-01T10:00", None),
        ("2026-10-31T23:59", None),
        ("2026-11-01T00:00", (2027, False)),
        ("2026-11-22T10:00", (2027, False)),
        ("2026-12-03T10:00", (2027, False)),  # 20 working days end on 31 December
        ("2026-12-04T10:00", (2027, True)),  # and now in the new year
        ("2026-12-31T10:00", (2027, True)),
        ("2027-03-01T10:00", (2027, True)),
    ],
)
def test_the_next_year_is_asked_for_from_november_and_at_once_when_reached(
    now: str, found: tuple[int, bool] | None
) -> None:
    unknown = find_unknown_year(book_of(2025, 2026), city(now))
    assert (unknown and (unknown.year, unknown.is_reached)) == found


def test_what_is_called_reached_is_what_the_computation_refuses() -> None:
    book = book_of(2025, 2026)
    for now in ("2026-12-03T10:00", "2026-12-04T10:00", "2026-12-21T10:00"):
        spans = [row.within for row in book.due_rows]
        refused = False
        for span in spans:
            try:
                add_span(city(now), span, book.calendar)
            except CalendarYearUnknown:
                refused = True
        found = find_unknown_year(book, city(now))
        assert found
        assert found.is_reached is refused


def test_known_years_and_guesses() -> None:
    assert find_unknown_year(book_of(2026, 2027), city("2026-12-31T10:00")) is None
    guessed = find_unknown_year(book_of(2026, guess=True), city("2026-12-31T10:00"))
    assert guessed
    assert guessed.is_guessed


def test_a_guess_is_marked_on_every_date_it_touches_and_on_no_other() -> None:
    book = book_of(2026, guess=True)
    for kind, start, guessed in [
        ("finish", "2026-12-21T10:00", ()),
        ("finish", "2026-12-24T10:00", (2027,)),
        ("sign", "2026-12-31T17:00", (2027,)),
        ("sign", "2026-12-31T09:00", ()),
        ("accept", "2026-12-31T23:59", ()),  # by the wall clock: nothing was guessed
    ]:
        due = book.due(
            kind, category="gov.suggest", size="hard", channel=None, level=None, start=city(start)
        )
        assert due.guessed == guessed, (kind, start)
        assert ("2027: weekdays only" in due.basis) == bool(guessed)
    stages = book.stages("build.illegal", start=city("2026-12-21T10:00"))
    assert [due.guessed for _, due in stages] == [(), (), (2027,)]
    with pytest.raises(CalendarYearUnknown):
        book_of(2026).stages("build.illegal", start=city("2026-12-21T10:00"))


def test_the_package_that_is_installed_knows_this_year() -> None:
    with clock.standing_at(datetime(2026, 11, 22, 2, 0, tzinfo=UTC)):
        found = find_unknown_year(default_book(), clock.now())
    assert found is None or (found.year, found.is_reached) == (2027, False)
