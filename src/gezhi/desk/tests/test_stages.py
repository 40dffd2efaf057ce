"""The bar of a case's clock says when stages were reached and until when the others are due."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.cases.tests.test_stages import FINE, SAID, STOP, begun
from tests.cast import TUESDAY, County, plain_reason

Login = Callable[[str], Client]
HOUR = timedelta(hours=1)


def marks_of(client: Client, case: Case, *, after: timedelta) -> dict[str, tuple[str, str]]:
    """What is marked on the bar: its kind and its moment, by its words."""
    with clock.standing_at(TUESDAY + after):
        page = client.get(f"/desk/cases/{case.number}/").content.decode()
    found = re.findall(r'<li class="gz-mark-(\w+)"><strong>(.*?)</strong> (.*?)</li>', page)
    return {name: (kind, at) for kind, name, at in found}


def test_the_bar_marks_reached_stages_and_those_that_are_due(county: County, login: Login) -> None:
    with clock.standing_at(TUESDAY):
        case = begun(county)
    client, shui = login("shui"), county.actor("shui")
    marks = marks_of(client, case, after=HOUR)
    assert marks["停工期限"] == ("stage", "今天 15:00")
    assert marks["处罚期限"] == ("stage", "11月26日 17:30")
    with clock.standing_at(TUESDAY + 3 * HOUR):
        actions.reach_stage(case.id, stage=STOP, words=SAID, actor=shui)
    marks = marks_of(client, case, after=4 * HOUR)
    assert marks["停工完成"] == ("reached", "今天 12:00")
    assert "停工期限" not in marks
    with clock.standing_at(TUESDAY + 5 * HOUR):
        until, reason = TUESDAY + timedelta(days=3), plain_reason("pause")
        actions.pause(case.id, reason=reason, until=until, words="等拆除队", actor=shui)
        (asked,) = reads.open_approvals(reads.case_held(case.id))
        actions.decide(case.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    marks = marks_of(client, case, after=6 * HOUR)
    assert "停工完成" in marks
    assert "处罚期限" not in marks, "it moves as long as the clock stands"


def promises_of(client: Client, case: Case) -> dict[str, list[str]]:
    """The promises beside the case: colour, words and small print, by their names."""
    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    (listed,) = re.findall(r'<ul class="gz-promises">(.*?)</section>', page, re.DOTALL)
    row = (
        r"<strong>([^<]*)</strong>.*?gz-bar gz-([\w-]+)\">.*?<b>([^<]*)</b>.*?<small>(.*?)</small>"
    )
    found: dict[str, list[str]] = {}
    for name, colour, words, small in re.findall(row, listed, re.DOTALL):
        found.setdefault(name, []).append(f"{colour}: {words} · {small}")
    return found


def test_a_stage_that_nobody_reached_is_not_shown_as_kept_once_the_case_is_finished(
    county: County, login: Login
) -> None:
    with clock.standing_at(TUESDAY):
        case = begun(county)
    client, shui = login("shui"), county.actor("shui")
    with clock.standing_at(TUESDAY + HOUR):
        actions.reach_stage(case.id, stage=STOP, words=SAID, actor=shui)
    with clock.standing_at(TUESDAY + 2 * HOUR):
        form = client.get(f"/desk/cases/{case.number}/moves/finish/").content.decode()
        assert "还有阶段没报完成：处罚、拆除。办结后不再单独提醒。" in form
        actions.finish(
            case.id, outcome="cannot", reason=plain_reason("cannot"),
            answer="户主已申请复议，先不拆。", actor=shui,
        )  # fmt: skip
        shown = promises_of(client, case)
        (stopped,), (fined,) = shown["停工"], shown["处罚"]
        assert stopped.startswith("on-time: 按时")
        assert "今天 10:00 完成" in stopped
        assert fined.startswith("paused: 没有报完成，随办结结束")
        assert "完成</" not in fined
        assert "今天" not in fined
        assert "处罚完成" not in marks_of(client, case, after=2 * HOUR)


def test_a_stage_reached_after_the_case_came_back_counts_for_that_round_alone(
    county: County, login: Login
) -> None:
    with clock.standing_at(TUESDAY):
        case = begun(county)
    client, shui, cun = login("shui"), county.actor("shui"), county.actor("cun")
    with clock.standing_at(TUESDAY + 7 * HOUR):
        actions.finish(
            case.id, outcome="cannot", reason=plain_reason("cannot"), answer="户主已申请复议。",
            actor=shui,
        )  # fmt: skip
        shown = promises_of(client, case)
        assert shown["停工"][0].startswith("late: 超时 "), "what was late stays late"
        assert "，没有报完成，随办结结束" in shown["停工"][0]
        actions.visit_back(case.id, is_reached=True, is_solved=True, actor=county.actor("fang"))
    with clock.standing_at(TUESDAY + 8 * HOUR):
        actions.reopen(
            case.id, reason=plain_reason("reopen"), words="又在盖", actor=county.actor("du")
        )
        actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        actions.sign(case.id, actor=shui)
        actions.reach_stage(case.id, stage=FINE, words=SAID, actor=shui)
        before, now = promises_of(client, case)["处罚"]
        assert before.startswith("paused: 没有报完成，随办结结束")
        assert now.startswith("on-time: 按时")
