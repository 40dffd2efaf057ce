"""The ledger against the history: each act that moves, stops or starts the clock left its entry."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.cases import actions, reads, rules
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.rules import Act, EntryKind
from gezhi.cases.tests.test_machine import CaseMachine
from tests.cast import (
    GRID,
    TOWN,
    TUESDAY,
    VILLAGE,
    County,
    build_county,
    plain_reason,
    report_leak,
    voice_of,
)

_K = EntryKind
_PLAIN = {
    Act.REPORT: _K.START, Act.UNMERGE: _K.START, Act.REOPEN: _K.START,
    Act.ASSIGN: _K.TRANSFER, Act.SEND_BACK: _K.TRANSFER, Act.ESCALATE: _K.TRANSFER,
    Act.HAND_DOWN: _K.TRANSFER, Act.ASK: _K.PAUSE, Act.PAUSE: _K.PAUSE,
    Act.RESUME: _K.RESUME, Act.ANSWER: _K.RESUME, Act.EXTEND: _K.EXTEND,
    Act.FINISH: _K.STOP, Act.REFUSE: _K.STOP, Act.MERGE: _K.STOP, Act.WITHDRAW: _K.STOP,
}  # fmt: skip


def entry_of(line: HistoryLine) -> EntryKind | None:
    """What this line of the history must have left in the ledger."""
    if "asks" in line.data:
        return None
    if line.act in (Act.VERIFY, Act.VISIT_BACK) and (line.was, line.state) == ("done", "handling"):
        return _K.START
    return _PLAIN.get(Act(line.act))


def compare(case: Case) -> None:
    """Entry for entry: kind, moment, unit and actor as the history tells them."""
    told: list[tuple[str, datetime, UUID, str]] = []
    holder: UUID | None = None
    for line in reads.history_of(case):
        kind = entry_of(line)
        if kind is not None:
            told.append((kind, line.at, line.holder_id, line.actor))
        if holder is not None and line.holder_id != holder:
            assert kind in (_K.TRANSFER, _K.START), f"{line.act} moved it and left no entry"
        holder = line.holder_id
    rows = list(reads.clock_rows(case))
    assert [(row.kind, row.at, row.unit_id, row.actor) for row in rows] == told
    entries = reads.clock_of(case.id)
    lines = rules.lines_of(entries, reads.history_of(case))
    assert all(line is not None for line in lines)
    for entry in entries:
        assert (entry.until is not None) is (entry.kind in (_K.PAUSE, _K.EXTEND))


class LedgerMachine(CaseMachine):
    """The random walk of the case's machine, with the ledger held against the history."""

    def _check(self, case: Case) -> None:
        compare(case)
        ledger = reads.ledger_of(case, now=self.now)
        sums: dict[UUID | None, timedelta] = {}
        for one in ledger.holdings:
            sums[one.unit] = sums.get(one.unit, timedelta()) + one.ran
        assert sums == {unit: ledger.ran.get(unit, timedelta()) for unit in sums}
        assert sum(sums.values(), timedelta()) == ledger.whole
        works = case.state in rules.OPEN
        assert ledger.holdings[-1].is_open is works
        if works:
            assert ledger.holdings[-1].unit == case.holder_id


