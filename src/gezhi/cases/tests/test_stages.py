"""Stages of a category: which may be said to be reached, by whom, and what everybody reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.api.tests.calling import KeyOf, bearer, is_problem, post
from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.errors import StageUnknown
from gezhi.cases.models import Case
from gezhi.cases.tests.test_waiting_files import file_of, photo, send, ticked
from gezhi.record import reads as record
from tests.cast import COUNTY, County, report_leak

Login = Callable[[str], Client]
ILLEGAL = "build.illegal"
STOP, FINE, REMOVE = f"{ILLEGAL}:stop", f"{ILLEGAL}:fine", f"{ILLEGAL}:remove"
SAID = "施工机械已经断电封存，工人已经离场。"


def begun(county: County, category: str = ILLEGAL, made: actions.Reported | None = None) -> Case:
    """A case that the water department leads."""
    case, cun = (made or report_leak()).case, county.actor("cun")
    actions.accept(case.id, category=category, actor=cun)
    actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    return actions.sign(case.id, actor=county.actor("shui"))


@pytest.fixture
def illegal(county: County) -> Case:
    return begun(county)


def reach(case: Case, stage: str, who: Any) -> Case:
    return actions.reach_stage(case.id, stage=stage, words=SAID, actor=who)


def options(text: str) -> list[str]:
    """What the field of the stages lets choose."""
    field = text.split('name="stage"')[1].split("</select>")[0]
    return [one.split('"')[0] for one in field.split('value="')[1:]]


def test_the_lead_says_in_a_form_that_a_stage_is_reached(
    login: Login, illegal: Case, county: County
) -> None:
    client = login("shui")
    page = client.get(f"/desk/cases/{illegal.number}/").content.decode()
    assert "moves/reach_stage/" in page
    form = client.get(f"/desk/cases/{illegal.number}/moves/reach_stage/").content.decode()
    assert options(form) == ["", STOP, FINE, REMOVE]
    assert "停工" in form
    assert send(client, illegal, "reach_stage", stage=STOP, words=SAID).status_code == 200
    illegal.refresh_from_db()
    assert (illegal.state, illegal.stages) == ("handling", [STOP])
    line = reads.history_of(illegal).get(act="reach_stage")
    assert (line.data, line.words, line.is_public) == ({"stage": STOP}, SAID, True)
    facts = record.facts_about(f"case:{illegal.id}", county=COUNTY)
    assert facts.get(kind="stage_reached").data["stage"] == STOP
    form = client.get(f"/desk/cases/{illegal.number}/moves/reach_stage/").content.decode()
    assert options(form) == ["", FINE, REMOVE]
    reach(illegal, FINE, county.actor("shui"))
    form = client.get(f"/desk/cases/{illegal.number}/moves/reach_stage/").content.decode()
    assert options(form) == [REMOVE], "what is the only one left is chosen"
    reach(illegal, REMOVE, county.actor("shui"))
    page = client.get(f"/desk/cases/{illegal.number}/").content.decode()
    assert "moves/reach_stage/" not in page
    assert list(reads.faults_in_chain(reads.case_held(illegal.id), reads.history_of(illegal))) == []


def test_only_a_case_whose_category_has_stages_offers_them(
    login: Login, handled: Case, county: County
) -> None:
    page = login("shui").get(f"/desk/cases/{handled.number}/").content.decode()
    assert "moves/reach_stage/" not in page
    with pytest.raises(StageUnknown) as refused:
        reach(handled, STOP, county.actor("shui"))
    assert refused.value.allowed == ()


def test_a_later_stage_may_be_said_before_an_earlier_one(illegal: Case, county: County) -> None:
    shui = county.actor("shui")
    assert reach(illegal, FINE, shui).stages == [FINE]
    assert reach(illegal, STOP, shui).stages == [FINE, STOP]


@pytest.mark.parametrize(
    ("who", "stage", "words", "status", "code"),
    [
        ("shui", STOP, SAID, 422, "case_stage_unknown"),  # it is reached
        ("shui", "stop", SAID, 422, "case_stage_unknown"),
        ("shui", "build.property:fine", SAID, 422, "case_stage_unknown"),
        ("shui", FINE, " ", 422, "case_nothing_said"),
        ("cun", FINE, SAID, 403, "not_allowed"),
        ("lu", FINE, SAID, 404, "not_found"),
    ],
)
def test_what_is_refused_leaves_no_line_at_either_door(
    illegal: Case, county: County, login: Login, key: KeyOf, rita: Client,
    who: str, stage: str, words: str, status: int, code: str,
) -> None:  # fmt: skip
    reach(illegal, STOP, county.actor("shui"))
    before = reads.history_of(illegal).count()
    typed = {"stage": stage, "words": words}
    answer = post(
        rita, f"/cases/{illegal.number}/moves/reach_stage", typed, headers=bearer(key(who))
    )
    assert is_problem(answer, status, code)
    if code == "case_stage_unknown":
        assert answer.json()["allowed"] == [FINE, REMOVE]
    page = send(login(who), illegal, "reach_stage", **typed)
    # A form refuses what it never offered, and what it was told is needed.
    assert page.status_code == status
    assert reads.history_of(illegal).count() == before


def test_a_paused_case_reaches_nothing(illegal: Case, county: County, login: Login) -> None:
    until = clock.now() + timedelta(days=2)
    shui = county.actor("shui")
    actions.pause(illegal.id, reason="weather", until=until, words="下雨", actor=shui)
    asked = reads.approvals_of(illegal)[0]
    actions.decide(illegal.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    refused = send(login("shui"), illegal, "reach_stage", stage=STOP, words=SAID)
    assert refused.status_code == 409
    assert "挂起" in refused.content.decode()
    assert SAID in refused.content.decode()


def test_the_api_offers_and_does_it_once(
    illegal: Case, key: KeyOf, rita: Client, county: County
) -> None:
    headers = bearer(key("shui"))
    listed = f"/api/v1/cases/{illegal.number}/moves"
    moves = rita.get(listed, headers=headers).json()["items"]
    (offered,) = [one for one in moves if one["act"] == "reach_stage"]
    assert offered["name"] == "阶段完成"
    assert offered["body"]["required"] == ["stage", "words"]
    typed = {"stage": STOP, "words": SAID}
    once = {**headers, "Idempotency-Key": "stage-1"}
    address = f"/cases/{illegal.number}/moves/reach_stage"
    answers = [post(rita, address, typed, headers=once) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert reads.history_of(illegal).filter(act="reach_stage").count() == 1
    for stage in (FINE, REMOVE):
        reach(illegal, stage, county.actor("shui"))
    moves = rita.get(listed, headers=headers).json()["items"]
    assert "reach_stage" not in {one["act"] for one in moves}


@pytest.mark.parametrize(("language", "name"), [("zh", "停工"), ("en", "Stop the building")])
def test_the_reporters_program_reads_which_stage_it_was(
    county: County, rita: Client, language: str, name: str
) -> None:
    made = report_leak()
    reach(begun(county, made=made), STOP, county.actor("shui"))
    proof = {"number": made.case.number, "code": made.code}
    steps = post(rita, "/track", proof, headers={"Accept-Language": language}).json()["steps"]
    assert {one["act"]: one["stage"] for one in steps}["reach_stage"] == name
    assert steps[-1]["words"] == SAID
    assert {one["stage"] for one in steps[:-1]} == {""}


def test_categories_say_their_stages(key: KeyOf, rita: Client) -> None:
    shown = rita.get("/api/v1/categories?group=build", headers=bearer(key("shui"))).json()["items"]
    stages = {one["key"]: one["stages"] for one in shown}
    assert stages[ILLEGAL][0] == {
        "key": STOP, "name": "停工", "name_en": "Stop the building", "within": "4 working hours",
    }  # fmt: skip
    assert stages["build.property"] == []


def test_the_same_form_sent_twice_reaches_it_once(login: Login, illegal: Case) -> None:
    client = login("shui")
    typed = {"stage": STOP, "words": SAID, "once": "one", "revision": illegal.lines}
    for _ in range(2):
        assert send(client, illegal, "reach_stage", **typed).status_code == 200
    assert reads.history_of(illegal).filter(act="reach_stage").count() == 1


def test_its_photo_is_shown_with_it_and_waits_where_it_is_refused(
    login: Login, illegal: Case, rita: Client
) -> None:
    client = login("shui")
    refused = send(client, illegal, "reach_stage", stage=STOP, words="", progress=photo("a.jpg"))
    assert refused.status_code == 422
    kept = file_of(illegal, "a.jpg")
    assert (kept.kind, kept.is_public, kept.waits_for) == ("progress", False, "reach_stage")
    assert ticked(refused.content.decode()) == [str(kept.id)]
    typed = {"stage": STOP, "words": SAID, "files": [str(kept.id)], "has_chosen": "True"}
    assert send(client, illegal, "reach_stage", **typed).status_code == 200
    assert file_of(illegal, "a.jpg").is_public
    line = reads.history_of(illegal).get(act="reach_stage")
    assert line.data == {"stage": STOP, "shown": [str(kept.id)]}


def test_no_photo_of_the_way_proves_the_end(login: Login, illegal: Case) -> None:
    client = login("shui")
    typed = {"stage": STOP, "words": SAID, "progress": photo("a.jpg")}
    assert send(client, illegal, "reach_stage", **typed).status_code == 200
    done = {"outcome": "solved", "answer": "违建已经全部拆除"}
    refused = send(client, illegal, "finish", **done)
    assert refused.status_code == 422
    assert "处理后照片" in refused.content.decode()


def test_what_was_reached_stays_reached_when_the_category_comes_back(
    county: County, illegal: Case
) -> None:
    cun = county.actor("cun")
    reach(illegal, STOP, county.actor("shui"))
    actions.reclassify(illegal.id, category="build.property", actor=cun)
    assert reads.stages_left(reads.case_held(illegal.id)) == []
    case = actions.reclassify(illegal.id, category=ILLEGAL, actor=cun)
    assert case.stages == [STOP]
    assert [one.key for one in reads.stages_left(case)] == [FINE, REMOVE]
