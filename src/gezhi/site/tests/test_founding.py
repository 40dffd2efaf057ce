"""A deployment without demo data: from imported divisions to the first sign-in."""

import pytest
from django.test import Client

from gezhi.base.refusal import Refusal
from gezhi.people import reads as people
from gezhi.people.models import Account, Post, Unit
from gezhi.places import actions as places
from gezhi.places.rules import NewArea
from gezhi.rulebook import reads as rulebook
from gezhi.site.commands.founding import lay_foundation
from gezhi.site.commands.house import Stopped
from tests.cast import COUNTY, SETTING_UP, SINCE

THREE = {
    "administrator": ("guan", "关长明"),
    "security_administrator": ("an", "安静"),
    "auditor": ("shen", "沈清"),
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def divisions():
    people.forget_units()  # of a test before, undone since
    places.add_areas([NewArea(COUNTY, "稷川县")], on=SINCE, actor=SETTING_UP)


def test_without_divisions_it_says_what_to_import():
    with pytest.raises(Stopped, match="gezhi places import"):
        lay_foundation(THREE)


def test_the_first_administrator_signs_in_and_chooses_a_password(divisions):
    made = lay_foundation(THREE)
    assert rulebook.current(COUNTY).version == 1
    assert people.unit_by_code(COUNTY, f"centre-{COUNTY}").name == "稷川县综治中心"
    answer = Client().post(
        "/desk/sign-in/", {"login": "guan", "password": made["administrator"].password}
    )
    assert answer.status_code == 302
    assert "password" in answer["Location"]


def test_three_persons_are_founded_with_a_part_each(divisions):
    for role, made in lay_foundation(THREE).items():
        made.account.must_change_password = False
        actor = people.actor_for(made.account)
        assert [(post.role, post.path) for post in actor.posts] == [(role, COUNTY)]


@pytest.mark.parametrize("left_out", list(THREE))
def test_a_county_is_not_founded_without_one_of_the_three(divisions, left_out):
    some = {role: person for role, person in THREE.items() if role != left_out}
    with pytest.raises(Stopped, match="still missing"):
        lay_foundation(some)
    assert not Account.objects.exists()
    assert not Unit.objects.exists()


def test_again_it_adds_an_administrator_and_nothing_else(divisions):
    lay_foundation(THREE)
    lay_foundation({"administrator": ("guan2", "关长亮")})
    assert rulebook.current(COUNTY).version == 1
    assert Account.objects.count() == 4
    with pytest.raises(Refusal):
        lay_foundation({"administrator": ("guan", "又一个")})


def test_a_county_with_one_administrator_gets_the_two_it_has_not(divisions):
    lay_foundation(THREE)
    Post.objects.exclude(role="administrator").delete()
    with pytest.raises(Stopped, match="--security LOGIN NAME --auditor LOGIN NAME"):
        lay_foundation({"administrator": ("guan2", "关长亮")})
    with pytest.raises(Stopped, match="--auditor LOGIN NAME"):
        lay_foundation({"security_administrator": ("an2", "安平")})
    lay_foundation({"security_administrator": ("an2", "安平"), "auditor": ("shen2", "沈平")})
    assert people.administrators_over(COUNTY) == set(THREE)


def test_without_anybody_it_says_how_to_name_one(divisions):
    lay_foundation(THREE)
    with pytest.raises(Stopped, match="gezhi found"):
        lay_foundation({})
