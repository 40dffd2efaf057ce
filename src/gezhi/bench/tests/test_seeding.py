"""Cases written by COPY are what the acts would have written: promises, stages, histories."""

from datetime import timedelta

import pytest

from gezhi.bench import seeding
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.cases.tests.test_stages import SAID, STOP, begun
from gezhi.deadlines.models import Deadline
from gezhi.record.models import Line
from tests.cast import COUNTY, County, report_leak

FEWEST = 20  # patterns
Row = dict[str, object]


def promises_of(case: Case) -> list[Row]:
    """Its promises, counted from where it was opened."""
    moments = ("starts", "base_from", "base_due", "first_due", "due", "met_at")
    names = ("kind", "stage", "unit_id", "is_working", "basis", "next_step", *moments)
    rows: list[Row] = []
    for row in Deadline.objects.filter(case=case).order_by("kind", "stage", "starts"):
        values = {name: getattr(row, name) for name in names}
        rows.append(
            values | {name: values[name] and values[name] - case.opened_at for name in moments}
        )
    return rows


def test_copies_keep_the_stages_that_are_promised_and_reached(county: County) -> None:
    illegal = begun(county)
    actions.reach_stage(illegal.id, stage=STOP, words=SAID, actor=county.actor("shui"))
    for _each in range(FEWEST):
        report_leak()
    before = set(Case.objects.values_list("id", flat=True))
    assert seeding.seed(2 * (FEWEST + 1), county=COUNTY) == 2 * (FEWEST + 1)
    copies = Case.objects.filter(category="build.illegal").exclude(id__in=before)
    assert len(copies) == 2
    illegal.refresh_from_db()
    for copy in copies:
        assert copy.stages == [STOP]
        assert promises_of(copy) == promises_of(illegal)
        assert (illegal.opened_at - copy.opened_at) % timedelta(weeks=1) == timedelta()
        fact = Line.objects.get(about=f"case:{copy.id}", kind="stage_reached")
        assert (fact.data["stage"], fact.data["case"]) == (STOP, str(copy.id))
        assert list(reads.faults_in_chain(copy, reads.history_of(copy))) == []


def test_a_house_without_a_history_has_nothing_to_copy(county: County) -> None:
    report_leak()
    with pytest.raises(seeding.TooFewPatterns):
        seeding.seed(1, county=COUNTY)
