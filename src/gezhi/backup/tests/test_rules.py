"""Which backups stay, when one is due, what must be the same."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.backup.rules import (
    Keep,
    Kind,
    Manifest,
    State,
    Try,
    differences,
    file_name,
    fingerprints,
    holds_keys,
    is_due,
    is_safe_path,
    kept,
    last_due,
    moment_in,
    read_time,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 21, 19, 10, tzinfo=UTC)  # 03:10 on the 22nd in the city


def test_a_year_of_nightly_backups_leaves_days_weeks_and_months():
    nights = [NIGHT - timedelta(days=ago) for ago in range(400)]
    staying = sorted(kept(nights, Keep(7, 4, 12), SHANGHAI), reverse=True)
    assert staying[:7] == nights[:7]
    assert len(staying) == 7 + 3 + 11, "weeks and months reach back further than days"
    local = [moment.astimezone(SHANGHAI).date() for moment in staying[7:]]
    assert [day.isoweekday() for day in local[:3]] == [7, 7, 7]
    assert all((day + timedelta(days=1)).day == 1 for day in local[3:]), "the last of each month"
    assert local[-1].year == 2025


@given(st.sets(st.integers(0, 5000), min_size=1), st.integers(1, 9), st.integers(0, 9))
def test_the_newest_backup_always_stays(hours, daily, monthly):
    moments = {NIGHT - timedelta(hours=ago) for ago in hours}
    assert max(moments) in kept(moments, Keep(daily, 0, monthly), SHANGHAI) <= moments


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_taking_away_night_by_night_keeps_what_taking_away_once_keeps(gaps):
    there: set[datetime] = set()
    moment = NIGHT
    seen = []
    for gap in gaps:
        moment += timedelta(hours=gap)
        seen.append(moment)
        there = kept({*there, moment}, Keep(3, 2, 2), SHANGHAI)
    assert there == kept(seen, Keep(3, 2, 2), SHANGHAI)


@pytest.mark.parametrize("text", ["7,4", "7,4,x", "0,4,12", "", "7;4;12", "-1,2,3"])
def test_a_rule_of_keeping_that_means_nothing_is_refused(text):
    with pytest.raises(ValueError, match=r"write|kept"):
        Keep.read(text)


def test_names_sort_by_time_and_say_what_they_are():
    name = file_name(Kind.BACKUP, "990101", NIGHT)
    assert name == "gezhi-990101-20261121T191000Z.gzb"
    assert moment_in(name, Kind.BACKUP, "990101") == NIGHT
    assert moment_in(name, Kind.BACKUP, "990102") is None, "another county's"
    assert moment_in(name, Kind.KEYS, "990101") is None
    keys = file_name(Kind.KEYS, "990101", NIGHT)
    assert moment_in(keys, Kind.KEYS, "990101") == NIGHT
    assert moment_in(keys, Kind.BACKUP, "990101") is None
    for odd in ("notes.txt", f"{name}.unfinished", "gezhi-990101-20269921T191000Z.gzb"):
        assert moment_in(odd, Kind.BACKUP, "990101") is None


DUE = last_due(NIGHT, time(3, 10), SHANGHAI)


def test_the_last_due_moment_is_todays_or_yesterdays():
    assert DUE == NIGHT
    assert last_due(NIGHT - timedelta(seconds=1), time(3, 10), SHANGHAI) == NIGHT - timedelta(1)
    with pytest.raises(ValueError, match="03:10"):
        read_time("25:00")


@pytest.mark.parametrize(
    ("minutes", "tries", "due"),
    [
        (0, [], True),
        (600, [], True),  # the worker was away, and makes up for it
        (600, [(-30, True)], True),  # by hand, before it was due
        (600, [(5, True)], False),
        (30, [(5, False)], False),  # not again at once
        (66, [(5, False)], True),
        (200, [(5, False), (70, False)], True),
        (600, [(5, False), (70, False), (140, False)], False),  # somebody has to look
        (600, [(5, False), (70, True)], False),
    ],
)
def test_a_backup_is_due_once_a_night_and_is_tried_three_times(minutes, tries, due):
    runs = [Try(DUE + timedelta(minutes=at), fine) for at, fine in tries]
    assert is_due(DUE + timedelta(minutes=minutes), DUE, runs) is due


MANIFEST = Manifest(
    id="a", county="990101", made_at="", server=18, dumped_by=18,
    tables={"cases_case": 3, "record_line": 9}, heads={"book": "ab"}, migrations=("record.0001",),
    keys={"/sealing/1": "aa"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "heads", "said"),
    [
        ({"cases_case": 3, "record_line": 9}, {"book": "ab"}, []),
        ({"cases_case": 2, "record_line": 9}, {"book": "ab"}, ["cases_case: 3 → 2"]),
        ({"cases_case": 3}, {"book": "ab"}, ["record_line: 9 → None"]),
        ({"cases_case": 3, "record_line": 9, "x": 0}, {"book": "ab"}, ["x: None → 0"]),
        ({"cases_case": 3, "record_line": 9}, {"book": "cd"}, ["book: ab → cd"]),
    ],
)
def test_whatever_differs_is_named(tables, heads, said):
    assert list(differences(MANIFEST, State(tables, heads))) == said


def test_a_manifest_comes_back_as_it_was():
    assert Manifest.from_bytes(MANIFEST.to_bytes()) == MANIFEST


def test_keys_are_told_apart_and_more_of_them_do_no_harm():
    old = b'{"sealing": {"1": "%s"}, "index": "%s"}' % (b"a" * 64, b"b" * 64)
    rotated = b'{"sealing": {"1": "%s", "2": "%s"}, "index": "%s"}' % (
        b"a" * 64, b"c" * 64, b"b" * 64,
    )  # fmt: skip
    other = old.replace(b"b" * 64, b"d" * 64)
    assert holds_keys(fingerprints(old), fingerprints(rotated))
    assert not holds_keys(fingerprints(rotated), fingerprints(old))
    assert not holds_keys(fingerprints(old), fingerprints(other))
    assert not any("a" * 16 in value for value in fingerprints(old).values())


@pytest.mark.parametrize(
    ("path", "is_safe"),
    [
        ("990101/ab/abc", True),
        ("../x", False),
        ("/etc/x", False),
        ("a/../../x", False),
        ("", False),
    ],
)
def test_a_backup_writes_nowhere_but_into_its_folder(path, is_safe):
    assert is_safe_path(path) is is_safe
