"""What is sent twice, too late, or after the session ended."""

import re
from typing import Any

import pytest
from django.utils.html import escape

from gezhi.cases.models import Case, HistoryLine
from gezhi.people.models import Session
from tests.bad_input.stage import (
    HERE,
    WORDS,
    Login,
    browser,
    knock,
    nothing_stored,
    problem,
    refused,
)
from tests.cast import County


def test_sent_twice_is_done_once_at_every_door(
    county: County, login: Login, api: Any, handled: Case
) -> None:
    rita, staff = browser(), login("cun")
    knock(rita, "/report/", {"what": WORDS})
    knock(rita, "/report/where/", HERE)
    typed = {"channel": "desk", "what": WORDS, "once": "abc", **HERE}
    note = {"words": WORDS, "once": "def", "revision": handled.lines}
    key = {"Idempotency-Key": "0123456789abcdef0123"}
    sent = {"what": WORDS, "where": {"place": "村口"}}
    answers = []
    for _at in range(2):
        assert knock(rita, "/report/send/", {"name": "李"}).status_code == 302
        assert knock(staff, "/desk/cases/new/", typed).status_code == 201
        address = f"/desk/cases/{handled.number}/moves/note/"
        assert knock(login("shui"), address, note).status_code == 200
        answers.append(api("", "/cases", sent, headers=key))
    assert answers[0].content == answers[1].content
    assert Case.objects.filter(what=WORDS).count() == 3
    assert HistoryLine.objects.filter(case=handled, act="note").count() == 1


def test_the_same_key_with_other_words_is_refused_and_they_come_back(
    county: County, login: Login, api: Any, handled: Case
) -> None:
    key = {"Idempotency-Key": "0123456789abcdef0123"}
    assert api("", "/cases", {"what": "一", "where": {"place": "村口"}}, headers=key)
    knock(login("cun"), "/desk/cases/new/", {"channel": "desk", "what": "一", "once": "a", **HERE})
    note = f"/desk/cases/{handled.number}/moves/note/"
    knock(login("shui"), note, {"words": "一", "once": "b"})
    with nothing_stored():
        body = {"what": WORDS, "where": {"place": "村口"}}
        problem(api("", "/cases", body, headers=key), "idempotency_key_reused", 422)
        typed = {"channel": "desk", "what": WORDS, "once": "a", **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), typed=WORDS)
        refused(knock(login("shui"), note, {"words": WORDS, "once": "b"}), typed=WORDS)


@pytest.mark.parametrize("once", ["\x00", "a\x00b", "长" * 500, "' OR 1=1", "\n"])
def test_an_odd_key_never_breaks_a_form(
    county: County, login: Login, handled: Case, once: str
) -> None:
    staff, number = login("shui"), handled.number
    for address, typed in (
        (f"/desk/cases/{number}/moves/note/", {"words": WORDS}),
        ("/desk/cases/new/", {"channel": "desk", "what": WORDS, **HERE}),
        (f"/desk/cases/{number}/take/", {"category": handled.category}),
        ("/desk/bulk/supervise/do/", {"number": number, "words": WORDS}),
    ):
        client = login("xian") if "moves" not in address else staff
        answer = knock(client, address, {**typed, "once": once})
        assert answer.status_code < 500, (address, answer.status_code)


@pytest.mark.parametrize("key", ["", "x" * 129, "kurz", "\x01" * 20, "\x85" * 20])
def test_an_odd_idempotency_key_is_refused_in_words(county: County, api: Any, key: str) -> None:
    sent = {"what": WORDS, "where": {"place": "村口"}}
    with nothing_stored():
        problem(api("", "/cases", sent, headers={"Idempotency-Key": key}), status=422)


@pytest.mark.parametrize("revision", ["1", "0", "-1", "999999999999", "x", "1.5", "\x00", "²"])
def test_who_read_something_else_is_told_and_keeps_the_words(
    county: County, login: Login, api: Any, handled: Case, revision: str
) -> None:
    number = handled.number
    with nothing_stored():
        answer = knock(
            login("shui"), f"/desk/cases/{number}/moves/note/",
            {"words": WORDS, "revision": revision},
        )  # fmt: skip
        refused(answer, "刚被别人改动过", typed=WORDS, status=412)
        stale = {"If-Match": f'"{revision}"' if revision != "\x00" else "nonsense"}
        body = {"words": WORDS}
        answer = api("shui", f"/cases/{number}/moves/note", body, headers=stale)
        problem(answer, "case_changed", 412)


