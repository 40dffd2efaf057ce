"""The case page's bar of who held it how long, and the table that says the same."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.deadlines import jobs
from gezhi.deadlines.models import Deadline
from gezhi.desk import rules
from gezhi.desk.pages import words
from gezhi.desk.rules import LEAST_SHARE, Piece, lanes, lay_out
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak

Login = Callable[[str], Client]


class Days:
    """A case of the village and the water department, at moments of our own."""

    def __init__(self, county: County) -> None:
        self.county, self.now = county, TUESDAY
        with clock.standing_at(self.now):
            self.id = report_leak().case.id

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.id)

    def do(self, act: Callable[..., Any], who: str, *, hours: float = 1, **values: Any) -> "Days":
        self.now += timedelta(hours=hours)
        with clock.standing_at(self.now):
            act(self.id, **values, actor=self.county.actor(who))
        return self

    def to_water(self) -> "Days":
        self.do(actions.accept, "cun", category=self.case.proposed_category, size="small")
        self.do(actions.assign, "cun", unit=self.county.unit("dept-water"), words="请马上去")
        return self.do(actions.sign, "shui")

    def grant(self, act: Callable[..., Any], kind: str, *, hours: int, words: str) -> "Days":
        until = self.now + timedelta(hours=hours)
        self.do(act, "shui", reason=plain_reason(kind), until=until, words=words)
        [asked] = [row for row in reads.approvals_of(self.case) if row.decided_at is None]
        return self.do(actions.decide, "du", approval=asked.id, is_granted=True)

    def page(self, client: Client, *, after: float = 0, part: str = "") -> str:
        """The clock's section of the page, as it is `after` so many hours."""
        with clock.standing_at(self.now + timedelta(hours=after)):
            whole = client.get(f"/desk/cases/{self.case.number}/{part}").content.decode()
        found = re.search(r'<section class="gz-block gz-clock".*?</section>', whole, re.DOTALL)
        assert found, "no clock on the page"
        return found[0]


@pytest.fixture
def days(county: County) -> Days:
    return Days(county)


