"""What is proposed is said alike everywhere: the clock, the badge, the list of what is the same."""

from datetime import timedelta

from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.deadlines.models import Deadline
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID

BADGE = '<span class="gz-urgent">'


def report(what: str) -> Case:
    return actions.report(
        county=COUNTY, what=what, where=actions.Where(path=GRID), channel="portal", actor=NOBODY
    ).case


def test_a_guess_sets_no_clock(login, county) -> None:
    case = report("救护车、车乱停")
    assert (case.proposed_category, case.is_urgent) == ("", False)
    accept = Deadline.objects.get(case_id=case.id, kind="accept")
    assert accept.due - accept.starts == timedelta(minutes=10)
    text = login("cun").get(f"/desk/cases/{case.number}/panel/").content.decode()
    assert "类别待定" in text
    assert BADGE not in text


def test_what_is_urgent_is_so_on_the_page_in_the_list_and_in_the_notice(login, county) -> None:
    client = login("cun")
    for what in ("井盖丢了，有人掉下去了，赶紧盖上！", "巷子里停水三天了，没水做饭"):
        case = report(what)
        assert reads.is_urgent(case, rulebook.current(COUNTY))
        assert BADGE in client.get(f"/desk/cases/{case.number}/panel/").content.decode()
        assert "紧急" in client.get("/desk/").content.decode()


def test_a_chosen_category_is_asked_for_what_is_the_same_and_stands_above(login, county) -> None:
    first = report("楼道口的路灯坏了，请来修")
    case = report("楼道口的灯坏了，井盖也没了")
    client = login("cun")
    url = f"/desk/cases/{case.number}/proposal/"
    chosen = client.get(url, {"category": "utility.manhole"}).content.decode()
    assert "井盖缺损<small>" in chosen
    assert 'id="same" hx-swap-oob="true"' in chosen
    assert first.number not in chosen
