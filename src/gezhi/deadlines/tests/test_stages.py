"""Stages of a category as promises: made with the finish, met by their own act, told by name."""

from datetime import timedelta

import pytest
from django.test import Client

from gezhi.api.tests.calling import KeyOf, bearer
from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.tests.test_waiting_files import picture
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.tests.staging import (
    DAY,
    FINE,
    FINED,
    HOUR,
    ILLEGAL,
    OTHER,
    STOP,
    STOPPED,
    WHOLE,
    Login,
    accepted,
    begun,
    close,
    finish,
    finish_of,
    reach,
    row_of,
    standing,
    watch,
)
from gezhi.rulebook import actions as rulebook_actions
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.tests.books import files_with
from gezhi.rulebook.tests.test_calendars import city
from tests.cast import (
    COUNTY,
    SETTING_UP,
    TOWN,
    TUESDAY,
    VILLAGE,
    County,
    plain_reason,
    report_leak,
    voice_of,
)


def test_each_stage_is_promised_from_where_the_finish_is(county: County) -> None:
    case = accepted(county)
    assert standing(case) == {STOPPED: STOP, FINED: FINE}
    assert finish_of(case).due == WHOLE, "the last stage is the finish"
    row = row_of(case, STOPPED)
    assert (row.starts, row.first_due, row.is_working) == (TUESDAY, STOP, True)
    assert row.basis == "stage: 4 working hours"
    case.refresh_from_db()
    with clock.standing_at(TUESDAY + HOUR):
        actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
        case = actions.sign(case.id, actor=county.actor("shui"))
    assert case.due_at == STOP, "lists show what is due next"
    assert {row_of(case, key).unit_id for key in (STOPPED, FINED)} == {case.holder_id}


def test_what_is_proposed_is_promised_from_the_first_minute(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = actions.report(
            county=COUNTY, what="隔壁楼顶违建，还在加盖", where=actions.Where(path=VILLAGE),
            channel="portal", actor=SETTING_UP,
        ).case  # fmt: skip
    assert case.proposed_category == ILLEGAL
    assert standing(case) == {STOPPED: STOP, FINED: FINE}


@pytest.mark.parametrize("category", [OTHER, "utility.gas.leak"])
def test_a_category_without_stages_promises_none(county: County, category: str) -> None:
    assert standing(begun(county, category)) == {}


def test_a_reached_stage_is_met_and_no_other(county: County) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + 3 * HOUR):
        reach(case, FINED, county)
    assert standing(case) == {STOPPED: STOP}, "what was not said is owed still"
    assert row_of(case, FINED).met_at == TUESDAY + 3 * HOUR
    assert finish_of(case).met_at is None
    with clock.standing_at(TUESDAY + 9 * HOUR):
        reach(case, STOPPED, county)
    assert row_of(case, STOPPED).met_at == TUESDAY + 9 * HOUR
    case.refresh_from_db()
    assert case.due_at == WHOLE


def test_stages_stand_and_move_with_the_clock(county: County) -> None:
    case = begun(county)
    shui = county.actor("shui")
    with clock.standing_at(TUESDAY + HOUR):
        actions.ask(case.id, words="是几楼在加盖？", actor=shui)
    assert row_of(case, STOPPED).next_at is None
    with clock.standing_at(TUESDAY + HOUR + DAY):
        actions.resume(case.id, actor=shui)
    assert standing(case) == {STOPPED: STOP + DAY, FINED: city("2026-11-27T17:30")}
    assert row_of(case, STOPPED).first_due == STOP
    assert row_of(case, STOPPED).next_at is not None


