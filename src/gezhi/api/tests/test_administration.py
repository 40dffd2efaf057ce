"""Units, accounts, keys, places and the rulebook through the API."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.people.models import Account, ApiKey, Unit
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, TOWN, VILLAGE, County, point_in

KeyOf = Callable[[str], str]


class Hand:
    """Somebody of the cast with a key in hand."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.headers = client, bearer(token)

    def get(self, path: str, **more: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **more})

    def post(self, path: str, body: Any = None, **more: str) -> Any:
        return post(self.client, path, body or {}, headers={**self.headers, **more})

    def send(self, method: str, path: str, body: Any) -> Any:
        return self.client.generic(
            method, f"/api/v1{path}", body, "application/json", headers=self.headers
        )


@pytest.fixture
def hand(key: KeyOf, rita: Client) -> Callable[[str], Hand]:
    return lambda name: Hand(rita, key(name))


def test_units_are_found_by_kind_area_and_words_in_pages(
    county: County, hand: Callable[[str], Hand]
) -> None:
    zhen = hand("zhen")
    assert len(zhen.get("/units").json()["items"]) == len(county.units)
    grids = zhen.get(f"/units?kind=grid&inside={TOWN}").json()["items"]
    assert len(grids) == 4
    covering = zhen.get(f"/units?covering={GRID}&kind=centre").json()["items"]
    assert {each["code"] for each in covering} == {
        f"centre-{VILLAGE}", f"centre-{TOWN}", f"centre-{COUNTY}",
    }  # fmt: skip
    assert [each["code"] for each in zhen.get("/units?q=水务").json()["items"]] == ["dept-water"]
    seen, path = [], "/units?limit=4"
    while path:
        answer = zhen.get(path)
        seen += [each["code"] for each in answer.json()["items"]]
        path = answer.headers.get("Link", "").split(">")[0].partition("/api/v1")[2]
    assert seen == sorted(county.units)
    one = zhen.get(f"/units/{county.unit('dept-water')}").json()
    assert one["name"] == "水务局"
    assert is_problem(zhen.get("/units/01990000-0000-7000-8000-000000000000"), 404, "not_found")


def test_an_administrator_adds_changes_closes_and_opens_a_unit_and_nobody_else(
    county: County, hand: Callable[[str], Hand]
) -> None:
    new = {"code": "dept-forestry", "kind": "department", "name": "林草局", "path": COUNTY}
    assert is_problem(hand("zhen").post("/units", new), 403, "not_allowed")
    guan = hand("guan")
    made = guan.post("/units", new)
    assert made.status_code == 201, made.content
    path = made["Location"].removeprefix("/api/v1")
    changed = guan.send("PATCH", path, '{"phone": "0930-7654321"}')
    assert changed.json()["phone"] == "0930-7654321"
    assert changed.json()["name"] == "林草局"
    assert guan.post(f"{path}/close").json()["is_active"] is False
    assert is_problem(guan.post(f"{path}/close"), 409, "unit_closed")
    assert guan.post(f"{path}/reopen").json()["is_active"] is True
    assert is_problem(guan.post("/units", new), 409, "unit_code_taken")
    staffed = guan.post(f"/units/{county.unit('dept-water')}/close")
    assert is_problem(staffed, 409, "unit_has_staff")
    for wrong in ({"kind": "club"}, {"path": "12"}, {"name": ""}, {"code": "Nö"}, {"x": 1}):
        assert guan.post("/units", {**new, **wrong}).status_code == 422
    assert Unit.objects.filter(code="dept-forestry").count() == 1


