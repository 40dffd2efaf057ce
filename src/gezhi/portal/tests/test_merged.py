"""A case that went into another: its progress is told by the rulebook of that one."""

from datetime import timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.tests.versions import NOISE, finish, swap_what_is_checked, work_on
from tests.cast import County, report_leak


def test_the_main_case_waits_for_a_check_by_its_own_rulebook(county: County, rita: Client) -> None:
    own = report_leak()
    swap_what_is_checked(county)
    main = work_on(county, NOISE)
    cases.merge(own.case.id, main=main.id, actor=county.actor("cun"))
    finish(county, main)
    rita.post("/track/", {"number": own.case.number, "code": own.code})
    page = rita.get(f"/track/{own.case.number}/").content.decode()
    assert "接下来由另一位工作人员到现场核查" in page
    cases.verify(main.id, is_solved=True, words="去听过，不吵了", actor=county.actor("du"))
    page = rita.get(f"/track/{own.case.number}/").content.decode()
    assert "接下来由另一位工作人员到现场核查" not in page
    assert "去听过，不吵了" in page


def test_a_reason_is_named_by_the_rulebook_of_its_line(county: County, rita: Client) -> None:
    """The rulebook that the report came under does not know it."""
    own = report_leak()
    swap_what_is_checked(county)
    main = work_on(county, NOISE)
    cases.merge(own.case.id, main=main.id, actor=county.actor("cun"))
    until = clock.now() + timedelta(days=2)
    cases.pause(main.id, reason="expert", until=until, actor=county.actor("shui"))
    asked = reads.approvals_of(main).get()
    cases.decide(main.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    rita.post("/track/", {"number": own.case.number, "code": own.code})
    page = rita.get(f"/track/{own.case.number}/").content.decode()
    assert "办理暂停：等待专家到场" in page
