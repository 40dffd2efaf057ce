"""A proposal by keys: another of its categories is chosen, and what is shown is taken."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

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


@pytest.mark.browser
def test_what_is_not_clear_is_guessed_at_and_one_key_chooses(
    committed: County, window: Callable[..., Window]
) -> None:
    """Nothing is proposed, so nothing can be taken; one of the guesses is chosen first."""
    case = actions.report(
        county=COUNTY,
        what="邻居和超市、公交站、水库都说过，请来看看",
        where=actions.Where(path=GRID),
        channel="portal",
        actor=NOBODY,
    ).case
    cun = window("guesses", DESK)
    cun.sign_in("cun", PASSWORD)
    page = cun.go(f"/desk/cases/{case.number}/")
    expect(page.locator("#case-title")).to_have_text("类别待定")
    expect(page.locator(".gz-proposal")).to_contain_text("说不准是哪一类")
    guesses = page.locator(".gz-guesses button")
    expect(guesses).to_have_count(3)
    expect(page.locator(".gz-guesses mark").first).to_be_visible()
    expect(page.locator(".gz-proposal [data-key=a]")).to_have_count(0)
    assert cun.faults_seen_by_axe() == []
    cun.shoot("guesses")
    page.keyboard.press("a")  # nothing to take: the form opens that would say what it is
    expect(page.locator("#act form")).to_be_visible()
    page.reload()
    second = guesses.nth(1).inner_text().removesuffix("2").strip()
    page.keyboard.press("2")
    expect(page.locator(".gz-proposal dl strong").first).to_have_text(second)
    expect(page.locator("#case-title")).to_contain_text(second)
    chosen = page.input_value(".gz-proposal [name=category]")
    page.keyboard.press("a")
    expect(page.locator(".gz-case-line")).to_contain_text("已受理")
    case.refresh_from_db()
    assert (case.category, case.state) == (chosen, "accepted")
    assert (cun.refused, cun.problems) == ([], [])
