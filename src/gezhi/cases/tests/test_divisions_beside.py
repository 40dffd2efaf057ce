"""A case that is written beside a change of divisions, under the old path, is not lost."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.people import reads as people
from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.models import Area
from gezhi.places.tests.test_areas import StillClock
from gezhi.record import actions as record
from gezhi.record import followers
from gezhi.record.tests.test_followers import run_until_heard
from tests.cast import COUNTY, GRID, GRID_2, SETTING_UP, TOWN, County, report_leak
from tests.divisions import move_town, moved

FOLLOWER = "paths of cases"
PATIENCE = 120  # seconds


def read_on() -> None:
    """Let the follower read all there is."""
    while run_until_heard(FOLLOWER):
        pass


def beside(do: Callable[[], Any]) -> Callable[[], None]:
    """Let `do` go on in a thread with a connection of its own; the answer waits for its end."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as fault:  # noqa: BLE001  # raised again in the test's own thread
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()

    def is_over() -> None:
        thread.join(PATIENCE)
        assert not thread.is_alive()
        for fault in faults:
            raise fault

    return is_over


def path_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).path


def is_not_lost(case: Case, county: County, *, grid: str = GRID) -> None:
    """Its path is its area's, and the town's people see it."""
    assert path_of(case) == moved(grid)
    assert Case.objects.get(pk=case.pk).area == Area.objects.get(path=moved(grid), valid_to=None)
    zhen = people.actor_for(county.accounts["zhen"])
    assert reads.case_for(zhen, case.number).pk == case.pk


def test_a_report_that_knew_the_old_path_before_the_change(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands between finding the place and writing the case until the change is committed."""
    found, changed = threading.Barrier(2), threading.Barrier(2)
    next_serial = reads.next_serial

    def stand_between() -> int:
        serial = next_serial()
        found.wait(PATIENCE)
        changed.wait(PATIENCE)
        return serial

    monkeypatch.setattr(reads, "next_serial", stand_between)
    report_is_over = beside(report_leak)
    found.wait(PATIENCE)
    move_town()
    followers.run_once(FOLLOWER)
    changed.wait(PATIENCE)
    report_is_over()
    case = Case.objects.get()
    assert case.path == GRID, "nothing to mend: the two did not meet"
    read_on()
    is_not_lost(case, committed)


def test_a_case_the_change_could_not_see_and_the_follower_read_before_it_was_committed(
    committed: County,
) -> None:
    """The act began to write first, so its line is settled while the change is still open."""
    written, looked, commit_case, commit_change = (threading.Barrier(2) for _each in range(4))
    read_on()

    def report() -> None:
        with transaction.atomic():
            report_leak()
            written.wait(PATIENCE)
            commit_case.wait(PATIENCE)

    def change() -> None:
        with transaction.atomic():
            move_town()
            looked.wait(PATIENCE)
            commit_change.wait(PATIENCE)

    report_is_over = beside(report)
    written.wait(PATIENCE)
    change_is_over = beside(change)
    looked.wait(PATIENCE)
    commit_case.wait(PATIENCE)
    report_is_over()
    assert run_until_heard(FOLLOWER) > 0, "the case's line is read, and the areas stand as before"
    commit_change.wait(PATIENCE)
    change_is_over()
    case = Case.objects.get()
    assert case.path == GRID, "nothing to mend: the two did not meet"
    read_on()
    is_not_lost(case, committed)


@pytest.fixture
def knows_the_old_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process keeps is younger than a second, and the other one can't tell it."""
    still = StillClock(now=1000.0)
    for reader in (place_reads.standing, place_reads.locating, people.covering):
        monkeypatch.setattr(reader, "time", still)
    place_reads.forget(COUNTY)
    people.forget_units()
    place_reads.area_by_path(COUNTY, GRID)
    place_reads.area_by_path(COUNTY, GRID_2)
    people.centre_for(GRID, county=COUNTY)
    monkeypatch.setattr("gezhi.places.actions.areas.forget_on_commit", lambda county: lambda: None)
    monkeypatch.setattr(people, "forget_units", lambda: None)


def report_at_path() -> Any:
    return actions.report(
        county=COUNTY, what="路灯坏了", where=actions.Where(path=GRID), channel="portal",
        actor=NOBODY,
    )  # fmt: skip


@pytest.mark.parametrize("report", [report_leak, report_at_path])
def test_a_report_in_a_process_that_has_not_heard_of_the_change(
    committed: County, knows_the_old_paths: None, report: Callable[[], Any]
) -> None:
    report_leak()  # the tree of boundaries is kept too
    beside(move_town)()
    read_on()
    case = report().case
    assert path_of(case) == GRID, "nothing to mend: the process knew"
    read_on()
    is_not_lost(case, committed)


def test_a_case_accepted_into_a_grid_by_a_process_that_has_not_heard(
    committed: County, knows_the_old_paths: None
) -> None:
    case = report_leak().case
    cun = committed.actor("cun")
    beside(move_town)()
    read_on()
    category = case.proposed_category
    Case.objects.filter(pk=case.pk).update(path=GRID)  # what it was when the officer looked
    actions.accept(case.id, category=category, path=GRID_2, actor=cun)
    assert path_of(case) == GRID_2, "nothing to mend: the process knew"
    read_on()
    is_not_lost(case, committed, grid=GRID_2)


def test_a_case_that_lies_right_is_not_written_again(committed: County) -> None:
    case = report_leak().case
    read_on()
    assert actions.settle_paths(cases=[case.pk], inside=[TOWN]) == 0
    record.restart_follower(FOLLOWER)
    read_on()
    assert path_of(case) == GRID


def test_lines_about_no_case_ask_nothing_of_the_cases(committed: County) -> None:
    read_on()
    places.add_area(f"{GRID[:12]}099", "第99网格", on=date(2026, 12, 1), actor=SETTING_UP)
    with CaptureQueriesContext(connection) as queries:
        read_on()
    assert not [each for each in queries.captured_queries if "cases_case" in each["sql"]]
