"""Writing a case down: the chosen category asks what it needs to know."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.cases.models import Case
from gezhi.desk.tests.reading import page
from tests.cast import GRID, County, point_in

LON, LAT = point_in(GRID)
TYPED = {
    "channel": "desk", "what": "夜里太吵，睡不着", "lon": str(LON), "lat": str(LAT),
    "category": "env.noise",
}  # fmt: skip
Login = Callable[[str], Client]


def _opened(client: Client, **answers: Any) -> Any:
    return client.post("/desk/cases/new/", {**TYPED, **answers})


def test_choosing_a_category_asks_its_questions_and_keeps_what_was_typed(
    login: Login, county: County
) -> None:
    asked = login("cun").post(
        "/desk/cases/new/ask/",
        {"category": "env.noise", "answers-when": ["night"], "answers-source": "音响"},
    )
    text = asked.content.decode()
    assert re.search(r'value="night"[^>]* checked', text)
    assert not re.search(r'value="day"[^>]* checked', text)
    assert 'value="音响"' in text
    nothing = login("cun").post("/desk/cases/new/ask/", {"category": ""})
    assert nothing.content.decode().strip() == ""


@pytest.mark.parametrize("answers", [{}, {"answers-when": ["noon"]}])
def test_what_has_to_be_answered_is_asked_for_beside_it(
    login: Login, county: County, answers: dict[str, Any]
) -> None:
    refused = _opened(login("cun"), **answers)
    assert refused.status_code == 422
    assert 'id="id_answers-when_error"' in refused.content.decode()
    assert not Case.objects.exists()


def test_answers_stand_on_the_page_of_the_case(login: Login, county: County) -> None:
    client = login("cun")
    answers = {"answers-when": ["night"], "answers-source": "装修，电话13812345678"}
    assert _opened(client, **answers).status_code == 201
    case = Case.objects.get()
    assert case.answers == {"when": ["night"], "source": "装修，电话13812345678"}
    text = page(client, f"/desk/cases/{case.number}/")
    assert "什么时段吵" in text
    assert "夜里（22 点到 6 点）" in text
    assert "装修，电话138****5678" in text


def test_who_joins_a_case_is_asked_nothing(login: Login, county: County, reported: Any) -> None:
    joined = _opened(login("cun"), follows=reported.case.number)
    assert joined.status_code == 201
    assert Case.objects.count() == 1
