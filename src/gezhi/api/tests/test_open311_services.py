"""Open311: discovery, services and their definitions (G and M0–M2 of docs/open311.md)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from gezhi.api.tests.open311 import said, spark, words_of
from gezhi.base import clock
from gezhi.rulebook import actions as rulebook_actions
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, SETTING_UP, County


def test_discovery_says_all_that_is_asked_of_it(county: County, rita: Client) -> None:
    body = said(rita, "discovery")
    [endpoint] = body["endpoints"]
    assert all(body.values())
    assert all(endpoint.values())
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["type"] in ("production", "test")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert datetime.fromisoformat(body["changeset"]) <= datetime.now(UTC)


def test_the_changeset_grows_when_services_change(county: County, rita: Client) -> None:
    before = said(rita, "discovery")["changeset"]
    files = rulebook.default_files()
    files["categories.toml"] = files["categories.toml"].replace('"路灯照明"', '"路灯"', 1)
    with clock.standing_at(datetime.now(UTC) + timedelta(seconds=2)):
        rulebook_actions.apply_book(files, county=COUNTY, actor=SETTING_UP)
    assert said(rita, "discovery")["changeset"] > before


def test_services_are_the_categories_and_agree_with_their_definitions(
    county: County, rita: Client
) -> None:
    listed = said(rita, "services")
    known = rulebook.current(COUNTY).categories
    assert [each["service_code"] for each in listed] == list(known)
    for each in listed:
        assert isinstance(each["service_code"], str)
        assert isinstance(each["metadata"], bool)
        assert each["type"] in ("realtime", "batch", "blackbox")
        assert each["service_name"]
        assert each["description"]
    asking = {each["service_code"] for each in listed if each["metadata"]}
    assert {"utility.lamp", "utility.water.cut", "env.noise"} <= asking
    for code in [*asking, "utility.lift"]:
        found = said(rita, f"services/{code}")
        assert found["service_code"] == code
        assert bool(found["attributes"]) == (code in asking)


def test_services_come_in_the_same_order_each_time(county: County, rita: Client) -> None:
    first, again = (said(rita, "services") for _time in range(2))
    assert first == again
    assert len({each["service_code"] for each in first}) == len(first)


def test_what_nobody_else_may_see_is_a_black_box(county: County, rita: Client) -> None:
    types = {each["service_code"]: each["type"] for each in said(rita, "services")}
    hidden = {k for k, one in rulebook.current(COUNTY).categories.items() if one.sensitive}
    assert hidden
    assert {types[key] for key in hidden} == {"blackbox"}
    assert types["utility.lamp"] == "realtime"


def test_a_definition_has_its_questions_in_order(county: County, rita: Client) -> None:
    pole, fault = said(rita, "services/utility.lamp")["attributes"]
    assert (pole["order"], fault["order"]) == (1, 2)
    assert pole == {
        "variable": True, "code": "pole", "datatype": "string", "required": False,
        "datatype_description": "灯杆上铭牌的编号，没有铭牌可以不填", "order": 1,
        "description": "灯杆编号", "values": [],
    }  # fmt: skip
    assert fault["values"][0] == {"key": "off", "name": "不亮"}
    [when, _source] = said(rita, "services/env.noise")["attributes"]
    assert when["required"] is True


def test_names_follow_the_language_that_is_asked_for(county: County, rita: Client) -> None:
    found = said(rita, "services", headers={"Accept-Language": "en"})
    assert "Street lamps" in {each["service_name"] for each in found}


@pytest.mark.parametrize("code", ["no.such", "灯", "%E7%81%AF", "a/b", "a%2Fb", "utility.lamp.x"])
def test_a_code_that_is_none_is_absent_in_the_form_that_was_asked_for(
    county: County, rita: Client, code: str
) -> None:
    [error] = said(rita, f"services/{code}", status=404)
    assert error["code"] == 404
    assert "service_code" in error["description"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("services/", "service_code"), ("tokens/%00", "token"), ("tokens", "token")],
)
def test_what_an_address_leaves_out_is_named(
    county: County, rita: Client, path: str, name: str
) -> None:
    assert name in words_of(said(rita, path, status=400))


def test_a_code_may_be_percent_encoded(county: County, rita: Client) -> None:
    assert said(rita, "services/utility%2Elamp")["service_code"] == "utility.lamp"


@pytest.mark.parametrize("path", ["services", "services/utility.lamp", "requests", "requests/1"])
def test_another_jurisdiction_is_absent_and_an_empty_one_is_none_given(
    county: County, rita: Client, path: str
) -> None:
    assert "jurisdiction_id" in words_of(said(rita, path, {"jurisdiction_id": "x"}, status=404))
    status = 404 if path == "requests/1" else 200
    for own in ("", COUNTY):
        found = said(rita, path, {"jurisdiction_id": own}, status=status)
        assert "jurisdiction_id" not in str(found)


@pytest.mark.parametrize("path", ["services", "services.csv", "", "nothing.json", "services.xmlx"])
def test_an_address_that_is_none_is_absent(county: County, rita: Client, path: str) -> None:
    answer = rita.get(f"/open311/v2/{path}")
    assert answer.status_code == 404
    if path.endswith(".json"):
        assert answer.json()[0]["code"] == 404
    else:
        assert spark(answer.content)[0]["code"] == "404"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "services", "GET, HEAD"),
        ("PUT", "requests", "GET, POST, HEAD"),
        ("DELETE", "requests/1", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_would_do(
    county: County, rita: Client, method: str, path: str, allowed: str
) -> None:
    answer = rita.generic(method, f"/open311/v2/{path}.json")
    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert answer.json()[0]["code"] == 405
