"""What a telephone system tells of calls, what agents see of them, and what is kept how long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.sheets import cell_text, lines_of
from gezhi.cases import actions as cases
from gezhi.cases.models import Report
from gezhi.hotline import actions, reads
from gezhi.hotline.errors import CallSettled, OrderKnown
from gezhi.hotline.models import Call
from gezhi.hotline.tests.calling import LEAK, PHONE, Switch, taken, write_article
from gezhi.record.keeping import Held, Over, kinds
from gezhi.record.models import Line
from tests.cast import COUNTY, GRID, County, point_in, report_leak


@pytest.fixture
def switch(county: County, key: Callable[[str], str]) -> Switch:
    return Switch(key)


def where() -> cases.Where:
    lon, lat = point_in(GRID)
    return cases.Where(lon=lon, lat=lat, place="村口")


def open_from(call: str, county: County, **more: object) -> cases.Reported:
    found = Call.objects.get(call_id=call)
    values = {"what": LEAK, "where": where(), "actor": county.actor("xian"), **more}
    return actions.open_case(found.id, **values)  # type: ignore[arg-type]


def test_a_call_is_at_its_agents_hand_until_it_is_settled(county: County, switch: Switch) -> None:
    told = switch.rings(line="12345-2", order="RX2026110001")
    assert told.status_code == 201
    assert (told.json()["phone"], told.json()["outcome"]) == (None, "")
    (call,) = reads.at_hand(county.actor("xian"))
    assert (call.phone, call.line, call.order) == (PHONE, "12345-2", "RX2026110001")
    assert reads.at_hand(county.actor("zhen")) == []
    made = open_from("c-1", county)
    assert made.case.channel == "hotline"
    assert made.case.source_key == "hotline:RX2026110001"
    assert Report.objects.get(case=made.case).phone == PHONE
    over = switch.is_over(seconds=95, recording="2026/11/c-1.wav")
    assert over.status_code == 200
    shown = switch.ask().json()
    assert (shown["outcome"], shown["number"], shown["seconds"]) == (
        "opened", made.case.number, 95,
    )  # fmt: skip
    assert "wav" not in str(shown)
    assert reads.at_hand(county.actor("xian")) == []
    assert [one.recording for one in reads.calls_of_case(made.case.id)] == ["2026/11/c-1.wav"]


def test_a_call_told_again_for_another_agent_is_handed_over_with_all_that_was_typed(
    county: County, switch: Switch
) -> None:
    switch.rings(agent="zhen")
    call = Call.objects.get()
    actions.note_typed(call.id, typed={"what": LEAK}, actor=county.actor("zhen"))
    assert switch.rings(agent="xian", from_number="").status_code == 201
    (there,) = reads.at_hand(county.actor("xian"))
    assert (there.id, there.phone, reads.said_in(there)["what"]) == (call.id, PHONE, LEAK)
    assert reads.at_hand(county.actor("zhen")) == []


@pytest.mark.parametrize("agent", ["shui", "nobody", ""])
def test_who_answers_no_calls_is_no_agent(switch: Switch, agent: str) -> None:
    assert is_problem(switch.rings(agent=agent), 422, "hotline_agent_unknown")
    assert not Call.objects.exists()


def test_numbers_and_words_lie_sealed_and_the_book_has_none(county: County, switch: Switch) -> None:
    switch.rings()
    call = Call.objects.get()
    actions.note_typed(call.id, typed={"what": LEAK, "name": "李秀兰"}, actor=county.actor("xian"))
    switch.is_over(recording="13800001234-1.wav")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM hotline_call c")
        (row,) = cursor.fetchone()
        cursor.execute("SELECT coalesce(string_agg(l::text, ''), '') FROM record_line l")
        (book,) = cursor.fetchone()
    for said in (PHONE, "李秀兰", "自来水"):
        assert said not in row
        assert said not in book
    assert {"call_began", "call_ended"} <= set(Line.objects.values_list("kind", flat=True))


def test_what_became_of_a_call_stands_once(county: County, switch: Switch) -> None:
    switch.rings()
    made = open_from("c-1", county)
    call, xian = Call.objects.get(), county.actor("xian")
    for act in (
        lambda: actions.drop_call(call.id, actor=xian),
        lambda: actions.join_case(call.id, made.case.id, what="我也是", actor=xian),
        lambda: actions.note_typed(call.id, typed={}, actor=xian),
    ):
        with pytest.raises(CallSettled, match="已成单"):
            act()
    assert Report.objects.filter(case=made.case).count() == 1


def test_somebody_elses_call_is_as_absent_as_none(
    county: County, switch: Switch, key: Callable[[str], str], rita: Client
) -> None:
    switch.rings()
    call, article = Call.objects.get(), write_article(county)
    body = {"article": str(article.id)}
    as_zhen = bearer(key("zhen"))
    theirs = post(rita, f"/calls/{call.id}/answer", body, headers=as_zhen)
    assert is_problem(theirs, 404, "not_found")
    own = post(rita, f"/calls/{call.id}/answer", body, headers=bearer(key("xian")))
    assert own.json()["outcome"] == "answered"
    assert own.json()["phone"] == "138****1234"
    assert rita.get("/api/v1/calls", headers=as_zhen).json()["items"] == []
    assert len(rita.get("/api/v1/calls", headers=bearer(key("du"))).json()["items"]) == 1


def test_an_order_that_is_a_case_already_is_not_opened_twice(
    county: County, switch: Switch
) -> None:
    switch.rings("c-1", order="RX 7")
    first = open_from("c-1", county)
    switch.rings("c-2", order="RX7")
    with pytest.raises(OrderKnown, match=first.case.number):
        open_from("c-2", county)
    joined = actions.join_case(
        Call.objects.get(call_id="c-2").id,
        first.case.number,
        what="又来催",
        actor=county.actor("xian"),
    )
    assert joined.case.id == first.case.id
    assert Report.objects.filter(case=first.case, is_first=False).get().phone == PHONE


def test_the_caller_is_known_by_what_the_agent_may_see_and_never_by_what_is_secret(
    county: County, switch: Switch
) -> None:
    switch.rings("c-1")
    open_from("c-1", county)
    switch.rings("c-2")
    secret = cases.Contact(phone=PHONE, is_secret=True)
    open_from("c-2", county, contact=secret)
    county_wide = reads.caller_of(county.actor("xian"), "138 0000 1234")
    assert (county_wide.masked, county_wide.count, county_wide.calls) == ("138****1234", 1, 1)
    assert not county_wide.cases[0].is_secret
    assert reads.caller_of(county.actor("bie"), PHONE).count == 0


def test_calls_forget_who_called_when_their_time_is_up_and_when_the_case_does(
    county: County, switch: Switch
) -> None:
    (kind,) = [each for each in kinds() if each.code == "calls"]
    with clock.standing_at(clock.now() - timedelta(days=400)):
        switch.rings("old")
        switch.rings("held")
    held = open_from("held", county).case
    switch.rings("new")
    over = Over(COUNTY, clock.now() - timedelta(days=180), Held(cases=frozenset({held.id})))
    assert kind.due(over).count == kind.erase(over, 10) == 1
    assert kind.due(over).count == 0
    old = Call.objects.get(call_id="old")
    assert (old.phone, old.phone_index, old.said) == ("", None, "")
    assert Call.objects.get(call_id="held").phone == PHONE
    report = Report.objects.get(case=held)
    cases.anonymise_report(report.id, reason="要求删除", actor=system("erasure"))
    assert Call.objects.get(call_id="held").phone == ""


def test_of_several_voices_in_a_case_the_call_of_one_forgets_without_the_others(
    county: County, switch: Switch
) -> None:
    switch.rings("first")
    first = open_from("first", county)
    for name, number in (("second", "13900005678"), ("third", "13700009999")):
        switch.rings(name, from_number=number)
        call = Call.objects.get(call_id=name)
        actions.join_case(call.id, first.case.number, what="我也是", actor=county.actor("xian"))

    def numbers() -> dict[str, str]:
        return dict(Call.objects.values_list("call_id", "phone"))

    second = Call.objects.get(call_id="second").report
    assert second is not None
    cases.anonymise_report(second.id, reason="要求删除", actor=system("erasure"))
    assert numbers() == {"first": PHONE, "second": "", "third": "13700009999"}
    # Of a call from before nobody knows which report it became: it goes with any.
    Call.objects.filter(call_id="third").update(report=None)
    cases.anonymise_report(first.report.id, reason="要求删除", actor=system("erasure"))
    assert set(numbers().values()) == {""}


def test_a_call_that_no_system_told_of_is_written_down_by_its_agent(county: County) -> None:
    made = actions.open_case(
        taken(county), what=LEAK, where=where(), contact=cases.Contact(phone=PHONE),
        actor=county.actor("xian"),
    )  # fmt: skip
    call = Call.objects.get()
    assert (call.case_id, call.phone, call.outcome) == (made.case.id, PHONE, "opened")
    assert report_leak().case.id != made.case.id


def test_the_number_of_who_wants_to_stay_unnamed_is_in_no_list(
    county: County, switch: Switch, login: Callable[[str], Client], key: Callable[[str], str]
) -> None:
    switch.rings()
    made = open_from("c-1", county, contact=cases.Contact(is_secret=True))
    assert made.case.is_secret
    masked = "138****1234"
    assert masked not in login("du").get("/desk/hotline/calls/").content.decode()
    listed = Client().get("/api/v1/calls", headers=bearer(key("du")))
    assert listed.status_code == 200
    assert masked not in listed.content.decode()
    switch.rings("c-2")
    (second,) = reads.at_hand(county.actor("xian"))
    known = reads.caller_of(county.actor("xian"), PHONE, besides=second.id)
    assert (known.masked, known.calls) == (masked, 0), "who calls is known, not that they did"
    assert masked in login("du").get("/desk/hotline/calls/").content.decode()


@pytest.mark.parametrize("wrong", ["1900-01-01T00:00:00+08:00", "2029-01-01T00:00:00+08:00"])
def test_times_that_cannot_be_are_refused(switch: Switch, wrong: str) -> None:
    code = "hotline_call_time_impossible"
    assert is_problem(switch.rings(began_at=wrong), 422, code)
    assert not Call.objects.exists()
    late = clock.now() - timedelta(hours=3)
    assert switch.rings(began_at=late.isoformat()).status_code == 201
    assert is_problem(switch.is_over(ended_at=wrong), 422, code)
    before = late - timedelta(hours=1)
    assert is_problem(switch.is_over(ended_at=before.isoformat()), 422, code)
    assert (
        switch.is_over(ended_at=(late + timedelta(minutes=1)).isoformat()).json()["seconds"] == 60
    )
    told = (late + timedelta(minutes=2)).isoformat()
    assert switch.is_over(ended_at=told).json()["seconds"] == 120, "what is told now stands"
    assert switch.is_over(recording="r-1").json()["seconds"] == 120


@pytest.mark.parametrize("told", ["abc", "12", "sip:xian@example.org", "1" * 21, "李秀兰"])
def test_what_is_no_number_is_refused_and_says_what_would_be(switch: Switch, told: str) -> None:
    answer = switch.rings(from_number=told)
    assert is_problem(answer, 422, "hotline_caller_number_wrong")
    assert answer.json()["field"] == "from_number"
    assert "anonymous" in answer.json()["detail"]
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("", ""),
        ("Anonymous", ""),
        ("110", "110"),
        (" +86 138-0000-1234", "+86 138-0000-1234"),
        ("(0951) 1234567转801", "(0951) 1234567转801"),
    ],
)
def test_numbers_are_kept_as_they_are_told_and_withheld_ones_are_none(
    switch: Switch, told: str, kept: str
) -> None:
    assert switch.rings(from_number=told).status_code == 201
    assert Call.objects.get().phone == kept


def test_a_call_of_which_only_the_seconds_are_told_ended_so_long_after_it_began(
    switch: Switch,
) -> None:
    began = (clock.now() - timedelta(hours=1)).replace(microsecond=0)
    switch.rings(began_at=began.isoformat())
    for seconds in (95, 120):  # told again, what is told now stands
        told = switch.is_over(seconds=seconds).json()
        ended = datetime.fromisoformat(told["ended_at"])
        assert (told["seconds"], ended) == (seconds, began + timedelta(seconds=seconds))
    wrong = switch.is_over(seconds=7200)
    assert is_problem(wrong, 422, "hotline_call_time_impossible"), "it lies ahead"


def test_a_call_whose_end_is_told_days_later_lasted_no_longer_than_a_day(switch: Switch) -> None:
    with clock.standing_at(clock.now() - timedelta(days=30)):
        switch.rings()
    assert switch.is_over().json()["seconds"] == 86_400


@pytest.mark.django_db(transaction=True)
def test_a_call_told_of_twice_at_the_same_moment_is_one(county: County) -> None:
    """A telephone system that repeats itself; what is typed kept while it is sent."""
    fresh, xian, dui = uuid4(), county.actor("xian"), county.actor("dui")
    begun: list[bool] = []

    def ring() -> None:
        begun.append(actions.begin_call("c-1", agent="xian", actor=dui).is_new)

    for act in (lambda: actions.write_down(fresh, actor=xian), ring):
        with ThreadPoolExecutor(1) as other:
            with transaction.atomic():
                act()
                second = other.submit(_elsewhere, act)
                while not (_waits_for_another() or second.done()):
                    pass
            second.result(30)
    assert begun == [True, False]
    assert Call.objects.count() == 2


def _elsewhere(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        connection.close()


def _waits_for_another() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_a_file_of_calls_says_what_the_page_says(
    county: County, switch: Switch, login: Callable[[str], Client]
) -> None:
    """Also of those that nobody has settled yet."""
    switch.rings()
    actions.drop_call(taken(county), actor=county.actor("xian"))
    data = login("du").get("/desk/hotline/calls/export.xlsx").content
    header, *rows = [list(map(cell_text, line)) for line in lines_of(data)]
    at = header.index("结果")
    assert sorted(row[at] for row in rows) == ["无需办理", "没有处理完"]


def test_the_empty_list_tells_how_a_telephone_system_is_connected(
    county: County, login: Callable[[str], Client]
) -> None:
    page = login("du").get("/desk/hotline/calls/").content.decode()
    assert "curl http://testserver/api/v1/calls " in page
    assert "docs/hotline.md" not in page
