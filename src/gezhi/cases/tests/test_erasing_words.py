"""One person is taken out of a case: what they said goes, wherever it was written down."""

import pytest

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.models import Case, HistoryLine, Report, Visit
from gezhi.cases.tests.versions import NOISE, finish, work_on
from tests.cast import COUNTY, SETTING_UP, County, report_leak, voice_of

SAID = "李秀兰说她家在柳树村三社12号，还是吵"


def erase(report: Report) -> None:
    cases.anonymise_report(report.id, reason="本人要求", actor=SETTING_UP)


def left() -> list[str]:
    """Where the words still stand."""
    found = {
        "visit": Visit.objects.filter(words=SAID),
        "line": HistoryLine.objects.filter(words=SAID),
        "vote": Report.objects.filter(rating_words=SAID),
    }
    return [name for name, rows in found.items() if rows.exists()]


def called(county: County, case: Case, *, is_solved: bool) -> None:
    cases.visit_back(
        case.id, is_reached=True, is_solved=is_solved, rating=4, words=SAID,
        actor=county.actor("fang"),
    )  # fmt: skip


def chain_is_whole(case: Case) -> bool:
    case.refresh_from_db()
    return not list(reads.faults_in_chains(county=COUNTY))


@pytest.mark.parametrize("is_solved", [True, False])
def test_what_was_said_to_who_called_back_goes_with_who_said_it(
    county: County, is_solved: bool
) -> None:
    own = report_leak()
    other = cases.follow(own.case.id, channel="portal", county=COUNTY, actor=NOBODY)
    handled = work_on(county, NOISE, own.case)
    finish(county, handled)
    called(county, handled, is_solved=is_solved)
    erase(other.report)
    assert left() == ["visit", "line", "vote"], "the first was called"
    erase(own.report)
    assert left() == []
    assert chain_is_whole(handled)


def test_what_was_said_in_the_case_it_was_merged_into_goes_too(county: County) -> None:
    main = work_on(county, NOISE)
    own = report_leak()
    cases.merge(own.case.id, main=main.id, actor=county.actor("cun"))
    finish(county, main)
    cases.rate(
        own.case.id, report=own.report.id, is_solved=False, rating=1, words=SAID,
        actor=voice_of(own),
    )  # fmt: skip
    assert HistoryLine.objects.filter(case=main, words=SAID).exists()
    erase(own.report)
    assert left() == []
    assert chain_is_whole(main)
