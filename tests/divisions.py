"""A change of divisions for tests that write beside it: a town becomes a street."""

from datetime import date

from gezhi.places import actions as places
from gezhi.places.rules import Change
from tests.cast import SETTING_UP, TOWN

NEW_TOWN = "990101109"


def move_town() -> None:
    """The town becomes a street with a code of its own."""
    places.change_divisions(
        [Change(1, TOWN, "河湾镇", ""), Change(2, NEW_TOWN, "", "河湾街道")],
        on=date(2026, 12, 1),
        successors={TOWN: NEW_TOWN},
        actor=SETTING_UP,
    )


def moved(path: str) -> str:
    return path.replace(TOWN, NEW_TOWN)
