"""Days in iCalendar: what goes out comes back the same; what can't be understood is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.rulebook import reads
from gezhi.rulebook.errors import BrokenRulebook, Problem
from gezhi.rulebook.rules import (
    Calendar,
    MarkedDay,
    NewDays,
    read_days,
    sort_days,
    write_days,
    write_into,
)
from gezhi.rulebook.rules.reading_calendar import read_calendar
from gezhi.rulebook.rules.tables import File
from gezhi.rulebook.tests.books import default_book, files_with
from gezhi.rulebook.tests.test_calendars import CITY

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
YEARS = range(2026, 2029)
CAL = "calendar.toml"


@pytest.fixture(autouse=True)
def _standing_clock():
    with clock.standing_at(NOW):
        yield


def ics(*events: str) -> bytes:
    """A calendar of events, each given by its lines."""
    parts = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x//ZH"]
    for event in events:
        parts += ["BEGIN:VEVENT", *event.split("\n"), "END:VEVENT"]
    return ("\r\n".join([*parts, "END:VCALENDAR", ""])).encode()


def read(content: bytes) -> list[MarkedDay]:
    return list(read_days("x.ics", content, zone=CITY, years=YEARS))


def faults(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BrokenRulebook) as broken:
        read(content)
    assert all(one.reason for one in broken.value.problems)
    return [(one.line, one.code) for one in broken.value.problems]


def calendar_of(text: str) -> Calendar:
    problems: list[Problem] = []
    calendar = read_calendar(File(CAL, text, problems), default_book().calendar.official)
    assert problems == []
    return calendar


def exported(calendar: Calendar, first: int = 2026) -> bytes:
    return write_days(calendar, county="990101", years=range(first, 2100), stamp=NOW)


def test_the_file_is_as_rfc_5545_wants_it() -> None:
    note = "县庆放假；各单位值班, 见《通知》\\第3条" * 4
    local = replace(
        default_book().calendar,
        exceptions={date(2026, 11, 23): False},
        notes={date(2026, 11, 23): note},
    )
    content = exported(local)
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines), "every line ends with CRLF"
    assert max(len(line) for line in lines) <= 75, "long lines are folded"
    unfolded = content.decode().replace("\r\n ", "")
    assert "UID:20260214-working-official@990101.rulebook.gezhi\r\n" in unfolded
    assert "DTSTART;VALUE=DATE:20261123\r\nDTEND;VALUE=DATE:20261124\r\n" in unfolded
    assert "CATEGORIES:OFF,LOCAL\r\n" in unfolded
    assert "各单位值班\\, 见《通知》\\\\第3条" in unfolded
    assert exported(local) == content, "the same days are the same bytes"
    (back,) = [one for one in read(content) if one.official is False]
    assert back.words == note[:200]


def test_what_went_out_comes_back_and_changes_nothing() -> None:
    files = reads.default_files()
    content = exported(default_book().calendar)
    again = reads.files_with_days(files, "again.ics", content, official=False)
    assert again == files


@settings(max_examples=60, deadline=None)
@given(
    days=st.dictionaries(
        st.dates(date(2026, 1, 1), date(2028, 12, 31)),
        st.tuples(st.booleans(), st.text(max_size=30)),
        max_size=20,
    )
)
def test_local_exceptions_survive_the_way_out_and_in(days: dict[date, tuple[bool, str]]) -> None:
    text = reads.default_files()[CAL]
    marked = {
        day: MarkedDay(day, working, words, False, 0) for day, (working, words) in days.items()
    }
    first = calendar_of(write_into(text, NewDays(marked, {}), source="x"))
    assert first.exceptions == {day: working for day, (working, _) in days.items()}
    back = read(exported(first)) if days else []
    new = sort_days("x", back, official=False, calendar=calendar_of(text))
    second = calendar_of(write_into(text, new, source="x"))
    assert second.exceptions == first.exceptions


def test_a_whole_announced_year_becomes_known() -> None:
    holidays = ics(
        "DTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:20270104\nSUMMARY:元旦 假期",
        "DTSTART;VALUE=DATE:20270206\nSUMMARY:春节 补班 第1天/共2天",
        "DTSTART;VALUE=DATE:20271001\nDTEND;VALUE=DATE:20271008\nSUMMARY:国庆节（休）",
        "DTSTART;VALUE=DATE:20271009\nSUMMARY:国庆节（班）",
    )
    files = reads.files_with_days(reads.default_files(), "2027.ics", holidays, official=True)
    book = reads.read_files(files)
    assert 2027 in book.calendar.official.years
    assert not book.calendar.is_working(date(2027, 1, 1))
    assert book.calendar.is_working(date(2027, 2, 6))
    changes = [str(one) for one in reads.diff(default_book(), book)]
    assert len(changes) == 1
    assert changes[0].startswith("+ days 2027: off 2027-01-01, 2027-01-02, 2027-01-03, 2027-10-01")
    assert changes[0].endswith("working 2027-02-06, 2027-10-09")
    assert files[CAL].startswith(reads.default_files()[CAL].rstrip("\n")), "comments stay"
    assert 'source = "2027.ics"' in files[CAL]
    # A second announcement takes the place of the first.
    other = holidays.replace(b"20270206", b"20270207")
    again = reads.files_with_days(files, "2027-b.ics", other, official=True)
    assert again[CAL].count("[[year]]\n") == files[CAL].count("[[year]]\n")
    assert not reads.read_files(again).calendar.is_working(date(2027, 2, 6))
    assert reads.read_files(again).calendar.is_working(date(2027, 2, 7))


def test_a_day_that_turns_from_off_to_working_is_a_difference() -> None:
    year = "\n[[year]]\nyear = 2027\noff = [2027-01-01, 2027-02-06]\nworking = []\nsource = 'x'\n"
    text = reads.default_files()[CAL] + year
    flipped = text.replace(", 2027-02-06]\nworking = []", "]\nworking = [2027-02-06]")
    one, other = (reads.read_files(reads.default_files() | {CAL: each}) for each in (text, flipped))
    (change,) = reads.diff(one, other)
    assert (change.section, change.key, change.action) == ("days", "2027", "changed")


def test_days_that_come_back_every_year_are_written_for_three_years() -> None:
    county_day = ics(
        "DTSTART;VALUE=DATE:20101123\nSUMMARY:县庆放假\nRRULE:FREQ=YEARLY\n"
        "EXDATE;VALUE=DATE:20271123"
    )
    files = reads.files_with_days(reads.default_files(), "x.ics", county_day, official=False)
    assert (
        'day = [\n  2026-11-23,\n  2028-11-23,\n]\nworking = false\nnote = "县庆放假"' in files[CAL]
    )


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=YEARLY;COUNT=3", []),
        ("FREQ=YEARLY;INTERVAL=2", ["2026-02-28", "2028-02-28"]),
        ("FREQ=YEARLY;UNTIL=20270301", ["2026-02-28", "2027-02-28"]),
        ("FREQ=YEARLY;UNTIL=20270101T000000Z", ["2026-02-28"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28;COUNT=12", ["2026-02-28", "2027-02-28"]),
    ],
)
def test_yearly_rules_are_expanded(rule: str, days: list[str]) -> None:
    start = "20220228" if "INTERVAL" in rule else "20160228"
    found = read(ics(f"DTSTART;VALUE=DATE:{start}\nSUMMARY:休\nRRULE:{rule}"))
    assert [one.day.isoformat() for one in found] == days


def test_29_february_comes_in_leap_years() -> None:
    found = read(ics("DTSTART;VALUE=DATE:20240229\nSUMMARY:休\nRRULE:FREQ=YEARLY"))
    assert [one.day for one in found] == [date(2028, 2, 29)]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("SUMMARY:休", "missing"),
        ("DTSTART;VALUE=DATE:20260230\nSUMMARY:休", "ics_broken"),
        ("DTSTART;VALUE=PERIOD:20260101T000000Z/PT1H\nSUMMARY:休", "ics_broken"),
        ("DTSTART;VALUE=TIME:000000\nSUMMARY:休", "ics_broken"),
        ("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=TIME:000000\nSUMMARY:休", "ics_broken"),
        ("DTSTART;VALUE=DATE:20260228\nDTSTART;VALUE=DATE:20260301\nSUMMARY:休", "ics_broken"),
        ("DTSTART:20260228T090000Z\nDTEND:20260228T170000Z\nSUMMARY:休", "ics_timed"),
        ("DTSTART;TZID=Asia/Shanghai:20260228T090000\nSUMMARY:休", "ics_timed"),
        ("DTSTART:20260228T000000\nDURATION:PT8H\nSUMMARY:休", "ics_timed"),
        ("DTSTART;VALUE=DATE:20260228\nDTEND;VALUE=DATE:20260101\nSUMMARY:休", "ics_long"),
        ("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20270101\nSUMMARY:休", "ics_long"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:休\nRRULE:FREQ=WEEKLY", "ics_rule"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:休\nRRULE:FREQ=YEARLY;BYDAY=1MO", "ics_rule"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:休\nRRULE:FREQ=YEARLY;BYMONTH=3", "ics_rule"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:休\nRRULE:FREQ=YEARLY;BYMONTH=2,3", "ics_rule"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:休\nRDATE;VALUE=DATE:20270228", "ics_rule"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:团建", "ics_unclear"),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:团建\nCATEGORIES:OFF,WORKING", "ics_unclear"),
        ("DTSTART;VALUE=DATE:19980228\nSUMMARY:休", "bad_day"),
        ("DTSTART;VALUE=DATE:99991231\nDTEND;VALUE=DATE:99991231\nSUMMARY:休", "bad_day"),
    ],
)
def test_an_event_that_cannot_be_taken_is_told_with_its_line(event: str, code: str) -> None:
    good = "DTSTART;VALUE=DATE:20260228\nSUMMARY:补班"
    assert faults(ics(good, event)) == [(8, code)]


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20260228\nDTEND;VALUE=DATE:20260303\nSUMMARY:休", 3),
        ("DTSTART;VALUE=DATE:20260228\nDURATION:P2D\nSUMMARY:休", 2),
        ("DTSTART;VALUE=DATE:20260228\nDTEND;VALUE=DATE:20260228\nSUMMARY:休", 1),
        ("DTSTART;TZID=Asia/Shanghai:20260228T000000\nDTEND;TZID=Asia/Shanghai:20260302T000000\n"
         "SUMMARY:休", 2),
        ("DTSTART:20260227T160000Z\nDTEND:20260228T160000Z\nSUMMARY:休", 1),
        ("DTSTART;VALUE=DATE:20260228\nSUMMARY:休\nSTATUS:CANCELLED", 0),
    ],
)  # fmt: skip
def test_whole_days_however_they_are_said(event: str, days: int) -> None:
    found = read(ics(event))
    first = date(2026, 2, 28)
    assert [one.day for one in found] == [first + timedelta(days=at) for at in range(days)]


@pytest.mark.parametrize(
    ("words", "working"),
    [
        ("SUMMARY:春节 假期 第1天/共7天", False),
        ("SUMMARY:国庆节调休上班", True),
        ("SUMMARY:Company day off", False),
        ("SUMMARY:团建\nCATEGORIES:off", False),
        ("SUMMARY:放假\nCATEGORIES:WORKING,LOCAL", True),
    ],
)
def test_off_or_working_is_read_from_category_or_words(words: str, working: bool) -> None:
    (one,) = read(ics(f"DTSTART;VALUE=DATE:20260301\n{words}"))
    assert one.working is working


def test_two_events_that_disagree_are_told() -> None:
    day = "DTSTART;VALUE=DATE:20260228\nSUMMARY:"
    assert faults(ics(day + "休", day + "补班", day + "休")) == [(8, "ics_twice")]


def test_a_part_of_a_year_is_no_year() -> None:
    part = ics("DTSTART;VALUE=DATE:20270101\nSUMMARY:元旦休")
    with pytest.raises(BrokenRulebook) as broken:
        reads.files_with_days(reads.default_files(), "x.ics", part, official=True)
    assert [(one.line, one.code) for one in broken.value.problems] == [(4, "ics_year_partial")]
    local = reads.files_with_days(reads.default_files(), "x.ics", part, official=False)
    assert reads.read_files(local).calendar.exceptions == {date(2027, 1, 1): False}
    known = ics("DTSTART;VALUE=DATE:20260101\nSUMMARY:元旦休")
    same = reads.files_with_days(reads.default_files(), "x.ics", known, official=True)
    assert same == reads.default_files(), "what is known already is no news"


def test_a_row_that_changes_is_written_anew_and_its_neighbours_stay() -> None:
    rows = (
        "\n# the county's\n[[exception]]\nday = [\n  2026-11-23,  # Monday\n  2026-11-24,\n]\n"
        'working = false\nnote = "县庆"\n# kept\n\n[[exception]]\nday = 2026-12-05\n'
        'working = true\nnote = "补"\n'
    )
    text = reads.default_files()[CAL] + rows
    day = date(2026, 11, 24)
    new = NewDays({day: MarkedDay(day, True, "改为上班", None, 0)}, {})
    written = write_into(text, new, source="x")
    assert calendar_of(written).exceptions == {
        date(2026, 11, 23): False, day: True, date(2026, 12, 5): True,
    }  # fmt: skip
    assert calendar_of(written).notes[date(2026, 11, 23)] == "县庆"
    assert "# the county's\n# kept\n\n[[exception]]\nday = 2026-12-05\n" in written


def test_rows_written_as_one_list_are_not_rewritten_by_guess() -> None:
    listed = 'exception = [{ day = 2026-11-23, working = false, note = "x" }]\ntime_zone'
    files = files_with(CAL, "time_zone", listed)
    change = ics("DTSTART;VALUE=DATE:20261123\nSUMMARY:补班")
    with pytest.raises(BrokenRulebook) as broken:
        reads.files_with_days(files, "x.ics", change, official=False)
    assert [one.code for one in broken.value.problems] == ["rows_inline"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ics_empty"),
        (b"hello", "not_ics"),
        (b"\x89PNG\r\n\x1a\n\x00", "not_ics"),
        ("春节".encode("gbk"), "not_ics"),
        (b"BEGIN:VEVENT\r\nDTSTART:20260101\r\nEND:VEVENT\r\n", "not_ics"),
        (b"END:VCALENDAR\r\n", "not_ics"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "ics_empty"),
        (b" " * (10 * 1024 * 1024), "ics_large"),
        (ics(*["SUMMARY:x"] * 5001), "ics_many"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_calendar_is_refused(content: bytes, code: str) -> None:
    assert [one for _, one in faults(content)] == [code]


WORDS = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "END:VCALENDAR", "SUMMARY:休", "CATEGORIES:",
     "DTSTART;VALUE=DATE:20260228", "DTSTART:20260228T000000Z", "DTSTART:", "DTEND:x", "EXDATE:",
     "DTEND;VALUE=DATE:20260231", "DURATION:P1D", "DURATION:-P9W", "RRULE:FREQ=YEARLY", "RRULE:",
     "RRULE:FREQ=YEARLY;COUNT=x", "RRULE:FREQ=YEARLY;INTERVAL=0", "RRULE:FREQ=YEARLY;UNTIL=1",
     "RRULE:FREQ=YEARLY;BYMONTH=5L", "EXDATE;VALUE=DATE:20270228,x",
     "DTSTART;TZID=Moon:20260101T000000",
     "DTSTART;VALUE=PERIOD:20260101T000000Z/PT1H", "X-A;B=\"c\":d", " folded", "DURATION:PT0S"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(lines=st.lists(st.one_of(WORDS, st.text(max_size=20)), max_size=12), wrap=st.booleans())
def test_any_text_is_read_or_refused_without_an_accident(lines: list[str], wrap: bool) -> None:
    content = ics("\n".join(lines)) if wrap else "\r\n".join(lines).encode("utf-8", "replace")
    refused: list[BrokenRulebook] = []
    found: list[MarkedDay] = []
    try:
        found = read(content)
    except BrokenRulebook as broken:
        refused.append(broken)
    assert all(one.reason for broken in refused for one in broken.problems)
    days = [one.day for one in found]
    assert days == sorted(days)