def test_an_extension_of_the_finish_leaves_the_stages(county: County) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + DAY):
        reach(case, STOPPED, county)
        until = finish_of(case).due + 2 * DAY
        reason = plain_reason("extend")
        actions.extend(case.id, reason=reason, until=until, actor=county.actor("shui"))
        asked = reads.approvals_of(case)[0]
        actions.decide(case.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    assert finish_of(case).due == until
    assert standing(case) == {FINED: FINE}
    with clock.standing_at(TUESDAY + 2 * DAY):
        actions.reclassify(case.id, category=ILLEGAL, size="hard", actor=county.actor("cun"))
    assert standing(case) == {FINED: FINE}
    assert finish_of(case).due == until, "it is what it was: nothing is promised anew"


def test_an_extension_is_not_forgotten_when_the_case_is_called_something_else(
    county: County,
) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + DAY):
        until = finish_of(case).due + 2 * DAY
        reason = plain_reason("extend")
        actions.extend(case.id, reason=reason, until=until, actor=county.actor("shui"))
        asked = reads.approvals_of(case)[0]
        actions.decide(case.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    for day, category, size in ((2, OTHER, "small"), (3, OTHER, "big"), (4, ILLEGAL, "hard")):
        with clock.standing_at(TUESDAY + day * DAY):
            actions.reclassify(case.id, category=category, size=size, actor=county.actor("cun"))
        assert (finish_of(case).due, finish_of(case).is_extended) == (until, True)


def test_another_category_has_other_stages(county: County) -> None:
    case = accepted(county, OTHER)
    cun = county.actor("cun")
    with clock.standing_at(TUESDAY + 2 * HOUR):
        actions.reclassify(case.id, category=ILLEGAL, actor=cun)
    assert standing(case) == {STOPPED: STOP, FINED: FINE}, "counted from the report"
    with clock.standing_at(TUESDAY + 3 * HOUR):
        actions.reclassify(case.id, category=OTHER, actor=cun)
    assert standing(case) == {}
    assert row_of(case, STOPPED).dropped_at == TUESDAY + 3 * HOUR
    with clock.standing_at(TUESDAY + 2 * DAY):
        actions.reclassify(case.id, category=ILLEGAL, actor=cun)
    assert standing(case) == {STOPPED: STOP, FINED: FINE}
    watch(TUESDAY + 2 * DAY)
    assert row_of(case, STOPPED).broken_at is not None, "it is late already"


def test_a_case_that_is_first_named_when_it_is_sent_owes_that_ones_promises(
    county: County,
) -> None:
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        reason = plain_reason("escalate")
        actions.escalate(case.id, reason=reason, words="没权限", actor=county.actor("cun"))
    with clock.standing_at(TUESDAY + HOUR):
        unit = county.unit(f"station-{TOWN}-enforcement")
        actions.assign(case.id, unit=unit, category=ILLEGAL, actor=county.actor("zhen"))
    assert finish_of(case).due == WHOLE
    assert standing(case) == {STOPPED: STOP, FINED: FINE}
    assert {row_of(case, key).unit_id for key in (STOPPED, FINED)} == {unit}


def test_a_case_that_is_sent_as_a_harder_one_has_the_time_of_that(county: County) -> None:
    case = accepted(county, OTHER)
    first = finish_of(case).due
    with clock.standing_at(TUESDAY + HOUR):
        unit, cun = county.unit("dept-water"), county.actor("cun")
        actions.assign(case.id, unit=unit, size="hard", actor=cun)
    assert finish_of(case).due == city("2026-11-26T17:30") > first


def test_a_stage_that_an_older_release_left_with_an_ended_case_is_dropped(county: County) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + HOUR):
        finish(case, county)
    # As those leave it who know no stages.
    left = Deadline.objects.filter(case=case, kind="stage")
    left.update(met_at=None, next_step="break", next_at=STOP)
    watch(STOP + timedelta(minutes=1))
    stop = row_of(case, STOPPED)
    assert stop.dropped_at == STOP + timedelta(minutes=1)
    assert not Raised.objects.filter(deadline=stop, step="break").exists()


def use_book(old: str, new: str, *more: tuple[str, str, str]) -> None:
    """From here on categories.toml has `new` for `old`; `more` are changes of other files."""
    files = files_with("categories.toml", old, new)
    for name, before, after in more:
        assert before in files[name]
        files[name] = files[name].replace(before, after, 1)
    rulebook_actions.apply_book(files, county=COUNTY, actor=SETTING_UP)
    rulebook.forget(COUNTY)


