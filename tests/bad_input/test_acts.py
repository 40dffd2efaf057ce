"""Wrong fields of acts, by form and by API; acts and cases that are not there."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.forms import FORMS
from gezhi.cases.forms.working import WORKING
from gezhi.cases.models import Case
from tests.bad_input.stage import (
    NOBODYS,
    WORDS,
    Login,
    everything,
    knock,
    nothing_stored,
    problem,
    refused,
    undone,
)
from tests.cast import COUNTY, County, report_leak

PAST, FAR, NEVER = "2020-01-01T08:00", "9999-12-31T23:59", "2026-99-99T99:99"
# act: who, what is typed, the field that is wrong and its values. {water} {higher} are units.
WRONG_FIELDS: list[tuple[str, str, str, dict[str, Any], str, list[Any]]] = [
    ("reported", "cun", "accept", {}, "category", ["", "no.such", "\x00", "x" * 5000, "water"]),
    ("reported", "cun", "accept", {"category": "{category}"}, "size", ["giant", "SMALL", "\x00"]),
    ("reported", "cun", "accept", {"category": "{category}"}, "path", ["999999", "x", "990101102"]),
    ("reported", "cun", "refuse", {"words": WORDS}, "reason", ["", "because", "\x00"]),
    ("accepted", "cun", "assign", {}, "unit",
     ["", "x", NOBODYS, "{higher}", "{far}", "\x00", "-1", "null"]),
    ("accepted", "cun", "assign", {"unit": "{water}"}, "size", ["giant"]),
    ("accepted", "cun", "merge", {}, "main", ["", "x", "261122-999999", "{number}", "\x00"]),
    ("handling", "shui", "pause", {"reason": "parts", "words": WORDS}, "until",
     ["", "morgen", PAST, FAR, NEVER, "0001-01-01T00:00", "\x00", "1e9"]),
    ("handling", "shui", "extend", {"reason": "{extend}", "words": WORDS}, "until",
     ["", "morgen", PAST, FAR, NEVER, "0001-01-01T00:00"]),
    ("handling", "shui", "extend", {"until": "{tomorrow}", "words": WORDS}, "reason", ["", "x"]),
    ("handling", "du", "supervise", {"words": WORDS}, "answer_by", ["bald", PAST, FAR, NEVER]),
    ("handling", "du", "supervise", {}, "words", ["", "   ", "\u200b", "水" * 5001]),
    ("handling", "shui", "whistle", {"words": WORDS}, "units", ["", "x", NOBODYS, "{higher}"]),
    ("handling", "shui", "whistle", {"units": "{roads}", "words": WORDS}, "arrive_by",
     ["bald", PAST, FAR, NEVER]),
    ("handling", "shui", "send_back", {"reason": "not_here", "words": WORDS}, "unit",
     ["x", NOBODYS]),
    ("handling", "shui", "finish", {"answer": WORDS}, "outcome", ["", "fixed", "\x00"]),
    ("handling", "shui", "finish", {"outcome": "withdrawn"}, "answer",
     ["", " ", "\u200b\u202e", "水" * 5001]),
    ("handling", "shui", "note", {}, "words", ["", "\x00", "\u202e", "水" * 5001]),
    ("handling", "shui", "ask", {}, "words", ["", "\u200f", "水" * 2001]),
    ("done", "fang", "visit_back", {"is_reached": "yes", "is_solved": "yes"}, "rating",
     ["0", "6", "x", "-1", "5.5", "1e0"]),
    ("done", "fang", "visit_back", {"words": WORDS}, "is_reached", ["", "maybe"]),
    ("done", "zhen", "verify", {"words": WORDS}, "is_solved", ["", "2"]),
]  # fmt: skip
_IDS = [f"{act}-{name}" for _state, _who, act, _typed, name, _values in WRONG_FIELDS]


@pytest.fixture
def case_in(county: County) -> Callable[[str], Case]:
    """A case in a state, brought there by the acts."""

    def bring(state: str) -> Case:
        case = report_leak().case
        category, cun, shui = case.proposed_category, county.actor("cun"), county.actor("shui")
        steps: list[Callable[[], Case]] = [
            lambda: cases.accept(case.id, category=category, actor=cun),
            lambda: cases.assign(case.id, unit=county.unit("dept-water"), actor=cun),
            lambda: cases.sign(case.id, actor=shui),
            lambda: cases.finish(case.id, outcome="withdrawn", answer="诉求人撤回了", actor=shui),
            lambda: cases.visit_back(
                case.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
            ),
        ]
        states = ["reported", "accepted", "assigned", "handling", "done", "closed"]
        for step in steps[: states.index(state)]:
            case = step()
        assert case.state == state
        return case

    return bring


def _names(county: County, case: Case) -> dict[str, str]:
    return {
        "category": case.proposed_category,
        "number": case.number,
        "water": str(county.unit("dept-water")),
        "roads": str(county.unit("dept-transport")),
        "higher": str(county.unit(f"centre-{COUNTY}")),
        "far": str(county.unit("grid-990101102201001")),
        "extend": "complex",
        "tomorrow": f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M}",
    }


def _filled(typed: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {name: re.sub(r"\{(\w+)\}", lambda m: names[m[1]], text) for name, text in typed.items()}


@pytest.mark.parametrize("row", WRONG_FIELDS, ids=_IDS)
def test_a_wrong_field_of_an_act_is_refused_by_the_form(
    county: County, login: Login, case_in: Any, row: Any
) -> None:
    state, who, act, typed, name, values = row
    case, client = case_in(state), login(who)
    names = _names(county, case)
    for value in values:
        sent = _filled({**typed, name: value}, names)
        with nothing_stored(), undone():
            answer = knock(client, f"/desk/cases/{case.number}/moves/{act}/", sent)
            assert 400 <= answer.status_code < 500, (value, answer.status_code)
            kept = value.strip() if name == "words" and "\x00" not in value else typed.get("words")
            refused(answer, "invalid-feedback" if name != "main" else "并案", typed=kept or "")


@pytest.mark.parametrize("row", WRONG_FIELDS, ids=_IDS)
def test_a_wrong_field_of_an_act_is_refused_by_the_api(
    county: County, api: Any, case_in: Any, row: Any
) -> None:
    state, who, act, typed, name, values = row
    case = case_in(state)
    names = _names(county, case)
    others = [7, [], {"a": 1}, "\ud800"]
    for value in [*values, *others]:
        sent = _as_json({**typed, name: value}, names)
        if name == "rating" and value == "1e0":
            continue  # JSON's own way to write 1
        with undone():
            before = everything()
            answer = api(who, f"/cases/{case.number}/moves/{act}", sent)
            if answer.status_code == 200 and (name, value) in (("size", ""), ("path", "")):
                continue  # left out, and may be
            assert 400 <= answer.status_code < 500, (value, answer.status_code, answer.content)
            problem(answer)
            assert everything() == before


def _as_json(typed: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What a form sends, as the API takes it: moments with an offset, lists, yes as true."""
    sent: dict[str, Any] = {}
    for name, value in typed.items():
        if isinstance(value, str):
            value = _filled({name: value}, names)[name]
            if re.match(r"\d{4}-\d\d-\d\dT", value):
                value += ":00+08:00"
            value = {"units": [value]}.get(name, True if value == "yes" else value)
        sent[name] = value
    return sent


