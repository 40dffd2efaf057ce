"""One key joins what came in to what was there; who types is offered it, and nothing else is."""

from collections.abc import Callable

import pytest

from gezhi.triage.tests.printing import LEAK, LEAK_AGAIN, report_at
from tests.browser import DESK, Window
from tests.cast import GRID, PASSWORD, County

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
def test_the_same_is_joined_by_key_and_while_it_is_typed(
    committed: County, window: Callable[..., Window]
) -> None:
    main, case = report_at(LEAK, east=40), report_at(LEAK_AGAIN)
    cun = window("same", DESK)
    cun.sign_in("cun", PASSWORD)
    page = cun.go(f"/desk/cases/{case.number}/")
    assert cun.faults_seen_by_axe() == []
    page.keyboard.press("m")
    page.wait_for_selector("#act [name=main]")
    assert page.input_value("#act [name=main]") == main.number
    cun.shoot("merging")
    page = cun.go("/desk/cases/new/")
    page.select_option("#id_path", GRID[:12])
    page.fill("#id_what", LEAK_AGAIN)
    page.wait_for_selector(f"[name=follows][value='{main.number}']")
    assert cun.faults_seen_by_axe() == []
    page.click(f"[name=follows][value='{main.number}']")
    page.wait_for_selector("text=记到这一件上了")
    assert page.inner_text("dd.gz-big >> nth=0") == main.number
    assert (cun.refused, cun.problems) == ([], [])
