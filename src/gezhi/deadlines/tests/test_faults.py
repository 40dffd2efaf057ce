"""The faults of existing systems that this one must never have, one test each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads, rules
from gezhi.cases.errors import JointLegsOpen, ProofMissing
from gezhi.cases.models import Case
from gezhi.deadlines import jobs
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline, Raised
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak, voice_of

A_DAY = timedelta(days=1)


def finish_promise(case: Case) -> Deadline:
    promise = deadlines.target(case)
    assert promise is not None
    return promise


def begun(county: County, *, category: str = "", size: str = "big") -> Case:
    """A case that the water department signed on Tuesday morning; nothing urgent."""
    book = rulebook.current(COUNTY)
    category = category or next(
        key for key, row in book.categories.items() if not row.urgent and not row.proof
    )
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        cun = county.actor("cun")
        actions.accept(case.id, category=category, size=size, actor=cun)
        actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
        return actions.sign(case.id, actor=county.actor("shui"))


def watch(moment: datetime) -> None:
    """What the workers do, until nothing is left for that moment."""
    with clock.standing_at(moment):
        while jobs.watch(COUNTY):
            pass


def raised(step: str) -> list[Deadline]:
    """The promises of which this step was taken, by whoever looks after them."""
    return list(Deadline.objects.filter(id__in=Raised.objects.filter(step=step).values("deadline")))


def test_1_the_oldest_broken_promise_is_seen_behind_a_hundred_newer_cases(county: County) -> None:
    with clock.standing_at(TUESDAY):
        oldest = report_leak().case
    with clock.standing_at(TUESDAY + timedelta(minutes=5)):
        for _each in range(101):
            report_leak()
    late = deadlines.late(county.actor("du"), now=TUESDAY + timedelta(minutes=6))
    assert [row.case_id for row in late if row.kind == "accept"] == [oldest.id]
    assert late[0].case_id == oldest.id
    watch(TUESDAY + timedelta(minutes=6))
    assert [row.case_id for row in raised("break")] == [oldest.id]


def test_2_a_comment_touches_no_clock(county: County) -> None:
    case = begun(county)
    promise = finish_promise(case)
    entries = len(reads.clock_of(case.id))
    with clock.standing_at(TUESDAY + A_DAY):
        actions.note(case.id, words="已联系当事人。", actor=county.actor("shui"))
    after = finish_promise(case)
    assert (after.due, after.starts, after.base_due) == (promise.due, promise.starts, promise.due)
    assert len(reads.clock_of(case.id)) == entries


def test_3_a_case_that_nobody_took_is_late_like_any_other(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = report_leak().case
    late = deadlines.late(county.actor("du"), now=TUESDAY + A_DAY)
    assert {row.case_id for row in late} == {case.id}
    assert "accept" in {row.kind for row in late}
    watch(TUESDAY + A_DAY)
    assert {row.case_id for row in raised("break")} == {case.id}
    assert {row.case_id for row in raised("climb:2")} == {case.id}


@pytest.mark.parametrize(
    ("start", "due_day", "why"),
    [
        # 2026: 14 February is a Saturday worked to make up for the Spring Festival.
        (datetime(2026, 2, 13, 2, 0, tzinfo=UTC), (2026, 2, 14), "make-up Saturday works"),
        (datetime(2026, 2, 14, 2, 0, tzinfo=UTC), (2026, 2, 24), "the festival does not"),
        (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), (2026, 11, 23), "a plain week-end"),
    ],
)
def test_4_make_up_working_days_are_known(
    county: County, start: datetime, due_day: tuple[int, int, int], why: str
) -> None:
    due = rulebook.current(COUNTY).due(
        "finish", category=None, size="small", channel="portal", level="village", start=start
    )
    local = due.at + timedelta(hours=8)
    assert (local.year, local.month, local.day) == due_day, why


def test_5_ending_the_main_case_leaves_open_work_and_votes_alone(county: County) -> None:
    """A joint leg keeps the case open; a merged case's reporter keeps the own vote."""
    main = begun(county)
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        other = report_leak()
        actions.merge(other.case.id, main=main.id, actor=county.actor("cun"))
        actions.whistle(
            main.id,
            units=[county.unit("dept-transport")],
            words="路面也要恢复，请一起到场。",
            actor=county.actor("shui"),
        )
        with pytest.raises(JointLegsOpen):
            _finish(main, county)
        actions.finish_leg(main.id, words="路面已恢复", actor=county.actor("lu"))
        _finish(main, county)
        actions.visit_back(
            main.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
        )
    merged = reads.case_for(voice_of(other), other.case.number)
    assert merged.state == "merged"
    assert finish_promise(merged).met_at is not None, "the promise to the second reporter was kept"
    with clock.standing_at(TUESDAY + timedelta(hours=2)):
        actions.rate(
            merged.id, report=other.report.id, is_solved=False, rating=2, actor=voice_of(other)
        )
    main.refresh_from_db()
    assert main.state == "accepted", "a merged reporter's vote counts as much as the first one's"


