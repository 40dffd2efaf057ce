"""Lists of the desk: what they show to whom, filters, pages by key, their cost, exports."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.desk.tests.reading import page
from tests.cast import COUNTY, GRID, GRID_2, TUESDAY, County, report_leak


def test_the_inbox_shows_what_the_own_unit_holds(login, case: Case) -> None:
    assert case.number in page(login("cun"), "/desk/")
    assert case.number not in page(login("bie"), "/desk/")
    assert case.number not in page(login("zhen"), "/desk/?tab=mine")
    assert case.number in page(login("zhen"), "/desk/?tab=area")


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("state=reported", True),
        ("state=done", False),
        ("channel=portal", True),
        ("channel=hotline", False),
        (f"area={GRID}", True),
        (f"area={GRID_2}", False),
        ("q=自来水", True),
        ("q=路灯", False),
        ("pace=paused", False),
        ("since=2020-01-01", True),
        ("until=2020-01-01", False),
        ("state=nonsense&area=x&holder=1&since=never", True),
    ],
)
def test_filters_stand_in_the_address(login, case: Case, query: str, is_there: bool) -> None:
    assert (case.number in page(login("zhen"), f"/desk/?tab=area&{query}")) is is_there


def test_a_part_of_the_number_finds_the_case(login, case: Case) -> None:
    assert case.number in page(login("zhen"), f"/desk/?tab=area&q={case.number[:9]}")


@pytest.mark.parametrize("sort", ["due", "newest"])
def test_pages_by_key_show_every_case_once(login, county: County, sort, monkeypatch) -> None:
    from gezhi.desk import rules

    monkeypatch.setattr(rules, "PAGE", 3)
    made = {report_leak().case.number for _at in range(8)}
    client, address = login("zhen"), f"/desk/rows/?tab=area&sort={sort}"
    seen: list[str] = []
    while address and len(seen) <= len(made):
        answer = client.get(address)
        seen += [row.number for row in answer.context["rows"]]
        address = f"/desk/rows/?{answer.context['more']}" if answer.context["more"] else ""
    assert sorted(seen) == sorted(made)


def test_a_key_nobody_gave_out_shows_the_first_page(login, case: Case) -> None:
    assert case.number in page(login("zhen"), "/desk/rows/?tab=area&after=%00nonsense")


def cost_of(client: Client, address: str) -> tuple[int, str]:
    """Queries of a page, without the two by which a process looks once a second for changes."""
    with CaptureQueriesContext(connection) as queries:
        text = page(client, address)
    looking = ("rulebook_version", "people_unitrevision")
    return sum(not any(one in row["sql"] for one in looking) for row in queries), text


@pytest.mark.parametrize("tab", ["mine", "area", "late", "done"])
def test_a_list_costs_the_same_for_one_case_and_for_thirty(login, county: County, tab) -> None:
    client, address = login("cun"), f"/desk/?tab={tab}"
    report_leak()
    page(client, address)
    for_one, _text = cost_of(client, address)
    for _at in range(29):
        report_leak()
    for_thirty, text = cost_of(client, address)
    assert for_one == for_thirty <= 7
    assert text.count("data-row=") == (30 if tab in ("mine", "area") else 0)


def test_rows_say_how_the_promise_stands(login, case: Case) -> None:
    client = login("cun")
    assert "还剩" in page(client, "/desk/")
    with clock.standing_at(clock.now() + timedelta(days=9)):
        assert "超时" in page(client, "/desk/")
        assert case.number in page(client, "/desk/?tab=late")


def test_counts_come_after_the_list(login, case: Case) -> None:
    text = page(login("cun"), "/desk/counts/")
    assert 'id="count-mine" hx-swap-oob="true">1<' in text


def test_any_list_is_exported_masked_and_without_formulas(login, county: County) -> None:
    made = actions.report(
        county=COUNTY,
        what="=HYPERLINK(1) 请打 13812345678",
        where=actions.Where(path=GRID),
        channel="desk",
        actor=NOBODY,
    )
    assert login("wang").get("/desk/export.xlsx").status_code == 403
    answer = login("zhen").get("/desk/export.xlsx?tab=area")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][0] == made.case.number
    assert rows[1][3] == "'=HYPERLINK(1) 请打 138****5678"


def test_a_filter_is_kept_under_a_name_and_dropped(login, county: County) -> None:
    client = login("zhen")
    kept = client.post("/desk/filters/", {"name": "村里超时", "query": "tab=late&area=990101101"})
    assert kept["Location"] == "/desk/?tab=late&area=990101101"
    text = page(client, "/desk/saved/?tab=late")
    assert "村里超时" in text
    assert 'name="query" value="tab=late"' in text
    assert "村里超时" not in page(login("bie"), "/desk/saved/")
    saved = client.get("/desk/saved/").context["saved"][0]
    assert login("bie").post(f"/desk/filters/{saved.id}/drop/").status_code == 404
    client.post(f"/desk/filters/{saved.id}/drop/")
    assert "村里超时" not in page(client, "/desk/saved/")


def test_the_map_gets_the_same_list(login, case: Case) -> None:
    body = login("zhen").get("/desk/points.geojson?tab=area").json()
    assert [one["properties"]["href"] for one in body["features"]] == [
        f"/desk/cases/{case.number}/"
    ]


def test_the_morning_is_told_in_words_of_the_morning(login, county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        text = page(login("cun"), f"/desk/cases/{case.number}/")
    assert "今天 09:00" in text


def test_the_search_at_the_top_looks_everywhere_and_stays(login, handled: Case) -> None:
    """What the own list no longer holds is still found, and a change of list keeps the words."""
    page = login("cun").get("/desk/", {"tab": "mine", "q": handled.number}).content.decode()
    assert '<input type="hidden" name="tab" value="area">' in page
    assert f"tab=area&amp;q={handled.number}" in page or f"q={handled.number}&amp;tab=area" in page
    found = login("cun").get("/desk/", {"tab": "area", "q": handled.number.replace("-", "")})
    assert handled.number in found.content.decode()
