"""OGC API - Features Part 1: the requirements of core, GeoJSON, HTML and OpenAPI 3.0, by number."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import shapely
from django.test import Client
from jsonschema_rs import Draft4Validator

from gezhi.api.tests.test_open311_requests import Shown, shown
from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.places import reads as places
from gezhi.places.actions import set_boundary
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    GRID_2,
    OTHER,
    SETTING_UP,
    TOWN,
    TUESDAY,
    VILLAGE,
    County,
    point_in,
)

__all__ = ["shown"]
_JSON, _GEOJSON = "application/json", "application/geo+json"
_BOX_OF_GRID = "106.9,35.6,106.92,35.62"
Get = Callable[..., Any]


@pytest.fixture
def get(rita: Client, county: County) -> Get:
    """What an address says to a stranger."""

    def ask(path: str, _status: int = 200, **query: str) -> Any:
        answer = rita.get(f"/ogc/{path}", query)
        assert answer.status_code == _status, answer.content[:300]
        assert answer["Access-Control-Allow-Origin"] == "*"
        return answer.json()

    return ask


def ids(found: Any) -> list[str]:
    return [feature["id"] for feature in found["features"]]


def hrefs(body: Any, rel: str) -> list[str]:
    return [each["href"] for each in body["links"] if each["rel"] == rel]


# --- /req/core/root-success, conformance-success, fc-md-success --------------------------------


def test_the_landing_page_leads_everywhere(get: Get, rita: Client) -> None:
    body = get("")
    rels = {each["rel"] for each in body["links"]}
    assert rels >= {"self", "alternate", "service-desc", "service-doc", "conformance", "data"}
    for each in body["links"]:
        answer = rita.get(each["href"])
        assert answer.status_code == 200, each
        assert answer["Content-Type"].startswith(each["type"].partition(";")[0]), each


def test_it_says_which_classes_it_keeps(get: Get) -> None:
    named = {each.rpartition("/")[2] for each in get("conformance")["conformsTo"]}
    assert named == {"core", "oas30", "html", "geojson"}


def test_the_extent_holds_every_outline_not_the_first_alone(get: Get) -> None:
    own = places.areas_by_paths([COUNTY])[COUNTY]
    small = shapely.box(106.9, 35.6, 106.92, 35.62)
    set_boundary(own.id, small, on=TUESDAY.date(), actor=SETTING_UP)
    [box] = get("collections/areas")["extent"]["spatial"]["bbox"]
    assert box == [106.9, 35.6, 107.0, 35.62]


def test_each_collection_says_how_far_it_reaches_and_where_its_features_are(get: Get) -> None:
    found = get("collections")["collections"]
    assert [each["id"] for each in found] == ["areas", "grids", "cases"]
    for each in found:
        assert each["extent"]["spatial"]["bbox"] == [[106.9, 35.6, 107.0, 35.62]]
        assert {link["type"] for link in each["links"] if link["rel"] == "items"} == {
            _GEOJSON, "text/html",
        }  # fmt: skip
        one = get(f"collections/{each['id']}")
        assert {name: one[name] for name in ("id", "title", "extent")} == {
            name: each[name] for name in ("id", "title", "extent")
        }
    get("collections/rivers", 404)
    get("collections/rivers/items", 404)


# --- areas and grids ---------------------------------------------------------------------------


def test_areas_are_polygons_of_what_stands_today(get: Get) -> None:
    found = get("collections/areas/items", limit="100")
    assert set(ids(found)) == {COUNTY, TOWN, OTHER, VILLAGE, "990101101202", FAR_VILLAGE}
    assert found["numberMatched"] == found["numberReturned"] == 6
    assert found["timeStamp"].endswith("Z")
    known = {each.area.path: each.shape for each in places.outlined_areas(COUNTY)}
    for feature in found["features"]:
        assert feature["geometry"]["type"] == "MultiPolygon"
        told = shapely.geometry.shape(feature["geometry"])
        assert told.normalize().equals_exact(_in_parts(known[feature["id"]]), 1e-6)
    grids = get("collections/grids/items")
    assert len(ids(grids)) == 5
    assert all(feature["properties"]["level"] == "grid" for feature in grids["features"])


def _in_parts(shape: Any) -> Any:
    return shapely.MultiPolygon(list(shapely.get_parts(shape))).normalize()


def test_a_feature_stands_at_its_own_address(get: Get) -> None:
    one = get(f"collections/grids/items/{GRID}")
    assert (one["type"], one["id"]) == ("Feature", GRID)
    assert {each["rel"] for each in one["links"]} == {"self", "alternate", "collection"}
    get("collections/grids/items/990101101201999", 404)
    get(f"collections/areas/items/{GRID}", 404)


@pytest.mark.parametrize(
    ("box", "grids"),
    [
        ("106.905,35.605,106.915,35.615", {GRID}),
        ("106.905,35.605,0,106.935,35.615,900", {GRID, GRID_2}),
        ("0,0,1,1", set()),
        ("179,35,106.91,36", {GRID}),  # over the date line
    ],
)
def test_a_box_finds_what_it_meets(get: Get, box: str, grids: set[str]) -> None:
    assert set(ids(get("collections/grids/items", bbox=box))) == grids


# --- cases -------------------------------------------------------------------------------------


def test_public_cases_are_points_with_what_open311_tells(get: Get, shown: Shown) -> None:
    case = shown(what="路灯不亮，请打13812345678")
    (one,) = get("collections/cases/items")["features"]
    lon, lat = point_in(GRID)
    assert one["geometry"] == {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    assert one["id"] == case.number
    told = one["properties"]
    assert told["service_code"] == "utility.lamp"
    assert told["state"] == "accepted"
    assert "13812345678" not in str(one)
    assert not {"contact", "name", "phone", "lat", "long"} & set(told)
    assert get(f"collections/cases/items/{case.number}")["properties"] == told


@pytest.mark.parametrize(
    "hidden",
    [{"is_public": False}, {"is_secret": True}, {"category": "", "proposed_category": "x"}],
)
def test_what_is_not_for_everybody_is_nowhere(
    get: Get, shown: Shown, hidden: dict[str, Any]
) -> None:
    case = shown()
    Case.objects.filter(pk=case.pk).update(**hidden)
    assert ids(get("collections/cases/items")) == []
    assert ids(get("collections/cases/items", bbox=_BOX_OF_GRID)) == []
    get(f"collections/cases/items/{case.number}", 404)


def test_cases_are_found_by_box_and_time(get: Get, shown: Shown) -> None:
    first, second = shown(), shown(at=TUESDAY + timedelta(days=1), grid=GRID_2)
    items = "collections/cases/items"
    assert ids(get(items)) == [second.number, first.number]
    assert ids(get(items, bbox=_BOX_OF_GRID)) == [first.number]
    day, moment = "2026-11-17", first.opened_at.isoformat()
    for asked, numbers in (
        (day, [first.number]),
        (moment, [first.number]),
        (f"{day}T00:00:00Z/{day}T23:59:59Z", [first.number]),
        (f"{day}T23:59:59+08:00/..", [second.number]),
        (f"../{day}", [first.number]),
        (f"/{day}", [first.number]),
        ("../..", [second.number, first.number]),
    ):
        assert ids(get(items, datetime=asked)) == numbers, asked


def test_pages_lose_nothing_when_cases_come_in_between(
    get: Get, shown: Shown, rita: Client
) -> None:
    old = [shown(at=TUESDAY + timedelta(minutes=each)).number for each in range(5)]
    body = get("collections/cases/items", limit="2", bbox=_BOX_OF_GRID)
    seen = ids(body)
    shown(at=TUESDAY + timedelta(hours=3))
    while following := hrefs(body, "next"):
        body = rita.get(following[0]).json()
        seen += ids(body)
    assert seen == old[::-1]
    assert "numberMatched" not in body


# --- parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("collections/areas/items", {"colour": "red"}),
        ("", {"limit": "3"}),
        ("collections", {"bbox": "0,0,1,1"}),
        ("collections/areas", {"limit": "3"}),
        ("collections/areas/items", {"limit": "0"}),
        ("collections/areas/items", {"limit": "-1"}),
        ("collections/areas/items", {"limit": "x"}),
        ("collections/areas/items", {"limit": ""}),
        ("collections/areas/items", {"bbox": "1,2,3"}),
        ("collections/areas/items", {"bbox": "1,2,3,x"}),
        ("collections/areas/items", {"bbox": "1,2,nan,4"}),
        ("collections/areas/items", {"bbox": "1,5,3,4"}),
        ("collections/areas/items", {"bbox": "1,2,3,400"}),
        ("collections/areas/items", {"bbox": ""}),
        ("collections/cases/items", {"datetime": "yesterday"}),
        ("collections/cases/items", {"datetime": "2026-11-17T09:00:00"}),
        ("collections/cases/items", {"datetime": "2026-11-18/2026-11-17"}),
        ("collections/cases/items", {"datetime": "2026-11-18/2026-11-19/2026-11-20"}),
        ("collections/cases/items", {"datetime": "2026-W12-1"}),
        ("collections/cases/items", {"cursor": "x"}),
        ("collections/areas/items", {"f": "gml"}),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(
    rita: Client, county: County, path: str, query: dict[str, str]
) -> None:
    answer = rita.get(f"/ogc/{path}", query)
    assert answer.status_code in (400, 422)
    assert answer.status_code == 400 or "cursor" in query
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"]
    page = rita.get(f"/ogc/{path}", query, headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page["Content-Type"]) == (
        answer.status_code,
        "text/html; charset=utf-8",
    )
    assert '<a href="http://testserver/ogc/?f=html">' in page.content.decode()


def test_more_than_there_may_be_is_as_many_as_there_may_be(get: Get) -> None:
    assert get("collections/areas/items", limit="100000")["numberReturned"] == 6


def test_only_reading_is_answered(rita: Client, county: County) -> None:
    answer = rita.post("/ogc/collections/areas/items")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    head = rita.head("/ogc/collections/areas/items")
    assert (head.status_code, head.content) == (200, b"")


# --- forms -------------------------------------------------------------------------------------

_PAGES = ["", "api", "conformance", "collections", "collections/cases", "collections/cases/items"]


@pytest.mark.parametrize("path", _PAGES)
def test_people_read_every_address_as_a_page(
    rita: Client, county: County, shown: Shown, path: str
) -> None:
    shown(what="<script>alert(1)</script>路灯不亮")
    by_accept = rita.get(f"/ogc/{path}", headers={"accept": "text/html,*/*;q=0.8"})
    by_name = rita.get(f"/ogc/{path}", {"f": "html"})
    for answer in (by_accept, by_name):
        assert answer["Content-Type"].startswith("text/html")
        assert "<script" not in answer.content.decode()
    asked = rita.get(f"/ogc/{path}", {"f": "json"}, headers={"accept": "text/html"})
    assert "json" in asked["Content-Type"]
    assert rita.get(f"/ogc/{path}", headers={"accept": "*/*"}).json()


def test_items_are_geojson(rita: Client, county: County) -> None:
    for path in ("collections/areas/items", f"collections/areas/items/{COUNTY}"):
        assert rita.get(f"/ogc/{path}")["Content-Type"] == _GEOJSON


def test_answers_are_what_the_description_says(get: Get, rita: Client, shown: Shown) -> None:
    case = shown()
    answer = rita.get("/ogc/api")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    told = answer.json()
    assert told["openapi"].startswith("3.0.")
    for path, operations in told["paths"].items():
        found = path.replace("{featureId}", _example(path, case.number))
        body = rita.get(f"/ogc{found}").json()
        content = operations["get"]["responses"]["200"]["content"]
        schema = next(iter(content.values()))["schema"]
        whole = {**_with_null(told), **schema}
        errors = [str(each) for each in Draft4Validator(whole).iter_errors(body)]
        assert errors == [], path
        named = {each["name"] for each in operations["get"]["parameters"]}
        assert named >= ({"bbox", "datetime", "limit", "f"} if path.endswith("/items") else {"f"})


def _example(path: str, number: str) -> str:
    return number if "cases" in path else GRID if "grids" in path else COUNTY


def _with_null(told: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, which JSON Schema doesn't know."""
    if isinstance(told, dict):
        made = {name: _with_null(each) for name, each in told.items()}
        return {**made, "type": [made["type"], "null"]} if made.pop("nullable", False) else made
    return [_with_null(each) for each in told] if isinstance(told, list) else told


