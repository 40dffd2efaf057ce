"""Cases whose clock stands, at every door: what was late stays late, what was not stays so."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.deadlines.models import Deadline
from tests.cast import TUESDAY, County, plain_reason, report_leak

Login = Callable[[str], Client]
Key = Callable[[str], str]
HOUR = timedelta(hours=1)


class Looked:
    """One case with the water department, as each door shows it."""

    def __init__(self, county: County, login: Login, key: Key) -> None:
        self.county, self.login, self.token = county, login, key("du")
        with clock.standing_at(TUESDAY):
            self.made = report_leak()
            self.id = self.made.case.id
            actions.accept(
                self.id,
                category=self.made.case.proposed_category,
                size="small",
                actor=county.actor("cun"),
            )
            actions.assign(self.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
            actions.sign(self.id, actor=county.actor("shui"))
        self.due = self.finish.due

    @property
    def case(self) -> Case:
        return Case.objects.get(id=self.id)

    @property
    def finish(self) -> Deadline:
        return Deadline.objects.get(case=self.id, kind="finish")

    def ask(self, at: datetime) -> None:
        with clock.standing_at(at):
            actions.ask(self.id, words="水表在哪个屋？", actor=self.county.actor("shui"))

    def pause(self, at: datetime, *, days: int = 5) -> None:
        with clock.standing_at(at):
            self.grant(actions.pause, "pause", at + timedelta(days=days))

    def grant(self, act: Callable[..., Any], kind: str, until: datetime) -> None:
        shui, du = self.county.actor("shui"), self.county.actor("du")
        act(self.id, reason=plain_reason(kind), until=until, words="等配件", actor=shui)
        asked = reads.approvals_of(self.case)[0]
        actions.decide(self.id, approval=asked.id, is_granted=True, actor=du)

    def api(self, path: str) -> Any:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return Client().get(f"/api/v1{path}", headers=bearer).json()

    def tracked(self) -> Any:
        proof = {"number": self.case.number, "code": self.made.code}
        return Client().post("/api/v1/track", proof, content_type="application/json").json()

    def portal(self) -> str:
        rita = Client()
        rita.post("/track/", {"number": self.case.number, "code": self.made.code})
        page = rita.get(f"/track/{self.case.number}/").content.decode()
        (now,) = re.findall(r'<section class="gz-card gz-now">.*?</section>', page, re.S)
        return str(now)

    def desk(self, address: str, who: str = "shui") -> str:
        return self.login(who).get(f"/desk/{address}").content.decode()

    def row(self, address: str, who: str = "shui") -> str:
        """Colour and words of its bar in a list; nothing where the list has it not."""
        found = re.findall(
            rf'<li class="gz-row" data-row="{self.case.number}">.*?</li>',
            self.desk(address, who),
            re.S,
        )
        if not found:
            return ""
        bar = re.search(r'<span class="gz-bar gz-([\w-]+)">.*?<b>(.*?)</b>', found[0])
        assert bar
        return f"{bar[1]}: {bar[2]}"

    def says_late(self) -> dict[str, bool]:
        """What each door says of it, at the clock's now."""
        number = self.case.number
        listed = self.api("/cases?late=true")["items"]
        promises = self.api(f"/cases/{number}/deadlines")["items"]
        [bar] = re.findall(r'<p class="gz-due gz-([\w-]+)">', self.desk(f"cases/{number}/panel/"))
        return {
            "the tab": bool(self.row("?tab=late")),
            "the filter": bool(self.row("?tab=mine&pace=late")),
            "the row": self.row("?tab=mine").startswith("late: "),
            "the case": bar == "late",
            "supervision": "超时 " in self.row_of_supervision(),
            "the API's list": [one["number"] for one in listed] == [number],
            "the API's case": self.api(f"/cases/{number}")["is_late"],
            "the API's promise": any(o["is_late"] for o in promises if o["kind"] == "finish"),
            "the API's tracking": self.tracked()["is_late"],
            "the resident's page": "已超时" in self.portal(),
        }

    def row_of_supervision(self) -> str:
        page = self.desk("supervision/?", "du")
        bar = r'<span class="gz-bar gz-(?:late|soon)"><i[^>]*></i><b>(办结.*?)</b>'
        found = re.findall(bar, page)
        return found[0] if found else ""


