"""Who answers for what, laid down at the desk, by table and by program."""

import json
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from shapely.geometry import mapping

from gezhi.base import clock
from gezhi.base.sheets import cell_text, lines_of, write_sheet
from gezhi.cases.reads import routing
from gezhi.places import actions as place_actions
from gezhi.places import reads as places
from gezhi.places.models import Responsibility, Zone
from gezhi.places.rules import Change
from gezhi.rulebook import reads as rulebook
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    OTHER,
    SETTING_UP,
    TOWN,
    VILLAGE,
    County,
    point_in,
)

PAGE = "/desk/admin/responsibilities/"
API = "/api/v1/triage/responsibilities"
ESTATE = json.dumps(mapping(shapely.box(106.902, 35.602, 106.906, 35.606)))


@pytest.fixture
def guan(login: Any) -> Any:
    """The administrator's browser, once a named ground is there."""
    client = login("guan")
    ground = {"name": "春和小区", "kind": "estate", "path": GRID, "outline": ESTATE}
    assert client.post(f"{PAGE}grounds/", ground).status_code == 302
    return client


def add(client: Any, **values: str) -> Any:
    typed = {"ground": "春和小区", "unit": "dept-cityadmin", "reason": "2024 合同", "asset": "road"}
    return client.post(f"{PAGE}add/", typed | values)


def whose(lon: float, lat: float, category: str = "traffic.road.broken") -> Any:
    matter = routing.Matter(COUNTY, GRID, "village", "portal", lon=lon, lat=lat)
    return routing.who(matter, rulebook.current(COUNTY), category, at=clock.now())


def test_what_is_laid_down_at_the_desk_is_proposed_at_once_until_it_ends(guan):
    assert add(guan).status_code == 302
    found = whose(106.903, 35.603)
    assert (found.unit.code, found.why) == ("dept-cityadmin", "2024 合同")
    assert whose(*point_in(GRID)).rule != routing.LAID_DOWN, "outside the estate"
    page = guan.get(PAGE).content.decode()
    assert "春和小区" in page
    assert "2024 合同" in page
    row = Responsibility.objects.get()
    assert guan.post(f"{PAGE}{row.id}/end/").status_code == 302
    assert whose(106.903, 35.603).rule != routing.LAID_DOWN
    assert "2024 合同" not in guan.get(PAGE).content.decode()
    assert "2024 合同" in guan.get(f"{PAGE}?ended=1").content.decode()


