"""Words that settle the place are taken; else one question, then the village; a far pin is told."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.cases.models import Case
from gezhi.places import actions as places
from gezhi.places.rules import NewName
from gezhi.portal.tests.reporting import send, tell_what, tell_where
from gezhi.triage.tests.named import FAR_GRID, NAMESAKE, NEW_TOWN, PEACE, SCHOOL, add_names
from tests.cast import COUNTY, FAR_VILLAGE, GRID, OTHER, SECOND, SETTING_UP, TOWN, VILLAGE, County

WHICH, CHOOSE, SAME = "/report/where/which/", "/report/where/village/", "/report/same/"


def _tell(rita: Client, place: str, **more: str) -> str:
    """Words for the place; the address that follows."""
    tell_what(rita, "路灯坏了，天黑看不见")
    answer = rita.post("/report/where/", {"place": place, **more})
    assert answer.status_code == 302
    return str(answer["Location"])


@pytest.mark.parametrize(
    ("place", "path", "said"),
    [
        ("柳树村三社", VILLAGE, "河湾镇 · 柳树村"),
        ("石坪镇阳光小区三号楼", FAR_GRID, "石坪镇 · 高塬村"),
        ("朔渭一中门口", SCHOOL, "朔渭县第一中学"),
        ("石坪和平", PEACE, "石坪镇 · 和平村"),
    ],
)
def test_where_the_words_leave_no_doubt_it_stays_three_steps(
    county: County, rita: Client, place: str, path: str, said: str
) -> None:
    add_names()
    assert _tell(rita, place) == SAME
    page = rita.get("/report/send/").content.decode()
    assert f"<dd>{said}" in page or f"{said}<span" in page
    assert f"您写的是：{place}" in page
    assert "改一改" in page
    send(rita)
    assert Case.objects.get().path == path


def test_other_words_are_looked_at_anew(county: County, rita: Client) -> None:
    """The place of the words before doesn't stay in the way of the new ones."""
    add_names()
    assert _tell(rita, "石坪镇阳光小区") == SAME
    assert 'value="" selected' not in rita.get("/report/where/").content.decode()
    assert _tell(rita, "柳树村三社") == SAME
    send(rita)
    assert Case.objects.get().path == VILLAGE


def test_what_is_told_anew_is_looked_at_anew(county: County, rita: Client) -> None:
    """Whoever goes back to the first step and then straight to the last is not led by old words."""
    add_names()
    tell_what(rita, "石坪镇阳光小区路灯不亮了")
    assert rita.post("/report/where/", {"place": "阳光小区"})["Location"] == SAME
    tell_what(rita, "石坪镇阳光小区路灯不亮了")
    assert "石坪镇" in rita.get("/report/send/").content.decode().split("<dd>")[1]
    tell_what(rita, "河湾镇阳光小区路灯不亮了")
    assert "石坪镇" not in rita.get("/report/send/").content.decode()
    send(rita)
    assert Case.objects.get().path == GRID


def test_a_short_word_is_asked_about(county: County, rita: Client) -> None:
    """柳树 may be the village, or a tree."""
    assert _tell(rita, "柳树") == WHICH
    page = rita.get(WHICH).content.decode()
    assert "是这里吗？" in page
    assert "是这里：河湾镇 · 柳树村<" in page, "the name is said once"
    assert rita.post(WHICH, {"path": VILLAGE})["Location"] == SAME
    send(rita)
    case = Case.objects.get()
    assert case.path == VILLAGE
    assert case.holder_id == county.unit(f"centre-{VILLAGE}")


def test_a_name_that_is_there_twice_is_asked_about_once(county: County, rita: Client) -> None:
    add_names()
    assert _tell(rita, "阳光小区三号楼") == WHICH
    page = rita.get(WHICH).content.decode()
    assert "您说的是哪一个“阳光小区”？" in page
    assert "河湾镇 · 柳树村 · 阳光小区" in page
    assert page.count('name="path"') == 3, "two answers, and none of them"
    rita.post(WHICH, {"path": FAR_GRID})
    send(rita)
    assert Case.objects.get().path == FAR_GRID


def test_an_answer_is_offered_once(county: County, rita: Client) -> None:
    assert _tell(rita, "石坪镇高塬村和河湾镇柳树村") == WHICH
    page = rita.get(WHICH).content.decode()
    assert page.count("<span>河湾镇 · 柳树村</span>") == 1
    assert page.count("<span>石坪镇 · 高塬村</span>") == 1
    assert page.count('name="path"') == 3


def _a_clinic_in_each(*paths: str) -> None:
    rows = [(line, NewName("卫生室", "hospital", path), "") for line, path in enumerate(paths)]
    assert places.import_names(rows, county=COUNTY, actor=SETTING_UP).added == len(paths)


