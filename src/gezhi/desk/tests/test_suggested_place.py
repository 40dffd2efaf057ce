"""At the desk the place typed so far proposes its area; programs ask the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.places import actions as places
from gezhi.places.rules import NewName
from gezhi.triage.tests.named import FAR_GRID, NAMESAKE, NEW_TOWN, PEACE, add_names
from tests.cast import (
    COUNTY,
    FAR_VILLAGE,
    GRID,
    SECOND,
    SETTING_UP,
    VILLAGE,
    County,
    point_in,
)


def test_typed_words_propose_an_area_of_the_list(
    county: County, login: Callable[[str], Client]
) -> None:
    add_names()
    found = login("xian").post("/desk/cases/new/suggest-place/", {"place": "金桂花园5号楼"})
    page = found.content.decode()
    assert f'data-suggest-path="{VILLAGE}"' in page, "the list ends with villages here"
    assert "金桂花园" in page
    own = login("cun").post("/desk/cases/new/suggest-place/", {"place": "金桂花园5号楼"})
    assert f'data-suggest-path="{VILLAGE}002"' in own.content.decode(), "and with grids there"


def test_a_doubtful_place_shows_what_to_ask_and_nothing_shows_nothing(
    county: County, login: Callable[[str], Client]
) -> None:
    add_names()
    xian = login("xian")
    asked = xian.post("/desk/cases/new/suggest-place/", {"place": "阳光小区"}).content.decode()
    assert "是哪一个" in asked
    assert f'data-suggest-path="{VILLAGE}"' in asked
    assert f'data-suggest-path="{FAR_VILLAGE}"' in asked
    nothing = xian.post("/desk/cases/new/suggest-place/", {"place": "家门口"}).content.decode()
    assert "data-suggest-path" not in nothing
    # Who takes a case down in a town means the one there.
    zhen = login("zhen").post("/desk/cases/new/suggest-place/", {"place": "阳光小区"})
    assert FAR_VILLAGE not in zhen.content.decode()


def test_more_places_than_can_be_offered_are_not_offered_in_part(
    county: County, login: Callable[[str], Client]
) -> None:
    add_names()
    for path in (VILLAGE, SECOND, FAR_VILLAGE, NAMESAKE, PEACE, NEW_TOWN):
        new = NewName("卫生室", "hospital", path)
        places.add_name(new, county=COUNTY, actor=SETTING_UP)
    asked = login("xian").post("/desk/cases/new/suggest-place/", {"place": "卫生室"})
    assert "data-suggest-path" not in asked.content.decode()
    assert "在哪个镇、哪个村" in asked.content.decode()


@pytest.mark.parametrize(
    ("asked", "sure", "path", "disagrees"),
    [
        ({"place": "金桂花园"}, True, f"{VILLAGE}002", False),
        ({"text": "高塬村停水了"}, True, FAR_VILLAGE, False),
        ({"place": "阳光小区", "near": FAR_VILLAGE}, True, FAR_GRID, False),
        ({"place": "阳光小区"}, False, "", False),
        ({"place": "新庄村", "point": point_in(GRID)}, True, GRID, True),
    ],
)
def test_programs_ask_where_words_say_it_is(
    county: County,
    key: Callable[[str], str],
    asked: dict[str, Any],
    sure: bool,
    path: str,
    disagrees: bool,
) -> None:
    add_names()
    answer = Client().post(
        "/api/v1/triage/where", asked, "application/json",
        headers={"authorization": f"Bearer {key('xian')}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["sure"], found["disagrees"]) == (sure, disagrees)
    if path:
        assert found["spots"][0]["path"] == path
    else:
        assert found["asks"]
        assert len(found["spots"]) == 2
    assert SECOND not in {spot["path"] for spot in found["spots"][:1]}
