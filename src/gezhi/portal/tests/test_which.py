"""The words named a place: yes or no; several: one question. A pin far from them is told."""

from django.test import Client

from gezhi.cases.models import Case
from gezhi.portal.tests.reporting import send, tell_what, tell_where
from gezhi.triage.tests.named import FAR_GRID, add_names
from tests.cast import COUNTY, FAR_VILLAGE, GRID, OTHER, VILLAGE, County


def _tell(rita: Client, place: str, **more: str) -> str:
    """Words for the place; the address that follows."""
    tell_what(rita, "路灯坏了，天黑看不见")
    answer = rita.post("/report/where/", {"place": place, **more})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_place_the_words_name_is_shown_and_taken_with_one_press(
    county: County, rita: Client
) -> None:
    assert _tell(rita, "柳树村三社") == "/report/where/which/"
    page = rita.get("/report/where/which/").content.decode()
    assert "是这里吗？" in page
    assert "河湾镇 · 柳树村" in page
    assert "柳树村三社" in page
    assert rita.post("/report/where/which/", {"path": VILLAGE})["Location"] == "/report/same/"
    send(rita)
    case = Case.objects.get()
    assert case.path == VILLAGE
    assert case.holder_id == county.unit(f"centre-{VILLAGE}")


def test_a_name_that_is_there_twice_is_asked_about_once(county: County, rita: Client) -> None:
    add_names()
    assert _tell(rita, "阳光小区三号楼") == "/report/where/which/"
    page = rita.get("/report/where/which/").content.decode()
    assert "您说的是哪一个“阳光小区”？" in page
    assert "河湾镇 · 柳树村 · 阳光小区" in page
    assert page.count('name="path"') == 3, "two answers, and none of them"
    rita.post("/report/where/which/", {"path": FAR_GRID})
    send(rita)
    assert Case.objects.get().path == FAR_GRID


def test_none_of_them_leaves_it_to_the_county(county: County, rita: Client) -> None:
    add_names()
    for place in ("阳光小区三号楼", "柳树村三社"):
        _tell(rita, place)
        rita.post("/report/where/which/", {"path": ""})
        send(rita)
        assert Case.objects.latest("opened_at").path == COUNTY


def test_a_town_that_was_chosen_narrows_the_words(county: County, rita: Client) -> None:
    add_names()
    assert _tell(rita, "阳光小区", path=OTHER) == "/report/where/which/"
    page = rita.get("/report/where/which/").content.decode()
    assert "是这里吗？" in page
    assert FAR_GRID in page
    assert GRID not in page


def test_nothing_is_asked_where_it_is_known_or_the_words_say_nothing(
    county: County, rita: Client
) -> None:
    assert _tell(rita, "家门口") == "/report/same/"
    assert _tell(rita, "柳树村三社", path=FAR_VILLAGE) == "/report/same/"
    assert rita.get("/report/where/which/")["Location"] == "/report/same/"
    assert rita.post("/report/where/which/", {"path": VILLAGE})["Location"] == "/report/same/"
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