PROPERTY = 'name = "物业服务"\nname_en = "Property management"\n'
PROPERTY_STAGES = """stages = [
  { key = "hear", name = "听取意见", name_en = "Hear them", within = "1 working day" },
  { key = "stop", name = "制止", name_en = "Stop it", within = "2 working days" },
]
"""


def test_stages_are_those_of_one_category_whatever_others_call_theirs(
    county: County, login: Login
) -> None:
    use_book(PROPERTY, PROPERTY + PROPERTY_STAGES)
    case, cun = begun(county, OTHER), county.actor("cun")
    hear, stop = f"{OTHER}:hear", f"{OTHER}:stop"
    assert standing(case) == {hear: city("2026-11-18T17:30"), stop: city("2026-11-19T17:30")}
    with clock.standing_at(TUESDAY + HOUR):
        reach(case, stop, county)
        actions.reclassify(case.id, category=ILLEGAL, actor=cun)
    assert standing(case) == {STOPPED: STOP, FINED: FINE}, "property's stop is another one"
    assert row_of(case, hear).dropped_at is not None
    with clock.standing_at(TUESDAY + 2 * HOUR):
        page = login("shui").get(f"/desk/cases/{case.number}/").content.decode()
        assert "<strong>阶段完成：制止</strong>" in page
        actions.reclassify(case.id, category=OTHER, actor=cun)
    assert list(standing(case)) == [hear], "what was reached stays reached"


def test_what_is_promised_can_always_be_said(county: County) -> None:
    """Reopened on Monday, the four working hours end long before the whole does."""
    hear = '[\n  { key = "hear", name = "处置", name_en = "Act", within = "4 working hours" },\n]\n'
    gas = 'name = "燃气泄漏"\nname_en = "Gas leak"\n'
    use_book(gas, f"{gas}stages = {hear}")
    friday, monday = city("2026-11-20T17:00"), city("2026-11-23T09:00")
    case = begun(county, "utility.gas.leak", at=friday)
    stage = "utility.gas.leak:hear"
    assert standing(case) == {}, "due on Monday, when the whole is over"
    with clock.standing_at(friday):
        finish(case, county)
        close(case, county)
    with clock.standing_at(monday):
        again = actions.reopen(
            case.id, reason=plain_reason("reopen"), words="又漏", actor=county.actor("du")
        )
        actions.assign(again.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
        actions.sign(again.id, actor=county.actor("shui"))
        assert standing(case) == {stage: city("2026-11-23T15:00")}
        reach(case, stage, county)
    assert standing(case) == {}


def test_a_case_that_is_sent_on_owes_its_stages_where_it_is(county: County) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + HOUR):
        reason = plain_reason("send_back")
        actions.send_back(case.id, reason=reason, words="不是我们", actor=county.actor("shui"))
    assert row_of(case, STOPPED).unit_id == county.unit(f"centre-{VILLAGE}")
    with clock.standing_at(TUESDAY + 2 * HOUR):
        unit = county.unit("dept-transport")
        actions.assign(case.id, unit=unit, actor=county.actor("cun"))
    assert row_of(case, STOPPED).unit_id == unit
    assert standing(case) == {STOPPED: STOP, FINED: FINE}


def test_finishing_meets_them_and_work_sent_back_owes_what_nobody_reached(county: County) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + HOUR):
        reach(case, STOPPED, county)
    with clock.standing_at(TUESDAY + 2 * HOUR):
        finish(case, county)
    assert standing(case) == {}
    assert row_of(case, FINED).met_at == TUESDAY + 2 * HOUR
    with clock.standing_at(TUESDAY + 2 * HOUR + DAY):
        actions.verify(case.id, is_solved=False, words="还在盖", actor=county.actor("du"))
    assert standing(case) == {FINED: city("2026-11-27T17:30")}, "moved on by the time it was done"
    assert row_of(case, STOPPED).met_at == TUESDAY + HOUR
    with clock.standing_at(TUESDAY + 2 * DAY):
        reach(case, FINED, county)
    assert standing(case) == {}