def test_a_ground_without_an_outline_is_known_by_its_name_also_where_there_is_a_point(guan):
    """A drawn one inside of it goes before it."""
    guan.post(f"{PAGE}grounds/", {"name": "柳树市场", "kind": "market", "path": GRID})
    assert add(guan, ground="柳树市场", unit="dept-water", reason="托管").status_code == 302
    lon, lat = point_in(GRID)
    at: dict[str, Any] = {"county": COUNTY, "path": GRID, "level": "village", "channel": "portal"}

    def found(lon: float, lat: float, place: str) -> str:
        matter = routing.Matter(**at, lon=lon, lat=lat, place=place)
        book = rulebook.current(COUNTY)
        return routing.who(matter, book, "traffic.road.broken", at=clock.now()).why

    assert found(lon, lat, "柳树市场东门") == "托管"
    assert found(lon, lat, "东门") != "托管"
    assert add(guan).status_code == 302
    assert found(106.903, 35.603, "柳树市场春和小区") == "2024 合同"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"unit": "nobody"}, "“nobody”不是能办事的单位"),
        ({"unit": f"centre-{TOWN}"}, "不是能办事的单位"),
        ({"asset": "moon"}, "规则册里没有“moon”"),
        ({"category": "moon"}, "规则册里没有“moon”"),
        ({"ground": "没有的小区"}, "找不到“没有的小区”"),
        ({"reason": " "}, "请写明在哪里"),
        ({"valid_from": "soon"}, "日期读不懂"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(guan, values, said):
    answer = add(guan, **values)
    assert answer.status_code in (409, 422)
    page = answer.content.decode()
    assert said in page
    if "reason" not in values:
        assert 'value="2024 合同"' in page
    assert not Responsibility.objects.exists()


def test_one_thing_on_one_ground_is_one_units(guan):
    add(guan)
    assert add(guan, unit="dept-water").status_code == 409
    assert add(guan, unit="dept-water", category="traffic").status_code == 302
    assert whose(106.903, 35.603).unit.code == "dept-water", "what says more goes first"


@pytest.mark.parametrize(
    ("place", "is_there"),
    [
        ("春和小区3号楼", True), ("柳树村春和小区北门", True), ("东街12号", True),
        ("柳树村东街", True), ("春和小区外墙", True),
        ("河东街道办门口", False), ("东街道办", False), ("春和小区对面的国道", False),
        ("春和小区附近", False), ("我住春和小区，单位在南门，南门广场的路坏了", False),
    ],
)  # fmt: skip
def test_a_ground_without_a_point_is_known_only_where_it_is_said_to_be(guan, place, is_there):
    guan.post(f"{PAGE}grounds/", {"name": "东街", "kind": "road", "path": VILLAGE, "outline": ""})
    add(guan)
    add(guan, ground="东街")
    matter = routing.Matter(COUNTY, COUNTY, "county", "hotline", place=place)
    found = routing.who(matter, rulebook.current(COUNTY), "traffic.road.broken", at=clock.now())
    assert (found.rule == routing.LAID_DOWN) is is_there


def test_what_held_for_a_town_does_not_hold_for_its_successor(guan):
    add(guan, ground=OTHER, reason="石坪镇的路")
    ends = [Change(1, OTHER, "石坪镇", "")]
    merged = {OTHER: TOWN}
    place_actions.change_divisions(ends, on=date(2026, 12, 1), successors=merged, actor=SETTING_UP)
    places.forget(COUNTY)
    assert whose(*point_in(GRID)).rule != routing.LAID_DOWN
    page = guan.get(PAGE).content.decode()
    assert "有 1 条写在已经撤销的区划上" in page
    assert "所在区划已撤销，请重新写明" in page
    assert add(guan).status_code == 302
    alone = guan.get(f"{PAGE}?orphaned=1")
    assert [one["where"] for one in alone.context["rows"]] == ["石坪镇"]
    told = {row["path"]: row["orphaned"] for row in guan.get(API).json()["items"]}
    assert told == {GRID: False, TOWN: True}
    out = SimpleUploadedFile("a.xlsx", guan.get(f"{PAGE}export/?orphaned=1").getvalue())
    refused = guan.post(f"{PAGE}import/", {"table": out})
    assert "石坪镇（已撤销）" in refused.content.decode(), "it is not for its successor"
    row = Responsibility.objects.get(reason="石坪镇的路")
    assert guan.post(f"{PAGE}{row.id}/end/").status_code == 302
    assert "已经撤销的区划" not in guan.get(PAGE).content.decode()


def test_a_ground_stays_when_its_area_goes_into_another(guan):
    guan.post(f"{PAGE}grounds/", {"name": "石坪市场", "kind": "market", "path": OTHER})
    add(guan, ground="石坪市场", unit="dept-water", reason="托管")
    ends = [Change(1, OTHER, "石坪镇", "")]
    merged = {OTHER: TOWN}
    place_actions.change_divisions(ends, on=date(2026, 12, 1), successors=merged, actor=SETTING_UP)
    places.forget(COUNTY)
    matter = routing.Matter(COUNTY, TOWN, "town", "portal", place="石坪市场")
    found = routing.who(matter, rulebook.current(COUNTY), "traffic.road.broken", at=clock.now())
    assert found.why == "托管"
    rows = guan.get(f"{PAGE}grounds/").context["rows"]
    assert {one["zone"].name: one["area"] for one in rows}["石坪市场"] == places.area_by_path(
        COUNTY, TOWN
    ).name


@pytest.mark.parametrize(
    ("outline", "metres", "kind"),
    [
        ('{"type": "LineString", "coordinates": [[106.9, 35.61], [106.92, 35.61]]}', "20", "road"),
        (VILLAGE, "", "other"),
        (json.dumps({"type": "Feature", "geometry": json.loads(ESTATE)}), "", "park"),
        ("", "", "market"),
    ],
)
def test_a_ground_is_drawn_as_a_line_an_area_a_shape_or_not_at_all(login, outline, metres, kind):
    values = {"name": "某地", "kind": kind, "path": VILLAGE, "outline": outline, "metres": metres}
    assert login("guan").post(f"{PAGE}grounds/", values).status_code == 302
    zone = Zone.objects.get()
    assert bool(zone.geometry) == bool(outline)
    found = places.grounds_at(COUNTY, GRID, lon=106.91, lat=35.61)
    assert [one.name for one in found] == (["某地"] if kind in ("road", "other") else [])


@pytest.mark.parametrize(
    "outline",
    ["{", "[]", '{"type": "Point", "coordinates": [1, 2]}', '{"type": "x"}', "990101999",
     '{"type": "LineString", "coordinates": [[106.9, 35.61], [106.92, 35.61]]}'],
)  # fmt: skip
def test_what_is_no_outline_is_refused(login, outline):
    values = {"name": "某地", "kind": "road", "path": VILLAGE, "outline": outline}
    answer = login("guan").post(f"{PAGE}grounds/", values)
    assert answer.status_code in (404, 422)
    assert not Zone.objects.exists()


def table(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    header = ["地块或区划代码", "设施", "类别", "单位代码", "依据", "起", "止"]
    return SimpleUploadedFile("owners.xlsx", write_sheet("x", header, rows))


def test_the_table_goes_out_and_comes_in_again(guan):
    lines = [
        ("春和小区", "lamp", "", "dept-cityadmin", "合同", "2024-01-01", ""),
        (TOWN, "refuse", "env", "dept-water", "文件", "2024-01-01", ""),
    ]
    guan.post(f"{PAGE}import/", {"table": table(*lines)})
    assert Responsibility.objects.count() == 2
    out = guan.get(f"{PAGE}export/").getvalue()
    wide = [tuple([*line, *[""] * 7][:7]) for line in lines_of(out)[1:]]
    assert sorted(wide) == sorted(lines)
    again = guan.post(
        f"{PAGE}import/", {"table": SimpleUploadedFile("a.xlsx", BytesIO(out).read())}, follow=True
    )
    assert "导入 0 条，原来就有 2 条" in again.content.decode()


def test_one_wrong_line_and_none_is_taken(guan):
    lines = [("春和小区", "lamp", "", "dept-cityadmin", "合同", "", "")]
    lines += [("哪里", "lamp", "", "dept-cityadmin", "合同", "", "")]
    answer = guan.post(f"{PAGE}import/", {"table": table(*lines)})
    assert answer.status_code == 422
    assert "第 3 行" in answer.content.decode()
    assert not Responsibility.objects.exists()
    bad = guan.post(f"{PAGE}import/", {"table": SimpleUploadedFile("a.xlsx", b"no")})
    assert bad.status_code == 422


def test_programs_do_the_same(login, county: County):
    guan = login("guan")
    ground = {"name": "春和小区", "kind": "estate", "path": GRID, "outline": ESTATE}
    made = guan.post("/api/v1/triage/grounds", ground, "application/json")
    assert (made.status_code, made.json()["is_drawn"]) == (201, True)
    body = {"ground": "春和小区", "unit": "dept-water", "reason": "合同", "asset": "drain"}
    made = guan.post(API, body, "application/json")
    assert (made.status_code, made.json()["zone_name"]) == (201, "春和小区")
    assert [one["unit"] for one in guan.get(API).json()["items"]] == ["dept-water"]
    refused = guan.post(API, body | {"unit": "nobody"}, "application/json")
    assert refused.json()["code"] == "triage_owner_unfit"
    ended = guan.post(f"{API}/{made.json()['id']}/end", {}, "application/json")
    assert ended.json()["valid_to"]
    assert login("du").get(API).status_code == 403
    assert login("du").get(PAGE).status_code == 403


def test_what_begins_tomorrow_waits(guan):
    tomorrow = places.today() + timedelta(days=1)
    add(guan, valid_from=tomorrow.isoformat())
    assert whose(106.903, 35.603).rule != routing.LAID_DOWN
    with clock.standing_at(clock.now() + timedelta(days=1)):
        assert whose(106.903, 35.603).rule == routing.LAID_DOWN


@pytest.mark.parametrize(
    ("outline", "metres"),
    [
        ("[" * 60_000, "10"),
        ('{"type":"LineString","coordinates":[]}', "10"),
        ('{"type":"MultiLineString","coordinates":[]}', "10"),
        ('{"type":"LineString","coordinates":[[NaN,1],[2,3]]}', "10"),
        ('{"type":"LineString","coordinates":[[1e400,1],[2,3]]}', "10"),
        ('{"type":"Polygon","coordinates":[]}', ""),
        ('{"type":"LineString","coordinates":[[106.9,35.6],[106.91,35.6]]}', "²"),
    ],
)
def test_a_drawing_that_is_none_is_refused_with_words(county, login, outline, metres):
    values = {"name": "春和", "kind": "estate", "path": GRID, "outline": outline, "metres": metres}
    assert 400 <= login("guan").post(f"{PAGE}grounds/", values).status_code < 500
    assert not Zone.objects.exists()


def test_a_number_without_end_in_a_table_is_text():
    assert [cell_text(cell) for cell in (float("inf"), float("nan"), 3.0)] == ["inf", "nan", "3"]


def test_one_thing_on_one_ground_is_one_units_at_a_time(guan):
    today = places.today()
    soon, later = (today + timedelta(days=days) for days in (30, 60))
    backwards = add(guan, valid_from=later.isoformat(), valid_to=soon.isoformat())
    assert backwards.status_code == 422
    assert "结束日期要晚于开始日期" in backwards.content.decode()
    assert add(guan, valid_to=soon.isoformat()).status_code == 302
    assert add(guan, unit="dept-water").status_code == 409, "both would hold until then"
    assert add(guan, unit="dept-water", valid_from=later.isoformat()).status_code == 302
    assert add(guan, unit="dept-transport", valid_from=soon.isoformat()).status_code == 409
    between = {"valid_from": soon.isoformat(), "valid_to": later.isoformat()}
    assert add(guan, unit="dept-transport", **between).status_code == 302
    assert Responsibility.objects.count() == 3


def test_what_is_to_come_can_be_taken_back(guan):
    later = places.today() + timedelta(days=30)
    add(guan, valid_from=later.isoformat())
    row = Responsibility.objects.get()
    assert "收回后不会开始" in guan.get(PAGE).content.decode()
    assert guan.post(f"{PAGE}{row.id}/end/").status_code == 302
    row.refresh_from_db()
    assert row.valid_to == row.valid_from
    assert add(guan, unit="dept-water").status_code == 302, "it is in nobody's way"


def test_what_runs_until_a_day_can_be_ended_before(guan):
    add(guan, valid_to=(places.today() + timedelta(days=30)).isoformat())
    row = Responsibility.objects.get()
    assert f"{row.id}/end/" in guan.get(PAGE).content.decode()
    assert guan.post(f"{PAGE}{row.id}/end/").status_code == 302
    assert whose(106.903, 35.603).rule != routing.LAID_DOWN


def test_who_would_never_be_sent_a_case_there_is_refused(guan):
    answer = add(guan, unit=f"grid-{FAR_VILLAGE}001")
    assert answer.status_code == 422
    assert "管不到这里" in answer.content.decode()
    assert not Responsibility.objects.exists()


def test_grounds_are_listed_drawn_anew_and_ended_with_what_lies_on_them(guan, login):
    add(guan)
    zone = Zone.objects.get()
    at = f"{PAGE}grounds/{zone.id}/"
    page = guan.get(f"{PAGE}grounds/").content.decode()
    assert "春和小区" in page
    assert "已画" in page
    assert "春和小区" not in guan.get(f"{PAGE}grounds/?q=别处").content.decode()
    moved = json.dumps(mapping(shapely.box(106.912, 35.602, 106.916, 35.606)))
    assert guan.post(f"{at}draw/", {"outline": "{"}).status_code == 422
    assert guan.post(f"{at}draw/", {"outline": moved}).status_code == 302
    assert whose(106.903, 35.603).rule != routing.LAID_DOWN
    assert whose(106.914, 35.603).rule == routing.LAID_DOWN
    assert login("du").post(f"{at}end/").status_code == 403
    assert guan.post(f"{at}end/").status_code == 302
    assert whose(106.914, 35.603).rule != routing.LAID_DOWN
    assert "2024 合同" not in guan.get(PAGE).content.decode()
    assert "春和小区" not in guan.get(f"{PAGE}grounds/").content.decode()
    again = {"name": "春和小区", "kind": "estate", "path": GRID, "outline": ESTATE}
    assert guan.post(f"{PAGE}grounds/", again).status_code == 302, "the name is free again"


def test_programs_list_draw_and_end_grounds(guan):
    (ground,) = guan.get("/api/v1/triage/grounds").json()["items"]
    assert (ground["name"], ground["is_drawn"]) == ("春和小区", True)
    at = f"/api/v1/triage/grounds/{ground['id']}"
    drawn = guan.put(f"{at}/outline", {"outline": ""}, "application/json")
    assert drawn.json()["is_drawn"] is False
    assert guan.post(f"{at}/end", {}, "application/json").json()["valid_to"]
    assert guan.get("/api/v1/triage/grounds").json()["items"] == []


def test_a_table_with_ends_comes_in_once_and_never_over_anothers(guan):
    line = (VILLAGE, "road", "", "dept-water", "合同", "2026-01-01", "2027-12-31")
    for _ in range(2):
        guan.post(f"{PAGE}import/", {"table": table(line)})
    assert Responsibility.objects.count() == 1
    other = (VILLAGE, "road", "", "dept-transport", "合同", "2027-01-01", "")
    answer = guan.post(f"{PAGE}import/", {"table": table(other)})
    assert answer.status_code == 422
    assert "第 2 行" in answer.content.decode()
    bad = guan.post(f"{PAGE}import/", {"table": table((*line[:5], "soon", ""))})
    assert "日期读不懂" in bad.content.decode()


def test_a_long_table_asks_no_more_than_a_short_one(guan, django_assert_max_num_queries):
    kinds = list(rulebook.current(COUNTY).categories)
    lines = [(GRID, "road", kind, "dept-water", "合同", "", "") for kind in kinds]
    assert len(lines) > 50
    with django_assert_max_num_queries(60):
        guan.post(f"{PAGE}import/", {"table": table(*lines)})
    assert Responsibility.objects.count() == len(lines)