def test_a_resident_whose_cookie_is_gone_loses_no_word(county: County, login: Login) -> None:
    """Every step's form carries what the steps before it gathered."""
    rita = browser()
    knock(rita, "/report/", {"what": WORDS})
    page = rita.get("/report/where/").content.decode()
    rita.cookies.clear()
    knock(rita, "/report/where/", {**_hidden(page), **HERE, "place": "老槐树"})
    assert WORDS in rita.get("/report/").content.decode()
    page = rita.get("/report/send/").content.decode()
    rita.cookies.clear()
    answer = knock(rita, "/report/send/", {**_hidden(page), "phone": "不是电话"})
    refused(answer, "电话", typed="老槐树", status=422)
    rita.cookies.clear()
    sent = knock(rita, "/report/send/", {**_hidden(answer.content.decode()), "name": "李秀兰"})
    made = Case.objects.get()
    assert made.number in sent.content.decode(), "told at once: no cookie would find it later"
    assert (made.what, made.place) == (WORDS, "老槐树")


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([a-z_]+)"[^>]* value="([^"]*)"', page)
    texts = re.findall(r'<textarea[^>]*name="([a-z_]+)"[^>]*hidden[^>]*>\n?([^<]*)<', page)
    return {name: value for name, value in [*found, *texts] if name != "csrfmiddlewaretoken"}


def _forms_of_staff(case: Case) -> dict[str, tuple[str, str, dict[str, str]]]:
    moves = f"/desk/cases/{case.number}/moves"
    return {
        "new case": ("cun", "/desk/cases/new/", {"channel": "desk", "what": WORDS}),
        "note": ("shui", f"{moves}/note/", {"words": WORDS, "once": "x", "revision": "4"}),
        "finish": ("shui", f"{moves}/finish/", {"outcome": "solved", "answer": WORDS}),
        "bulk": ("du", "/desk/bulk/supervise/do/", {"number": case.number, "words": WORDS}),
        "unit": ("guan", "/desk/admin/units/new/", {"name": WORDS, "code": "dept-x"}),
        "filter": ("zhen", "/desk/filters/", {"name": WORDS, "query": "tab=late"}),
        "rulebook": ("guan", "/desk/admin/rulebook/apply/", {"note": WORDS, "texts": "{}"}),
    }


@pytest.mark.parametrize("is_part", [False, True], ids=["page", "part"])
def test_staff_whose_session_ended_in_the_middle_get_everything_back(
    county: County, login: Login, handled: Case, is_part: bool
) -> None:
    headers = {"HX-Request": "true"} if is_part else {}
    for who, address, typed in _forms_of_staff(handled).values():
        client = login(who)
        Session.objects.all().delete()
        with nothing_stored():
            text = refused(
                knock(client, address, typed, headers=headers),
                "/desk/sign-in/", "登录已经过期", typed=WORDS, status=401,
            )  # fmt: skip
        assert f'action="{address}"' in text
        for name, value in typed.items():
            assert f'name="{name}"' in text
            assert escape(value) in text


@pytest.mark.parametrize("token", ["", "x", "a" * 64])
def test_a_wrong_token_gives_everything_back(
    county: County, login: Login, handled: Case, token: str
) -> None:
    forms = [(login(who), address, typed) for who, address, typed in
             _forms_of_staff(handled).values()]  # fmt: skip
    forms += [
        (browser(), "/report/", {"what": WORDS}),
        (browser(), "/report/where/", {**HERE, "place": WORDS}),
        (browser(), "/report/send/", {"what": WORDS, "place": "x", "name": "李"}),
        (browser(), f"/track/{handled.number}/rate/", {"rate_words": WORDS, "rating": "5"}),
    ]
    for client, address, typed in forms:
        strict = browser(is_strict=True)
        strict.cookies = client.cookies
        with nothing_stored():
            answer = knock(strict, address, {**typed, "csrfmiddlewaretoken": token})
            refused(answer, "一个字也没有丢", typed=WORDS, status=403)
