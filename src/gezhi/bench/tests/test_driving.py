"""The clients that measure speak to the doors as they stand; files of many cases are counted."""

from pathlib import Path
from typing import Any

import pytest

from gezhi.bench import driving, exporting
from gezhi.bench.driving import Work
from gezhi.cases.models import Case
from gezhi.people import actions as people
from tests.cast import COUNTY, GRID, SETTING_UP, County, point_in, report_leak


@pytest.fixture
def work(committed: County, live_server: Any) -> Work:
    account = committed.accounts["dui"].id
    key = people.make_key(account=account, name="bench", actor=SETTING_UP).token
    lon, lat = point_in(GRID)
    return Work(
        url=live_server.url, centre_key=key, unit_key="", unit="", category="", outcome="",
        reason="", lon=lon, lat=lat, service="utility.lamp",
    )  # fmt: skip


@pytest.mark.parametrize(
    "do",
    [driving.open311_post_round, driving.open311_list_round, driving.open311_list_xml_round],
)
def test_rounds_of_open311_meet_no_errors(work: Work, do: driving.Round) -> None:
    [tally], _took = driving.drive(work, do, seconds=0.01, clients=1)
    assert tally.rounds >= 1
    assert tally.errors == {}
    is_post = do is driving.open311_post_round
    assert Case.objects.filter(county=COUNTY, channel="open311").exists() == is_post


@pytest.mark.usefixtures("county")
def test_files_of_public_cases_are_measured(tmp_path: Path, settings: Any) -> None:
    settings.OPEN_DATA = str(tmp_path / "open")
    exporting.make_public(report_leak().case)
    for made in exporting.everything():
        assert made.rows == 1
        assert made.mb < 1
        assert made.before_mb > 10