def rows_of(page: str) -> list[list[str]]:
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    cells = r"<t[hd] role=\"(?:rowheader|cell)\"[^>]*>(.*?)</t[hd]>"
    return [
        [plain(cell) for cell in re.findall(cells, row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    ]


def plain(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def bar_of(page: str) -> str:
    return page.partition('aria-hidden="true"')[2].partition("</div></div>")[0]


def test_the_table_says_who_had_it_from_when_to_when_why_and_by_whom(
    login: Login, days: Days
) -> None:
    days.to_water().do(
        actions.send_back, "shui", reason=plain_reason("send_back"), words="不是我们的管子", hours=3
    )
    rows = rows_of(days.page(login("cun"), after=2))
    reason = days.case
    assert [row[0] for row in rows] == ["1 柳树村综治中心", "2 水务局", "3 柳树村综治中心"]
    assert [row[3] for row in rows] == ["2 小时", "4 小时", "2 小时"]
    assert rows[0][4:] == ["上报", "居民"]
    assert rows[1][1:3] == ["今天 11:00", "今天 15:00"]
    assert rows[1][4:] == ["派发 “请马上去”", "村小慧"]
    assert rows[2][2] == "到现在"
    assert rows[2][4].startswith("退回 · 理由：")
    assert rows[2][4].endswith("“不是我们的管子”")
    assert rows[2][5] == "水小青"
    assert reason.sent_back == 1


def test_pauses_stand_in_the_bar_and_in_the_table_with_who_asked_and_who_granted(
    login: Login, days: Days
) -> None:
    days.to_water().grant(actions.pause, "pause", hours=48, words="等配件到货")
    page = days.page(login("shui"), after=10)
    [stood] = [row for row in rows_of(page) if row[0] == "时钟停"]
    assert stood[2].startswith("最晚到 ")
    assert stood[3] == "10 小时"
    assert stood[4].startswith("挂起 · 理由：")
    assert "等配件到货" in stood[4]
    assert stood[5] == "水小青申请，督小严同意"
    assert 'class="gz-clock-stood' in bar_of(page)
    assert "时钟停 10 小时：挂起" in bar_of(page)
    assert "合计 5 小时" in plain(page)
    assert "另停 10 小时，不计入" in plain(page)
    # What is promised moves on by what it stands: nothing is late, and no time is said to be left.
    assert "超时" not in page
    assert "还剩" not in page


def test_an_extension_keeps_the_first_day_beside_the_new_one(login: Login, days: Days) -> None:
    days.to_water().grant(actions.extend, "extend", hours=72, words="要等雨停")
    page = days.page(login("shui"))
    [row] = [row for row in rows_of(page) if row[0] == "延期"]
    assert row[2].startswith("期限改到 ")
    assert row[5] == "水小青申请，督小严同意"
    marks = re.findall(r'<li class="gz-mark-(\w+)"><strong>(.*?)</strong> (.*?)</li>', page)
    said = {name: at for _kind, name, at in marks}
    assert {"原定期限", "期限", "延期", "现在", "提醒 50%", "提醒 80%"} == set(said)
    assert said["原定期限"] != said["期限"]
    assert said["期限"] in row[2]


def marks_of(page: str) -> dict[str, str]:
    """What stands below the bar, with its moment."""
    found = re.findall(r'<li class="gz-mark-\w+"><strong>(.*?)</strong> (.*?)</li>', page)
    return dict(found)


def test_reminders_are_drawn_where_they_came_and_where_they_wait(login: Login, days: Days) -> None:
    promise = Deadline.objects.get(case=days.id, kind="finish")
    assert promise.next_step == "remind:50"
    half = promise.next_at
    assert half is not None
    with clock.standing_at(half + timedelta(minutes=2)):
        while jobs.watch(COUNTY):
            pass
    days.now = half + timedelta(minutes=2)
    days.do(actions.ask, "cun", words="在哪个屋？", hours=0.5)
    client, stopped = login("cun"), days.now
    standing = marks_of(days.page(client, after=20))
    seen = stopped + timedelta(hours=20)
    assert standing["提醒 50%"] == words.moment(half + timedelta(minutes=2), seen)
    assert standing["提醒 80%"].startswith("现在恢复的话 ")
    assert standing["期限"].startswith("现在恢复的话 ")
    days.do(actions.resume, "cun", hours=20)
    promise.refresh_from_db()
    running = marks_of(days.page(client))
    for name, at in (("提醒 80%", promise.next_at), ("期限", promise.due)):
        assert running[name] == words.moment(at, days.now)
        assert standing[name] == f"现在恢复的话 {words.moment(at, seen)}", "as it came to be"


def test_late_is_said_in_words_in_the_bar_and_below_it(login: Login, days: Days) -> None:
    days.to_water()
    due = days.case.due_at
    assert due is not None
    late = (due - days.now) / timedelta(hours=1) + 2
    page = days.page(login("shui"), after=late)
    assert 'class="gz-clock-late"' in bar_of(page)
    assert "超时 2 小时" in bar_of(page)
    assert '<li class="gz-late-words">超时 2 小时</li>' in page
    before = days.page(login("shui"), after=late - 3)
    assert "超时" not in before
    assert "还剩 1 小时" in bar_of(before)


def test_what_was_late_before_the_clock_stood_stays_as_late_as_it_was(
    login: Login, days: Days
) -> None:
    days.to_water()
    due = days.case.due_at
    assert due is not None
    days.now = due + timedelta(hours=3)
    days.grant(actions.pause, "pause", hours=48, words="等配件")
    assert "超时 5 小时" in bar_of(days.page(login("shui"), after=20))
    days.do(actions.resume, "shui", hours=20)
    assert "超时 6 小时" in bar_of(days.page(login("shui"), after=1))


def test_done_late_stays_late_and_what_nobody_held_counts_for_nobody(
    login: Login, days: Days
) -> None:
    days.to_water()
    due = days.case.due_at
    assert due is not None
    late = (due - days.now) / timedelta(hours=1) + 3
    days.do(
        actions.finish, "shui", outcome="withdrawn", answer="诉求人自己撤回了", hours=late
    )  # fmt: skip
    page = days.page(login("du"), after=500)
    assert "超时 3 小时" in bar_of(page)
    assert rows_of(page)[-1][:1] == ["时钟停止"]
    assert "现在" not in page
    ran = plain(page.partition('class="gz-clock-whole"')[2])
    days.do(actions.visit_back, "fang", is_reached=True, is_solved=False, hours=600)
    again = days.page(login("du"))
    assert rows_of(again)[-1][4] == "回访没有解决"
    assert 'class="gz-clock-gap' in bar_of(again)
    assert plain(again.partition('class="gz-clock-whole"')[2]) == ran


def test_what_was_written_is_masked_and_long_words_are_cut(login: Login, days: Days) -> None:
    days.do(actions.accept, "cun", category=days.case.proposed_category)
    words = f"联系人电话13812345678，{'这里的情况比较复杂' * 12}"
    days.do(actions.assign, "cun", unit=days.county.unit("dept-water"), words=words)
    said = rows_of(days.page(login("shui")))[1][4]
    assert "13812345678" not in said
    assert said.endswith("…”")


def test_working_time_is_told_by_unit(login: Login, days: Days) -> None:
    days.to_water()
    sums = plain(days.page(login("shui"), after=24).partition('class="gz-clock-sums"')[2])
    # Reported 09:00, sent out 11:00, now 12:00 of the next day; 08:30–12:00 and 14:00–18:00.
    assert "柳树村综治中心 2 小时 其中工作时间 2 小时" in sums
    assert re.search(r"水务局 1 天 1 小时 其中工作时间 \d+ 小时", sums)


def test_a_case_just_reported_has_a_bar_and_so_has_the_panel(login: Login, days: Days) -> None:
    for part in ("", "panel/"):
        page = days.page(login("cun"), part=part)
        assert rows_of(page) == [
            ["1 柳树村综治中心", "今天 09:00", "到现在", "不到 1 分钟", "上报", "居民"]
        ]


def test_the_table_is_a_table_to_whoever_listens(login: Login, days: Days) -> None:
    """Its cells become blocks on a narrow page, so their roles are said; the bar is not read."""
    page = days.page(login("cun"))
    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in page
    assert re.search(r'class="gz-clock-scroll" role="region" tabindex="0" aria-label="[^"]+"', page)
    assert 'class="gz-clock-bar" aria-hidden="true"' in page


def test_in_english_it_says_the_same(login: Login, days: Days) -> None:
    days.to_water().grant(actions.pause, "pause", hours=48, words="")
    client = login("shui")
    client.cookies["django_language"] = "en"
    page = days.page(client, after=3)
    told = plain(re.sub(r"“.*?”|<b.*?</b>", "", page.partition("<tbody")[2]))
    assert "Clock stopped" in told
    assert "asked for by" in told


START = TUESDAY


@st.composite
def pieces(draw: st.DrawFn) -> list[Piece]:
    found, at = [], START
    for minutes, most in draw(
        st.lists(
            st.tuples(st.integers(0, 500_000), st.sampled_from([None, None, 0.1, 0.7])),
            min_size=1,
            max_size=40,
        )
    ):
        end = at + timedelta(minutes=minutes)
        found.append(Piece(at, end, most))
        at = end
    return found


@given(pieces())
def test_every_part_of_a_bar_can_be_seen_and_the_bar_is_full(found: list[Piece]) -> None:
    axis = lay_out(found)
    places = [place for _at, place in axis.edges]
    assert places[0] == 0
    assert places[-1] == pytest.approx(100, abs=0.1)
    least = min(LEAST_SHARE, 100 / len(found))
    for before, after in zip(places, places[1:], strict=False):
        assert after - before >= least - 0.05


@given(pieces(), st.lists(st.integers(-1000, 900_000), max_size=6))
def test_later_is_never_further_left(found: list[Piece], minutes: list[int]) -> None:
    axis = lay_out(found)
    places = [axis.place(START + timedelta(minutes=each)) for each in sorted(minutes)]
    assert places == sorted(places)
    assert all(0 <= place <= 100.01 for place in places)


def test_parts_of_like_length_are_true_to_scale() -> None:
    def moment(hours: int) -> datetime:
        return START + timedelta(hours=hours)

    even = lay_out([Piece(moment(0), moment(1)), Piece(moment(1), moment(4))])
    assert even.is_true
    assert even.place(moment(1)) == 25
    assert even.place(moment(2)) == 50
    assert not lay_out([Piece(moment(0), moment(1)), Piece(moment(1), moment(400))]).is_true
    gap = Piece(moment(1), moment(9), most=0.1)
    assert not lay_out([Piece(moment(0), moment(1)), gap, Piece(moment(9), moment(10))]).is_true


def test_words_of_marks_close_together_stand_in_rows_of_their_own() -> None:
    assert lanes([(0, 10), (5, 15), (8, 20), (22, 26), (30, 40)]) == [0, 1, 2, 0, 0]
    assert lanes([]) == []
    # Above the line of the second, which goes down to row 1, the third's words find no place.
    assert lanes([(0, 10), (5, 15), (12, 22)]) == [0, 1, 2]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 20)), max_size=12))
def test_neither_words_nor_lines_of_marks_lie_over_words(marks: list[tuple[float, float]]) -> None:
    spans = sorted(((max(0.0, at - wide), at) for at, wide in marks), key=lambda span: span[1])
    rows = lanes(spans)
    for one, ((_, line), row) in enumerate(zip(spans, rows, strict=True)):
        for (left, right), other in list(zip(spans, rows, strict=True))[one + 1 :]:
            assert other != row or left >= line  # words of one row
            assert row < other or not left < line < right  # a line that goes deeper


def test_the_least_share_leaves_room_for_a_number() -> None:
    assert rules.LEAST_SHARE * 30 * 16 / 100 >= 16  # a sign, at the least width of the bar
