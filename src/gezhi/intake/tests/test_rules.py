"""Dates, tables, columns and messages as values."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gezhi.intake import rules
from gezhi.intake.errors import (
    ColumnsWrong,
    TableEmpty,
    TableTooLarge,
    TableUnreadable,
    WordsColumnMissing,
    WrongRow,
)
from gezhi.intake.rules import OddDates, Reading
from gezhi.intake.tests.files import HEADER, csv_file, message, xlsx

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[misc, arg-type]  # year, month, day, …


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2019/1/3 12:00", local(2019, 1, 3, 12)),
        ("2019/2/28 11:25:05", local(2019, 2, 28, 11, 25, 5)),
        ("2019-01-03", local(2019, 1, 3)),
        ("\t2019-01-03\t 08:05:09 ", local(2019, 1, 3, 8, 5, 9)),
        ("2019.1.3", local(2019, 1, 3)),
        ("2019年1月3日", local(2019, 1, 3)),
        ("2019年1月3日 下午3点20分", local(2019, 1, 3, 15, 20)),
        ("2019年1月3日 15时20分9秒", local(2019, 1, 3, 15, 20, 9)),
        ("2019年1月3号 星期四 上午9:05", local(2019, 1, 3, 9, 5)),
        ("２０１９－０１－０３　１２：００", local(2019, 1, 3, 12)),
        ("2019-01-03T12:00:00+08:00", local(2019, 1, 3, 12)),
        ("2019-01-03T04:00:00.250Z", local(2019, 1, 3, 12)),
        ("2019-01-03 24:00", local(2019, 1, 4)),
        ("2019-01-03 12:30 AM", local(2019, 1, 3, 0, 30)),
        ("20190103", local(2019, 1, 3)),
        ("20190103120509", local(2019, 1, 3, 12, 5, 9)),
        (20190103.0, local(2019, 1, 3)),
        (43468.5, local(2019, 1, 3, 12)),
        ("43468.5", local(2019, 1, 3, 12)),
        (1546488000, local(2019, 1, 3, 12)),
        (1546488000000, local(2019, 1, 3, 12)),
        ("28/2/2019 11:25", local(2019, 2, 28, 11, 25)),
        ("2/28/2019", local(2019, 2, 28)),
        ("3/3/2019", local(2019, 3, 3)),
        ("03-Jan-2019", local(2019, 1, 3)),
        (datetime(2019, 1, 3, 12), local(2019, 1, 3, 12)),  # noqa: DTZ001  # as a sheet gives it
        (date(2019, 1, 3), local(2019, 1, 3)),
    ],
)
def test_a_moment_is_read_however_it_is_written(cell, moment):
    assert rules.read_moment(cell, zone=ZONE, now=NOW) == moment


def test_a_clock_that_is_a_little_ahead_says_now():
    assert rules.read_moment(NOW + timedelta(minutes=4), zone=ZONE, now=NOW) == NOW
    with pytest.raises(WrongRow, match="time_future"):
        rules.read_moment(NOW + timedelta(minutes=6), zone=ZONE, now=NOW)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "time_missing"),
        (" \t\x00", "time_missing"),
        ("昨天下午", "time_unreadable"),
        ("#REF!", "time_unreadable"),
        (7, "time_unreadable"),
        (True, "time_unreadable"),
        (time(12), "time_unreadable"),
        ("3/4/2019", "time_ambiguous"),
        ("19/1/3 12:00", "time_ambiguous"),
        ("19-1-3", "time_ambiguous"),
        ("2019/2/30", "time_impossible"),
        ("2019-13-01", "time_impossible"),
        ("2019-01-03 25:00", "time_impossible"),
        ("20191301", "time_impossible"),
        ("2099-01-01", "time_future"),
        ("0219-01-03", "time_too_early"),
        ("1900/1/0", "time_impossible"),
    ],
)
def test_what_is_odd_is_named_and_never_guessed(cell, reason):
    with pytest.raises(WrongRow) as wrong:
        rules.read_moment(cell, zone=ZONE, now=NOW)
    assert wrong.value.reason == reason


@pytest.mark.parametrize(
    "data",
    [
        xlsx([HEADER, message(1), message(2)]),
        csv_file([HEADER, message(1), message(2)]),
        csv_file([HEADER, message(1), message(2)], encoding="utf-8-sig"),
        csv_file([HEADER, message(1), message(2)], encoding="gb18030"),
        csv_file([HEADER, message(1), message(2)], encoding="utf-16"),
        csv_file([HEADER, message(1), message(2)], delimiter="\t"),
        csv_file([HEADER, message(1), message(2)], delimiter=";"),
    ],
    ids=["xlsx", "utf-8", "utf-8-sig", "gb18030", "utf-16", "tabs", "semicolons"],
)
def test_a_table_reads_the_same_in_every_format(data):
    table = rules.read_table(data)
    assert table.header == tuple(HEADER)
    assert [row.line for row in table.rows] == [2, 3]
    assert rules.cell_text(table.rows[1].at(0)) == "2"
    assert "路灯" in rules.cell_text(table.rows[0].at(4))


def test_empty_rows_go_and_the_others_keep_their_numbers():
    data = xlsx([["某县留言导出"], HEADER, message(1), [None], ["  "], message(2)], before=2)
    table = rules.read_table(data)
    assert table.header == tuple(HEADER), "a line above that names the table is no header"
    assert [row.line for row in table.rows] == [5, 8]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", TableEmpty),
        (csv_file([HEADER]), TableEmpty),
        (xlsx([]), TableEmpty),
        (b"PK\x03\x04 no workbook", TableUnreadable),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, TableUnreadable),
        (b"\xff\xfeodd" + b"\x00\xd8" * 9, TableUnreadable),
        (csv_file([["正文", "时间"], ["x"] * 61]), TableTooLarge),
        (b"x" * (rules.MOST_MB * 1024 * 1024 + 1), TableTooLarge),
    ],
)
def test_what_is_no_table_is_refused_in_words(data, refusal):
    with pytest.raises(refusal):
        rules.read_table(data)


def test_columns_are_guessed_by_their_headers():
    columns = rules.guess_columns([*HEADER, "一级分类", "序号"])
    assert columns == {
        "number": 0, "user": 1, "title": 2, "time": 3, "text": 4, "dislikes": 5, "likes": 6,
        "label": 7,
    }  # fmt: skip
    english = rules.guess_columns(["ID", "Created At", "Description (free text)", "Address"])
    assert english == {"number": 0, "time": 1, "text": 2, "place": 3}
    ours = rules.guess_columns(["编号", "来源单号", "正文"])
    assert ours == {"number": 1, "text": 2}, "a list of ours goes back by the number there"


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"text": 0, "title": 0}, ColumnsWrong),
        ({"text": 9}, ColumnsWrong),
        ({"text": -1}, ColumnsWrong),
        ({"colour": 0}, ColumnsWrong),
        ({"time": 0}, WordsColumnMissing),
    ],
)
def test_a_wrong_map_is_refused(columns, refusal):
    with pytest.raises(refusal):
        rules.check_columns(columns, 3)


def read(cells, *, header=HEADER, odd_dates=OddDates.REPORT):
    table = rules.Table(tuple(header), (rules.Row(2, tuple(cells)),))
    reading = Reading(rules.guess_columns(header), "board", odd_dates, ZONE, NOW)
    return rules.read_message(table.rows[0], table, reading)


def test_a_row_becomes_a_message_and_loses_nothing():
    found = read([*message(188006.0, likes=12.0), "已答复"], header=[*HEADER, "答复意见"])
    assert found.key == "board:188006"
    assert found.what == "第188006.0号路灯不亮\n村口第188006.0盏路灯一周不亮，晚上看不清路。"
    assert found.opened_at == local(2019, 1, 3, 12)
    assert (found.name, found.likes, found.dislikes) == ("A0001", 12, 0)
    assert found.extras == {"答复意见": "已答复"}


def test_without_a_number_the_message_is_known_by_what_it_says():
    one, other = read(message(None or "", title="甲")), read(message("", title="乙"))
    assert one.key.startswith("board:#")
    assert len(one.key) <= 80
    assert one.key != other.key
    assert one.key == read(message("", title=" 甲 ")).key


def test_an_odd_time_is_reported_or_kept_as_words():
    with pytest.raises(WrongRow):
        read(message(1, time="2019/2/30"))
    found = read(message(1, time="2019/2/30"), odd_dates=OddDates.NOW)
    assert (found.opened_at, found.odd_time) == (None, "2019/2/30")


def test_zero_bytes_and_control_signs_go_and_emoji_stay():
    found = read(message(1, text="水管\x00爆了\x07😀\ud800"))
    assert found.what.endswith("水管爆了😀")


@pytest.mark.parametrize("most", [10, 50, 2000])
def test_split_words_lose_nothing_and_fit(most):
    words = "村口路灯不亮。已经一周，晚上看不清路！\n" * 120
    pieces = rules.split_words(words, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(words.split())


def test_written_sheets_are_read_again_as_they_were():
    cells: list[str | int | float] = ["=1+1", "'+86", "http://x", "1", 2.5, "长" * 40_000]
    table = rules.read_table(rules.write_sheet("1", ["标题", "正文", *"abcd"], [cells]))
    assert table.rows[0].cells[:5] == ("=1+1", "'+86", "http://x", "1", 2.5)
    assert len(str(table.rows[0].cells[5])) == 32_767
