"""A proposal by keys: another of its categories is chosen, and what is shown is taken."""

from collections.abc import Callable

import pytest

from gezhi.base.actor import NOBODY
from gezhi.cases import actions
from tests.browser import DESK, Window
from tests.cast import COUNTY, GRID, PASSWORD, County

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_one_key_chooses_another_category_and_one_takes_it(
    committed: County, window: Callable[..., Window]
) -> None:
    case = actions.report(
        county=COUNTY,
        what="隔壁私搭乱建，把路都占了，垃圾也没人清",
        where=actions.Where(path=GRID),
        channel="portal",
        actor=NOBODY,
    ).case
    cun = window("proposal", DESK)
    cun.sign_in("cun", PASSWORD)
    page = cun.go(f"/desk/cases/{case.number}/")
    proposed = page.input_value(".gz-proposal [name=category]")
    page.keyboard.press("1")
    page.wait_for_selector(
        f".gz-proposal [name=category]:not([value='{proposed}'])", state="attached"
    )
    chosen = page.input_value(".gz-proposal [name=category]")
    assert cun.faults_seen_by_axe() == []
    cun.shoot("chosen")
    page.keyboard.press("a")
    page.wait_for_selector(".gz-proposal", state="detached")
    case.refresh_from_db()
    assert case.category == chosen != proposed
    assert case.state in ("accepted", "assigned")
    assert (cun.refused, cun.problems) == ([], [])