@pytest.mark.slow
def test_after_random_acts_the_ledger_tells_what_the_history_tells(db: None) -> None:
    LedgerMachine.county = build_county()
    LedgerMachine.tally = {}
    walks = settings(
        max_examples=int(os.environ.get("GEZHI_TEST_WALKS", "8")),
        stateful_step_count=50,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(LedgerMachine, settings=walks)
    done = {key for key in LedgerMachine.tally if key.startswith("done")}
    assert len(done) >= 10, f"the walk got nowhere: {LedgerMachine.tally}"


class Walk:
    """One case walked by hand, an hour between acts."""

    def __init__(self, county: County) -> None:
        self.county, self.now = county, TUESDAY
        with clock.standing_at(self.now):
            self.reported = report_leak()
        self.id = self.reported.case.id

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.id)

    def by(self, who: str) -> Actor:
        known = {"reporter": voice_of(self.reported), "rulebook": system("rulebook")}
        return known.get(who) or self.county.actor(who)

    def do(self, act: Callable[..., Any], who: str, *, hours: float = 1, **values: Any) -> "Walk":
        self.now += timedelta(hours=hours)
        with clock.standing_at(self.now):
            act(self.id, **values, actor=self.by(who))
        compare(self.case)
        return self

    def accept(self) -> "Walk":
        return self.do(actions.accept, "cun", category=self.case.proposed_category)

    def to_work(self) -> "Walk":
        self.accept().do(actions.assign, "cun", unit=self.county.unit("dept-water"))
        return self.do(actions.sign, "shui")

    def ask_leave(self, act: Callable[..., Any], kind: str, *, hours: int) -> "Walk":
        """Asked by the holder, granted by a supervisor."""
        until = self.now + timedelta(hours=hours)
        self.do(act, "shui", reason=plain_reason(kind), until=until)
        [asked] = [row for row in reads.approvals_of(self.case) if row.decided_at is None]
        return self.do(actions.decide, "du", approval=asked.id, is_granted=True)

    def finish(self) -> "Walk":
        return self.do(actions.finish, "shui", outcome="withdrawn", answer="诉求人自己撤回了")

    def kinds(self) -> list[str]:
        return [entry.kind.value for entry in reads.clock_of(self.id)]

    def hours(self) -> dict[str, float]:
        """How long each unit's clock has run, in hours, by the unit's code."""
        codes = {unit.id: code for code, unit in self.county.units.items()}
        ran = reads.ledger_of(self.case, now=self.now).ran
        return {codes[unit]: length / timedelta(hours=1) for unit, length in ran.items() if unit}


@pytest.fixture
def walk(county: County) -> Walk:
    return Walk(county)


def test_sent_out_sent_back_passed_up_and_handed_down(walk: Walk) -> None:
    walk.to_work().do(actions.send_back, "shui", reason=plain_reason("send_back"))
    walk.do(actions.escalate, "cun", reason=plain_reason("escalate"))
    walk.do(actions.hand_down, "zhen", unit=walk.county.unit(f"centre-{VILLAGE}"))
    assert walk.kinds() == ["start", *["transfer"] * 4]
    assert walk.hours() == {
        f"centre-{VILLAGE}": 3, "dept-water": 2, f"centre-{TOWN}": 1,
    }  # fmt: skip


def test_pauses_questions_and_more_time(walk: Walk) -> None:
    walk.to_work().ask_leave(actions.pause, "pause", hours=48)
    walk.do(actions.resume, "shui", hours=10)
    walk.ask_leave(actions.extend, "extend", hours=90)
    walk.do(actions.ask, "shui", words="请问是哪一根水管？")
    walk.do(actions.answer, "reporter", words="村口那根", hours=5)
    assert walk.kinds() == [
        "start", "transfer", "pause", "resume", "extend", "pause", "resume",
    ]  # fmt: skip
    # Signed, asked, granted | stood ten | asked, granted, asked the reporter | stood five.
    assert walk.hours() == {f"centre-{VILLAGE}": 2, "dept-water": 3 + 3}
    stood = [
        one for held in reads.ledger_of(walk.case, now=walk.now).holdings for one in held.stood
    ]
    assert [(one.end - one.start) / timedelta(hours=1) for one in stood] == [10, 5]
    assert [one.entry.actor for one in stood] == [walk.by("du").label, walk.by("shui").label]
    assert [one.entry.reason for one in stood] == [plain_reason("pause"), "asked"]


