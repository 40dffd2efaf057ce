"""A deployment without demo data: from imported divisions to the first sign-in."""

import pytest
from django.test import Client

from gezhi.base.refusal import Refusal
from gezhi.people import reads as people
from gezhi.places import actions as places
from gezhi.places.rules import NewArea
from gezhi.rulebook import reads as rulebook
from gezhi.site.commands.founding import lay_foundation
from gezhi.site.commands.house import Stopped
from tests.cast import COUNTY, SETTING_UP, SINCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def divisions():
    people.forget_units()  # of a test before, undone since
    places.add_areas([NewArea(COUNTY, "稷川县")], on=SINCE, actor=SETTING_UP)


def test_without_divisions_it_says_what_to_import():
    with pytest.raises(Stopped, match="gezhi places import"):
        lay_foundation("guan", "关长明")


def test_the_first_administrator_signs_in_and_chooses_a_password(divisions):
    made = lay_foundation("guan", "关长明")
    assert rulebook.current(COUNTY).version == 1
    assert people.unit_by_code(COUNTY, f"centre-{COUNTY}").name == "稷川县综治中心"
    answer = Client().post("/desk/sign-in/", {"login": "guan", "password": made.password})
    assert answer.status_code == 302
    assert "password" in answer["Location"]


def test_again_it_adds_an_administrator_and_nothing_else(divisions):
    lay_foundation("guan", "关长明")
    lay_foundation("guan2", "关长亮")
    assert rulebook.current(COUNTY).version == 1
    with pytest.raises(Refusal):
        lay_foundation("guan", "又一个")