@pytest.mark.parametrize("act", sorted(act.value for act in FORMS))
def test_no_form_of_an_act_breaks_whatever_stands_in_its_fields(
    login: Login, handled: Case, act: str
) -> None:
    """Each field in turn missing, garbled, doubled, too long; and no field at all."""
    kind = next(form for name, form in FORMS.items() if name.value == act)
    address = f"/desk/cases/{handled.number}/moves/{act}/"
    client = login("shui" if act in {form.act.value for form in WORKING} else "du")
    needed = any(field.required for field in kind.base_fields.values())
    garbage = ["\x00", "𠮷" * 6000, "0001-01-01T00:00", NOBODYS, "9" * 30]
    with undone():
        before = everything()
        answer = knock(client, address, {})
        assert answer.status_code < 500
        if needed or answer.status_code != 200:
            refused(answer)
            assert everything() == before
    for value in garbage:
        with undone():
            answer = knock(client, address, dict.fromkeys(kind.base_fields, [value, value]))
            assert answer.status_code < 500, (value, answer.status_code)


def test_an_unknown_act_and_case_and_other_peoples_look_alike(
    county: County, login: Login, api: Any, case: Case
) -> None:
    stranger = login("bie")
    numbers = [case.number, str(case.id), "261122-999999", NOBODYS, "no-such", "%00"]
    with nothing_stored():
        for end, method in (
            ("", "GET"), ("panel/", "GET"), ("take/", "POST"), ("moves/note/", "GET"),
            ("moves/note/", "POST"), ("moves/nonsense/", "POST"),
        ):  # fmt: skip
            pages = set()
            for number in numbers:
                answer = knock(stranger, f"/desk/cases/{number}/{end}", method=method)
                text = refused(answer, status=404).replace(number, "")
                pages.add(re.sub(r'(?s)"\w{64}"|nonce\S+|/desk/cases\S*', "", text))
            assert len(pages) == 1, end
        for number in numbers:
            path = f"/cases/{number}"
            answers = [
                api("bie", path), api("bie", f"{path}/history"), api("bie", f"{path}/moves"),
                api("bie", f"{path}/moves/note", {"words": WORDS}),
            ]  # fmt: skip
            assert {problem(each, status=404)["detail"] for each in answers} == {
                "没有找到，或者不在您的权限范围内。"
            }
        problem(api("cun", f"/cases/{case.number}/moves/nonsense", {}), "address_unknown", 404)
        refused(knock(login("cun"), f"/desk/cases/{case.number}/moves/nonsense/"), status=404)