def test_a_page_costs_the_same_for_one_case_and_for_thirty(
    get: Get, shown: Shown, django_assert_max_num_queries: Any
) -> None:
    for each in range(30):
        shown(at=TUESDAY + timedelta(minutes=each))
    get("collections/cases/items")
    with clock.standing_at(TUESDAY + timedelta(days=1)), django_assert_max_num_queries(14):
        assert get("collections/cases/items", limit="100")["numberReturned"] == 30


def test_the_page_of_the_description_leads_nowhere_that_is_none(
    county: County, rita: Client
) -> None:
    page = rita.get("/ogc/api?f=html", headers={"Accept-Language": "zh-hans"}).content.decode()
    links = re.findall(r'<li><a href="([^"]+)">', page)
    assert [rita.get(each).status_code for each in links] == [200] * 9
    listed = re.findall(r"<li><(?:a|code)[^>]*>([^<]+)</(?:a|code)>([^<]*)</li>", page)
    described = rita.get("/ogc/api?f=json").json()["paths"]
    assert [path for path, _words in listed] == list(described)
    assert not any(re.search("[A-Za-z]", words) for _path, words in listed)


def test_what_nobody_counted_is_not_told_as_none(get: Get) -> None:
    area = get("collections/areas/items")["features"][0]["properties"]
    assert (area["households"], area["population"]) == (None, None)


def test_a_page_of_a_case_says_where_it_lies(rita: Client, shown: Shown) -> None:
    case = shown()
    assert case.lon is not None
    assert case.lat is not None
    page = rita.get(f"/ogc/collections/cases/items/{case.number}?f=html").content.decode()
    lies = f"{round(case.lon, 6)}, {round(case.lat, 6)}"
    assert f"<code>coordinates</code></dt><dd>{lies}</dd>" in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_fields_are_named_to_people_beside_their_codes(
    rita: Client, shown: Shown, language: str
) -> None:
    shown()
    for collection in ("areas", "cases"):
        address = f"/ogc/collections/{collection}/items"
        fields = rita.get(f"{address}?f=json").json()["features"][0]["properties"]
        page = rita.get(f"{address}?f=html", headers={"Accept-Language": language})
        told = dict(re.findall(r"<dt>([^<]+) <code>(\w+)</code></dt>", page.content.decode()))
        assert set(fields) <= set(told.values()), "each has a label"
        assert all((re.search("[A-Za-z]", name) is None) == (language != "en") for name in told)
    areas = rita.get("/ogc/collections/areas/items?f=html").content.decode()
    assert "<code>population</code></dt><dd>—</dd>" in areas
