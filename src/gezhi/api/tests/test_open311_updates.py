"""Open311: the update extension, both ways (U of docs/open311.md)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.api.rules.updates import STATUSES
from gezhi.api.tests.calling import KeyOf
from gezhi.api.tests.open311 import KINDS, LAMP, said, spark, told, words_of
from gezhi.api.tests.telling import a_photo, reasons
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases.models import Case, HistoryLine, Question
from gezhi.people import actions as people
from gezhi.people.models import ApiKey
from gezhi.people.rules import token_prefix
from tests.cast import SETTING_UP, County

HOUSE = system("tests")


@pytest.fixture
def own(county: County, key: KeyOf) -> str:
    return key("dui")


@pytest.fixture
def case(own: str, rita: Client) -> Case:
    """A case that the integrator's program reported."""
    [made] = told(rita, {"api_key": own, **LAMP})
    return Case.objects.get(number=made["service_request_id"])


@pytest.fixture
def tell(own: str, case: Case, rita: Client) -> Callable[..., Any]:
    """Tell of an update of that case; None leaves a field out."""

    def send(*, form: str = "json", status_code: int = 200, **fields: Any) -> Any:
        sent = {
            "api_key": own, "service_request_id": case.number, "update_id": "u-1",
            "status": "OPEN", "updated_datetime": clock.now().isoformat(),
            "description": "还是黑的", **fields,
        }  # fmt: skip
        sent = {name: value for name, value in sent.items() if value is not None}
        answer = rita.post(f"/open311/v2/servicerequestupdates.{form}", sent)
        assert answer.status_code == status_code, answer.content.decode()
        return answer.json() if form == "json" else spark(answer.content)

    return send


def _finished(case: Case, county: County) -> None:
    cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
    cases.assign(case.id, unit=county.unit("dept-cityadmin"), actor=county.actor("cun"))
    cases.sign(case.id, actor=HOUSE)
    cases.attach(case.id, upload=cases.Upload("a.jpg", a_photo().read(), "after"), actor=HOUSE)
    cases.finish(case.id, outcome="solved", answer="换了灯泡，电话13812345678。", actor=HOUSE)


def test_each_step_is_told_in_the_words_of_the_extension(
    case: Case, own: str, county: County, rita: Client
) -> None:
    _finished(case, county)
    assert said(rita, "servicerequestupdates") == []
    found = said(rita, "servicerequestupdates", {"api_key": own})
    steps = [(each["external_status_code"], each["status"]) for each in found]
    assert steps == [
        ("accept", "investigating"), ("assign", "action_scheduled"), ("sign", "in_progress"),
        ("finish", "fixed"),
    ]  # fmt: skip
    assert found[-1]["description"] == "换了灯泡，电话138****5678。"
    assert {each["service_request_id"] for each in found} == {case.number}
    assert [each["media_url"] for each in found[:-1]] == [None] * 3
    own_media = found[-1]["media_url"]
    assert rita.get(own_media)["Content-Type"] == "image/jpeg"
    assert rita.get(own_media.replace(".jpg", "x.jpg")).status_code == 404
    with clock.standing_at(clock.now() + timedelta(days=3)):
        assert rita.get(own_media).status_code == 404
    assert {each["status"] for each in found} <= set(STATUSES)
    cases.publish(case.id, is_public=True, actor=county.actor("du"))
    [*before, last] = said(rita, "servicerequestupdates")
    assert [*before, {**last, "media_url": own_media}] == found
    assert last["media_url"].startswith("http://testserver/files/")
    assert rita.get(last["media_url"]).status_code == 200
    Case.objects.filter(pk=case.pk).update(category="safety.theft")
    assert rita.get(own_media).status_code == 404


