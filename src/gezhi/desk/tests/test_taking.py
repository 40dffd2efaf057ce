"""Taking the proposals for many cases at once: said beforehand, done one by one."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.desk.pages.proposal import proposal_for
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads as triage
from gezhi.triage.rules import Option, Source, What
from tests.cast import COUNTY, GRID, County, report_leak


def report(what: str) -> Case:
    return actions.report(
        county=COUNTY, what=what, where=actions.Where(path=GRID), channel="portal", actor=NOBODY
    ).case


def asked(client: Client, *cases: Case) -> dict[str, Any]:
    """What the page would send: the fields it shows, of the rows it has ticked."""
    answer = client.post("/desk/bulk/take/", {"number": [case.number for case in cases]})
    assert answer.status_code == 200
    text = answer.content.decode()
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
    ticked = re.findall(r'name="number" value="([^"]+)"[^>]* checked', text)
    return {**fields, "number": ticked}


def test_beforehand_each_case_says_category_unit_and_where_they_come_from(login, county) -> None:
    building = report("隔壁私搭乱建，把路都占了")
    dark = report("请来看看这件事，谢谢")
    sent = report("院墙边又私搭乱建了一间")
    actions.accept(sent.id, category="build.illegal", actor=county.actor("cun"))
    unit = county.unit("station-990101101-enforcement")
    actions.assign(sent.id, unit=unit, actor=county.actor("cun"))
    chosen = {"number": [building.number, dark.number, sent.number]}
    answer = login("cun").post("/desk/bulk/take/", chosen)
    text = answer.content.decode()
    assert "可以办 1 件，会被拒绝 2 件" in text
    assert "河湾镇综合执法队" in text
    assert "依据的词" in text
    assert "受理并派发" in text
    assert "从文字看不出类别" in text
    assert "待签收" in text
    building.refresh_from_db()
    assert building.state == "reported"


def test_the_ticked_are_accepted_and_sent_each_by_itself(login, county: County) -> None:
    first, second = report("隔壁私搭乱建，把路都占了"), report("院墙边又私搭乱建了一间")
    client = login("cun")
    sent = asked(client, first, second)
    actions.note(second.id, words="有人先写了一句", actor=county.actor("cun"))
    for _again in range(2):  # an impatient second press
        answer = client.post("/desk/bulk/take/do/", sent)
        assert answer.status_code == 200
    assert (answer.context["fine"], answer.context["refused"]) == (1, 1)
    assert "刚被别人改动过" in answer.content.decode()
    assert first.number in answer["HX-Trigger"]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("assigned", "reported")
    assert [line.act for line in reads.history_of(first)] == ["report", "accept", "assign"]


def test_what_nobody_can_be_sure_of_is_not_ticked(login, county: County) -> None:
    unsure = actions.report(
        county=COUNTY, what="请来看看这件事，谢谢", where=actions.Where(path=GRID),
        channel="portal", category="build.illegal", actor=NOBODY,
    ).case  # fmt: skip
    sent = asked(login("cun"), unsure)
    assert sent["number"] == []
    assert sent[f"category-{unsure.number}"] == "build.illegal"


def test_without_a_unit_it_is_accepted_and_waits_and_then_says_so(login, county: County) -> None:
    """The water bureau's station of a town is not among the cast's units."""
    from gezhi.cases.forms import choices
    from gezhi.rulebook import reads as rulebook

    book = rulebook.current(COUNTY)
    probe = report_leak().case
    lonely = next(key for key in book.categories if not choices.proposed_units(probe, book, key))
    case = actions.report(
        county=COUNTY, what="请来看看这件事，谢谢", where=actions.Where(path=GRID),
        channel="portal", category=lonely, actor=NOBODY,
    ).case  # fmt: skip
    client = login("cun")
    sent = asked(client, case)
    client.post("/desk/bulk/take/do/", {**sent, "number": [case.number]})
    case.refresh_from_db()
    assert (case.state, case.category) == ("accepted", lonely)
    again = client.post("/desk/bulk/take/", {"number": [case.number]}).content.decode()
    assert "自己选承办单位" in again


def test_nobody_takes_for_others(login, case: Case) -> None:
    assert login("bie").post("/desk/bulk/take/", {"number": [case.number]}).status_code == 422
    over = login("zhen").post("/desk/bulk/take/", {"number": [case.number]})
    assert "会被拒绝 1 件" in over.content.decode()
    typed = {"number": [case.number], f"category-{case.number}": case.proposed_category}
    done = login("zhen").post("/desk/bulk/take/do/", typed)
    assert done.context["refused"] == 1
    case.refresh_from_db()
    assert case.state == "reported"


def test_forged_fields_are_refused_like_any_others(login, case: Case) -> None:
    typed = {
        "number": [case.number],
        f"category-{case.number}": case.proposed_category,
        f"unit-{case.number}": "no-unit",
        f"revision-{case.number}": case.lines,
    }
    answer = login("cun").post("/desk/bulk/take/do/", typed)
    assert (answer.status_code, answer.context["refused"]) == (200, 1)
    case.refresh_from_db()
    assert case.state == "reported"


def test_looking_beforehand_costs_one_query_for_each_case(login, county: County) -> None:
    client, made = login("cun"), [report("隔壁私搭乱建，把路都占了") for _at in range(12)]

    def cost(cases: list[Case]) -> int:
        with CaptureQueriesContext(connection) as queries:
            asked(client, *cases)
        looking = (
            "rulebook_version", "people_unitrevision", "places_revision", "triage_learnedmodel",
            "savepoint",
        )  # fmt: skip
        return sum(not any(word in row["sql"].lower() for word in looking) for row in queries)

    cost(made[:2])
    assert cost(made) - cost(made[:2]) <= 10, "at most one query for each more case"


def test_the_button_is_there_for_those_who_may(login, county: County) -> None:
    assert "/desk/bulk/take/" in login("cun").get("/desk/").content.decode()
    assert "/desk/bulk/take/" not in login("du").get("/desk/").content.decode()


def test_what_a_colleague_has_accepted_meanwhile_is_not_said_to_be_done(login, county) -> None:
    case = report("请来看看这件事，谢谢")
    actions.accept(case.id, category="build.illegal", actor=county.actor("cun"))
    lines = reads.case_held(case.id).lines
    stale = {
        "number": [case.number],
        f"category-{case.number}": "build.other",
        f"unit-{case.number}": "",
        f"revision-{case.number}": "1",
    }
    answer = login("cun").post("/desk/bulk/take/do/", stale)
    assert answer.status_code == 200
    assert "办成 1 件" not in answer.content.decode()
    case.refresh_from_db()
    assert (case.lines, case.category) == (lines, "build.illegal")


def test_what_came_with_the_report_is_proposed_also_where_the_words_say_the_same(
    county: County,
) -> None:
    """Agreement makes nothing less likely; what triage alone guessed is still only guessed."""
    what = "邻居和超市、公交站、水库都说过，请来看看"
    options = triage.what(what, county=COUNTY).options
    assert len(options) > 1
    for kind in ("", *(one.category for one in options)):
        case = actions.report(
            county=COUNTY, what=what, where=actions.Where(path=GRID), channel="hotline",
            category=kind, actor=NOBODY,
        ).case  # fmt: skip
        book = rulebook.book(case.county, case.book)
        found = proposal_for(case, book, (Act.ACCEPT,))
        assert found is not None
        assert (found.category, found.can_take) == (kind, bool(kind))
        assert bool(found.guesses) == (not kind)


def test_a_first_guess_of_a_newer_rulebook_does_not_hide_the_second(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = tuple(Option(key, 0.4, ()) for key in ("brand.new", "build.illegal"))
    monkeypatch.setattr(
        "gezhi.triage.reads.what",
        lambda text, county: What(options, Source.WORDS, is_sure=False),
    )
    case.proposed_category = ""
    found = proposal_for(case, rulebook.book(case.county, case.book), (Act.ACCEPT,))
    assert found is not None
    assert found.category == "build.illegal"
