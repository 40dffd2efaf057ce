"""Sources that send: another rulebook, other words, other votes; who signs nothing, who looks."""

import time
from typing import Any

import pytest
from django.test import Client

from gezhi.cases.models import Case
from gezhi.intake import actions
from gezhi.intake.errors import SignatureWrong
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.tests.sending import known_kinds, only, sample, send
from gezhi.triage.models import Liking
from gezhi.triage.tests.printing import print_all


def test_what_a_map_names_that_the_rulebook_has_no_more_keeps_nothing_out(source, login):
    known = next(iter(known_kinds()))
    Source.objects.update(field_map=source.field_map.replace(known, "gone.kind"))
    assert only(send(source, sample()))["fate"] == "taken"
    case, fault = Case.objects.get(), Fault.objects.get()
    assert (case.label, case.is_category_told) == ("自来水", False)
    assert (fault.code, fault.detail) == ("map", "gone.kind")
    assert "规则册里已经没有" in login("guan").get("/desk/admin/sources/").content.decode()
    Source.objects.update(is_active=False)
    address = f"/desk/admin/sources/{source.id}/switch/"
    on = login("guan").post(address, {"is_active": "yes"}, follow=True)
    assert "不认识 categories: gone.kind" in on.content.decode()
    assert not Source.objects.get().is_active, "mended before it is switched on again"


@pytest.mark.parametrize("number", ["A-1", "A#1"])
def test_other_words_that_cannot_be_read_wait_for_a_person(source, number):
    """Under a number that is known: nothing that was sent is lost."""
    only(send(source, sample(number)))
    told = only(send(source, sample(number, text="别的事：三号楼的电梯坏了", at="昨天")))
    assert (told["fate"], told["reason"]) == ("waiting", "changed")
    only(send(source, sample(number, text="别的事：三号楼的电梯坏了", at="昨天", likes=7)))
    assert Received.objects.count() == 2, "once"
    only(send(source, sample(number, title="", text="", at="昨天")))
    assert Received.objects.count() == 2, "what says nothing is nothing"


def test_of_who_signs_nothing_no_body_is_read(source):
    def unread(_most: int) -> bytes:
        raise AssertionError

    for moment, signed in ((str(int(time.time())), "v1,short"), ("1", f"v1,{'A' * 43}=")):
        with pytest.raises(SignatureWrong):
            actions.take_sent(source.id, unread, id="m", timestamp=moment, signatures=signed)
    assert Fault.objects.get().count == 2


def test_votes_of_all_voices_are_put_together_and_taken_back(source):
    only(send(source, sample("1", likes=200)))
    print_all()
    assert only(send(source, sample("2", likes=2)))["fate"] == "joined"
    assert Liking.objects.get().likes == 202
    only(send(source, sample("1", likes=0)))
    assert Liking.objects.get().likes == 2
    only(send(source, sample("2", likes=0)))
    assert Liking.objects.get().likes == 0


def test_settings_are_told_to_who_manages_them(source, key):
    def asked(name: str) -> dict[str, Any]:
        api = Client(headers={"authorization": f"Bearer {key(name)}"})
        told: dict[str, Any] = api.get(f"/api/v1/sources/{source.id}").json()
        return told

    assert asked("guan")["field_map"] == source.field_map
    seen = asked("du")
    assert (seen["field_map"], seen["host"], seen["port"], seen["name"]) == ("", "", 0, "城管平台")


def test_a_case_tells_programs_its_number_in_the_system_it_came_from(source, key):
    number = only(send(source, sample("A-1")))["case"]
    api = Client(headers={"authorization": f"Bearer {key('xian')}"})
    assert api.get(f"/api/v1/cases/{number}").json()["source_number"] == "A-1"
