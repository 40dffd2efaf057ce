"""The page of open data in a browser: large and small, by axe."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.exchange import actions
from tests.browser import DESK, PHONE, Window
from tests.cast import SETTING_UP, TUESDAY, County, report_leak

pytest_plugins = ["tests.browser"]


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_files_are_found_from_the_front_page(
    committed: County, window: Callable[..., Window], size: dict[str, int], settings: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    settings.OPEN_DATA = str(tmp_path / "open")
    settings.OPEN_DATA_LICENCE = "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/"
    for ago in (0, 20, 45, 90):
        with clock.standing_at(TUESDAY - timedelta(days=ago)):
            case = report_leak().case
            cases.accept(case.id, category="utility.lamp", actor=SETTING_UP)
            cases.publish(case.id, is_public=True, actor=SETTING_UP)
    actions.write_open_data(TUESDAY + timedelta(hours=18))
    rita = window("opendata", size)
    rita.go("/")
    rita.page.get_by_role("link", name="开放数据").click()
    expect(rita.page.get_by_role("heading", name="开放数据")).to_be_visible()
    rita.shoot(f"{size['width']}-opendata")
    assert rita.faults_seen_by_axe() == []
    assert rita.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rita.page.locator("summary").first.click()
    assert rita.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rita.shoot(f"{size['width']}-opendata-sums")
    with rita.page.expect_download() as got:
        rita.page.get_by_role("link", name="CSV").first.click()
    assert got.value.suggested_filename == "cases-latest.csv"
    assert rita.problems == []
