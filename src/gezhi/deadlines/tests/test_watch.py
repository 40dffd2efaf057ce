"""The watch over promises: what is told to whom as time passes, once and in time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Approval, Case
from gezhi.deadlines import actions, jobs, reads
from gezhi.deadlines.actions import watching
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.tests.test_visits import told
from gezhi.people.models import Post
from gezhi.record.models import Line
from tests.cast import COUNTY, TUESDAY, VILLAGE, County, plain_reason, voice_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Taken = tuple[str, str, timedelta]


def watch(moment: datetime) -> None:
    with clock.standing_at(moment):
        while jobs.watch(COUNTY):
            pass


def taken(case: Case, kind: str) -> list[tuple[str, str, float]]:
    """Step, audience and minutes since Tuesday morning."""
    return [
        (one.step, one.audience, (one.at - TUESDAY) / MINUTE)
        for one in reads.raised_of(case).filter(deadline__kind=kind)
    ]


def said(case: Case) -> list[str]:
    kinds = ("promise_reminded", "promise_broken", "promise_climbed", "nobody_on_duty")
    lines = Line.objects.filter(about=f"case:{case.id}", kind__in=kinds).order_by("id")
    return [line.kind for line in lines]


@pytest.fixture
def left_alone(county: County) -> Case:
    """Reported on Tuesday at nine; nobody takes it."""
    with clock.standing_at(TUESDAY):
        return told().case


def test_a_case_that_nobody_takes_climbs_from_the_village_to_the_county(left_alone: Case) -> None:
    """Accept within 10 minutes; the ladder of the rulebook after that."""
    for minutes in range(0, 200):
        watch(TUESDAY + minutes * MINUTE)
    steps = taken(left_alone, "accept")
    assert [step for step, _audience, _at in steps] == [
        "remind:50", "remind:80", "break", "climb:1", "climb:2", "climb:3", "climb:4",
    ]  # fmt: skip
    assert steps[:3] == [
        ("remind:50", "holder", 5),
        ("remind:80", "holder", 8),
        ("break", "holder", 10),
    ]
    assert [audience for _step, audience, _at in steps[3:]] == ["head", "above", "top", "leader"]
    told = {
        one.audience: one.unit.code if one.unit else ""
        for one in reads.raised_of(left_alone).filter(deadline__kind="accept", step__gt="climb")
    }
    assert told["top"] == told["leader"] == f"centre-{COUNTY}"
    watch(TUESDAY + 10 * HOUR)
    assert taken(left_alone, "accept") == steps, "the ladder has an end"


def test_what_time_brings_leaves_every_history_whole(left_alone: Case) -> None:
    """The last line of the book about a case may be a broken promise, which no act made."""
    watch(TUESDAY + 11 * MINUTE)
    assert "promise_broken" in said(left_alone)
    assert list(case_reads.faults_in_chains(county=COUNTY)) == []


def test_a_step_late_by_an_hour_is_still_taken_once_and_in_order(left_alone: Case) -> None:
    """The workers were away; reminders that come after the break tell nobody any more."""
    watch(TUESDAY + 70 * MINUTE)
    steps = taken(left_alone, "accept")
    assert [step for step, _audience, _at in steps][:4] == [
        "remind:50", "remind:80", "break", "climb:1",
    ]  # fmt: skip
    assert {at for _step, _audience, at in steps} == {70}
    assert steps[0][1] == ""
    assert "promise_reminded" not in said(left_alone)
    watch(TUESDAY + 71 * MINUTE)
    assert taken(left_alone, "accept") == steps


def test_what_is_nobodys_any_more_is_never_spoken_of(county: County) -> None:
    with clock.standing_at(TUESDAY):
        made = told()
    watch(TUESDAY + 5 * MINUTE)
    with clock.standing_at(TUESDAY + 6 * MINUTE):
        cases.withdraw(made.case.id, actor=voice_of(made))
    watch(TUESDAY + 30 * 24 * HOUR)
    assert taken(made.case, "accept") == [("remind:50", "holder", 5)]
    assert taken(made.case, "finish") == []


def test_a_standing_clock_reminds_nobody_and_moves_what_was_to_come(
    left_alone: Case, county: County
) -> None:
    cun = county.actor("cun")
    with clock.standing_at(TUESDAY):
        cases.ask(left_alone.id, words="哪一栋楼？", actor=cun)
    watch(TUESDAY + 2 * 24 * HOUR)
    assert said(left_alone) == []
    asked_until = TUESDAY + 3 * 24 * HOUR
    watch(asked_until - MINUTE)
    left_alone.refresh_from_db()
    assert left_alone.paused_until is not None
    watch(asked_until)
    left_alone.refresh_from_db()
    assert left_alone.paused_until is None, "nobody answered; the clock runs again"
    watch(asked_until + 5 * MINUTE)
    assert taken(left_alone, "accept") == [
        ("remind:50", "holder", 3 * 24 * 60 + 5),
    ]


def test_who_was_asked_is_reminded_before_the_question_ends(
    left_alone: Case, county: County
) -> None:
    with clock.standing_at(TUESDAY):
        cases.ask(left_alone.id, words="哪一栋楼？", actor=county.actor("cun"))
    asked = Deadline.objects.get(case=left_alone, kind="reply")
    before = asked.starts + (asked.due - asked.starts) * 0.8
    watch(before - MINUTE)
    assert said(left_alone) == []
    watch(before)
    (line,) = Line.objects.filter(kind="promise_reminded")
    assert (line.data["audience"], line.data["told"]) == ("reporter", [])
    watch(before + MINUTE)
    assert said(left_alone) == ["promise_reminded"]
    watch(asked.due)
    assert [step for step, *_rest in taken(left_alone, "reply")] == ["remind:80", "end"]
    left_alone.refresh_from_db()
    assert left_alone.paused_until is None


def test_an_answer_in_time_spares_the_reminder(left_alone: Case, county: County) -> None:
    with clock.standing_at(TUESDAY):
        cases.ask(left_alone.id, words="哪一栋楼？", actor=county.actor("cun"))
    with clock.standing_at(TUESDAY + HOUR):
        cases.resume(left_alone.id, actor=county.actor("cun"))
    watch(TUESDAY + 4 * 24 * HOUR)
    assert taken(left_alone, "reply") == []


def test_an_approved_pause_ends_by_itself(left_alone: Case, county: County) -> None:
    until = TUESDAY + 5 * HOUR
    with clock.standing_at(TUESDAY):
        cases.pause(
            left_alone.id,
            reason=plain_reason("pause"),
            until=until,
            words="等配件",
            actor=county.actor("cun"),
        )
        left_alone.refresh_from_db()
        asked = Approval.objects.get(case=left_alone).id
        cases.decide(left_alone.id, approval=asked, is_granted=True, actor=county.actor("du"))
    watch(until)
    left_alone.refresh_from_db()
    assert left_alone.paused_until is None
    assert taken(left_alone, "pause") == [("end", "", 300)]


def test_nobody_at_work_is_an_alarm_and_the_next_step_comes_at_once(
    left_alone: Case, county: County
) -> None:
    Post.objects.filter(unit=county.unit(f"centre-{VILLAGE}")).update(
        valid_to=TUESDAY.date() - timedelta(days=1)
    )
    watch(TUESDAY + 5 * MINUTE)
    assert said(left_alone) == ["nobody_on_duty", "promise_reminded"]
    (alarm,) = Line.objects.filter(kind="nobody_on_duty")
    assert alarm.data["absent"] == str(county.unit(f"centre-{VILLAGE}"))
    assert alarm.data["audience"] == "above", "supervisors of the town"
    assert alarm.data["told"] == [str(county.accounts["zhendu"].id)], "somebody hears of it"
    for minute in (8, 10):
        watch(TUESDAY + minute * MINUTE)
    steps = taken(left_alone, "accept")
    assert ("climb:1", "head", 10) in steps
    assert ("climb:2", "above", 10) in steps, "not ten minutes later: nobody was told before"


def test_what_another_worker_holds_is_passed_over(committed: County) -> None:
    """Two workers at once on twenty promises that fall due together: each step is taken once."""
    with clock.standing_at(TUESDAY):
        made = [told().case for _ in range(20)]
    both = threading.Barrier(2, timeout=20)
    counts: list[int] = []
    plain = watching._take_step

    def meet_and_take(*args: object) -> None:
        if threading.current_thread() not in met:
            met.add(threading.current_thread())
            both.wait()
        plain(*args)  # type: ignore[arg-type]  # passed on as they came

    def work() -> None:
        counts.append(actions.take_steps(county=COUNTY, now=TUESDAY + 5 * MINUTE))
        connection.close()

    met: set[threading.Thread] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching, "_take_step", meet_and_take)
        patch.setattr(watching, "AT_ONCE", 10)
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert sorted(counts) == [10, 10], "both held ten of their own at the same moment"
    steps = Raised.objects.filter(case__in=made, deadline__kind="accept")
    assert steps.count() == 20
    assert set(steps.values_list("step", flat=True)) == {"remind:50"}


def test_an_act_in_the_same_moment_keeps_the_watch_away(committed: County) -> None:
    """While an act holds the promise nobody breaks it; kept, it never is."""
    with clock.standing_at(TUESDAY):
        case = told().case
    inside, looked = threading.Event(), threading.Event()
    plain = cases.show_due

    def pause_inside(*args: object, **named: object) -> None:
        inside.set()
        assert looked.wait(20)
        plain(*args, **named)  # type: ignore[arg-type]  # passed on as they came

    def accept() -> None:
        with clock.standing_at(TUESDAY + 9 * MINUTE):
            cases.accept(case.id, category=case.proposed_category, actor=committed.actor("cun"))
        connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases, "show_due", pause_inside)
        acting = threading.Thread(target=accept)
        acting.start()
        assert inside.wait(20)
        watch(TUESDAY + 11 * MINUTE)
        looked.set()
        acting.join()
    watch(TUESDAY + 12 * MINUTE)
    assert "break" not in [step for step, _audience, _at in taken(case, "accept")]


def test_an_act_and_a_step_for_one_case_do_not_wait_for_each_other(committed: County) -> None:
    """The act holds its case and comes for the promises; the watch holds these and names the case.

    Nothing holds a case's key: or the line of a step that was taken would wait for the act.
    """
    with clock.standing_at(TUESDAY):
        case = told().case
    acting, stepping = threading.Event(), threading.Event()
    come_for, step = reads.open_to_change, watching._take_step

    def come_late(id: UUID) -> list[Deadline]:
        acting.set()
        assert stepping.wait(20)
        return come_for(id)

    def step_meanwhile(*args: object) -> None:
        stepping.set()
        step(*args)  # type: ignore[arg-type]  # passed on as they came

    def accept() -> None:
        try:
            with clock.standing_at(TUESDAY + 9 * MINUTE):
                cases.accept(case.id, category=case.proposed_category, actor=committed.actor("cun"))
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(reads, "open_to_change", come_late)
        patch.setattr(watching, "_take_step", step_meanwhile)
        accepted = pool.submit(accept)
        assert acting.wait(20)
        watch(TUESDAY + 5 * MINUTE)
        accepted.result(timeout=30)
    assert taken(case, "accept") == [("remind:50", "holder", 5)]
    assert Case.objects.get(pk=case.id).state == "accepted"


def test_one_that_cannot_be_taken_keeps_no_other_waiting(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.standing_at(TUESDAY):
        bad, good = told().case, told().case
    plain: Callable[..., None] = watching._take_step

    def stumble(row: Deadline, *args: object) -> None:
        if row.case_id == bad.id:
            raise ValueError("something nobody thought of")
        plain(row, *args)

    monkeypatch.setattr(watching, "_take_step", stumble)
    watch(TUESDAY + 5 * MINUTE)
    assert taken(good, "accept") == [("remind:50", "holder", 5)]
    assert taken(bad, "accept") == []
    monkeypatch.undo()
    watch(TUESDAY + 9 * MINUTE)
    assert taken(bad, "accept") == []
    watch(TUESDAY + 10 * MINUTE)
    assert [step for step, _audience, _at in taken(bad, "accept")][:2] == ["remind:50", "remind:80"]


def test_the_past_of_a_simulation_is_its_own(left_alone: Case) -> None:
    """Workers leave it alone, also when the simulation was broken off; it drives in order."""
    until = TUESDAY + 2 * HOUR

    def broken_off() -> None:
        with actions.driven(county=COUNTY, until=until):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        broken_off()
    watch(TUESDAY + HOUR)
    assert taken(left_alone, "accept") == []
    with actions.driven(county=COUNTY, until=until):
        actions.drive_until(TUESDAY + 9 * MINUTE, county=COUNTY)
        assert taken(left_alone, "accept") == [
            ("remind:50", "holder", 5),
            ("remind:80", "holder", 8),
        ]
    watch(TUESDAY + 11 * MINUTE)
    assert ("break", "holder", 11) in taken(left_alone, "accept")


def test_promises_of_an_older_release_are_planned(left_alone: Case) -> None:
    Deadline.objects.filter(case=left_alone).update(next_step="", next_at=None)
    watch(TUESDAY + MINUTE)
    assert not Deadline.objects.filter(case=left_alone, next_at=None).exists()
    watch(TUESDAY + 5 * MINUTE)
    assert taken(left_alone, "accept") == [("remind:50", "holder", 5)]


def test_a_look_that_finds_nothing_asks_three_questions(
    left_alone: Case, django_assert_num_queries: Callable[..., object]
) -> None:
    """The other four statements are savepoints, which outside of a test are none."""
    watch(TUESDAY)
    with django_assert_num_queries(7), clock.standing_at(TUESDAY):  # type: ignore[attr-defined]  # a context
        jobs.watch(COUNTY)
