"""However cases are made one and apart again, their reporters keep all that is theirs."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gezhi.base import clock
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.cases import actions, reads
from gezhi.cases.models import Case, Report
from gezhi.deadlines import reads as deadlines
from tests.cast import (
    FAR_VILLAGE,
    GRID,
    TUESDAY,
    County,
    build_county,
    report_leak,
    voice_of,
)

pytestmark = pytest.mark.django_db
FAR = f"{FAR_VILLAGE}001"
AT = st.integers(min_value=0, max_value=4)


class Merging(RuleBasedStateMachine):
    """Five cases of two towns; the county's centre joins and parts them; reporters have voted."""

    county: ClassVar[County]

    @initialize()
    def begin(self) -> None:
        self.mark = transaction.savepoint()
        with clock.standing_at(TUESDAY):
            self.told = [report_leak(at=at) for at in (GRID, GRID, GRID, FAR, FAR)]
        self.ids = [each.case.id for each in self.told]
        self.promised = {id: self._promise(id) for id in self.ids}
        self.votes: dict[UUID, int] = {}
        self.before: dict[UUID, tuple[str, UUID]] = {}

    def teardown(self) -> None:
        if hasattr(self, "mark"):
            transaction.savepoint_rollback(self.mark)

    @rule(one=AT, main=AT)
    def merge(self, one: int, main: int) -> None:
        case = Case.objects.get(pk=self.ids[one])
        with clock.standing_at(TUESDAY), suppress(Refusal):
            actions.merge(case.id, main=self.ids[main], actor=self.county.actor("xian"))
            self.before[case.id] = (case.state, case.holder_id)

    @rule(one=AT)
    def unmerge(self, one: int) -> None:
        with clock.standing_at(TUESDAY), suppress(Refusal):
            case = actions.unmerge(self.ids[one], actor=self.county.actor("xian"))
            assert (case.state, case.holder_id) == self.before.pop(case.id)
            assert case.main_id is None

    @rule(one=AT)
    def send_on(self, one: int) -> None:
        xian = self.county.actor("xian")
        with clock.standing_at(TUESDAY), suppress(Refusal):
            case = reads.case_for(xian, self.ids[one])
            centre = "cun" if case.path.startswith(GRID[:12]) else "bie"
            actions.accept(case.id, category="build.illegal", actor=self.county.actor(centre))

    @rule(one=AT, stars=st.integers(min_value=1, max_value=5))
    def has_voted(self, one: int, stars: int) -> None:
        """As when the work was done once before, and the case was opened again since."""
        report = self.told[one].report.id
        Report.objects.filter(pk=report).update(is_solved=False, rating=stars, rated_at=TUESDAY)
        self.votes[report] = stars

    @invariant()
    def everyone_keeps_what_is_theirs(self) -> None:
        if not hasattr(self, "ids"):
            return
        for told in self.told:
            case = Case.objects.get(pk=told.case.id)
            assert case.number == told.case.number
            (own,) = reads.reports_of(case)
            assert own.id == told.report.id
            assert bytes(own.code_digest) == bytes(told.report.code_digest)
            assert own.phone == "13812345678"
            assert own.rating == self.votes.get(own.id)
            assert self._promise(case.id) is not None
            if case.state == "reported":  # as it was promised, through every joining and parting
                assert self._promise(case.id) == self.promised[case.id]
            assert (case.state == "merged") == (case.id in self.before)
            assert reads.case_for(voice_of(told), case.number).id == case.id
        self._nobody_is_above_themselves()

    def _nobody_is_above_themselves(self) -> None:
        for id in self.ids:
            assert id not in reads.mains_above([id])
            for report in reads.reports_merged_into(id):
                assert id in reads.mains_above([report.case_id])

    def _promise(self, id: UUID) -> datetime | None:
        found = deadlines.target(Case.objects.get(pk=id))
        return found.due if found else None


def test_random_joining_and_parting_takes_nothing_from_anybody(db: None) -> None:
    Merging.county = build_county()
    few = settings(max_examples=12, stateful_step_count=14, deadline=None)
    run_state_machine_as_test(Merging, settings=few)


def test_a_chain_keeps_all_of_it_and_comes_apart_link_by_link(county: County) -> None:
    first, second, third = (report_leak().case for _ in range(3))
    cun = county.actor("cun")
    actions.merge(first.id, main=second.id, actor=cun)
    actions.merge(second.id, main=third.id, actor=cun)
    assert {row.case_id for row in reads.reports_merged_into(third.id)} == {first.id, second.id}
    assert actions.unmerge(second.id, actor=cun).state == "reported"
    assert {row.case_id for row in reads.reports_merged_into(second.id)} == {first.id}
    assert reads.reports_merged_into(third.id) == []


def test_two_towns_are_joined_by_the_centre_above_both_alone(county: County) -> None:
    here, there = report_leak().case, report_leak(at=FAR).case
    with pytest.raises(Refusal):  # the village does not even see the other town's
        actions.merge(here.id, main=there.id, actor=county.actor("cun"))
    with pytest.raises(NotAllowed):  # who only supervises joins nothing
        actions.merge(here.id, main=there.id, actor=county.actor("du"))
    done = actions.merge(here.id, main=there.id, actor=county.actor("xian"))
    assert done.main_id == there.id
    assert actions.unmerge(here.id, actor=county.actor("xian")).state == "reported"


def test_many_are_joined_from_the_list_into_the_oldest(
    county: County, login: Callable[[str], Client]
) -> None:
    told = [report_leak(at=at).case for at in (GRID, FAR, GRID)]
    client, numbers = login("xian"), [case.number for case in told]
    asked = client.post("/desk/bulk/merge/", {"number": numbers})
    page = asked.content.decode()
    assert "可以办 2 件" in page
    assert f'value="{numbers[0]}"' in page
    sent: dict[str, Any] = {"number": numbers, "main": numbers[0], "once": "joined-once"}
    sent |= {f"revision-{case.number}": case.lines for case in told}
    done = client.post("/desk/bulk/merge/do/", sent)
    assert done.status_code == 200
    states = dict(Case.objects.values_list("number", "state"))
    assert [states[number] for number in numbers] == ["reported", "merged", "merged"]
    assert set(Case.objects.filter(state="merged").values_list("main", flat=True)) == {told[0].id}
