"""The bar of a case's clock says when stages were reached and until when the others are due."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.cases.tests.test_stages import SAID, STOP, begun
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