@pytest.mark.parametrize("by", ["verify", "visit", "rate"])
def test_work_that_was_not_done_goes_on_where_it_was(walk: Walk, by: str) -> None:
    walk.to_work().finish()
    back: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
        "verify": (actions.verify, "du", {"is_solved": False, "words": "还在漏"}),
        "visit": (actions.visit_back, "fang", {"is_reached": True, "is_solved": False}),
        "rate": (
            actions.rate, "reporter",
            {"report": walk.reported.report.id, "is_solved": False, "rating": 1},
        ),
    }  # fmt: skip
    act, who, values = back[by]
    walk.do(act, who, hours=20, **values)
    walk.do(actions.note, "shui", words="再去看一遍", hours=2)
    assert walk.kinds() == ["start", "transfer", "stop", "start"]
    assert walk.hours()["dept-water"] == 1 + 1 + 2  # twenty hours were nobody's
    held = reads.ledger_of(walk.case, now=walk.now).holdings
    assert [one.entry.reason for one in held] == ["", "assigned", by]


def test_closed_and_taken_up_again_it_starts_at_the_centre(walk: Walk) -> None:
    walk.to_work().finish()
    walk.do(actions.visit_back, "fang", is_reached=True, is_solved=True, rating=4)
    assert walk.kinds() == ["start", "transfer", "stop"]  # closing stops what had stopped
    walk.do(
        actions.reopen, "du", reason=plain_reason("reopen"), words="又漏水了", hours=100
    ).do(actions.note, "cun", words="再派一次", hours=3)  # fmt: skip
    assert walk.kinds()[-1] == "start"
    assert walk.hours() == {f"centre-{VILLAGE}": 2 + 3, "dept-water": 2}


def test_the_rulebook_closes_what_nobody_can_be_asked_about(walk: Walk) -> None:
    walk.to_work().finish().do(actions.close, "rulebook", hours=24 * 9)
    assert walk.kinds() == ["start", "transfer", "stop"]
    assert walk.hours()["dept-water"] == 2


def test_merged_while_it_stood_and_apart_again_its_clock_runs_on(walk: Walk) -> None:
    with clock.standing_at(walk.now):
        main = report_leak().case
    walk.to_work().ask_leave(actions.pause, "pause", hours=72)
    walk.do(actions.merge, "cun", main=main.id)
    walk.do(actions.unmerge, "cun", hours=30).do(actions.note, "shui", words="接着办", hours=4)
    assert walk.kinds() == ["start", "transfer", "pause", "stop", "start"]
    assert walk.hours() == {f"centre-{VILLAGE}": 2, "dept-water": 3 + 4}


def test_withdrawn_and_refused_cases_stop(county: County) -> None:
    taken_back = Walk(county).do(actions.withdraw, "reporter", words="自己解决了")
    refused = Walk(county).accept()
    refused.do(actions.refuse, "cun", reason=plain_reason("refuse"), words="按规定由物业负责")
    assert refused.kinds() == ["start"]  # it was only asked for
    [asked] = reads.approvals_of(refused.case)
    refused.do(actions.decide, "du", approval=asked.id, is_granted=True)
    for walk in (taken_back, refused):
        assert walk.kinds() == ["start", "stop"]
        ran = walk.hours()
        walk.now += timedelta(days=40)
        assert walk.hours() == ran


def test_refused_to_a_body_in_the_system_it_goes_there(walk: Walk) -> None:
    walk.do(
        actions.refuse, "cun", reason=plain_reason("refuse"), words="由水务局负责",
        unit=walk.county.unit("dept-water"),
    )  # fmt: skip
    assert walk.kinds() == ["start", "transfer"]
    compare(walk.case)


def test_helpers_notes_and_demands_leave_the_clock_alone(walk: Walk) -> None:
    walk.to_work()
    before = walk.kinds()
    walk.do(
        actions.whistle, "shui", units=[walk.county.unit("dept-transport")], words="请来挖开路面"
    )
    walk.do(actions.arrive, "lu").do(actions.finish_leg, "lu", words="路面已经挖开")
    walk.do(actions.supervise, "du", words="今天必须修好")
    walk.do(actions.answer_supervision, "shui", words="正在换管子")
    walk.do(actions.note, "shui", words="管子到了").do(actions.publish, "du", is_public=True)
    assert walk.kinds() == before


