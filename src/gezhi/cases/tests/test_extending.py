"""More time is later than what is promised, and measured from it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.days import written
from gezhi.cases import actions, reads
from gezhi.cases.errors import ExtensionWrong, UntilWrong
from gezhi.cases.models import Approval, Case
from gezhi.deadlines import reads as deadlines
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak

_DAY = timedelta(days=1)
_NOON = TUESDAY + timedelta(hours=3)


@pytest.fixture
def big(county: County) -> Case:
    """Signed at the water department, with weeks to finish."""
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        cun = county.actor("cun")
        actions.accept(case.id, category="build.illegal", size="hard", actor=cun)
        actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        case = actions.sign(case.id, actor=county.actor("shui"))
    case.refresh_from_db()
    return case


def due_of(case: Case) -> datetime:
    case.refresh_from_db()
    assert case.finish_by is not None
    return case.finish_by


def ask(county: County, case: Case, until: datetime, *, at: datetime = _NOON) -> Case:
    with clock.standing_at(at):
        return actions.extend(
            case.id, reason=plain_reason("extend"), until=until, actor=county.actor("shui")
        )


def grant(county: County, case: Case, *, at: datetime = _NOON) -> Case:
    asked = reads.approvals_of(case).get(act="extend")
    with clock.standing_at(at):
        return actions.decide(case.id, approval=asked.id, is_granted=True, actor=county.actor("du"))


def test_a_week_more_than_a_far_due_is_given(county: County, big: Case) -> None:
    due = due_of(big)
    assert due > _NOON + 15 * _DAY, "further than the limit, counted from now"
    ask(county, big, due + 7 * _DAY)
    grant(county, big)
    assert due_of(big) == due + 7 * _DAY
    target = deadlines.target(big)
    assert target is not None
    assert target.due == due + 7 * _DAY


@pytest.mark.parametrize("days", [-12, 0, 16])
def test_what_is_no_later_or_too_late_is_refused_and_names_the_due_moment(
    county: County, big: Case, days: int
) -> None:
    due = due_of(big)
    with pytest.raises(ExtensionWrong) as refused:
        ask(county, big, due + days * _DAY)
    assert written(due) in str(refused.value)
    assert written(due + 15 * _DAY) in str(refused.value)
    assert refused.value.field == "until"
    assert not Approval.objects.exists()
    assert due_of(big) == due


def test_the_last_moment_of_the_limit_is_inside_it(county: County, big: Case) -> None:
    due = due_of(big)
    ask(county, big, due + 15 * _DAY)
    assert Approval.objects.count() == 1


def test_what_is_late_already_counts_from_now(county: County, big: Case) -> None:
    late = due_of(big) + 3 * _DAY
    with pytest.raises(ExtensionWrong):
        ask(county, big, late - _DAY, at=late)
    with pytest.raises(ExtensionWrong):
        ask(county, big, late + 16 * _DAY, at=late)
    ask(county, big, late + 15 * _DAY, at=late)
    grant(county, big, at=late)
    assert due_of(big) == late + 15 * _DAY


def test_where_no_due_is_written_it_counts_from_now(county: County, big: Case) -> None:
    Case.objects.filter(pk=big.pk).update(finish_by=None)
    with pytest.raises(UntilWrong):
        ask(county, big, _NOON - _DAY)
    ask(county, big, _NOON + 2 * _DAY)


def test_granted_after_the_due_has_moved_past_it_it_shortens_nothing(
    county: County, big: Case
) -> None:
    first = due_of(big)
    ask(county, big, first + _DAY)
    with clock.standing_at(_NOON):
        actions.ask(big.id, words="哪一根管子？", actor=county.actor("shui"))
    back = _NOON + 3 * _DAY
    with clock.standing_at(back):
        actions.resume(big.id, actor=county.actor("shui"))
    moved = due_of(big)
    assert moved > first + _DAY
    with pytest.raises(ExtensionWrong) as refused:
        grant(county, big, at=back)
    assert written(moved) in str(refused.value)
    assert due_of(big) == moved
    assert reads.approvals_of(big).get().decided_at is None, "it can still be denied"


def test_while_the_clock_stands_nothing_is_extended(
    login: Callable[[str], Client], county: County, big: Case
) -> None:
    """The promise moves on by as long as it stands: whatever was named would shorten it."""
    due, client = due_of(big), login("shui")
    with clock.standing_at(_NOON):
        actions.ask(big.id, words="哪一根管子？", actor=county.actor("shui"))
        body = {"reason": plain_reason("extend"), "until": (due + _DAY).isoformat()}
        address = f"/api/v1/cases/{big.number}/moves/extend"
        answer = client.post(address, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (409, "case_paused")
        assert answer.json()["allowed"] == ["resume"]
        page = client.get(f"/desk/cases/{big.number}/panel/").content.decode()
        assert 'data-move="extend"' not in page
        actions.resume(big.id, actor=county.actor("shui"))
        assert (
            'data-move="extend"' in client.get(f"/desk/cases/{big.number}/panel/").content.decode()
        )


def test_nor_is_what_was_asked_before_granted(
    login: Callable[[str], Client], county: County, big: Case
) -> None:
    due, du = due_of(big), login("du")
    ask(county, big, due + _DAY)
    asked = reads.approvals_of(big).get()
    sent = {"approval": str(asked.id), "is_granted": "yes", "words": ""}
    with clock.standing_at(_NOON):
        actions.ask(big.id, words="哪一根管子？", actor=county.actor("shui"))
        answer = du.post(f"/desk/cases/{big.number}/moves/decide/", sent)
        assert answer.status_code == 409
        assert "工单已挂起，请先恢复办理" in answer.content.decode()
        api = f"/api/v1/cases/{big.number}/moves/decide"
        body = {"approval": str(asked.id), "is_granted": True}
        told = du.post(api, body, content_type="application/json")
        assert (told.status_code, told.json()["code"]) == (409, "case_paused")
        asked.refresh_from_db()
        assert asked.decided_at is None, "the wish stays open"
        actions.resume(big.id, actor=county.actor("shui"))
    grant(county, big)
    assert due_of(big) == due + _DAY


def test_the_form_names_the_due_and_the_last_day_and_keeps_what_was_typed(
    login: Callable[[str], Client], county: County, big: Case
) -> None:
    due, client = due_of(big), login("shui")
    address = f"/desk/cases/{big.number}/moves/extend/"
    with clock.standing_at(_NOON):
        form = client.get(address).content.decode()
        assert written(due) in form
        assert written(due + 15 * _DAY) in form
        typed = {
            "reason": plain_reason("extend"), "words": "要等雨停",
            "until": f"{timezone.localtime(due - 12 * _DAY):%Y-%m-%dT%H:%M}",
        }  # fmt: skip
        answer = client.post(address, typed)
        again = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="extend_until_error"' in again
    assert f"现在的办结期限是 {written(due)}" in again
    assert "要等雨停" in again


def test_the_form_of_an_old_row_names_the_days(login: Callable[[str], Client], big: Case) -> None:
    Case.objects.filter(pk=big.pk).update(finish_by=None)
    form = login("shui").get(f"/desk/cases/{big.number}/moves/extend/").content.decode()
    assert "最多 15 天" in form


def test_programs_are_refused_alike(
    login: Callable[[str], Client], county: County, big: Case
) -> None:
    due, client = due_of(big), login("shui")
    sent: dict[str, Any] = {"reason": plain_reason("extend")}
    address = f"/api/v1/cases/{big.number}/moves/extend"
    statuses = {}
    with clock.standing_at(_NOON):
        for days in (-12, 7):
            body = {**sent, "until": (due + days * _DAY).isoformat()}
            answer = client.post(address, body, content_type="application/json")
            statuses[days] = (answer.status_code, answer.json().get("code"))
    assert statuses == {-12: (422, "case_extension_wrong"), 7: (200, None)}
    assert Approval.objects.filter(county=COUNTY, act="extend").count() == 1
