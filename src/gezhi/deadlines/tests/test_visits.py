"""Return visits are promised where somebody can be called, and nowhere else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads
from gezhi.cases.models import Case, Report
from gezhi.cases.tests.test_waiting_files import picture
from gezhi.deadlines import actions as promises
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.rules import WINDOWS
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, TUESDAY, County, plain_reason, point_in, voice_of

Login = Callable[[str], Client]
PHONE = actions.Contact(phone="13812345678")
DAYS = timedelta(days=7)


def told(contact: actions.Contact | None = None) -> actions.Reported:
    lon, lat = point_in(GRID)
    return actions.report(
        county=COUNTY,
        what="路灯不亮了，晚上看不见路",
        where=actions.Where(lon=lon, lat=lat),
        channel="portal",
        contact=contact,
        actor=NOBODY,
    )


def finish(case: Case, county: County, *, checked: bool = False) -> Case:
    """Through to finished; `checked` in a category where a second person must look."""
    book = rulebook.current(COUNTY)
    category = next(
        key for key, one in book.categories.items() if ("second_check" in one.proof) is checked
    )
    cun, shui = county.actor("cun"), county.actor("shui")
    actions.accept(case.id, category=category, actor=cun)
    actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    actions.sign(case.id, actor=shui)
    outcome, reason = ("solved", "") if checked else ("cannot", plain_reason("cannot"))
    if checked:
        for kind in ("before", "after", "document", "signature"):
            _prove(case, kind, county)
    return actions.finish(
        case.id, outcome=outcome, reason=reason, answer="已经联系供电所处理。", actor=shui
    )


_COLOURS = {"before": "red", "after": "green", "signature": "blue"}


def _prove(case: Case, kind: str, county: County) -> None:
    data = b"%PDF-1.4 paper" if kind == "document" else picture(_COLOURS[kind])
    actions.attach(
        case.id, upload=actions.Upload(f"{kind}.x", data, kind), actor=county.actor("shui")
    )


def kinds_open(case: Case) -> set[str]:
    """What the house owes."""
    return {row.kind for row in deadlines.open_of(case.id) if row.kind not in WINDOWS}


@pytest.mark.parametrize(
    ("contact", "kinds"),
    [
        (None, set()),
        (actions.Contact(name="李秀兰"), set()),
        (actions.Contact(phone=" \u200b "), set()),
        (PHONE, {"visit"}),
        (actions.Contact(address="柳树村三社12号"), {"visit"}),
        (actions.Contact(phone="13812345678", is_secret=True), {"visit"}),
    ],
)
def test_a_visit_is_promised_only_where_a_contact_was_left(
    county: County, contact: actions.Contact | None, kinds: set[str]
) -> None:
    case = finish(told(contact).case, county)
    assert kinds_open(case) == kinds
    case.refresh_from_db()
    assert (case.due_at is not None) is bool(kinds)
    with clock.standing_at(clock.now() + timedelta(days=5)):
        late = deadlines.late(county.actor("fang"), now=clock.now())
        assert late.filter(case=case).exists() is bool(kinds)


def test_a_follower_with_a_number_is_called_and_the_vote_is_theirs(
    county: County, login: Login
) -> None:
    first = told()
    joined = actions.follow(
        first.case.id,
        channel="portal",
        contact=actions.Contact(name="王大力", phone="13900001111"),
        county=COUNTY,
        actor=NOBODY,
    )
    case = finish(first.case, county)
    assert kinds_open(case) == {"visit"}
    page = login("fang").get("/desk/visits/").content.decode()
    assert "139****1111" in page
    assert "没有留联系方式" not in page
    actions.visit_back(
        case.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
    )
    votes = dict(Report.objects.filter(case=case).values_list("id", "is_solved"))
    assert votes == {first.report.id: None, joined.report.id: True}
    actions.rate(case.id, report=first.report.id, is_solved=True, rating=4, actor=voice_of(first))


def test_the_list_leads_with_whom_one_can_call(county: County, login: Login) -> None:
    with clock.standing_at(TUESDAY):
        silent = finish(told().case, county)
    with clock.standing_at(TUESDAY + timedelta(hours=2)):
        called = finish(told(PHONE).case, county)
        page = login("fang").get("/desk/visits/").content.decode()
    assert page.index(called.number) < page.index("不用打电话") < page.index(silent.number)
    assert "等到" in page
    assert [case.id for case in reads.to_visit(county.actor("fang"))] == [called.id]
    assert not reads.to_hear(county.actor("shui")).exists()


def test_an_older_case_that_does_not_say_is_visited(county: County) -> None:
    case = told(PHONE).case
    Case.objects.filter(id=case.id).update(is_reachable=None)
    finish(case, county)
    assert kinds_open(case) == {"visit"}
    assert [found.id for found in reads.to_visit(county.actor("fang"))] == [case.id]


def end_windows() -> int:
    return promises.end_windows(county=COUNTY, now=clock.now())


def test_without_a_word_it_is_closed_when_the_window_is_over(county: County) -> None:
    """Where a visit was owed and never made, that promise stays unkept."""
    with clock.standing_at(TUESDAY):
        silent, called = finish(told().case, county), finish(told(PHONE).case, county)
    with clock.standing_at(TUESDAY + DAYS - timedelta(minutes=1)):
        assert end_windows() == 0
    with clock.standing_at(TUESDAY + DAYS):
        assert end_windows() == 2
        assert end_windows() == 0
    for case in (silent, called):
        case.refresh_from_db()
        assert case.state == "closed"
        assert list(reads.faults_in_chain(case, reads.history_of(case))) == []
        line = reads.history_of(case).last()
        assert line is not None
        assert (line.act, line.actor) == ("close", "system:rulebook")
        assert kinds_open(case) == set()
    (visit,) = deadlines.of_case(called).filter(kind="visit")
    assert visit.met_at is None
    assert visit.dropped_at == TUESDAY + DAYS


def test_the_reporters_own_word_still_counts_in_the_window(county: County) -> None:
    with clock.standing_at(TUESDAY):
        made = told()
        case = finish(made.case, county)
    with clock.standing_at(TUESDAY + timedelta(days=6)):
        actions.rate(
            case.id, report=made.report.id, is_solved=False, rating=1, actor=voice_of(made)
        )
    with clock.standing_at(TUESDAY + DAYS):
        assert end_windows() == 0
    case.refresh_from_db()
    assert case.state == "handling"


def test_what_a_second_person_must_check_is_not_closed_without_it(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = finish(told().case, county, checked=True)
    with clock.standing_at(TUESDAY + DAYS):
        assert end_windows() == 1
        case.refresh_from_db()
        assert case.state == "done"
        assert not deadlines.raised_of(case).exists()
        assert end_windows() == 0, "it is tried again when the case has gone on"
        seen = actions.Upload("seen.jpg", picture("white"), "check")
        actions.attach(case.id, upload=seen, actor=county.actor("du"))
        actions.verify(case.id, is_solved=True, actor=county.actor("du"))
    with clock.standing_at(TUESDAY + DAYS + timedelta(minutes=1)):
        assert end_windows() == 1
        case.refresh_from_db()
        assert case.state == "closed"
        assert [raised.step for raised in deadlines.raised_of(case)] == ["end"]


def test_finishing_asks_for_no_reports(county: County) -> None:
    case = told(PHONE).case
    with CaptureQueriesContext(connection) as queries:
        finish(case, county)
    assert not any("cases_report" in row["sql"] for row in queries)