def test_who_comes_again_from_the_last_moment_misses_nothing(
    case: Case, own: str, county: County, rita: Client
) -> None:
    start, by_link = clock.now(), []
    with clock.standing_at(start + timedelta(minutes=10)):
        cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
    with clock.standing_at(start + timedelta(minutes=20)):
        cases.assign(case.id, unit=county.unit("dept-cityadmin"), actor=county.actor("cun"))
    with clock.standing_at(start + timedelta(minutes=30)):
        acts = {
            minutes: [
                each["external_status_code"]
                for each in said(rita, "servicerequestupdates", {
                    "api_key": own, "end_date": clock.now().isoformat(),
                    "start_date": (start + timedelta(minutes=minutes)).isoformat(),
                })
            ]
            for minutes in (0, 15, 25)
        }  # fmt: skip
        pages = [
            each["external_status_code"]
            for page in (1, 2, 3)
            for each in said(
                rita, "servicerequestupdates", {"api_key": own, "page": page, "page_size": 1}
            )
        ]
        path = f"/open311/v2/servicerequestupdates.json?page_size=1&api_key={own}"
        while path:
            answer = rita.get(path)
            by_link += [each["external_status_code"] for each in answer.json()]
            found = re.fullmatch('<(.+)>; rel="next"', answer.get("Link", ""))
            path = found[1] if found else ""
    assert by_link == pages
    assert acts == {0: ["accept", "assign"], 15: ["assign"], 25: []}
    assert pages == ["accept", "assign"]


def test_a_page_of_updates_is_found_without_sorting_all_there_are(
    case: Case, own: str, rita: Client
) -> None:
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        said(rita, "servicerequestupdates", {"api_key": own})
        [sql, *_same] = [each["sql"] for each in asked if "case_id IN" in each["sql"]]
        cursor.execute("SET LOCAL enable_seqscan = off")  # few rows are read at once otherwise
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "cases_history_public" in plan


@pytest.mark.parametrize("form", list(KINDS))
def test_an_update_is_an_inner_note_once_for_each_id(tell: Any, case: Case, form: str) -> None:
    for _time in range(2):
        assert tell(
            form=form,
            media_url="https://example.org/x.jpg",
            updated_datetime="2026-11-22T09:00:00Z",
        ) == [{"update_id": "u-1"}]
    [line] = HistoryLine.objects.filter(case=case, act="note")
    assert line.words == "还是黑的\nhttps://example.org/x.jpg"
    assert not line.is_public
    assert line.actor == f"report:{case.reports.get().id}"
    assert "update_id" in words_of(tell(form=form, status_code=400, description="别的话"))
    tell(form=form, update_id="u-2")
    assert HistoryLine.objects.filter(case=case, act="note").count() == 2


def test_an_update_is_the_same_however_it_is_written(tell: Any, case: Case) -> None:
    for moment, status, words in (
        ("2026-11-22T09:00:00+08:00", "OPEN", "还是黑的"),
        ("2026-11-22T09:00:00 08:00", "open", "<p>还是黑的</p>"),
        ("2026-11-22T01:00:00Z", "Open", "还是黑的 "),
    ):
        tell(updated_datetime=moment, status=status, description=words)
    assert HistoryLine.objects.filter(case=case, act="note").count() == 1
    told_again = {"updated_datetime": "2026-11-22T01:00:01Z", "status_code": 400}
    assert "update_id" in words_of(tell(**told_again))


def test_an_update_of_what_lies_ahead_is_refused_where_no_clock_explains_it(
    tell: Any, case: Case
) -> None:
    def ahead(minutes: int) -> dict[str, Any]:
        at = (clock.now() + timedelta(minutes=minutes)).isoformat()
        return {"updated_datetime": at, "update_id": f"u-{minutes}"}

    assert "updated_datetime：" in words_of(tell(**ahead(6), status_code=400))
    tell(**ahead(4))
    [line] = HistoryLine.objects.filter(case=case, act="note")
    assert line.at <= clock.now(), "it stands where it came"


def test_an_update_answers_the_question_that_was_asked(
    tell: Any, case: Case, county: County
) -> None:
    cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
    cases.ask(case.id, words="哪一盏？", actor=county.actor("cun"))
    tell(description="桥头那盏")
    assert Question.objects.get().answer == "桥头那盏"


