"""What reporters of merged cases were promised: owed by who works on the main case, or nobody."""

from datetime import timedelta

import pytest

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.deadlines import reads
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.tests.test_visits import finish, told
from gezhi.people.models import Unit
from tests.cast import TUESDAY, County, plain_reason, voice_of

HOUR = timedelta(hours=1)


@pytest.fixture
def under(county: County) -> tuple[Case, Case, Case]:
    """A main case, one under it, and one under that."""
    with clock.standing_at(TUESDAY):
        top, main, other = (told().case for _each in range(3))
        cun = county.actor("cun")
        actions.merge(other.id, main=main.id, actor=cun)
        actions.merge(main.id, main=top.id, actor=cun)
    return top, main, other


def finish_of(case: Case) -> Deadline:
    return Deadline.objects.filter(case=case, kind="finish").latest("starts")


def ends(*cases: Case) -> list[tuple[bool, bool]]:
    """Of the finish promise of each: whether it was met, whether it was dropped."""
    rows = [finish_of(case) for case in cases]
    return [(row.met_at is not None, row.dropped_at is not None) for row in rows]


def holders(*cases: Case) -> list[str]:
    units = dict(Unit.objects.values_list("id", "code"))
    return [units[finish_of(case).unit_id] for case in cases]


def test_the_end_of_the_main_case_keeps_all_of_them(
    county: County, under: tuple[Case, Case, Case]
) -> None:
    with clock.standing_at(TUESDAY + HOUR):
        finish(under[0], county)
    assert ends(*under) == [(True, False)] * 3
    with clock.standing_at(TUESDAY + 90 * 24 * HOUR):
        late = reads.late(county.actor("du"), now=clock.now())
        assert not late.filter(kind="finish").exists()


def test_a_main_case_that_is_refused_leaves_nobody_late_for_ever(
    county: County, under: tuple[Case, Case, Case]
) -> None:
    with clock.standing_at(TUESDAY + HOUR):
        top = under[0]
        reason = plain_reason("refuse")
        actions.refuse(top.id, reason=reason, words="不归这里管", actor=county.actor("cun"))
        asked = top.approvals.latest("id")
        actions.decide(top.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    assert ends(*under) == [(False, True)] * 3


def test_a_main_case_that_is_taken_back_leaves_nobody_late_for_ever(county: County) -> None:
    with clock.standing_at(TUESDAY):
        main, other = told(), told().case
        actions.merge(other.id, main=main.case.id, actor=county.actor("cun"))
        actions.withdraw(main.case.id, actor=voice_of(main))
    assert ends(main.case, other) == [(False, True)] * 2


def test_they_go_with_the_main_case_from_holder_to_holder(
    county: County, under: tuple[Case, Case, Case]
) -> None:
    top, main, other = under
    cun, village = county.actor("cun"), holders(top)[0]
    assert holders(*under) == [village] * 3
    with clock.standing_at(TUESDAY + HOUR):
        actions.accept(top.id, category=top.proposed_category, actor=cun)
        actions.assign(top.id, unit=county.unit("dept-water"), actor=cun)
    assert holders(*under) == ["dept-water"] * 3
    with clock.standing_at(TUESDAY + 2 * HOUR):
        late = told().case
        actions.merge(late.id, main=top.id, actor=cun)
    assert holders(late) == ["dept-water"], "who works on it owes it from the beginning"
    with clock.standing_at(TUESDAY + 3 * HOUR):
        actions.unmerge(main.id, actor=cun)
    assert holders(top, late) == ["dept-water"] * 2
    assert holders(main, other) == [village] * 2, "where it stood before it was merged"
