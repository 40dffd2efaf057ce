"""A case that everybody leaves alone: it climbs, the resident reads "late", one press is heard."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.deadlines import jobs
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.tests.test_visits import told
from tests.cast import COUNTY, TUESDAY, County

Login = Callable[[str], Client]
DEMAND = "请今天之内受理，并给居民一个答复。"


def let_pass(moment: datetime) -> None:
    """What the workers do at that moment."""
    with clock.standing_at(moment):
        while jobs.watch(COUNTY):
            pass


def test_from_the_village_to_the_county_and_back_to_who_owes_it(
    county: County, login: Login, rita: Client
) -> None:
    with clock.standing_at(TUESDAY):
        made = told()
    case = made.case
    for minutes in (5, 8, 10, 20, 40, 130):
        let_pass(TUESDAY + timedelta(minutes=minutes))
    heard = [
        (one.audience, one.unit.level if one.unit else "", one.told)
        for one in deadlines.raised_of(case).filter(deadline__kind="accept")
    ]
    levels = [level for _audience, level, told_count in heard if told_count]
    assert levels[0] == "village"
    assert "town" in levels
    assert levels[-1] == "county"

    late = TUESDAY + timedelta(days=14)
    let_pass(late)
    with clock.standing_at(late):
        rita.post("/track/", {"number": case.number, "code": made.code})
        page = rita.get(f"/track/{case.number}/").content.decode()
        assert "已超时" in page

        desk = login("du")
        assert case.number in desk.get("/desk/supervision/").content.decode()
        case.refresh_from_db()
        pressed = desk.post(
            f"/desk/cases/{case.number}/moves/supervise/",
            {"words": DEMAND, "revision": case.lines},
        )
        assert pressed.status_code == 200
        phone = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
        assert DEMAND in phone
        assert "柳树村综治中心" in phone.partition("提醒和催办")[2]
        assert "县综治中心" in phone.partition("提醒和催办")[2].partition("</details>")[0]
        (answer,) = deadlines.of_case(case).filter(kind="answer")
    let_pass(answer.due)
    assert deadlines.raised_of(case).filter(deadline=answer, step="break").exists()
