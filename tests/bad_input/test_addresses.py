"""What may stand in an address: odd questions to lists, every address by every method."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from gezhi.cases.models import Case
from gezhi.site import urls as site_urls
from tests.bad_input.stage import (
    HAN,
    NOBODYS,
    Login,
    browser,
    knock,
    nothing_stored,
    plain,
    problem,
    undone,
)
from tests.cast import County

ODD_QUESTIONS = [
    "limit=0&page=0", "limit=100000&page=-1", "limit=-1&page=99999999999999999999", "limit=x",
    "sort=x&tab=x&state=lost&group=%00&channel=%00&size=giant&late=maybe&mine=2",
    "area=%00&q=%00&words=%00&page=%00&cursor=%00&after=%00&role=%00&tab=%00&path=%00",
    "area=9%27&holder=x&kind=x&level=x", f"holder={NOBODYS}&in=x", "date=2026-99-99",
    "since=2026-99-99&until=x", "since=0001-01-01&until=9999-12-31", "until=2199-12-31",
    "cursor=x&after=bm9wZQ", "cursor=AAAA&after=W10&sort=newest", "after=bnVsbA&page=x",
    "after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwIiwgIjAxOTkwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd",
    "q=%F0%A0%AE%B7&words=%F0%A0%AE%B7", "q=%E2%80%AE%FF%FE&words=%FF", "q=" + "x" * 5000,
    "q=%26%7C!():*<>'\\&words=%25%27", "lon=nan&lat=nan", "lon=1e400&lat=1", "lon=180&lat=90",
    "lon=x&lat=y&datum=mars", "changed_since=0001-01-01T00:00:00%2B14:00", "a=" * 900,
]  # fmt: skip
# Addresses that list something, by who may open them.
LISTS = {
    "": ["/cases/", "/track/", "/map/county.json", "/map/areas.geojson",
         "/map/locate"],
    "xian": ["/desk/", "/desk/rows/", "/desk/filter/",
             "/desk/points.geojson", "/desk/export.xlsx", "/desk/import/"],
    "fang": ["/desk/visits/"],
    "du": ["/desk/approvals/"],
    "guan": ["/desk/admin/units/", "/desk/admin/accounts/", "/desk/admin/areas/",
             "/desk/admin/rulebook/categories/%00/", "/desk/admin/webhooks/"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "address"), [(who, each) for who, found in LISTS.items() for each in found]
)
def test_no_list_breaks_by_what_stands_in_its_address(
    county: County, login: Login, case: Case, who: str, address: str
) -> None:
    """What can't be read asks for nothing, or is refused in words."""
    client = login(who) if who else browser()
    of_points = ("lon=", "in=", "page=", "limit=0", "q=", "area=")
    of_cases = (
        "since=",
        "until=",
        "after=",
        "sort=",
        "area=",
        "holder=",
        "cursor=A",
        "q=",
        "limit=",
    )
    asked = of_cases if address.startswith("/desk/") else of_points
    with nothing_stored():
        for question in ODD_QUESTIONS:
            if not question.startswith(asked):
                continue
            with undone():
                answer = knock(client, f"{address}?{question}", method="GET")
                assert answer.status_code < 500, (question, answer.status_code)
                if answer.status_code >= 400:
                    assert HAN.search(plain(answer)), (question, answer.content[:300])


@pytest.mark.parametrize(
    "path",
    ["/cases", "/cases/{n}/history", "/cases/nearby",
     "/cases/export", "/approvals", "/visits", "/units", "/accounts", "/areas", "/areas/outlines",
     "/categories", "/rulebook/versions", "/imports", "/locate", "/areas/x", "/areas/%00"],
)  # fmt: skip
def test_no_list_of_the_api_breaks_by_what_is_asked(
    county: County, api: Any, case: Case, path: str
) -> None:
    with nothing_stored():
        who = "guan" if path in ("/units", "/accounts", "/rulebook/versions") else "xian"
        for question in ODD_QUESTIONS:
            with undone():
                answer = api(who, f"{path.format(n=case.number)}?{question}")
                assert answer.status_code < 500, (question, answer.status_code)
                if answer.status_code >= 400:
                    problem(answer)
        for question in ("limit=0", "limit=100000", "limit=-1", "cursor=%00"):
            if path in ("/cases", "/units", "/imports", "/areas", "/rulebook/versions"):
                problem(api("guan", f"{path}?{question}"))


def _addresses(patterns: Any, before: str = "/") -> Iterator[str]:
    """Every address of the pages, with something in each of its places."""
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            if here != "/api/":
                yield from _addresses(each.url_patterns, here)
        elif isinstance(each, URLPattern):
            yield here


def test_every_address_answers_every_method_in_words(
    county: County, login: Login, handled: Case
) -> None:
    """GET to what only takes a form, a form to what is only read, and methods nobody uses."""
    fills = {
        "ref": handled.number, "number": handled.number, "act": "note", "key": "x",
        "uuid": NOBODYS, "int": "1",
    }  # fmt: skip
    clients = {"nobody": browser(), "xian": login("xian"), "guan": login("guan")}
    tried = 0
    for address in _addresses(get_resolver(site_urls.__name__).url_patterns):
        there = re.sub(
            r"<(?:(\w+):)?(\w+)>", lambda m: fills.get(m[1]) or fills.get(m[2], "x"), address
        )
        for who, client in clients.items():
            for method in ("GET", "POST", "PUT"):
                if there.endswith("sign-out/") or (method, who) == ("PUT", "xian"):
                    continue
                with undone():
                    answer = knock(client, there, method=method)
                assert answer.status_code < 500, (method, there, answer.status_code)
                is_for_script = answer.get("Content-Type") == "application/json"
                if answer.status_code >= 400 and not (is_for_script and "sign-in/" in there):
                    assert HAN.search(plain(answer)), (method, there, answer.content)
                    tried += 1
    assert tried > 200