def test_6_another_category_or_size_forgets_no_pause(county: County) -> None:
    case = begun(county)
    shui, du = county.actor("shui"), county.actor("du")
    reason = plain_reason("pause")
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        until = clock.now() + A_DAY
        actions.pause(case.id, reason=reason, until=until, actor=shui)
        asked = reads.approvals_of(case).get()
        actions.decide(case.id, approval=asked.id, is_granted=True, actor=du)
    with clock.standing_at(TUESDAY + timedelta(hours=1) + A_DAY):
        actions.resume(case.id, actor=shui)
    paused_due = finish_promise(case).due
    with clock.standing_at(TUESDAY + timedelta(hours=2) + A_DAY):
        actions.reclassify(case.id, category=case.category, size="hard", actor=county.actor("cun"))
    hard = finish_promise(case)
    plain = rulebook.current(COUNTY).due(
        "finish", category=case.category, size="hard", channel="portal", level="village",
        start=TUESDAY,
    )  # fmt: skip
    assert paused_due < hard.due
    assert hard.due > plain.at, "the paused day was forgotten"
    assert hard.starts == TUESDAY, "and what had run before was not"


def test_7_the_old_units_clock_ends_with_the_transfer(county: County) -> None:
    case = begun(county)
    shui = county.unit("dept-water")
    reason = plain_reason("send_back")
    with clock.standing_at(TUESDAY + timedelta(hours=2)):
        actions.send_back(case.id, reason=reason, words="不归我局", actor=county.actor("shui"))
        actions.assign(case.id, unit=county.unit("dept-transport"), actor=county.actor("cun"))
    assert not [row for row in deadlines.open_of(case.id) if row.unit_id == shui]
    ran = rules.elapsed(reads.clock_of(case.id), now=TUESDAY + timedelta(hours=5))
    assert ran[shui] == timedelta(hours=2)
    assert ran[county.unit("dept-transport")] == timedelta(hours=3)
    assert finish_promise(case).starts == TUESDAY, "the resident's day did not move"


@pytest.fixture
def needs_photo(county: County) -> Case:
    """A case in work, of a category that wants a photo of the result."""
    book = rulebook.current(COUNTY)
    category = next(key for key, row in book.categories.items() if "photo_after" in row.proof)
    return begun(county, category=category)


def test_8_no_way_in_ends_a_case_without_its_proof(
    county: County, needs_photo: Case, login: Callable[[str], Client], key: Callable[[str], str]
) -> None:
    book = rulebook.current(COUNTY)
    solved = next(code for code, row in book.outcomes.items() if row.is_solved)
    answer = "已经处理完毕，请放心。"
    with pytest.raises(ProofMissing):
        actions.finish(needs_photo.id, outcome=solved, answer=answer, actor=county.actor("shui"))
    page = login("shui").post(
        f"/desk/cases/{needs_photo.number}/moves/finish/",
        {"outcome": solved, "answer": answer, "revision": needs_photo.lines},
    )
    api = Client().post(
        f"/api/v1/cases/{needs_photo.number}/moves/finish",
        {"outcome": solved, "answer": answer},
        "application/json",
        headers={"Authorization": f"Bearer {key('shui')}"},
    )
    assert page.status_code == 422
    assert api.status_code == 422
    assert api.json()["code"] == "case_proof_missing"
    needs_photo.refresh_from_db()
    assert needs_photo.state == "handling"


def test_the_promise_holds_for_a_report_without_a_point(county: County) -> None:
    """Words that name no place: the county's centre takes it, and the resident has a day."""
    told = actions.report(
        county=COUNTY,
        what="路灯不亮",
        where=actions.Where(place="老街桥头"),
        channel="portal",
        actor=NOBODY,
    )
    assert told.case.holder_id == county.unit(f"centre-{COUNTY}")
    assert finish_promise(told.case).due > told.case.opened_at


def _finish(case: Case, county: County) -> None:
    outcome = next(
        code for code, row in rulebook.current(COUNTY).outcomes.items() if not row.is_solved
    )
    actions.finish(
        case.id,
        outcome=outcome,
        reason=plain_reason("cannot"),
        answer="已经尽力处理，详情见说明。",
        actor=county.actor("shui"),
    )
