"""How far the calendar knows: the first year nobody has announced yet, and who needs it already."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from gezhi.rulebook.rules.book import Book
from gezhi.rulebook.rules.due import Span, add_span

# The State Council announces the next year's days in October or November.
_ANNOUNCED_FROM = 11


@dataclass(frozen=True)
class UnknownYear:
    """A year without official days.

    `is_reached`: a promise made now, or a step of its ladder, may end in it. `is_guessed`: it is
    then taken as Monday to Friday, and not refused.
    """

    year: int
    is_reached: bool
    is_guessed: bool


def find_unknown_year(book: Book, now: datetime) -> UnknownYear | None:
    """The year to see to: a reached one at any time, the next one from November on."""
    today = book.calendar.local_date(now)
    known = book.calendar.official.years
    year = next(
        year for year in range(today.year, today.year + len(known) + 1) if year not in known
    )
    is_reached = year == today.year or _reaches(book, now, year)
    is_time = year == today.year + 1 and today.month >= _ANNOUNCED_FROM
    if not is_reached and not is_time:
        return None
    return UnknownYear(year, is_reached, book.calendar.guess_weekdays)


def _reaches(book: Book, now: datetime, year: int) -> bool:
    calendar = replace(book.calendar, guess_weekdays=True)
    spans = {span for span in _spans(book) if span.is_working}
    ends = (calendar.local_date(add_span(now, span, calendar)) for span in spans)
    return any(end.year >= year for end in ends)


def _spans(book: Book) -> Iterator[Span]:
    yield from (row.within for row in book.due_rows)
    yield from (stage.within for one in book.categories.values() for stage in one.stages)
    yield from (rung.after for row in book.ladder_rows for rung in row.steps)
