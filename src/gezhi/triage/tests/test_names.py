"""Names residents use: who may write them down, what becomes of a table, and where they lead."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.models import PlaceName
from gezhi.places.rules import NewName, NewOwner
from gezhi.record.models import AuditLine
from gezhi.triage import reads
from gezhi.triage.reads.whereabouts import gazetteer_of
from tests.cast import COUNTY, FAR_VILLAGE, GRID, GRID_2, SETTING_UP, VILLAGE, County, point_in

AT = "/desk/admin/names/"
Login = Callable[[str], Client]


def _add(
    client: Client, name: str = "老磨坊", grid: str = GRID, *, follow: bool = False, **more: Any
) -> Any:
    lon, lat = point_in(grid)
    typed = {"name": name, "kind": "other", "lon": lon, "lat": lat, **more}
    return client.post(AT, typed, follow=follow)


def test_a_name_that_is_written_down_leads_there(county: County, login: Login) -> None:
    assert _add(login("guan")).status_code == 302
    page = login("guan").get(AT).content.decode()
    assert "老磨坊" in page
    assert "河湾镇 · 柳树村" in page
    found = reads.whereabouts("", "老磨坊旁边", county=COUNTY)
    assert found.spot
    assert found.spot.name == "老磨坊"
    row = PlaceName.objects.get()
    assert (row.area.path, row.source, row.actor) == (GRID, "person", county.actor("guan").label)
    assert AuditLine.objects.filter(data__fact="names_added").exists()


def test_a_common_word_that_somebody_called_a_place_catches_no_reports(county: County) -> None:
    for name in ("下水道", "不知道", "老磨坊"):
        places.add_name(NewName(name, "other", path=GRID), county=COUNTY, actor=SETTING_UP)
    for what in ("下水道堵了没人管", "下水道，堵了", "我不知道找谁，路灯坏了"):
        assert not reads.whereabouts(what, "", county=COUNTY).spots, what
    for what, place in (("", "下水道旁边"), ("老磨坊的路灯坏了", ""), ("在老磨坊，路灯坏了", "")):
        assert reads.whereabouts(what, place, county=COUNTY).spot, (what, place)


def test_who_has_what_leaves_the_names_as_they_are_a_name_does_not(county: County) -> None:
    before = gazetteer_of(COUNTY)
    owner = NewOwner("dept-water", "合同", path=VILLAGE)
    places.add_responsibility(owner, county=COUNTY, actor=SETTING_UP)
    assert gazetteer_of(COUNTY) is before
    places.add_name(NewName("老磨坊", "other", path=GRID), county=COUNTY, actor=SETTING_UP)
    assert gazetteer_of(COUNTY) is not before


def test_a_table_of_names_asks_once_for_each_area(
    county: County, django_assert_max_num_queries: Any
) -> None:
    named = [NewName(f"老磨坊{at}", "other", path=GRID) for at in range(100)]
    lines: list[tuple[int, NewName | None, str]] = [(at, new, "") for at, new in enumerate(named)]
    with django_assert_max_num_queries(30):
        places.import_names(lines, county=COUNTY, actor=SETTING_UP)
    assert PlaceName.objects.count() == 100


def test_a_grid_worker_names_what_lies_in_the_own_grid(county: County, login: Login) -> None:
    wang = login("wang")
    assert _add(wang).status_code == 302
    refused = _add(wang, "油坊", GRID_2)
    assert refused.status_code == 422
    assert "没有办理这一步的权限" in refused.content.decode()
    assert "油坊" in refused.content.decode(), "what was typed stays"
    far = places.add_name(NewName("石磨", "other", FAR_VILLAGE), county=COUNTY, actor=SETTING_UP)
    assert "石磨" not in wang.get(AT).content.decode()
    assert wang.post(f"{AT}{far.id}/end/").status_code == 404
    for login_name in ("cun", "shui", "ling", "an"):
        assert login(login_name).get(AT).status_code == 403, login_name


def _path(words: str, near: str = "") -> str:
    spot = reads.whereabouts("", words, county=COUNTY, near=near).spot
    return spot.path if spot else ""


def test_what_a_grid_worker_calls_a_place_waits_for_a_yes(county: County, login: Login) -> None:
    """It counts where its village is said; elsewhere it neither leads there nor hides a name."""
    wang, guan = login("wang"), login("guan")
    for name in ("老磨坊", "高塬村"):
        assert "管理员确认后" in _add(wang, name, follow=True).content.decode()
    assert (_path("老磨坊"), _path("高塬村")) == ("", FAR_VILLAGE)
    assert (_path("柳树村老磨坊"), _path("老磨坊", near=GRID)) == (GRID, GRID)
    made = PlaceName.objects.get(name="老磨坊")
    assert wang.post(f"{AT}{made.id}/confirm/").status_code == 403
    assert "待确认" in wang.get(AT).content.decode()
    page = guan.get(AT).content.decode()
    assert "2 个地名待确认" in page
    assert guan.post(f"{AT}{made.id}/confirm/").status_code == 302
    assert _path("老磨坊") == GRID
    shown = guan.get(f"{AT}?is_waiting=on").content.decode()
    assert "<strong>高塬村" in shown
    assert "<strong>老磨坊" not in shown
    assert AuditLine.objects.filter(data__fact="name_confirmed").count() == 1
    guan.post(f"{AT}{made.id}/confirm/")
    assert AuditLine.objects.filter(data__fact="name_confirmed").count() == 1, "once is enough"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "井", "kind": "other", "path": VILLAGE}, "2"),
        ({"name": "老磨坊", "kind": "other"}, "在哪里"),
        ({"name": "老李家13912345678", "kind": "other", "path": VILLAGE}, "不要写电话"),
        ({"name": "老磨坊", "kind": "palace", "path": VILLAGE}, "palace"),
        ({"name": "老磨坊", "kind": "other", "lon": "100", "lat": "30"}, "不在本辖区"),
        ({"name": "老磨坊", "kind": "other", "path": VILLAGE, "metres": "90000"}, "20000"),
    ],
)
def test_what_is_wrong_is_told_beside_it(
    county: County, login: Login, values: dict[str, str], words: str
) -> None:
    refused = login("guan").post(AT, values)
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not PlaceName.objects.exists()


def test_a_name_is_there_once_and_ends(county: County, login: Login) -> None:
    guan = login("guan")
    _add(guan)
    again = _add(guan)
    assert again.status_code == 422
    assert "已经登记过" in again.content.decode()
    made = PlaceName.objects.get()
    assert guan.post(f"{AT}{made.id}/end/").status_code == 302
    assert "<strong>老磨坊" not in guan.get(AT).content.decode()
    assert guan.post(f"{AT}{made.id}/end/").status_code == 404
    assert _add(guan).status_code == 302, "it may be taken up again"


def test_the_list_is_narrowed_by_the_address(county: County, login: Login) -> None:
    for name, kind, path in (("阳光小区", "estate", VILLAGE), ("老磨坊", "other", FAR_VILLAGE)):
        places.add_name(NewName(name, kind, path), county=COUNTY, actor=SETTING_UP)
    guan = login("guan")
    for query, shown in (
        ("?words=阳光", "阳光小区"),
        ("?kind=other", "老磨坊"),
        ("?words=高塬", "老磨坊"),
    ):
        page = guan.get(AT + query).content.decode()
        assert [name for name in ("阳光小区", "老磨坊") if f"<strong>{name}" in page] == [shown], (
            query
        )


def test_a_table_goes_out_and_comes_in_again(county: County, login: Login) -> None:
    guan = login("guan")
    _add(guan)
    places.add_name(NewName("=石磨", "hamlet", VILLAGE), county=COUNTY, actor=SETTING_UP)
    body = guan.get(f"{AT}export.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["名称", "类型", "区划代码"]
    assert {row[0] for row in rows[1:]} == {"老磨坊", "'=石磨"}
    for made in PlaceName.objects.all():
        places.end_name(made.id, actor=SETTING_UP)
    file = SimpleUploadedFile("names.xlsx", body)
    assert guan.post(f"{AT}import/", {"file": file}).status_code == 302
    names = place_reads.names_in(COUNTY)
    assert set(names.values_list("name", "area__path", "source")) == {
        ("老磨坊", GRID, "import"), ("=石磨", VILLAGE, "import"),
    }  # fmt: skip


def test_lines_that_cannot_be_taken_are_told_and_the_rest_is_in(
    county: County, login: Login
) -> None:
    lines = [
        "名称,类型,区划代码,经度,纬度", "老磨坊,其他,990101101201,,", "无处,学校,,,",
        "远处,学校,,100,30", "怪物,宫殿,990101101201,,", "老磨坊,其他,990101101201,,",
        "数字,学校,990101101201,一,二",
        "东井,其他,123,,",
    ]  # fmt: skip
    file = SimpleUploadedFile("names.csv", "\n".join(lines).encode())
    answer = login("guan").post(f"{AT}import/", {"file": file})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert [f"第 {line} 行" in page for line in range(2, 9)] == [False] + [True] * 6
    assert place_reads.names_in(COUNTY).get().name == "老磨坊"


def test_a_table_of_more_than_can_be_taken_at_once_is_refused_whole(
    county: County, login: Login
) -> None:
    lines = ["名称,类型,区划代码", *(f"老磨坊{at},其他,{GRID}" for at in range(5001))]
    file = SimpleUploadedFile("names.csv", "\n".join(lines).encode())
    answer = login("guan").post(f"{AT}import/", {"file": file})
    assert answer.status_code == 422
    assert "一次最多导入 5000 个地名，这个表有 5001 个" in answer.content.decode()
    assert not PlaceName.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01\x02\x03\x04\x05\x06", b"a,b\n1,2", b"PK\x03\x04no"]
)
def test_a_file_that_is_no_table_is_refused_in_words(
    county: County, login: Login, body: bytes
) -> None:
    answer = login("guan").post(f"{AT}import/", {"file": SimpleUploadedFile("names.xlsx", body)})
    assert answer.status_code == 422
    assert not PlaceName.objects.exists()
