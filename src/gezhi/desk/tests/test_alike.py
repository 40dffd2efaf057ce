"""What may be the same matter, at the desk: beside a case that came in, and while one types."""

from collections.abc import Callable

import pytest
from django.test import Client

from gezhi.cases.models import Case, Report
from gezhi.triage.tests.printing import LEAK, LEAK_AGAIN, report_at, report_in
from tests.cast import FAR_VILLAGE, GRID, VILLAGE, County, point_in

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


def typed(**more: object) -> dict[str, object]:
    lon, lat = point_in(GRID)
    return {"what": LEAK_AGAIN, "lon": lon, "lat": lat, "channel": "desk", **more}


def test_a_case_that_comes_in_shows_what_may_be_the_same_and_why(
    county: County, login: Login
) -> None:
    main = report_at(f"{LEAK}，联系13812345678", east=40)
    case = report_at(LEAK_AGAIN)
    page = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
    assert "可能是同一件事" in page
    assert main.number in page
    assert "距离 40 米" in page
    assert "成相同" in page
    assert "13812345678" not in page
    assert f"/moves/merge/?main={main.number}" in page
    form = (
        login("cun")
        .get(f"/desk/cases/{case.number}/moves/merge/?main={main.number}")
        .content.decode()
    )
    assert f'value="{main.number}"' in form


def test_one_key_merges_into_the_likeliest(county: County, login: Login) -> None:
    main, case = report_at(LEAK, east=40), report_at(LEAK_AGAIN)
    page = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
    button = page.index('data-key="m"')
    assert main.number in page[button : button + 300]
    done = login("cun").post(f"/desk/cases/{case.number}/moves/merge/", {"main": main.number})
    assert done.status_code == 200
    case.refresh_from_db()
    assert (case.state, case.main_id) == ("merged", main.id)
    page = login("cun").get(f"/desk/cases/{case.number}/").content.decode()
    assert "可能是同一件事" not in page, "it has ended: nothing is to be joined any more"


def test_who_types_is_shown_what_is_there_and_joins_the_caller(
    county: County, login: Login
) -> None:
    main = report_at(LEAK, east=40)
    part = login("cun").post("/desk/cases/new/suggest/", typed()).content.decode()
    assert "已有 1 件相似的" in part
    assert main.number in part
    sent = typed(follows=main.number, name="王五", phone="13987654321")
    page = login("cun").post("/desk/cases/new/", sent)
    assert page.status_code == 201
    assert "记到这一件上了" in page.content.decode()
    assert Case.objects.count() == 1
    joined = Report.objects.get(is_first=False)
    assert (joined.case_id, joined.words, joined.phone) == (main.id, LEAK_AGAIN, "13987654321")


def test_by_the_village_and_the_words_where_there_is_no_point(county: County, login: Login) -> None:
    main = report_in(LEAK, VILLAGE)
    sent = {"what": LEAK_AGAIN, "path": VILLAGE, "lon": "nan", "lat": "x"}
    assert main.number in login("cun").post("/desk/cases/new/suggest/", sent).content.decode()


def test_another_town_reads_none_of_its_words(county: County, login: Login) -> None:
    """Nor of its number, and it can't be joined by guessing that, where the kind is not public."""
    main = report_at(LEAK, east=40, is_secret=True)
    part = login("bie").post("/desk/cases/new/suggest/", typed()).content.decode()
    assert main.number not in part
    own = report_in(LEAK, FAR_VILLAGE)
    page = login("bie").get(f"/desk/cases/{own.number}/").content.decode()
    assert main.number not in page
    refused = login("bie").post("/desk/cases/new/", typed(follows=main.number))
    assert refused.status_code == 404
    assert Case.objects.count() == 2
    assert not Report.objects.filter(is_first=False).exists()


def test_enter_opens_the_case_and_joins_no_other(county: County, login: Login) -> None:
    """A browser presses the first button of a form."""
    report_at(LEAK, east=40)
    page = login("cun").get("/desk/cases/new/").content.decode()
    form = page[page.index("gz-new-form") :]
    first = form[form.index("<button") : form.index("</button>")]
    assert "name=" not in first