def test_category_size_and_place_change_and_nothing_is_forgotten(walk: Walk) -> None:
    """What has run has run: the same sum at the same moment, before and after."""
    walk.to_work().ask_leave(actions.pause, "pause", hours=48).do(actions.resume, "shui", hours=9)
    before = walk.hours()
    entries = reads.clock_of(walk.id)
    for size in ("small", "hard", "big"):
        walk.do(actions.reclassify, "cun", category="build.illegal", size=size, hours=0)
        assert walk.hours() == before
        assert reads.clock_of(walk.id) == entries
    # A holder more: what the first one had stays the first one's.
    walk.do(actions.send_back, "shui", reason=plain_reason("send_back"), hours=0)
    walk.do(actions.assign, "cun", unit=walk.county.unit(f"grid-{GRID}"), hours=0)
    assert {unit: ran for unit, ran in walk.hours().items() if ran} == before


def test_a_case_keeps_the_calendar_of_the_rulebook_it_came_in_under(walk: Walk) -> None:
    walk.to_work()
    ledger = reads.ledger_of(walk.case, now=walk.now)
    water = walk.county.unit("dept-water")
    # 09:00 reported, 10 accepted, 11 assigned, 12 signed; the default book works until 12.
    assert ledger.worked == {walk.county.unit(f"centre-{VILLAGE}"): 120, water: 60}
    assert walk.case.book == 1


def test_years_the_calendar_does_not_know_leave_working_time_open(walk: Walk) -> None:
    walk.to_work()
    ledger = reads.ledger_of(walk.case, now=walk.now.replace(year=2042))
    assert ledger.worked is None
    assert ledger.whole > timedelta(days=5000)


def test_the_api_tells_entries_stretches_and_sums(
    login: Callable[[str], Client], walk: Walk
) -> None:
    walk.to_work().ask_leave(actions.pause, "pause", hours=48).do(actions.resume, "shui")
    walk.ask_leave(actions.extend, "extend", hours=60)
    with clock.standing_at(walk.now):
        answer = login("cun").get(f"/api/v1/cases/{walk.case.number}/clock")
    assert answer.status_code == 200
    told = answer.json()
    assert [one["kind"] for one in told["entries"]] == walk.kinds()
    numbers = {line.seq: line.act for line in reads.history_of(walk.case)}
    assert [numbers[one["line"]] for one in told["entries"]] == [
        "report", "assign", "pause", "resume", "extend",
    ]  # fmt: skip
    hour = 3600
    assert told["elapsed_seconds"] == 2 * hour + 3 * hour + 2 * hour
    assert not told["is_standing"]
    village, water = told["holdings"]
    assert (village["unit"]["code"], village["ran_seconds"]) == (f"centre-{VILLAGE}", 2 * hour)
    assert (water["unit"]["code"], water["ran_seconds"], water["is_open"]) == (
        "dept-water", 5 * hour, True,
    )  # fmt: skip
    assert water["handed_by"] == walk.by("cun").label
    [stood] = water["stood"]
    assert stood["reason"] == plain_reason("pause")
    assert {one["unit"]["code"]: one["ran_seconds"] for one in told["units"]} == {
        f"centre-{VILLAGE}": 2 * hour, "dept-water": 5 * hour,
    }  # fmt: skip


def test_whose_case_is_not_shown_has_no_clock_either(
    login: Callable[[str], Client], walk: Walk
) -> None:
    client = login("bie")
    theirs = client.get(f"/api/v1/cases/{walk.case.number}/clock")
    nobodys = client.get("/api/v1/cases/260101-999999/clock")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert Client().get(f"/api/v1/cases/{walk.case.number}/clock").status_code == 401