def test_one_administrator_adds_a_person_and_another_gives_posts_and_keys(
    county: County, hand: Callable[[str], Hand], rita: Client
) -> None:
    guan, an = hand("guan"), hand("an")
    new = {"login": "xin", "name": "新来", "path": COUNTY}
    water = str(county.unit("dept-water"))
    assert is_problem(an.post("/accounts", new), 403, "not_allowed")
    assert is_problem(hand("zhen").post("/accounts", new), 403, "not_allowed")
    again = {"Idempotency-Key": "xin"}
    made = guan.post("/accounts", new, **again)
    assert made.status_code == 201, made.content
    assert guan.post("/accounts", new, **again).json()["password"] == made.json()["password"]
    assert is_problem(guan.post("/accounts", new), 409, "account_login_taken")
    path = f"/accounts/{made.json()['account']['id']}"
    assert [each["login"] for each in guan.get("/accounts?q=新来").json()["items"]] == ["xin"]
    assert guan.send("PATCH", path, '{"name": "新人"}').json()["name"] == "新人"
    assert guan.post(f"{path}/password").json()["password"]
    assert is_problem(an.post(f"{path}/password"), 403, "not_allowed")
    own = {"unit": water, "role": "handler"}
    assert is_problem(guan.post(f"{path}/posts", own), 403, "not_allowed")
    assert is_problem(guan.post(f"{path}/keys", {"name": "试用"}), 403, "not_allowed")
    assert an.post(f"{path}/posts", own).status_code == 201
    apart = an.post(f"{path}/posts", {"unit": water, "role": "auditor"})
    assert is_problem(apart, 409, "post_administrators_apart")
    wrong = an.post(f"{path}/posts", {"unit": water, "role": "supervisor"})
    assert is_problem(wrong, 422, "post_role_elsewhere")
    centre = str(county.unit("centre-990101"))
    post_ = an.post(f"{path}/posts", {"unit": centre, "role": "supervisor"})
    assert post_.status_code == 201, post_.content
    assert {each["role"] for each in guan.get(f"{path}/posts").json()["items"]} == {
        "handler", "supervisor",
    }  # fmt: skip
    ended = an.post(f"/posts/{post_.json()['id']}/end")
    assert ended.json()["valid_to"]
    assert is_problem(an.post(f"/posts/{post_.json()['id']}/end"), 409, "post_ended")
    key_ = an.post(f"{path}/keys", {"name": "试用"})
    assert key_.json()["token"] is None, "a person's waits for them"
    id = UUID(key_.json()["key"]["id"])
    holder = people_reads.person_entering(Account.objects.get(login="xin"))
    token = people.collect_key(id, actor=holder).token
    assert Hand(rita, token).get("/me").status_code == 200
    assert token not in guan.get(f"{path}/keys").content.decode()
    assert an.post(f"/keys/{key_.json()['key']['id']}/revoke").json()["is_active"] is False
    assert is_problem(Hand(rita, token).get("/me"), 401, "api_key_wrong")
    assert ApiKey.objects.filter(account_id=UUID(made.json()["account"]["id"])).count() == 1
    assert is_problem(hand("wang").get(path), 404, "not_found")
    assert is_problem(hand("wang").get("/accounts"), 403, "not_allowed")


def test_areas_outlines_and_points_are_open_to_everybody(county: County, rita: Client) -> None:
    towns = rita.get("/api/v1/areas?level=town").json()["items"]
    assert [each["name"] for each in towns] == ["河湾镇", "石坪镇"]
    assert rita.get(f"/api/v1/areas/{VILLAGE}").json()["name"] == "柳树村"
    assert is_problem(rita.get("/api/v1/areas/990101999"), 404, "not_found")
    whole = rita.get("/api/v1/areas/outlines?level=grid")
    assert whole["Content-Type"] == "application/geo+json"
    assert len(whole.json()["features"]) == 5
    same = rita.get("/api/v1/areas/outlines", headers={"If-None-Match": whole["ETag"]})
    assert same.status_code == 304
    lon, lat = point_in(GRID)
    place = rita.get(f"/api/v1/locate?lon={lon}&lat={lat}").json()
    assert place["path"] == GRID
    assert is_problem(rita.get("/api/v1/locate?lon=0&lat=0"), 422, "place_outside_county")
    assert is_problem(rita.get("/api/v1/locate?lon=nan&lat=0"), 422, "input_invalid")
    assert is_problem(rita.get("/api/v1/locate"), 422, "input_invalid")