@pytest.fixture
def looked(county: County, login: Login, key: Key) -> Looked:
    return Looked(county, login, key)


@pytest.mark.parametrize("stop", [Looked.ask, Looked.pause])
@pytest.mark.parametrize(
    ("stopped", "is_late"), [(-3, False), (0, False), (2, True)], ids=["before", "at", "after"]
)
def test_every_door_says_the_same_of_a_clock_that_stands(
    looked: Looked, stop: Callable[..., None], stopped: int, is_late: bool
) -> None:
    stop(looked, looked.due + stopped * HOUR)
    for hours in (0, 1, 20):
        with clock.standing_at(looked.due + (stopped + hours) * HOUR):
            said = looked.says_late()
            assert set(said.values()) == {is_late}, said


def test_every_door_says_late_once_the_moment_is_over(looked: Looked) -> None:
    for hours, is_late in ((-1, False), (0, False), (1, True)):
        with clock.standing_at(looked.due + hours * HOUR):
            said = looked.says_late()
            assert set(said.values()) == {is_late}, said


def test_late_and_paused_are_both_said_and_the_time_does_not_grow(looked: Looked) -> None:
    looked.pause(looked.due + 2 * HOUR)
    for hours in (3, 30):
        with clock.standing_at(looked.due + hours * HOUR):
            assert looked.row("?tab=mine") == "late: 超时 2 小时，已挂起"
            assert looked.row("?tab=mine&pace=paused") == "late: 超时 2 小时，已挂起"
            assert not looked.row("?tab=mine&pace=soon")
            assert looked.row_of_supervision() == "办结 超时 2 小时，已挂起"
            page = looked.desk(f"cases/{looked.case.number}/panel/")
            assert page.count("<b>超时 2 小时，已挂起</b>") == 2, "its head and its promise"
            assert "挂起到 " in page
            assert "已超时 2 小时，现在暂停办理" in looked.portal()


def test_a_bar_stands_where_it_was_when_the_clock_was_stopped(looked: Looked) -> None:
    half = looked.finish.starts + (looked.due - looked.finish.starts) / 2
    looked.pause(half)
    for hours in (0, 40):
        with clock.standing_at(half + hours * HOUR):
            assert looked.row("?tab=mine") == "paused: 已挂起"
            assert 'data-style="width:50%"' in looked.desk("?tab=mine")


def test_a_question_to_the_reporter_does_not_hide_that_it_was_late(looked: Looked) -> None:
    looked.ask(looked.due + 2 * HOUR)
    with clock.standing_at(looked.due + 9 * HOUR):
        assert "已超时 2 小时，正等待您的答复" in looked.portal()


def test_a_demand_runs_on_while_the_clock_stands_and_its_case_becomes_late(
    looked: Looked,
) -> None:
    stopped = looked.due - 3 * HOUR
    looked.pause(stopped)
    with clock.standing_at(stopped):
        du = looked.county.actor("du")
        actions.supervise(looked.id, words="请说明", answer_by=stopped + 9 * HOUR, actor=du)
        assert not looked.row("?tab=late")
    with clock.standing_at(stopped + 6 * HOUR):
        assert looked.row("?tab=mine") == "on-time: 还剩 3 小时，已挂起"
        assert looked.row("?tab=mine&pace=soon")
        assert not looked.row("?tab=late")
    with clock.standing_at(stopped + 10 * HOUR):
        assert looked.row("?tab=late") == "late: 超时 1 小时，已挂起"
        assert "<b>答复督办 超时 1 小时</b>" in looked.desk("supervision/", "du")
        assert looked.api(f"/cases/{looked.case.number}")["is_late"]
        assert not looked.tracked()["is_late"], "what the reporter was promised stands"


