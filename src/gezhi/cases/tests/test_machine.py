"""Random acts by random actors; afterwards the case must be whole and nothing half done.

One rule draws an act, an actor and values, right or wrong; the acts themselves
decide. After every step: one holding unit, one open lead leg unless ended, promises
that fit the ledger, a valid chain, and no act both refused and recorded.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.refusal import Refusal
from gezhi.cases import actions, reads, rules
from gezhi.cases.api import showing
from gezhi.cases.errors import TooManyFiles
from gezhi.cases.models import Case
from gezhi.cases.tests.test_waiting_files import picture
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import NOTHING, UNSTOPPED, WINDOWS, Kind, Promise, due_after, is_late
from gezhi.record import reads as record
from gezhi.rulebook import reads as rulebook
from tests.cast import (
    COUNTY,
    GRID,
    SECOND,
    TOWN,
    TUESDAY,
    VILLAGE,
    County,
    build_county,
    report_leak,
    voice_of,
)

STAFF = ["cun", "zhen", "xian", "bie", "wang", "shui", "shuiba", "lu", "du", "zhendu", "fang"]
UNITS = [
    f"centre-{VILLAGE}", f"centre-{SECOND}", f"centre-{TOWN}", f"centre-{COUNTY}",
    "dept-water", "dept-transport", f"grid-{GRID}", f"station-{TOWN}-enforcement",
]  # fmt: skip
GOOD_WORDS = ["已经处理完毕，请放心。", "情况属实，正在处理。", "水管\x00破了，已经更换", "换" * 50]
STAGED = ["build.illegal"] * 8
STAGES = st.sampled_from(
    [f"build.illegal:{key}" for key in ("stop", "stop", "fine", "fine", "remove", "fly")]
)
WORDS = st.sampled_from(["", "好", *GOOD_WORDS * 2])
UPLOADS = [
    actions.Upload("字条.pdf", b"%PDF-1.4 paper", "document"),
    actions.Upload("现在.jpg", picture(), "after"),
]
FAR = ["done", "handling", "reported", "done"]  # how far the first case is when a walk begins
ENDING = {rules.Act.WITHDRAW, rules.Act.REFUSE, rules.Act.MERGE}
ENDED = {"closed", "refused", "merged", "withdrawn"}


class CaseMachine(RuleBasedStateMachine):
    """Two cases at the village; anybody tries anything with them."""

    county: ClassVar[County]
    tally: ClassVar[dict[str, int]] = {}

    @initialize(how_far=st.sampled_from(FAR), data=st.data())
    def begin(self, how_far: str, data: st.DataObject) -> None:
        self.now, self.seen = TUESDAY, 0
        self.mark = transaction.savepoint()
        with clock.standing_at(self.now):
            self.reported = [report_leak(), report_leak()]
        self.ids: list[UUID] = [each.case.id for each in self.reported]
        if how_far != "reported":
            self._send_on(self.ids[0])
        # Nobody can call about the second one.
        Case.objects.filter(pk=self.ids[1]).update(is_reachable=False)
        if how_far == "done":
            self._bring_to_an_end(self.ids[0])
            self._try("du", rules.Act.VERIFY, 0, data)

    def _send_on(self, case: UUID) -> None:
        """As an illegal building, which has stages, to the water department."""
        cun, shui = self.county.actor("cun"), self.county.actor("shui")
        with clock.standing_at(self.now):
            actions.accept(case, category=STAGED[0], actor=cun)
            actions.assign(case, unit=self.county.unit("dept-water"), actor=cun)
            actions.sign(case, actor=shui)

    def _bring_to_an_end(self, case: UUID) -> None:
        """With all that an illegal building is to be proven by; few walks get there by chance."""
        shui = self.county.actor("shui")
        with clock.standing_at(self.now):
            for kind, colour in (("before", "red"), ("after", "green")):
                upload = actions.Upload(f"{kind}.jpg", picture(colour), kind)
                actions.attach(case, upload=upload, actor=shui)
            actions.attach(case, upload=UPLOADS[0], actor=shui)
            actions.finish(case, outcome="solved", answer=GOOD_WORDS[0], actor=shui)

    def teardown(self) -> None:
        if hasattr(self, "mark"):
            transaction.savepoint_rollback(self.mark)

    @rule(minutes=st.sampled_from([1, 20, 90, 600, 1500, 5000]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        who=st.sampled_from([*STAFF, "reporter", "rulebook"]),
        act=st.sampled_from(list(rules.MOVES)),
        which=st.sampled_from([0, 1]),
        data=st.data(),
    )
    def somebody_tries(self, who: str, act: rules.Act, which: int, data: st.DataObject) -> None:
        self._try(who, act, which, data)

    @rule(which=st.sampled_from([0, 1]), data=st.data())
    def somebody_who_may_tries(self, which: int, data: st.DataObject) -> None:
        """Draw from what is really open to somebody, so that cases get far along the road."""
        self._one_that_may(which, data)

    @rule(which=st.sampled_from([0, 1]), times=st.integers(1, 6), data=st.data())
    def several_who_may_try(self, which: int, times: int, data: st.DataObject) -> None:
        for _time in range(times):
            self._one_that_may(which, data)

    @rule(which=st.sampled_from([0, 1]), data=st.data())
    def somebody_checks(self, which: int, data: st.DataObject) -> None:
        """What is done gets its second look more often than chance would have it."""
        if Case.objects.filter(pk=self.ids[which], state="done").exists():
            who = data.draw(st.sampled_from(["du", "cun", "wang"]))
            self._try(who, rules.Act.VERIFY, which, data)

    def _one_that_may(self, which: int, data: st.DataObject) -> None:
        case = Case.objects.get(pk=self.ids[which])
        people = [*STAFF, "reporter", "rulebook"]
        moving: dict[rules.Act, list[str]] = {}
        for who in people:
            for act in reads.moves_for(self._actor(who, which), case):
                moving.setdefault(act, []).append(who)
        asides = {
            rules.Act.NOTE,
            rules.Act.ATTACH,
            rules.Act.PUBLISH,
            rules.Act.RECLASSIFY,
            rules.Act.CORRECT,
        }
        acts = sorted(set(moving) - asides - ENDING) * 4 + sorted(moving)
        if not acts:
            return
        act = data.draw(st.sampled_from(acts))
        self._try(data.draw(st.sampled_from(moving[act])), act, which, data)

    def _try(self, who: str, act: rules.Act, which: int, data: st.DataObject) -> None:
        case_id = self.ids[which]
        values = self._values(act, which, data)
        before = Case.objects.get(pk=case_id)
        do: Callable[..., Any] = getattr(actions, act.value)
        lines = record.facts_about(f"case:{case_id}", county=COUNTY).count()
        try:
            with clock.standing_at(self.now):
                do(case_id, **values, actor=self._actor(who, which))
        except Refusal as refusal:
            after = Case.objects.get(pk=case_id)
            assert after.lines == before.lines, f"{act} was refused and recorded"
            assert record.facts_about(f"case:{case_id}", county=COUNTY).count() == lines
            key = f"refused: {refusal.code}"
        else:
            assert Case.objects.get(pk=case_id).lines > before.lines, f"{act} left no line"
            key = f"done: {act}{' solved' if values.get('is_solved') else ''}"
        self.tally[key] = self.tally.get(key, 0) + 1
        self._check(Case.objects.get(pk=case_id))

    def _actor(self, who: str, which: int) -> Actor:
        if who == "reporter":
            return voice_of(self.reported[which])
        return system("rulebook") if who == "rulebook" else self.county.actor(who)

    def _values(self, act: rules.Act, which: int, data: st.DataObject) -> dict[str, Any]:
        makers = {
            rules.Act.ACCEPT: self._category,
            rules.Act.RECLASSIFY: self._category,
            rules.Act.REFUSE: lambda d: self._reason("refuse", d),
            rules.Act.ASSIGN: lambda d: {"unit": self._unit(d), **self._category(d)},
            rules.Act.SEND_BACK: lambda d: self._reason("send_back", d, words=True),
            rules.Act.ESCALATE: lambda d: self._reason("escalate", d),
            rules.Act.HAND_DOWN: lambda d: {"unit": self._unit(d)},
            rules.Act.WHISTLE: lambda d: {
                "units": d.draw(st.lists(st.sampled_from(UNITS).map(self.county.unit), max_size=2)),
                "words": d.draw(WORDS),
                "arrive_by": d.draw(st.sampled_from([None, self._moment(d)])),
            },
            rules.Act.EXCUSE_LEG: lambda d: {"leg": self._leg(which), "words": d.draw(WORDS)},
            rules.Act.ASK: self._words,
            rules.Act.ANSWER: self._words,
            rules.Act.FINISH_LEG: self._words,
            rules.Act.REACH_STAGE: lambda d: {"stage": d.draw(STAGES), **self._words(d)},
            rules.Act.SUPERVISE: self._words,
            rules.Act.ANSWER_SUPERVISION: self._words,
            rules.Act.NOTE: self._words,
            rules.Act.PAUSE: lambda d: {**self._reason("pause", d), "until": self._moment(d)},
            rules.Act.EXTEND: lambda d: {
                **self._reason("extend", d), "until": self._later_than_due(which, d)
            },
            rules.Act.DECIDE: lambda d: {
                "approval": self._approval(which), "is_granted": d.draw(st.booleans()),
                **self._words(d),
            },
            rules.Act.FINISH: self._finish,
            rules.Act.VERIFY: lambda d: self._check_of(which, d),
            rules.Act.VISIT_BACK: lambda d: {
                "is_reached": d.draw(st.booleans()), "is_solved": d.draw(st.booleans()),
                "rating": d.draw(st.integers(0, 6)),
            },
            rules.Act.RATE: lambda d: {
                "report": self.reported[which].report.id, "is_solved": d.draw(st.booleans()),
                "rating": d.draw(st.integers(0, 6)),
            },
            rules.Act.CORRECT: lambda d: {
                "report": self.reported[which].report.id,
                "phone": d.draw(st.sampled_from([None, "", "13812345678", "13987654321"])),
                "address": d.draw(st.sampled_from([None, "", "柳树村一社"])),
            },
            rules.Act.REOPEN: lambda d: self._reason("reopen", d),
            rules.Act.MERGE: lambda d: {"main": self.ids[d.draw(st.sampled_from([0, 1]))]},
            rules.Act.PUBLISH: lambda d: {"is_public": d.draw(st.booleans())},
            rules.Act.ATTACH: lambda d: {"upload": d.draw(st.sampled_from(UPLOADS))},
        }  # fmt: skip
        return makers.get(act, lambda d: {})(data)

    def _words(self, data: st.DataObject) -> dict[str, Any]:
        return {"words": data.draw(WORDS)}

    def _unit(self, data: st.DataObject) -> UUID:
        code: str = data.draw(st.sampled_from(UNITS))
        return self.county.unit(code)

    def _moment(self, data: st.DataObject) -> datetime:
        return self.now + timedelta(hours=data.draw(st.sampled_from([-5, 3, 30, 48, 24 * 40])))

    def _later_than_due(self, which: int, data: st.DataObject) -> datetime:
        due = Case.objects.get(pk=self.ids[which]).finish_by or self.now
        hours = data.draw(st.sampled_from([-5, 3, 30, 48, 24 * 40]))
        return max(due, self.now) + timedelta(hours=hours)

    def _category(self, data: st.DataObject) -> dict[str, Any]:
        keys = sorted(rulebook.current(COUNTY).categories)
        return {
            "category": data.draw(st.sampled_from([*keys[::10], *STAGED, "no.such"])),
            "size": data.draw(st.sampled_from(["", "small", "big", "hard"])),
        }

    def _reason(self, kind: str, data: st.DataObject, *, words: bool = True) -> dict[str, Any]:
        codes = [*[*rulebook.current(COUNTY).reasons(kind)] * 2, "no-such"]
        return {"reason": data.draw(st.sampled_from(codes)), "words": data.draw(WORDS)}

    def _finish(self, data: st.DataObject) -> dict[str, Any]:
        book = rulebook.current(COUNTY)
        return {
            "outcome": data.draw(st.sampled_from([*[*book.outcomes] * 2, "no-such"])),
            "reason": data.draw(st.sampled_from(["", *book.reasons("cannot")])),
            "answer": data.draw(WORDS),
        }

    def _check_of(self, which: int, data: st.DataObject) -> dict[str, Any]:
        """Mostly with a new picture of what the county's supervisor saw, which comes first."""
        case = Case.objects.get(pk=self.ids[which])
        mostly = st.sampled_from([True, True, False])
        is_solved, brings = data.draw(mostly), data.draw(mostly)
        if brings and case.state == "done":
            self.seen += 1
            colour = f"#{self.seen * 0x1F2F3F % 0x1000000:06x}"
            seen = actions.Upload("看到的.jpg", picture(colour), "check")
            with clock.standing_at(self.now), suppress(TooManyFiles):
                actions.attach(case.id, upload=seen, actor=self.county.actor("du"))
        return {"is_solved": is_solved, "words": data.draw(WORDS)}

    def _leg(self, which: int) -> UUID:
        legs = reads.legs_of(Case.objects.get(pk=self.ids[which])).filter(role="joint")
        return legs[0].id if legs else self.ids[which]

    def _approval(self, which: int) -> UUID:
        asked = reads.approvals_of(Case.objects.get(pk=self.ids[which])).first()
        return asked.id if asked else self.ids[which]

    def _check(self, case: Case) -> None:
        self._one_holder(case)
        self._promises_fit(case)
        self._ledger_adds_up(case)
        self._no_work_is_shown_before_it_is_done(case)
        assert list(reads.faults_in_chain(case, reads.history_of(case))) == []

    def _one_holder(self, case: Case) -> None:
        leads = [leg for leg in reads.legs_of(case) if leg.role == "lead" and not leg.ended_at]
        joints = [leg for leg in reads.legs_of(case) if leg.role == "joint" and not leg.ended_at]
        if case.state in ENDED:
            assert (leads, joints) == ([], [])
        else:
            assert [leg.unit_id for leg in leads] == [case.holder_id]
        if case.state in ("reported", "accepted"):
            assert case.holder_id == case.centre_id
        if case.state in ("assigned", "handling", "done"):
            assert case.category
            assert case.holder_id != case.centre_id
        if joints:
            assert case.state == "handling"

    def _no_work_is_shown_before_it_is_done(self, case: Case) -> None:
        for file in reads.files_of(case):
            assert not (file.waits_for and file.is_public)
            if file.kind == "after" and not reads.history_of(case).filter(act="finish").exists():
                assert not file.is_public

    def _promises_fit(self, case: Case) -> None:
        rows = list(Deadline.objects.filter(case=case))
        open_rows = [row for row in rows if row.met_at is None and row.dropped_at is None]
        aside = ("answer", "arrive", "stage")
        kinds = sorted(row.kind for row in open_rows if row.kind not in aside)
        wanted = {
            "reported": ["accept", "finish"],
            "accepted": ["finish", "forward"],
            "assigned": ["finish", "sign"],
            "handling": ["finish"],
            "done": ["rate", "visit"] if case.is_reachable else ["rate"],
            "closed": ["reopen"],
            "refused": [],
            "withdrawn": [],
        }
        is_asked = reads.open_question(case, "question") is not None
        is_paused = case.paused_until is not None
        stands = ["reply"] if is_asked else ["pause"] if is_paused else []
        if case.state in wanted:
            assert kinds == sorted(wanted[case.state] + stands)
        for row in open_rows:
            stops = is_paused and row.kind not in UNSTOPPED
            assert (row.next_at is None) == (stops or row.next_step == NOTHING), row.kind
        self._stages_fit(case, open_rows)
        if case.paused_until is None and case.state in rules.OPEN:
            self._due_is_the_sum_of_the_ledger(case, open_rows)
        if case.state not in ("merged",):
            self._shows_what_is_owed(case, [row for row in open_rows if row.kind not in WINDOWS])

    def _shows_what_is_owed(self, case: Case, owed: list[Deadline]) -> None:
        """The one promise that lists know of is late whenever any of them is."""
        if case.paused_until is None:
            assert case.due_at == min((row.due for row in owed), default=None)
        assert case.finish_by == next((row.due for row in owed if row.kind == Kind.FINISH), None)
        for days in (0, 3, 40):
            moment = self.now + timedelta(days=days)
            any_late = any(
                is_late(
                    row.kind,
                    row.due,
                    met_at=None,
                    paused_until=case.paused_until,
                    paused_at=case.paused_at,
                    now=moment,
                )
                for row in owed
            )
            assert showing.is_late(case, moment) == any_late, (days, case.due_at)
            assert Case.objects.filter(reads.late_at(moment), id=case.id).exists() == any_late

    def _stages_fit(self, case: Case, open_rows: list[Deadline]) -> None:
        """What is promised can be said, and comes before the finish, unless that was moved."""
        promised = {row.stage: row for row in open_rows if row.kind == Kind.STAGE}
        if case.state not in rules.OPEN:
            assert not promised
            return
        category = case.category or case.proposed_category
        known = [one.key for one in rulebook.book(COUNTY, case.book).category(category).stages]
        assert promised.keys() == {*known[:-1]} - {*case.stages}  # the last is the finish
        if case.state == "handling":
            assert promised.keys() <= {one.key for one in reads.stages_left(case)}
        (finish,) = [row for row in open_rows if row.kind == Kind.FINISH]
        assert finish.is_extended or all(row.due < finish.due for row in promised.values())

    def _due_is_the_sum_of_the_ledger(self, case: Case, rows: list[Deadline]) -> None:
        entries = reads.clock_of(case.id)
        calendar = rulebook.book(COUNTY, case.book).calendar
        for row in rows:
            if row.kind in (Kind.FINISH, Kind.STAGE):
                stood = rules.pauses(entries, since=row.base_from, now=self.now)
                promise = Promise(row.base_from, row.base_due, row.is_working, stood)
                assert row.due == due_after(promise, calendar)
                assert row.unit_id == case.holder_id, "the old unit's clock went on"

    def _ledger_adds_up(self, case: Case) -> None:
        entries = reads.clock_of(case.id)
        ran = sum(rules.elapsed(entries, now=self.now).values(), timedelta())
        stood = rules.pauses(entries, since=case.opened_at, now=self.now)
        still = sum((end - start for start, end in stood), timedelta())
        assert ran + still == self.now - case.opened_at
        assert rules.is_paused(entries) == (case.paused_until is not None)


@pytest.mark.slow
def test_random_acts_by_random_actors_leave_every_case_whole(db: None) -> None:
    CaseMachine.county = build_county()
    CaseMachine.tally = {}
    walks = settings(
        max_examples=int(os.environ.get("GEZHI_TEST_WALKS", "20")),
        stateful_step_count=60,
        phases=[Phase.explicit, Phase.generate],  # a walk is read as it was, not shrunk
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(CaseMachine, settings=walks)
    done = {key for key in CaseMachine.tally if key.startswith("done")}
    assert len(done) >= 15, f"the walk got nowhere: {CaseMachine.tally}"
    assert CaseMachine.tally.get("done: verify solved"), f"no check held: {CaseMachine.tally}"
