"""What is typed into the search finds the cases that say it, wherever words were cut."""

import time

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads, rules
from gezhi.cases.models import Case
from tests.cast import COUNTY, GRID, County, point_in, report_leak

SAID = "小区门口路灯不亮，3号楼 A栋的 T恤厂污水横流。𠀀㐀〇路"
LONG = "河湾镇柳树村三社旁边水管破裂漏水三天了，道路积水结冰，车辆打滑非常危险！"


def _finds(typed: str, said: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('simple', %s) @@ to_tsquery('simple', %s)",
            [rules.index_words(said), rules.query_words(typed)],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        "路灯", "路灯不亮", "灯不", "灯不亮", "不亮", "门口路灯", "小区路灯", "路灯 小区", "路",
        "灯", "污", "3号楼", "号楼", "a栋", "A栋 路灯", "路灯a", "T恤", "T恤厂污", "3号楼路灯不",
        "水横", "污水横流", "𠀀㐀", "㐀〇路", "路灯，不亮", "小",
    ],
)  # fmt: skip
def test_what_was_said_is_found(typed: str) -> None:
    assert _finds(typed, SAID)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    ["井盖", "路灯亮", "亮灯", "灯路", "路灯井盖", "4号楼", "路灯 B栋", "亮号", "厂家", "井"],
)
def test_what_was_not_said_is_not_found(typed: str) -> None:
    assert not _finds(typed, SAID)


HAN = st.text(
    alphabet="小区门口路灯不亮水管破裂的了南京市长江大桥发展中国家用电器", min_size=2, max_size=14
)


@pytest.mark.django_db
@settings(max_examples=60)
@given(
    st.text(alphabet="路灯坏了a3 ，。\n", max_size=9),
    HAN,
    st.text("，。 b7", max_size=4),
    st.data(),
)
def test_whatever_stands_together_is_found(
    before: str, said: str, after: str, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(said) - 2))
    last = data.draw(st.integers(first + 2, len(said)))
    assert _finds(said[first:last], before + said + after + "路灯")


def test_a_pair_is_indexed_once_and_not_beside_the_same_word() -> None:
    words = rules.index_words("小区门口路灯不亮", "路灯不亮，小区").split()
    assert words.count("灯不") == words.count("口路") == 1
    assert words.count("小区") == 2  # as often as the words were cut so
    assert "亮小" not in words
    assert "亮路" not in words


def test_a_query_asks_for_pairs_only_where_they_could_find_more() -> None:
    assert rules.query_words("灯") == "'灯':*"
    assert rules.query_words("路灯") == "'路灯':*"
    assert rules.query_words("abc 12") == "'abc' & '12':*"
    assert rules.query_words("路灯不亮") == "('路' & '灯不亮':*) | ('路灯' & '灯不' & '不亮')"
    assert rules.query_words("，。") == ""


@pytest.mark.django_db
def test_a_long_text_has_fewer_pairs_than_signs_and_is_soon_indexed() -> None:
    text = "".join(chr(0x4E00 + at * 7 % 5000) for at in range(2_000))
    began = time.process_time()
    words = rules.index_words(text).split()
    assert time.process_time() - began < 0.2
    assert len(words) <= 2 * len(text)
    assert len(rules.index_words(LONG * 50).split()) < len(LONG) * 50
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_column_size(to_tsvector('simple', %s))", [" ".join(words)])
        row = cursor.fetchone()
    assert row
    assert row[0] < 80_000


def _numbers(county: County, typed: str) -> list[str]:
    found = reads.search(reads.visible_to(county.actor("cun")), typed)
    return list(found.values_list("number", flat=True))


def _report_dark_lamp() -> Case:
    lon, lat = point_in(GRID)
    return actions.report(
        county=COUNTY,
        what="小区门口路灯不亮",
        where=actions.Where(lon=lon, lat=lat, place="柳树村村口"),
        channel="portal",
        contact=actions.Contact(phone="13812345678"),
        actor=NOBODY,
    ).case


def test_a_report_is_found_by_any_part_of_what_it_says(county: County) -> None:
    case = _report_dark_lamp()
    report_leak()
    for typed in ("路灯", "路灯不亮", "灯不亮", "门口路灯", "柳树村 路灯"):
        assert _numbers(county, typed) == [case.number], typed
    assert len(_numbers(county, "柳树村")) == 2
    assert _numbers(county, "井盖") == []


def test_a_case_indexed_before_there_were_pairs_is_found_by_its_words(county: County) -> None:
    case = _report_dark_lamp()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET words = to_tsvector('simple', %s) WHERE id = %s",
            ["小区 门口 路 灯不亮 柳树 村村 村口 柳树村 村", case.id],
        )
    for typed in ("路灯不亮", "灯不亮", "小区", "门口路灯不亮"):
        assert _numbers(county, typed) == [case.number], typed
    assert _numbers(county, "路灯") == []