def test_an_update_takes_the_report_back(tell: Any, case: Case) -> None:
    tell(status="CANCELLED", description="已经亮了")
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_an_update_takes_up_again_what_was_closed(tell: Any, case: Case, county: County) -> None:
    assert "not_solved" in reasons("reopen")
    _finished(case, county)
    cases.close(case.id, actor=HOUSE)
    tell(status="REOPEN", description="又黑了")
    case.refresh_from_db()
    assert case.state == "accepted"


@pytest.mark.parametrize(
    ("change", "status", "names"),
    [
        ({"api_key": None}, 403, "api_key"),
        ({"api_key": "gz_x", "service_request_id": None}, 403, "api_key"),
        ({"service_request_id": None}, 400, "service_request_id"),
        ({"service_request_id": "200101-000001"}, 404, "service_request_id"),
        ({"update_id": None}, 400, "update_id"),
        ({"updated_datetime": None}, 400, "updated_datetime"),
        ({"updated_datetime": "now"}, 400, "updated_datetime"),
        ({"status": None}, 400, "status"),
        ({"status": "DONE"}, 400, "status"),
        ({"update_id": "u\u200b1"}, 400, "update_id"),
        ({"description": None}, 400, "description"),
        ({"description": "黑" * 4001}, 400, "description"),
        ({"jurisdiction_id": "x"}, 404, "jurisdiction_id"),
    ],
)
@pytest.mark.parametrize("form", list(KINDS))
def test_what_is_wrong_with_an_update_is_named(
    tell: Any, form: str, change: dict[str, Any], status: int, names: str
) -> None:
    assert names in words_of(tell(form=form, status_code=status, **change))
    assert not HistoryLine.objects.filter(act="note").exists()


@pytest.mark.parametrize("form", list(KINDS))
def test_all_that_is_wrong_with_an_update_is_told_at_once(tell: Any, form: str) -> None:
    found = tell(
        form=form, status_code=400, service_request_id=None, updated_datetime="now", status="foo",
        description="黑" * 4001,
    )  # fmt: skip
    assert [each["description"].partition("：")[0] for each in found] == [
        "service_request_id", "updated_datetime", "status", "description",
    ]  # fmt: skip


def test_a_program_whose_key_was_changed_keeps_what_it_reported(
    own: str, tell: Any, key: KeyOf, case: Case, county: County, rita: Client
) -> None:
    new = key("dui")
    people.revoke_key(ApiKey.objects.get(prefix=token_prefix(own)).id, actor=SETTING_UP)
    cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
    said(rita, f"requests/{case.number}", {"api_key": own}, status=403)
    [found] = said(rita, f"requests/{case.number}", {"api_key": new})
    assert found["service_request_id"] == case.number
    assert len(said(rita, "servicerequestupdates", {"api_key": new})) == 1
    tell(api_key=new)
    assert HistoryLine.objects.filter(case=case, act="note").count() == 1


def test_an_update_sent_again_by_the_next_key_is_taken_once(
    tell: Any, key: KeyOf, case: Case
) -> None:
    moment = clock.now().isoformat()
    tell(updated_datetime=moment)
    tell(updated_datetime=moment, api_key=key("dui"))
    assert HistoryLine.objects.filter(case=case, act="note").count() == 1
    tell(updated_datetime=moment, api_key=key("dui"), description="别的话", status_code=400)


def test_what_a_reporter_added_is_erased_with_the_reporter(tell: Any, case: Case) -> None:
    tell(description="我家就在旁边")
    own = case.reports.get()
    cases.anonymise_report(own.id, reason="asked", actor=HOUSE)
    assert HistoryLine.objects.get(case=case, act="note").words == ""


def test_a_program_adds_to_what_it_reported_itself_alone(
    tell: Any, key: KeyOf, case: Case, county: County
) -> None:
    cases.accept(case.id, category="utility.lamp", actor=county.actor("cun"))
    cases.publish(case.id, is_public=True, actor=county.actor("du"))
    assert "service_request_id" in words_of(tell(status_code=404, api_key=key("xian")))
