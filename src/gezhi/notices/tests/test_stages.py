"""A late stage is told by its own name, and never to the reporter as a late finish."""

from datetime import timedelta

from gezhi.base import clock
from gezhi.cases.tests.test_stages import begun
from gezhi.deadlines import jobs
from gezhi.notices.tests.test_telling import tell, told
from gezhi.people import actions as people
from gezhi.rulebook.tests.test_calendars import city
from tests.cast import COUNTY, TUESDAY, County

STOP = city("2026-11-17T15:00")  # four working hours after Tuesday at nine


def test_a_late_stage_has_its_name_in_the_readers_language(county: County) -> None:
    shuiba = county.accounts["shuiba"]
    people.change_account(shuiba.id, language="en", actor=county.actor("guan"))
    with clock.standing_at(TUESDAY):
        case = begun(county)
    with clock.standing_at(STOP + timedelta(minutes=1)):
        while jobs.watch(COUNTY):
            pass
        tell()
    said = {one.account.login: one.words for one in told("broken", "holder") if one.account}
    assert said["shui"].startswith(f"已超时：{case.number} 私搭乱建 停工，应于11月17日15:00完成")
    assert "Illegal building Stop the building, was due 17 Nov 15:00" in said["shuiba"]
    assert not told("broken", "reporter"), "the whole is not late"
