"""What rooms above the cases keep of the same persons goes too: imported rows, requests."""

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.intake import actions as intake
from gezhi.intake import reads as intake_reads
from gezhi.intake.models import Import, ImportRow
from gezhi.intake.tests.files import HEADER, message, xlsx
from gezhi.residents.models import DataRequest
from gezhi.retention import actions, jobs, reads
from tests.cast import COUNTY, VILLAGE, County

SYSTEM = system("retention")
MORE = [*HEADER, "家庭住址"]
GOOD = [*message(1), "柳树村三社12号"]
WRONG = [*message(2, time="不是时间"), "柳树村四社7号"]


def later(days: int) -> Any:
    return clock.standing_at(clock.now() + timedelta(days=days))


def remove() -> None:
    actions.look_after()
    for removal in reads.open_removals():
        jobs.remove(str(removal.id))


def left() -> dict[str, bool]:
    """Whether the rows still have what the file said, by what became of them."""
    intake_reads.forget_tables()
    return {row.outcome: bool(row.values) for row in ImportRow.objects.all()}


@pytest.fixture
def imported(county: County) -> Import:
    """One row that became a case, one that is wrong; both with an address no case has."""
    found = intake.import_messages(
        xlsx([MORE, GOOD, WRONG]), name="messages.xlsx", county=COUNTY, actor=county.actor("xian")
    )
    assert left() == {"added": True, "failed": True}
    return found


def test_the_row_of_a_case_goes_with_what_told_of_its_reporter(imported):
    case = Case.objects.get()
    cases.anonymise_report(case.reports.get().id, reason="本人要求删除", actor=SYSTEM)
    assert left() == {"added": False, "failed": True}


def test_rows_go_by_a_rule_of_their_own_and_their_reasons_stay(imported):
    actions.set_days("imports", days=90, reason="个人信息保护法", actor=SYSTEM)
    with later(89):
        remove()
        assert left() == {"added": True, "failed": True}
    hold = actions.hold(Case.objects.get().number, reason="诉讼", actor=SYSTEM)
    with later(91):
        remove()
        assert left() == {"added": True, "failed": False}, "its case is held"
        actions.lift(hold.id, reason="结案", actor=SYSTEM)
        remove()
        assert left() == {"added": False, "failed": False}
    with zipfile.ZipFile(BytesIO(intake_reads.error_sheet(imported))) as sheet:
        written = "".join(sheet.read(name).decode() for name in sheet.namelist())
    assert "错误原因" in written
    assert "四社7号" not in written
    assert intake_reads.fault_counts(imported)


def test_a_file_that_was_stopped_and_forgotten_goes_too(county, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    cun = county.actor("xian")
    found = intake.receive_file(
        xlsx([MORE, GOOD]), name="a.xlsx", channel="board", county=COUNTY, actor=cun
    )
    intake.start_import(found.id, in_worker=False, actor=cun)
    intake.stop_import(found.id, actor=cun)
    actions.set_days("imports", days=90, reason="个人信息保护法", actor=SYSTEM)
    assert list(tmp_path.rglob("*.sealed"))
    with later(91):
        remove()
        assert not list(tmp_path.rglob("*.sealed"))
        assert Import.objects.get(pk=found.pk).stop_reason == "file_gone"
        remove()
        assert not reads.open_removals()


def test_what_was_written_in_a_request_goes_and_what_became_of_it_stays(reported):
    def asked(wish: str, state: str, done: Any) -> DataRequest:
        now = clock.now()
        return DataRequest.objects.create(
            county=COUNTY, report=reported.report, case=reported.case, wish=wish, state=state,
            wanted="李秀兰家的水管", reason="写错了", answer="同意", asked_at=now, due_at=now,
            decided_at=now, done_at=done,
        )  # fmt: skip

    done = asked("correct", "granted", clock.now())
    waits = asked("erase", "granted", None)
    actions.set_days("requests", days=365, reason="个人信息保护法", actor=SYSTEM)
    hold = actions.hold(VILLAGE, reason="审计", actor=SYSTEM)
    with later(366):
        remove()
        done.refresh_from_db()
        assert done.wanted, "the area is held"
        actions.lift(hold.id, reason="结案", actor=SYSTEM)
        remove()
    for each in (done, waits):
        each.refresh_from_db()
    assert (done.wanted, done.reason, done.answer, done.state) == ("", "", "", "granted")
    assert waits.reason, "an erasure that is not done yet"