def test_a_clock_that_was_stopped_before_moments_were_kept_counts_as_in_time(
    looked: Looked,
) -> None:
    looked.pause(looked.due + 2 * HOUR)
    Case.objects.filter(id=looked.id).update(paused_at=None)
    with clock.standing_at(looked.due + 9 * HOUR):
        assert set(looked.says_late().values()) == {False}


def test_a_clock_that_runs_again_takes_its_lateness_along(looked: Looked) -> None:
    looked.pause(looked.due + 2 * HOUR)
    with clock.standing_at(looked.due + 12 * HOUR):
        actions.resume(looked.id, actor=looked.county.actor("shui"))
        assert looked.finish.due < clock.now()
        assert set(looked.says_late().values()) == {True}


def test_a_merged_case_keeps_its_own_clock_when_the_main_one_stands(looked: Looked) -> None:
    with clock.standing_at(TUESDAY + HOUR):
        main = report_leak().case
        cun = looked.county.actor("cun")
        actions.accept(main.id, category=main.proposed_category, actor=cun)
        actions.merge(looked.id, main=main.number, actor=cun)
        actions.ask(main.id, words="在哪里？", actor=cun)
    looked.due = looked.finish.due
    with clock.standing_at(looked.due + 2 * HOUR):
        assert looked.tracked()["is_late"]
        assert "已超时 2 小时<" in looked.portal()


def test_the_resident_sees_the_day_that_was_promised_first(looked: Looked) -> None:
    first = looked.due
    assert looked.tracked()["target"] == looked.tracked()["first_target"]
    with clock.standing_at(TUESDAY + 5 * HOUR):
        assert "原定" not in looked.portal()
        looked.grant(actions.extend, "extend", first + timedelta(days=4))
        said = looked.portal()
        days = [f"{at.month}月{at.day}日" for at in (first, first + timedelta(days=4))]
        assert f"原定 {days[0]}，延至 {days[1]}" in said
        for inner in ("等配件", "水小青", "督小严"):
            assert inner not in said
        tracked = looked.tracked()
    assert datetime.fromisoformat(tracked["first_target"]) == first
    assert datetime.fromisoformat(tracked["target"]) == first + timedelta(days=4)


def test_a_pause_is_no_extension(looked: Looked) -> None:
    looked.pause(TUESDAY + 5 * HOUR)
    with clock.standing_at(TUESDAY + 9 * HOUR):
        actions.resume(looked.id, actor=looked.county.actor("shui"))
        assert looked.finish.due > looked.finish.first_due
        assert "原定" not in looked.portal()


def test_the_history_says_who_asked_who_agreed_and_when_it_was_due_before(
    looked: Looked,
) -> None:
    was = looked.due
    with clock.standing_at(TUESDAY + 5 * HOUR):
        looked.grant(actions.extend, "extend", was + timedelta(days=2))
    looked.pause(TUESDAY + 6 * HOUR)
    labels = {who: looked.county.actor(who).label for who in ("shui", "du")}
    extended, paused = (
        next(
            line
            for line in reads.history_of(looked.case)
            if line.act == act and "asks" not in line.data
        )
        for act in ("extend", "pause")
    )
    assert extended.data == {
        "due": (was + timedelta(days=2)).isoformat(),
        "due_was": was.isoformat(),
        "asked_by": labels["shui"],
    }
    assert extended.actor == paused.actor == labels["du"]
    assert paused.data["asked_by"] == labels["shui"]
    lines = {o["act"]: o for o in looked.api(f"/cases/{looked.case.number}/history")["items"]}
    assert lines["extend"]["data"]["due_was"] == was.isoformat()
    with clock.standing_at(TUESDAY + 7 * HOUR):
        page = looked.desk(f"cases/{looked.case.number}/panel/")
    story = page.partition('<ol class="gz-story">')[2].partition("</ol>")[0]
    assert story.count("水小青申请，督小严同意") == 2
    assert "原期限：" in story
