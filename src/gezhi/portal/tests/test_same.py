"""Is it the same thing? What is open nearby is followed instead of told again."""

from django.test import Client

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case, Report
from gezhi.portal.tests.reporting import WORDS, code_on, send, tell_what, tell_where
from tests.cast import GRID, County, point_in


def report_nearby(what: str = WORDS, *, metres_east: float = 60) -> cases.Reported:
    lon, lat = point_in(GRID)
    where = cases.Where(lon=lon + metres_east / 90_500, lat=lat, place="村口大槐树下")
    return cases.report(county="990101", what=what, where=where, channel="desk", actor=NOBODY)


def test_the_same_thing_nearby_is_followed_with_an_own_code(county: County, rita: Client) -> None:
    first = report_nearby("自来水管爆了漏水，打电话13812345678联系我")
    tell_what(rita)
    tell_where(rita)
    page = rita.get("/report/same/").content.decode()
    assert first.case.number in page
    assert "13812345678" not in page
    assert "离这里约 60 米" in page
    assert rita.post("/report/same/", {"same": first.case.number})["Location"] == "/report/send/"
    assert "关注这件事" in rita.get("/report/send/").content.decode()
    send(rita, phone="13987654321")
    assert Case.objects.count() == 1
    page = rita.get("/report/done/").content.decode()
    assert code_on(page).replace(" ", "") != first.code
    own = Report.objects.get(is_first=False)
    assert (own.words, own.phone) == (WORDS, "13987654321")
    page = rita.get(f"/track/{first.case.number}/").content.decode()
    assert "您反映了同一件事" in page
    assert WORDS in page


def test_not_the_same_goes_on_and_far_or_other_things_are_not_shown(
    county: County, rita: Client
) -> None:
    report_nearby()
    far = report_nearby(metres_east=400)
    other = report_nearby("路灯坏了不亮，晚上看不见")
    tell_what(rita)
    tell_where(rita)
    page = rita.get("/report/same/").content.decode()
    assert far.case.number not in page
    assert other.case.number not in page
    assert rita.post("/report/same/", {"same": ""})["Location"] == "/report/send/"
    send(rita)
    assert Case.objects.count() == 4


def test_a_number_that_was_not_shown_cannot_be_followed(county: County, rita: Client) -> None:
    report_nearby()
    far = report_nearby(metres_east=400)
    tell_what(rita)
    tell_where(rita)
    rita.post("/report/same/", {"same": far.case.number})
    send(rita)
    assert Case.objects.count() == 3
