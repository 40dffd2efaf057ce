"""Whose case was merged is called too, where only they left a number."""

from datetime import timedelta

import pytest

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.models import Case, Report
from gezhi.deadlines import actions as promises
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.tests.test_visits import DAYS, PHONE, Login, finish, kinds_open, told
from gezhi.record import reads as record
from tests.cast import COUNTY, TUESDAY, County, plain_reason, voice_of

ADDRESS = actions.Contact(address="柳树村三社12号")


def merged(case: Case, main: Case, county: County) -> None:
    actions.merge(case.id, main=main.id, actor=county.actor("cun"))


def is_reachable(case: Case) -> bool | None:
    return Case.objects.get(id=case.id).is_reachable


def test_the_merged_reporter_is_called_and_the_vote_is_theirs(county: County, login: Login) -> None:
    main, other = told(), told(PHONE)
    merged(other.case, main.case, county)
    case = finish(main.case, county)
    assert kinds_open(case) == {"visit"}
    page = login("fang").get("/desk/visits/").content.decode()
    assert "138****5678" in page
    assert "没有留联系方式" not in page
    visit = {"is_reached": "yes", "is_solved": "yes", "rating": "5", "revision": case.lines}
    answer = login("fang").post(f"/desk/cases/{case.number}/moves/visit_back/", visit)
    assert answer.status_code == 200
    votes = dict(Report.objects.values_list("id", "rating"))
    assert votes == {main.report.id: None, other.report.id: 5}


def test_who_is_called_has_a_number_of_their_own_first(county: County) -> None:
    main, other = told(actions.Contact(phone="13900001111")), told(PHONE)
    merged(other.case, main.case, county)
    case = finish(main.case, county)
    called = reads.who_is_called(reads.reports_of(case))
    assert called is not None
    assert called.id == main.report.id
    actions.visit_back(
        case.id, is_reached=True, is_solved=True, rating=3, actor=county.actor("fang")
    )
    votes = dict(Report.objects.values_list("id", "rating"))
    assert votes == {main.report.id: 3, other.report.id: None}


def test_a_merged_case_of_a_merged_case_is_found(county: County) -> None:
    top, main, other = told(), told(), told(PHONE)
    merged(other.case, main.case, county)
    merged(main.case, top.case, county)
    called = reads.who_is_called(reads.reports_of(top.case))
    assert called is not None
    assert called.id == other.report.id
    assert is_reachable(top.case)
    actions.unmerge(main.case.id, actor=county.actor("cun"))
    assert (is_reachable(top.case), is_reachable(main.case)) == (False, True)


@pytest.mark.parametrize(
    ("own", "others", "after"),
    [
        (None, (PHONE,), False),
        (None, (PHONE, None), False),
        (None, (PHONE, ADDRESS), True),
        (ADDRESS, (PHONE,), True),
    ],
)
def test_taken_out_again_it_is_worked_out_anew(
    county: County,
    own: actions.Contact | None,
    others: tuple[actions.Contact | None, ...],
    after: bool,
) -> None:
    main, made = told(own).case, [told(each).case for each in others]
    for case in made:
        merged(case, main, county)
    assert is_reachable(main) is True
    actions.unmerge(made[0].id, actor=county.actor("cun"))
    assert is_reachable(main) is after
    assert is_reachable(made[0]) is True
    assert kinds_open(finish(main, county)) == ({"visit"} if after else set())


def test_a_merged_case_without_a_number_makes_nobody_reachable(county: County) -> None:
    main = told().case
    merged(told().case, main, county)
    assert is_reachable(main) is False
    older = told().case
    Case.objects.filter(id=older.id).update(is_reachable=None)
    merged(older, main, county)
    assert is_reachable(main) is True, "an older case does not say"


def test_a_merged_reporters_own_vote_counts(county: County) -> None:
    main, other = told(), told(PHONE)
    merged(other.case, main.case, county)
    case = finish(main.case, county)
    voice = voice_of(other)
    actions.rate(other.case.id, report=other.report.id, is_solved=False, rating=1, actor=voice)
    case.refresh_from_db()
    assert case.state == "handling"


@pytest.mark.parametrize(("contact", "asked"), [(None, DAYS), (PHONE, 3 * DAYS)])
def test_what_was_finished_anew_since_the_list_was_read_is_not_closed(
    county: County,
    contact: actions.Contact | None,
    asked: timedelta,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with clock.standing_at(TUESDAY):
        made = told()
        finish(made.case, county)
    over = deadlines.windows_over(county=COUNTY, since=TUESDAY, now=TUESDAY + DAYS, most=9)
    assert [row.case_id for row in over] == [made.case.id]  # as a worker would read it
    with clock.standing_at(TUESDAY + timedelta(days=6)):
        _finish_anew(made, contact, county)
    monkeypatch.setattr(deadlines, "windows_over", lambda **asked: over)
    with clock.standing_at(TUESDAY + asked):
        promises.end_windows(county=COUNTY, now=clock.now())
    assert Case.objects.get(id=made.case.id).state == "done"


def _finish_anew(made: actions.Reported, contact: actions.Contact | None, county: County) -> None:
    case, voice = made.case.id, voice_of(made)
    actions.rate(case, report=made.report.id, is_solved=False, rating=1, actor=voice)
    if contact:
        actions.follow(case, channel="portal", contact=contact, county=COUNTY, actor=voice)
    actions.finish(
        case,
        outcome="cannot",
        reason=plain_reason("cannot"),
        answer="又去看了一遍，还是修不了。",
        actor=county.actor("shui"),
    )


def test_the_number_of_a_merged_reporter_is_opened_on_their_record(
    county: County, login: Login
) -> None:
    main, other, stranger = told(), told(PHONE), told(PHONE)
    merged(other.case, main.case, county)
    case = finish(main.case, county)
    address = f"/desk/cases/{case.number}/contact/{{}}/phone/"
    why = {"why": "call_back", "words": ""}
    answer = login("fang").post(address.format(other.report.id), why)
    assert answer.status_code == 200
    assert PHONE.phone in answer.content.decode()
    looked = record.openings_about(f"report:{other.report.id}", county=COUNTY)
    assert [each.reason for each in looked] == ["回访"]
    refused = login("fang").post(address.format(stranger.report.id), why)
    assert refused.status_code == 404
    assert PHONE.phone not in refused.content.decode()