def test_an_administrator_adds_a_grid_and_draws_it(
    county: County, hand: Callable[[str], Hand]
) -> None:
    guan = hand("guan")
    new = {"code": f"{VILLAGE}003", "name": "第三网格", "on": "2026-01-01"}
    assert is_problem(hand("zhen").post("/areas", new), 403, "not_allowed")
    assert guan.post("/areas", new).status_code == 201
    assert is_problem(guan.post("/areas", new), 409, "division_code_taken")
    path = f"/areas/{VILLAGE}003/outline"
    assert is_problem(guan.get(path), 404, "not_found")
    square = [[[106.9, 35.6], [106.91, 35.6], [106.91, 35.61], [106.9, 35.61], [106.9, 35.6]]]
    body = {"geometry": {"type": "Polygon", "coordinates": square}, "on": "2026-01-01"}
    drawn = guan.send("PUT", path, json.dumps(body))
    assert drawn.status_code == 200, drawn.content
    assert drawn.json()["geometry"]["type"] == "Polygon"
    wrong: list[Any] = [[], [[]], [[[1, 2]]], [["x"]], [[[1e400, 1]]]]
    wrong.append([[[None, 1], [2, 3], [4, 5], [1, 1]]])
    for bad in wrong:
        body = {"geometry": {"type": "Polygon", "coordinates": bad}, "on": "2026-01-01"}
        refused = guan.send("PUT", path, json.dumps(body).replace("Infinity", "1e400"))
        assert refused.status_code == 422, refused.content


def test_the_rulebook_is_read_checked_compared_and_applied(
    county: County, hand: Callable[[str], Hand], rita: Client
) -> None:
    guan, zhen = hand("guan"), hand("zhen")
    book = zhen.get("/rulebook")
    assert book.json()["version"] == 1
    assert zhen.get("/rulebook", **{"If-None-Match": book["ETag"]}).status_code == 304
    kinds = rita.get("/api/v1/categories?limit=200").json()["items"]
    assert len(kinds) == len(rulebook.current(COUNTY).categories)
    found = post(rita, "/categories/suggest", {"text": "路灯坏了好几天"}).json()["items"]
    assert found[0]["score"] > 0
    reasons = rulebook.default_files()["reasons.toml"]
    broken = {"files": {"reasons.toml": reasons + "\n[[nonsense]]\nx = 1\n"}}
    checked = guan.post("/rulebook/check", broken).json()
    assert checked["is_sound"] is False
    assert checked["problems"][0]["file"] == "reasons.toml"
    assert checked["problems"][0]["line"] > 0
    assert is_problem(guan.post("/rulebook/apply", broken), 422, "rulebook_broken")
    assert is_problem(zhen.post("/rulebook/check", broken), 403, "not_allowed")
    changed = {"files": {"deadlines.toml": _slower(rulebook.default_files()["deadlines.toml"])}}
    changes = guan.post("/rulebook/diff", changed).json()["items"]
    assert {each["section"] for each in changes} == {"limits"}
    applied = guan.post("/rulebook/apply", {**changed, "note": "试行"})
    assert applied.json()["number"] == 2, applied.content
    versions = guan.get("/rulebook/versions").json()["items"]
    assert [each["number"] for each in versions] == [2, 1]
    assert "试行" in guan.get("/rulebook/versions/2").json()["note"]
    assert is_problem(guan.get("/rulebook/versions/9"), 404, "rulebook_version_unknown")
    assert is_problem(zhen.get("/rulebook/versions"), 403, "not_allowed")
    assert is_problem(guan.get("/rulebook/versions/99999999999999"), 404,
                      "rulebook_version_unknown")  # fmt: skip


def _slower(text: str) -> str:
    book = rulebook.current(COUNTY)
    before = f"reopen_days = {book.limits.reopen_days}"
    assert before in text
    return text.replace(before, f"reopen_days = {book.limits.reopen_days + 1}")
