"""Rehearsals: what the worker finds, what is on record, who it is done for."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gezhi.base import clock, slices
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.tests.test_machine import CaseMachine
from gezhi.deadlines import jobs, reads
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.errors import PeriodWrong
from gezhi.deadlines.models import Deadline, Difference, Rehearsal
from gezhi.deadlines.rules import rehearsing as rules
from gezhi.deadlines.rules.replaying import REPLAYED
from gezhi.deadlines.tests.rehearsing import (
    DAY,
    QUICKER,
    ROOT,
    Login,
    begin,
    files_with,
    through,
    waiting_jobs,
    worked_case,
)
from gezhi.people import actions as people
from gezhi.people.models import Account, Post
from gezhi.record import reads as record
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, SETTING_UP, TUESDAY, County, build_county, report_leak


def assert_unchanged_by_its_own_book() -> int:
    """Every promise on record is what a rehearsal of the book in force makes of it."""
    book = rulebook.read_files(rulebook.version(SETTING_UP, 1, county=COUNTY).files)
    found = list(Case.objects.order_by("opened_at", "id"))
    compared = 0
    for case, findings in reads.rehearse(found, book, county=COUNTY, now=clock.now()):
        if case_reads.history_of(case).filter(act="unmerge").exists():
            continue  # its main case may have kept its promise, of which its own lines say nothing
        kinds = [one.value for one in REPLAYED]
        there = Deadline.objects.filter(case=case, kind__in=kinds, dropped_at__isnull=True)
        told = [one for one in findings if one.topic == "due"]
        assert len(told) == there.count(), case
        for one in told:
            assert one.verdict in ("same", "still"), one
            assert one.minutes == 0
        assert {one.verdict for one in findings if one.topic != "due"} <= {"same"}
        compared += len(told)
    return compared


class Rehearsed(CaseMachine):
    """After any walk of two cases, the book in force changes nothing."""

    compared = 0

    def teardown(self) -> None:
        try:
            with clock.standing_at(self.now):
                type(self).compared += assert_unchanged_by_its_own_book()
        finally:
            super().teardown()


def test_rehearsing_the_book_in_force_changes_nothing_whatever_was_done(db: None) -> None:
    Rehearsed.county = build_county()
    Rehearsed.compared = 0
    walks = settings(
        max_examples=8,
        stateful_step_count=40,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Rehearsed, settings=walks)
    assert Rehearsed.compared > 24, "the walks made hardly a promise"


def test_a_shorter_span_makes_late_what_was_in_time(county: County) -> None:
    case = worked_case(county)
    found = through(begin(county, QUICKER))
    assert (found.state, found.done, found.total) == ("done", 1, 1)
    late = Difference.objects.get(topic="due", verdict="late", kind="sign")
    assert (late.case_id, late.number, late.unit) == (case.id, case.number, "dept-water")
    assert (late.minutes, late.category) == (-14, case.proposed_category)
    assert found.sums["kind"]["sign"] == {"n": 1, "late": 1, "late_after": 1, "sooner": 1}
    promise = Deadline.objects.get(case=case, kind="sign")
    assert (late.due_before, promise.met_at is not None) == (promise.due, True)


def test_the_cases_themselves_are_not_touched(county: County) -> None:
    case = worked_case(county)
    lines, facts = case_reads.history_of(case).count(), _facts(case)
    before = list(Deadline.objects.order_by("id").values())
    through(begin(county, QUICKER))
    assert list(Deadline.objects.order_by("id").values()) == before
    assert (case_reads.history_of(case).count(), _facts(case)) == (lines, facts)


def _facts(case: Case) -> int:
    return record.facts_about(f"case:{case.id}", county=COUNTY).count()


def test_nothing_that_people_wrote_is_in_the_result(county: County) -> None:
    worked_case(county)
    found = through(begin(county, QUICKER))
    kept = json.dumps([*Difference.objects.values(), found.sums], default=str, ensure_ascii=False)
    for words in ("自来水", "李秀兰", "13812345678", "柳树村", "物业"):
        assert words not in kept


def test_only_cases_in_the_administrators_areas_are_replayed(county: County) -> None:
    worked_case(county)
    with clock.standing_at(TUESDAY):
        report_leak(at="990101102201001")
    assert through(begin(county)).done == 2
    made = people.add_staff(
        unit=county.unit("centre-990101102"),
        role="administrator",
        login="bieguan",
        name="别小管",
        actor=SETTING_UP,
    )
    Account.objects.filter(id=made.account.id).update(must_change_password=False)
    county.accounts["bieguan"] = Account.objects.get(id=made.account.id)
    found = through(begin(county, who="bieguan"))
    assert (found.areas, found.total, found.done) == (["990101102"], 1, 1)
    theirs = reads.rehearsals(county.actor("bieguan"), county=COUNTY)
    assert list(theirs) == [found], "the whole county's is not for them"
    assert reads.rehearsals(county.actor("guan"), county=COUNTY).count() == 2


def test_who_may_no_longer_manage_the_rulebook_gets_nothing_more(county: County) -> None:
    worked_case(county)
    found = begin(county)
    Post.objects.filter(account=county.accounts["guan"]).delete()
    assert (through(found).state, found.done) == ("stopped", 0)


def test_a_killed_worker_leaves_no_case_twice_and_none_out(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(3):
        worked_case(county)
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    found = begin(county, QUICKER)
    assert actions.rehearse_next(found.id)

    def killed(*_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(slices, "new_pace", killed)  # after the findings were written
        with pytest.raises(KeyboardInterrupt):
            actions.rehearse_next(found.id)
    found.refresh_from_db()
    assert (found.done, found.sums["all"][""]["n"]) == (1, 1)
    assert actions.sweep() == 0
    Rehearsal.objects.update(touched_at=clock.now() - 2 * rules.SILENCE)
    assert actions.sweep() == 1
    assert waiting_jobs() == [str(found.id)]
    found = through(found)
    assert (found.state, found.done, found.sums["all"][""]["n"]) == ("done", 3, 3)
    late = Difference.objects.filter(verdict="late", kind="sign")
    assert late.count() == late.values("case").distinct().count() == 3


def test_what_nobody_foresaw_ends_it_and_is_said(
    county: County, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_case(county)
    found = begin(county)

    def broken(*_values: object, **_named: object) -> None:
        raise ArithmeticError("no")

    monkeypatch.setattr(reads, "rehearse", broken)
    assert through(found).state == "failed"
    assert "系统出了差错" in login("guan").get(f"{ROOT}{found.id}/").text


def test_old_ones_are_swept_and_young_ones_stay(county: County) -> None:
    worked_case(county)
    old, young = through(begin(county, QUICKER)), begin(county)
    Rehearsal.objects.filter(id=old.id).update(asked_at=clock.now() - rules.KEPT_FOR - DAY)
    jobs.sweep_rehearsals(0)
    assert list(Rehearsal.objects.all()) == [young]
    assert not Difference.objects.filter(rehearsal=old.id).exists()


def test_two_at_once_do_not_harm_each_other(committed: County) -> None:
    """Both stand between reading their row and writing it at the same time."""
    worked_case(committed)
    one, other = begin(committed, QUICKER), begin(committed)
    meet, rehearse = threading.Barrier(2, timeout=60), reads.rehearse

    def both_there(*values: Any, **named: Any) -> Any:
        meet.wait()
        return rehearse(*values, **named)

    def work(found: Rehearsal) -> None:
        try:
            jobs.run_rehearsal(str(found.id))
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(2) as pool:
        patched.setattr(reads, "rehearse", both_there)
        list(pool.map(work, [one, other]))
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.state == other.state == "done"
    assert one.sums["kind"]["sign"]["late"] == 1
    assert "late" not in other.sums["kind"]["sign"]
    assert not Difference.objects.filter(rehearsal=other, verdict="late").exists()


def test_a_period_that_ends_before_it_begins_is_refused(county: County) -> None:
    day = timezone.localtime(TUESDAY).date()
    with pytest.raises(PeriodWrong):
        actions.start_rehearsal(
            files_with(), since=day, until=day, key="k", county=COUNTY, actor=county.actor("guan")
        )
