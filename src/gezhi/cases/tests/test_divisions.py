"""No case is lost when divisions change: its path follows, and who saw it still does."""

from datetime import date

from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.people import reads as people
from gezhi.places import actions as places
from gezhi.places.rules import Change
from tests.cast import GRID, SETTING_UP, TOWN, County, report_leak

NEW_TOWN = "990101109"


def test_a_town_that_gets_another_code_keeps_its_cases(county: County) -> None:
    case = report_leak(at=GRID).case
    places.change_divisions(
        [
            Change(1, TOWN, "河湾镇", ""),
            Change(2, NEW_TOWN, "", "河湾街道"),
        ],
        on=date(2026, 12, 1),
        successors={TOWN: NEW_TOWN},
        actor=SETTING_UP,
    )
    moved = Case.objects.get(pk=case.pk)
    assert moved.path == GRID.replace(TOWN, NEW_TOWN)
    assert moved.area_id == case.area_id, "the area is the same, only its code has changed"
    centre = people.unit(county.unit(f"centre-{TOWN}"))
    assert centre.path == NEW_TOWN
    zhen = people.actor_for(county.accounts["zhen"])
    assert reads.case_for(zhen, case.number).pk == case.pk
    accepted = actions.accept(
        case.id, category=case.proposed_category, actor=people.actor_for(county.accounts["cun"])
    )
    assert accepted.state == "accepted"
    assert list(reads.faults_in_chain(accepted, reads.history_of(accepted))) == []