def test_a_reopened_case_promises_anew_what_was_never_reached(county: County) -> None:
    case = begun(county)
    with clock.standing_at(TUESDAY + HOUR):
        reach(case, STOPPED, county)
        finish(case, county)
    with clock.standing_at(TUESDAY + 2 * HOUR):
        close(case, county)
    with clock.standing_at(TUESDAY + DAY):
        reason = plain_reason("reopen")
        actions.reopen(case.id, reason=reason, words="又在盖", actor=county.actor("du"))
    assert standing(case) == {FINED: city("2026-11-27T17:30")}
    assert row_of(case, FINED).starts == TUESDAY + DAY


@pytest.mark.parametrize(("then", "owed"), [(ILLEGAL, {STOPPED, FINED}), (OTHER, set())])
def test_finished_twice_in_one_moment_each_stage_is_owed_once(
    then: str, owed: set[str], county: County
) -> None:
    case, cun, shui = begun(county), county.actor("cun"), county.actor("shui")
    with clock.standing_at(TUESDAY + HOUR):
        finish(case, county)
        close(case, county)
        reason = plain_reason("reopen")
        actions.reopen(case.id, reason=reason, words="又在盖", actor=county.actor("du"))
        water = county.unit("dept-water")
        actions.reclassify(case.id, category=then, size="hard", actor=cun)
        actions.assign(case.id, unit=water, actor=cun)
        actions.sign(case.id, actor=shui)
        again = actions.Upload("c.jpg", picture("yellow"), "after")
        actions.attach(case.id, upload=again, actor=shui)
        actions.finish(case.id, outcome="solved", answer="又拆了一遍，场地清了", actor=shui)
        actions.verify(case.id, is_solved=False, words="还在盖", actor=county.actor("du"))
    assert set(standing(case)) == owed
    assert Deadline.objects.filter(case=case, kind="finish", met_at=None).count() == 1


def test_ends_beside_the_road_drop_them(county: County) -> None:
    case, cun = accepted(county), county.actor("cun")
    with clock.standing_at(TUESDAY):
        made = report_leak()
        other = actions.accept(made.case.id, category=ILLEGAL, actor=cun)
    with clock.standing_at(TUESDAY + HOUR):
        actions.merge(other.id, main=case.id, actor=cun)
    assert standing(other) == {}
    assert standing(case) == {STOPPED: STOP, FINED: FINE}
    with clock.standing_at(TUESDAY + HOUR + DAY):
        actions.unmerge(other.id, actor=cun)
    moved = {STOPPED: STOP + DAY, FINED: city("2026-11-27T17:30")}
    assert standing(other) == moved, "it stands alone again"
    with clock.standing_at(TUESDAY + 2 * DAY):
        actions.withdraw(other.id, actor=voice_of(made))
    assert standing(other) == {}
    assert row_of(other, STOPPED).dropped_at == TUESDAY + 2 * DAY
    with clock.standing_at(TUESDAY + 2 * DAY):
        reason = plain_reason("refuse")
        actions.refuse(case.id, reason=reason, words="邻县的", actor=cun)
        asked = reads.approvals_of(case)[0]
        actions.decide(case.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    assert standing(case) == {}


def test_programs_read_which_stage_a_promise_is(county: County, key: KeyOf, rita: Client) -> None:
    case = begun(county)
    address = f"/api/v1/cases/{case.number}/deadlines"
    shown = rita.get(address, headers=bearer(key("shui"))).json()["items"]
    stages = {one["stage"]: one["due"] for one in shown if one["kind"] == "stage"}
    assert set(stages) == {STOPPED, FINED}
    assert {one["stage"] for one in shown if one["kind"] != "stage"} == {""}
