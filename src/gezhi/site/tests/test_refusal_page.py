"""The page for a refusal says what was refused: a step that was tried, or a look."""

from django.http import HttpResponse

from gezhi.cases.models import Case
from tests.cast import County

TRIED = "这一步没有办成"
UNCHANGED = "什么都没有改变"


def test_a_case_that_is_not_there_is_not_found_and_nothing_was_tried(login) -> None:
    answer = login("cun").get("/desk/cases/261122-999999/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "<h1>没有找到</h1>" in text
    assert "或在工作台搜一搜编号" in text
    assert "回到工作台" in text
    assert TRIED not in text
    assert UNCHANGED not in text


def test_a_case_of_others_looks_as_if_it_were_not_there(login, case: Case) -> None:
    stranger = login("bie")
    there = stranger.get(f"/desk/cases/{case.number}/")
    absent = stranger.get("/desk/cases/261122-999999/")
    assert there.status_code == absent.status_code == 404
    assert [_shown(each) for each in (there, absent)] == [_shown(absent)] * 2


def _shown(answer: HttpResponse) -> str:
    """What is under the head, which carries a token of its own each time."""
    return answer.content.decode().partition("<h1>")[2]


def test_a_step_on_what_is_not_there_was_not_done(login) -> None:
    answer = login("cun").post("/desk/cases/261122-999999/moves/note/", {"words": "看过了"})
    assert answer.status_code == 404
    text = answer.content.decode()
    assert f"<h1>{TRIED}</h1>" in text
    assert UNCHANGED in text


def test_a_resident_is_led_to_the_first_page(rita, county: County) -> None:
    answer = rita.get("/files/01990000-0000-7000-8000-000000000000/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "<h1>没有找到</h1>" in text
    assert "或从首页重新进入" in text
    assert "回到首页" in text
