"""Rows of a list that is already open: as they stand now, or gone from it."""

from uuid import uuid4

from django.http import QueryDict
from django.test import Client

from gezhi.cases import actions
from gezhi.cases.models import Case
from tests.cast import County, report_leak


def now(client: Client, query: str) -> str:
    """As the page asks: the list in the address, the rows in the body."""
    asked = QueryDict(query, mutable=True)
    rows = {name: asked.pop(name) for name in ("number", "case") if name in asked}
    answer = client.post(f"/desk/rows/now/?{asked.urlencode()}", rows)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_that_stays_is_shown_with_its_new_state(login, county: County, case: Case) -> None:
    client = login("cun")
    assert "待受理" in now(client, f"tab=mine&number={case.number}")
    actions.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    text = now(client, f"tab=mine&number={case.number}")
    assert "已受理" in text
    assert "data-gone" not in text


def test_a_row_that_left_the_list_says_so_and_where_it_is(login, handled: Case) -> None:
    text = now(login("cun"), f"tab=mine&number={handled.number}")
    assert "data-gone" in text
    assert "已移出此列表" in text
    assert "水务局" in text


def test_filters_count_too(login, case: Case) -> None:
    client = login("zhen")
    assert "data-gone" not in now(client, f"tab=area&state=reported&number={case.number}")
    assert "data-gone" in now(client, f"tab=area&state=done&number={case.number}")


def test_news_names_cases_by_id_and_only_those_of_the_list_come_back(
    login, county: County, case: Case
) -> None:
    other = report_leak(at="990101102201001").case
    client = login("cun")
    text = now(client, f"tab=mine&case={case.id}&case={other.id}&case=nonsense")
    assert f'data-row="{case.number}"' in text
    assert other.number not in text


def test_a_number_of_others_is_told_like_one_that_is_nobodys(login, case: Case) -> None:
    client = login("bie")
    theirs = now(client, f"number={case.number}").replace(case.number, "N")
    assert theirs == now(client, "number=260101-999999").replace("260101-999999", "N")
    assert "已移出此列表" in theirs


def test_the_list_knows_where_to_ask(login, case: Case) -> None:
    text = login("cun").get("/desk/?tab=mine&sort=newest").content.decode()
    assert 'data-now="/desk/rows/now/?tab=mine&amp;sort=newest"' in text


def test_what_has_ended_is_due_no_more(login, county: County, handled: Case) -> None:
    actions.finish(
        handled.id, outcome="withdrawn", answer="诉求人自己撤回", actor=county.actor("shui")
    )
    actions.visit_back(
        handled.id, is_reached=True, is_solved=True, rating=5, words="", actor=county.actor("fang")
    )
    client = login("zhen")
    assert "data-gone" in now(client, f"tab=area&sort=due&number={handled.number}")
    assert "data-gone" not in now(client, f"tab=area&sort=newest&number={handled.number}")


def test_what_is_no_number_is_of_no_case(login, case: Case) -> None:
    client = login("cun")
    assert case.number in now(client, f"tab=mine&number={case.number}&number=%00&number=x&case=y")
    typed = {"number": ["\x00", "x' OR 1"], "once": "k"}
    for address in ("/desk/bulk/take/", "/desk/bulk/take/do/", "/desk/bulk/assign/"):
        assert client.post(address, typed).status_code < 500


def test_two_hundred_rows_are_asked_for_at_once(login, case: Case) -> None:
    client = login("cun")
    asked = {"case": [str(uuid4()) for _at in range(199)] + [str(case.id)]}
    answer = client.post("/desk/rows/now/?tab=mine", asked)
    assert f'data-row="{case.number}"' in answer.content.decode()


def test_rows_are_asked_for_by_a_page_of_ours_only(county: County, login, case: Case) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = login("cun").cookies
    assert client.post("/desk/rows/now/", {"number": [case.number]}).status_code == 403
    assert client.get("/desk/rows/now/").status_code == 405
    assert Client().post("/desk/rows/now/", {"number": [case.number]}).status_code != 200
