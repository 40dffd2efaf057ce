"""Wrong numbers, codes, votes and answers on the page of a resident's own case."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from gezhi.cases import actions as cases
from tests.bad_input.stage import WORDS, browser, knock, nothing_stored, problem, refused
from tests.cast import County, voice_of


def _own(case_id: UUID, code: str, number: str) -> Client:
    rita = browser()
    assert knock(rita, "/track/", {"number": number, "code": code}).status_code == 302
    return rita


@pytest.mark.parametrize(
    ("number", "code"),
    [("", ""), ("x", "x"), ("261122-999999", "AAAA"), ("\x00", "\x00"), ("9" * 24, "9" * 24),
     ("9" * 25, "A"), ("٢٦١١٢٢-٠٠٠٠٠١", "Ａ"), ("real", ""), ("real", "AAAAAAAA")],
)  # fmt: skip
def test_a_wrong_number_or_code_opens_nothing(
    county: County, api: Any, reported: Any, number: str, code: str
) -> None:
    number = reported.case.number if number == "real" else number
    with nothing_stored():
        for address in ("/track/", "/mine/"):
            refused(knock(browser(), address, {"number": number, "code": code}))
        for name in ("", "/rate", "/withdraw", "/answer", "/reopen", "/openings"):
            problem(api("", f"/track{name}", {"number": number, "code": code}))
        for address in (f"/track/x/?code={code or 'x'}", "/track/%00/", "/track/%00/?code=%00"):
            answer = knock(browser(), address, method="GET")
            assert answer.status_code in (302, 404, 422), address
    stranger = browser()
    for act in ("answer", "rate", "reopen", "withdraw"):
        refused(knock(stranger, f"/track/{reported.case.number}/{act}/"), status=404)


@pytest.mark.parametrize(
    "typed",
    [{}, {"rating": "0"}, {"rating": "6"}, {"rating": "x"}, {"rating": "-5"}, {"rating": "5.0"},
     {"rating": "\x00"}, {"rating": ""}, {"is_solved": "maybe"}, {"is_solved": ""},
     {"is_solved": "no", "rate_words": " "}, {"rate_words": "水" * 2001}],
)  # fmt: skip
def test_a_vote_that_is_none_is_refused(
    county: County, api: Any, reported: Any, typed: dict[str, str]
) -> None:
    cun, shui, case = county.actor("cun"), county.actor("shui"), reported.case
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    cases.sign(case.id, actor=shui)
    cases.finish(case.id, outcome="withdrawn", answer="诉求人撤回了", actor=shui)
    rita = _own(case.id, reported.code, case.number)
    good = {"is_solved": "yes", "rating": "5", "rate_words": WORDS}
    with nothing_stored():
        sent = {**good, **typed} if typed else {}
        answer = knock(rita, f"/track/{case.number}/rate/", sent)
        refused(answer, typed=sent.get("rate_words", "").strip(), status=422)
        if typed.get("rating") in ("0", "6", "x", "-5", "\x00", ""):
            proof = {"number": case.number, "code": reported.code, "is_solved": True}
            problem(api("", "/track/rate", {**proof, "rating": typed["rating"] or None}))


def test_answers_and_second_thoughts_come_back_when_refused(county: County, reported: Any) -> None:
    rita = _own(reported.case.id, reported.code, reported.case.number)
    cases.ask(reported.case.id, words="在哪一排？", actor=county.actor("cun"))
    address = f"/track/{reported.case.number}"
    with nothing_stored():
        for words in ("", " ", "水" * 2001, "\u200b"):
            refused(knock(rita, f"{address}/answer/", {"words": words}), status=422)
        for words in (WORDS, ""):
            refused(knock(rita, f"{address}/reopen/", {"reason": "x", "reopen_words": words}))
    cases.answer(reported.case.id, words="第三排", actor=voice_of(reported))
    with nothing_stored():
        refused(knock(rita, f"{address}/answer/", {"words": WORDS}), "没有需要答复", typed=WORDS)