def test_a_name_of_more_places_than_can_be_offered_is_asked_by_town_and_village(
    county: County, rita: Client
) -> None:
    add_names()
    _a_clinic_in_each(VILLAGE, SECOND, NEW_TOWN, FAR_VILLAGE, NAMESAKE, PEACE)
    assert _tell(rita, "卫生室旁边") == CHOOSE
    towns = rita.get(CHOOSE).content.decode()
    assert "很多地方都对得上" in towns
    assert f'href="?town={TOWN}"' in towns
    villages = rita.get(f"{CHOOSE}?town={OTHER}").content.decode()
    assert "在石坪镇的哪个村？" in villages
    assert f'value="{PEACE}"' in villages
    assert f'value="{VILLAGE}"' not in villages
    assert rita.post(CHOOSE, {"path": PEACE})["Location"] == SAME
    send(rita)
    assert Case.objects.get().path == PEACE


def test_in_the_village_that_was_chosen_the_words_are_looked_up(
    county: County, rita: Client
) -> None:
    add_names()
    assert _tell(rita, "阳光小区") == WHICH
    assert rita.post(WHICH, {"path": ""})["Location"] == CHOOSE
    assert rita.post(CHOOSE, {"path": VILLAGE})["Location"] == SAME
    send(rita)
    assert Case.objects.get().path == GRID


def test_a_road_through_several_villages_is_asked_about(county: County, rita: Client) -> None:
    add_names()
    assert _tell(rita, "滨河大道12号") == WHICH
    page = rita.get(WHICH).content.decode()
    assert "河湾镇 · 柳树村 · 滨河大道" in page
    assert "石坪镇 · 高塬村 · 滨河大道" in page
    rita.post(WHICH, {"path": FAR_VILLAGE})
    send(rita)
    assert Case.objects.get().path == FAR_VILLAGE


@pytest.mark.parametrize(("path", "begins"), [("", COUNTY), (TOWN, TOWN), ("990102", COUNTY)])
def test_who_does_not_know_the_village_sends_it_as_it_is(
    county: County, rita: Client, path: str, begins: str
) -> None:
    add_names()
    assert _tell(rita, "家门口") == CHOOSE
    assert "认不出在哪里" in rita.get(CHOOSE).content.decode()
    assert "家门口" in rita.get("/report/where/").content.decode(), "what was typed is kept"
    rita.post(CHOOSE, {"path": path})
    send(rita)
    assert Case.objects.get().path == begins


def test_the_list_is_of_towns_or_of_one_towns_villages(county: County, rita: Client) -> None:
    """Of thousands of grids none is read to show a dozen towns."""
    _tell(rita, "家门口")
    with CaptureQueriesContext(connection) as asked:
        rita.get(CHOOSE)
        villages = rita.get(f"{CHOOSE}?town={OTHER}").content.decode()
    listed = [each["sql"] for each in asked if '"level"' in each["sql"] and "LIKE" in each["sql"]]
    assert listed
    assert all('"level" = ' in sql for sql in listed), listed
    assert (f'value="{FAR_VILLAGE}"' in villages, FAR_GRID in villages) == (True, False)
    for odd in (VILLAGE, GRID, "990101\x00", "²", ""):
        towns = rita.get(CHOOSE, {"town": odd}).content.decode()
        assert f'href="?town={TOWN}"' in towns, odd
    for odd in (GRID, "990101\x00", COUNTY):
        assert rita.post(CHOOSE, {"path": odd})["Location"] == SAME
    send(rita)
    assert Case.objects.get().path == COUNTY


def test_a_town_that_was_chosen_narrows_the_words(county: County, rita: Client) -> None:
    add_names()
    assert _tell(rita, "阳光小区", path=OTHER) == SAME
    send(rita)
    assert Case.objects.get().path == FAR_GRID


def test_nothing_is_asked_where_it_is_known(county: County, rita: Client) -> None:
    assert _tell(rita, "家门口", path=TOWN) == SAME, "they did not know the village"
    assert _tell(rita, "柳树村三社", path=FAR_VILLAGE) == SAME
    for page in (WHICH, CHOOSE):
        assert rita.get(page)["Location"] == SAME
        assert rita.post(page, {"path": VILLAGE})["Location"] == SAME
    send(rita)
    assert Case.objects.get().path == FAR_VILLAGE


def test_a_pin_far_from_the_words_is_told_before_it_is_sent(county: County, rita: Client) -> None:
    tell_what(rita)
    tell_where(rita, GRID, place="高塬村口")
    page = rita.get("/report/send/").content.decode()
    assert "以图钉为准" in page
    tell_where(rita, GRID, place="柳树村口")
    assert "以图钉为准" not in rita.get("/report/send/").content.decode()
    send(rita)
    assert Case.objects.get().path == GRID
