"""Reports that say nothing, nowhere, or too much; and unusual ones, which go in whole."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils.html import escape

from gezhi.cases.models import Case
from tests.bad_input.stage import (
    HERE,
    LAT,
    LON,
    WORDS,
    Login,
    browser,
    knock,
    nothing_stored,
    problem,
    refused,
)
from tests.cast import County

# Where it is, and the words that say what is wrong with it, at the portal.
WRONG_PLACES = {
    "nothing": ({}, "请说明在哪里"),
    "blanks": ({"place": "  \t "}, "请说明在哪里"),
    "half a point": ({"lon": str(LON)}, "请说明在哪里"),
    "outside": ({"lon": "116.4", "lat": "39.9"}, "不在"),
    "sea": ({"lon": "0", "lat": "0"}, "不在"),
    "nan": ({"lon": "nan", "lat": "nan"}, ""),
    "infinite": ({"lon": "inf", "lat": "-inf"}, ""),
    "huge": ({"lon": "1e308", "lat": "1e308"}, ""),
    "beyond the pole": ({"lon": str(LON), "lat": "91"}, ""),
    "words as numbers": ({"lon": "东", "lat": "北"}, ""),
    "unknown path": ({"path": "999999"}, ""),
    "path of letters": ({"path": "../../etc"}, ""),
    "path with zero byte": ({"path": "9901\x0001"}, ""),
    "long place": ({"place": "长" * 201}, "200"),
}


@pytest.mark.parametrize("name", WRONG_PLACES)
def test_a_wrong_place_is_refused_at_every_door(county: County, login: Login, api: Any, name: str):
    where, words = WRONG_PLACES[name]
    rita = browser()
    knock(rita, "/report/", {"what": WORDS})
    with nothing_stored():
        answer = knock(rita, "/report/where/", where)
        refused(answer, words, typed=where.get("place", "").strip(), status=422)
        assert WORDS in rita.get("/report/").content.decode()
        typed = {"channel": "desk", "what": WORDS, "name": "赵大爷", **where}
        refused(knock(login("cun"), "/desk/cases/new/", typed), "赵大爷", typed=WORDS, status=422)
        problem(api("", "/cases", {"what": WORDS, "where": where}))


@pytest.mark.parametrize(
    "where",
    ['{"lon": NaN, "lat": 1}', '{"lon": Infinity, "lat": 1}', '{"lon": 1e999, "lat": 1}',
     '{"lon": "东", "lat": "北"}', '{"lon": [106.9], "lat": {}}', '{"lon": true, "lat": null}',
     '{"place": 7}', '{"place": null}', '{"path": "x"}', '{"datum": "mars", "place": "x"}', "[]",
     "null", '"村口"'],
)  # fmt: skip
def test_no_such_where_in_json(county: County, api: Any, where: str) -> None:
    with nothing_stored():
        problem(api("", "/cases", f'{{"what": "水管", "where": {where}}}'.encode()))


UNREADABLE = {
    "no json": (b"what=1", "application/json", 400),
    "half": (b'{"what": "', "application/json", 400),
    "empty": (b"", "application/json", 422),
    "latin": ('{"what": "路灯"}'.encode("gb18030"), "application/json", 400),
    "deep": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "application/json", 400),
    "deep lists": (b"[" * 100_000, "application/json", 400),
    "text": (b'{"what": "x"}', "text/plain", 415),
    "form": (b"what=x", "application/x-www-form-urlencoded", 415),
    "xml": (b"<what/>", "application/xml", 415),
    "no type": (b'{"what": "x"}', "", 415),
    "large": (b'"' + b"x" * 5_000_000 + b'"', "application/json", 413),
    "zero": (b'{"what": "a\\u0000", "where": {"place": "x"}}', "application/json", 422),
    "surrogate": (b'{"what": "\\udfff", "where": {"place": "x"}}', "application/json", 422),
    "unknown name": (b'{"wat": "a"}', "application/json", 422),
    "nothing": (b"{}", "application/json", 422),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_json_of_ours_is_refused(county: County, api: Any, name: str) -> None:
    body, kind, status = UNREADABLE[name]
    with nothing_stored():
        problem(api("", "/cases", body, content_type=kind), status=status)
        for path in ("/cases/x/moves/accept", "/track", "/rulebook/check", "/units"):
            problem(api("du", path, body, content_type=kind))


@pytest.mark.parametrize("what", ["", "   ", "\u200b\u202e\u200f", "\x00\x00", "水" * 5000])
def test_no_words_and_too_many_are_refused_at_every_door(
    county: County, login: Login, api: Any, what: str
) -> None:
    with nothing_stored():
        kept = what.strip() if len(what) > 100 else ""
        refused(knock(browser(), "/report/", {"what": what}), typed=kept, status=422)
        typed = {"channel": "desk", "what": what, "name": "赵大爷", **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), "赵大爷", typed=kept, status=422)
        problem(api("", "/cases", {"what": what, "where": {"lon": LON, "lat": LAT}}), status=422)


UNUSUAL = [
    "👨‍👩‍👧‍👦🇨🇳 楼下漏水 🚰",
    "𠮷家的𪚥墙倒了，𬭎工说的",
    "\u202eabc 路灯坏了\u202c \u200fשלום",
    "e\u0301\u0301\u0301 Z̸̢͎a̴l̶g̷o 下水道",
    "<script>alert(1)</script>{{ 7*7 }}{% now %} 墙倒了",
    "'; DROP TABLE cases_case; -- \\ %s %(x)s 垃圾",
    "=1+1 垃圾没人收\n\n第二行\t有制表符\x07\x1b[31m",
]


@pytest.mark.parametrize("text", UNUSUAL)
def test_what_is_only_unusual_goes_in_whole_and_is_shown(
    county: County, login: Login, api: Any, text: str
) -> None:
    rita, staff = browser(), login("xian")
    knock(rita, "/report/", {"what": text})
    knock(rita, "/report/where/", {**HERE, "place": text})
    assert knock(rita, "/report/send/", {"name": text[:40]}).status_code == 302
    desk = knock(staff, "/desk/cases/new/", {"channel": "desk", "what": text, **HERE})
    assert desk.status_code == 201
    sent = {"what": text, "where": {"lon": LON, "lat": LAT, "place": text[:200]}}
    assert api("", "/cases", sent).status_code == 201
    made = list(Case.objects.order_by("number"))
    assert [case.what for case in made] == [text.strip()] * 3
    number = made[0].number
    assert escape(text.split("\n")[0]) in rita.get(f"/track/{number}/").content.decode()
    for address in (f"/desk/cases/{number}/", "/desk/?tab=area", "/desk/points.geojson?tab=area"):
        assert knock(staff, address, method="GET").status_code == 200
    first = " ".join(text.split())[:12]
    answers = [staff.get(address) for address in ("/desk/?tab=area", "/desk/rows/?tab=area")]
    answers.append(knock(staff, "/desk/rows/now/?tab=area", {"number": number}))
    for answer in answers:
        shown = answer.content.decode()
        assert escape(first) in shown
        assert "<script>" not in first or first not in shown
    assert knock(staff, "/desk/export.xlsx?tab=area", method="GET").status_code == 200
    for query in (text, text[:3], text[::-1]):
        found = staff.get("/desk/rows/", {"tab": "area", "q": query})
        assert found.status_code == 200
        assert api("xian", f"/cases?{_query(q=query[:200])}").status_code == 200


def _query(**values: str) -> str:
    return urlencode(values)
