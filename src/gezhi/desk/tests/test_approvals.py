"""Whoever has to approve sees what is asked: on the case, in the form and in the list."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.errors import DenialSaysNothing
from gezhi.cases.forms.choices import name_of
from gezhi.cases.models import Approval, Case
from gezhi.desk.models import Bulk
from gezhi.notices import actions as notices
from gezhi.notices.models import Notice
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak

Login = Callable[[str], Client]
_DAY = timedelta(days=1)
_NOON = TUESDAY + timedelta(hours=3)


@pytest.fixture
def long(county: County) -> Case:
    """Work of some weeks with stages before its end."""
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        cun = county.actor("cun")
        actions.accept(case.id, category="build.illegal", size="hard", actor=cun)
        actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        case = actions.sign(case.id, actor=county.actor("shui"))
    case.refresh_from_db()
    return case


def reason_said(kind: str) -> str:
    return name_of(rulebook.current(COUNTY).reasons(kind)[plain_reason(kind)])


def day(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def seen(client: Client, case: Case) -> dict[str, str]:
    with clock.standing_at(_NOON + timedelta(hours=1)):
        card = client.get(f"/desk/cases/{case.number}/panel/").content.decode()
        return {
            "card": card.partition("，等待审批</h3>")[2].partition("</section>")[0],
            "form": client.get(f"/desk/cases/{case.number}/moves/decide/").content.decode(),
            "list": client.get("/desk/approvals/").content.decode(),
        }


def test_more_time_is_shown_beside_what_is_promised(
    login: Login, county: County, long: Case
) -> None:
    assert long.finish_by is not None
    assert long.due_at != long.finish_by, "a stage is due before"
    until = long.finish_by + 7 * _DAY
    with clock.standing_at(_NOON):
        actions.extend(
            long.id, reason=plain_reason("extend"), until=until, actor=county.actor("shui")
        )
    pages = seen(login("du"), long)
    for name in ("card", "list"):
        assert f"由 {day(long.finish_by)} 改到 {day(until)}" in pages[name], name
    stamps = [f"{timezone.localtime(at):%Y-%m-%d %H:%M}" for at in (long.finish_by, until)]
    assert f"由 {stamps[0]} 改到 {stamps[1]}" in pages["form"]
    for page in pages.values():
        assert f"理由：{reason_said('extend')}" in page
        assert "水小青" in page
        assert "申请延期" in page
    assert f"办结期限 {day(long.finish_by)} · 还剩" in pages["list"]


def test_a_pause_without_words_says_until_when_and_why(
    login: Login, county: County, long: Case
) -> None:
    until = _NOON + 5 * _DAY
    with clock.standing_at(_NOON):
        actions.pause(
            long.id, reason=plain_reason("pause"), until=until, actor=county.actor("shui")
        )
    pages = seen(login("du"), long)
    assert f"挂起到 {day(until)}" in pages["card"]
    assert f"挂起到 {day(until)}" in pages["list"]
    for page in pages.values():
        assert f"理由：{reason_said('pause')}" in page


def test_a_refusal_says_reason_rule_and_body(login: Login, county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = report_leak().case
    with clock.standing_at(_NOON):
        actions.refuse(
            case.id, reason="outside", words="按属地原则，归邻县供水公司", actor=county.actor("cun")
        )
    said = name_of(rulebook.current(COUNTY).reasons("refuse")["outside"])
    for page in seen(login("du"), case).values():
        assert f"理由：{said}" in page
        assert "依据，以及应当找谁：按属地原则，归邻县供水公司" in page
        assert "村小慧" in page


def asked_to_extend(county: County, case: Case) -> Approval:
    assert case.finish_by is not None
    with clock.standing_at(_NOON):
        actions.extend(
            case.id, reason=plain_reason("extend"), until=case.finish_by + _DAY,
            actor=county.actor("shui"),
        )  # fmt: skip
    return reads.approvals_of(case).get()


def test_a_denial_needs_words_and_the_asker_reads_them(
    login: Login, county: County, long: Case
) -> None:
    wish = asked_to_extend(county, long)
    client, address = login("du"), f"/desk/cases/{long.number}/moves/decide/"
    sent: dict[str, Any] = {"approval": str(wish.id), "is_granted": "no", "words": " "}
    with clock.standing_at(_NOON):
        with pytest.raises(DenialSaysNothing):
            actions.decide(long.id, approval=wish.id, is_granted=False, actor=county.actor("du"))
        answer = client.post(address, sent)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert 'id="decide_words_error">不同意的，请写明为什么' in text
        denied = client.post(address, {**sent, "words": "时间够，请抓紧"})
        assert denied.status_code == 200
        assert "<strong>审批：不同意延期</strong>" in denied.content.decode()
        page = login("shui").get(f"/desk/cases/{long.number}/").content.decode()
        notices.note(list(Line.objects.order_by("id")), now=clock.now())
    wish.refresh_from_db()
    assert wish.is_granted is False
    story = page.partition('<ol class="gz-story">')[2].partition("</ol>")[0]
    assert "时间够，请抓紧" in story
    assert "<strong>审批：不同意延期</strong>" in story
    (told,) = Notice.objects.filter(event="approval_denied")
    assert "时间够，请抓紧" in told.words


def test_what_is_granted_needs_no_words(login: Login, county: County, long: Case) -> None:
    wish = asked_to_extend(county, long)
    address = f"/desk/cases/{long.number}/moves/decide/"
    with clock.standing_at(_NOON):
        sent = {"approval": str(wish.id), "is_granted": "yes", "words": ""}
        granted = login("du").post(address, sent)
        assert "<strong>审批：同意延期</strong>" in granted.content.decode()
        page = login("shui").get(f"/desk/cases/{long.number}/").content.decode()
        assert "<strong>审批：同意延期</strong>" in page
        assert "水小青申请，督小严同意" in page


def test_while_the_clock_stands_only_a_denial_is_offered(
    login: Login, county: County, long: Case
) -> None:
    asked_to_extend(county, long)
    du = login("du")
    addresses = ("/desk/approvals/", f"/desk/cases/{long.number}/moves/decide/")
    with clock.standing_at(_NOON):
        for address in addresses:
            page = du.get(address).content.decode()
            assert page.count('name="is_granted" value="yes"') == 1, address
            assert "挂起期间" not in page
        actions.ask(long.id, words="哪一间？", actor=county.actor("shui"))
        for address in addresses:
            page = du.get(address).content.decode()
            assert 'name="is_granted" value="yes"' not in page, address
            assert page.count('name="is_granted" value="no"') == 1, address
            assert "工单挂起期间不能同意延期" in page


@pytest.mark.parametrize("days", [-1, 31])
def test_a_demand_on_many_with_a_wrong_moment_begins_nothing_and_keeps_the_words(
    login: Login, county: County, long: Case, days: int
) -> None:
    by = timezone.localtime(clock.now() + days * _DAY)
    typed = {
        "number": [long.number], f"revision-{long.number}": long.lines, "once": "press",
        "words": "今天办完，不要再拖", "answer_by": f"{by:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    answer = login("du").post("/desk/bulk/supervise/do/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "今天办完，不要再拖" in text
    assert f'value="{by:%Y-%m-%dT%H:%M}"' in text
    assert 'id="supervise_answer_by_error">时间要晚于现在' in text
    assert not Bulk.objects.exists()
