"""What is sent again, sent at once, or sent by who read something older."""

import json
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from gezhi.api.tests.calling import is_problem, post
from gezhi.api.tests.open311 import LAMP, told
from gezhi.api.tests.telling import REPORT
from gezhi.base.actor import Actor
from gezhi.cases import reads
from gezhi.cases.models import Case
from gezhi.record import api, rules
from gezhi.record.models import KeptAnswer
from tests.cast import County


def test_somebody_who_was_slower_is_told_412_and_changes_nothing(
    county: County, case: Case, acting: Callable[..., Any]
) -> None:
    category = case.proposed_category
    stale = {"If-Match": '"7"'}
    assert is_problem(
        acting("cun", case, "accept", headers=stale, category=category), 412, "case_changed"
    )
    for wrong in ('W/"1"', '"1", "2"', "1", '"x"', '"' + "9" * 40 + '"'):
        answer = acting("cun", case, "accept", headers={"If-Match": wrong}, category=category)
        assert is_problem(answer, 412, "case_changed")
    right = acting("cun", case, "accept", headers={"If-Match": '"1"'}, category=category)
    assert right.status_code == 200
    assert right["ETag"] == '"2"'
    assert acting("cun", case, "note", headers={"If-Match": "*"}, words="x").status_code == 200


def test_a_repeated_report_gives_the_first_answer_and_no_second_case(
    county: County, rita: Client
) -> None:
    again = {"Idempotency-Key": str(uuid4())}
    first = post(rita, "/cases", REPORT, headers=again)
    second = post(rita, "/cases", REPORT, headers=again)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first["Location"] == second["Location"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    other = post(rita, "/cases", {**REPORT, "what": "别的事"}, headers=again)
    assert is_problem(other, 422, "idempotency_key_reused")
    short = post(rita, "/cases", REPORT, headers={"Idempotency-Key": "1"})
    assert is_problem(short, 422, "malformed")
    code = first.json()["code"]
    assert code not in json.dumps(list(KeptAnswer.objects.values_list("answer", flat=True)))


def test_a_refused_act_keeps_no_answer_so_it_can_be_tried_again(
    county: County, case: Case, acting: Callable[..., Any]
) -> None:
    again = {"Idempotency-Key": "the-same"}
    refused = acting("shui", case, "sign", headers=again)
    assert is_problem(refused, 404, "not_found")
    assert not KeptAnswer.objects.exists()
    body = {"category": case.proposed_category}
    first = acting("cun", case, "accept", headers=again, **body)
    assert first.status_code == 200


def test_two_people_may_choose_the_same_key(
    county: County, case: Case, acting: Callable[..., Any]
) -> None:
    again = {"Idempotency-Key": "1"}
    assert acting("cun", case, "note", headers=again, words="一").status_code == 200
    assert acting("zhen", case, "note", headers=again, words="二").status_code == 200
    assert reads.history_of(case).count() == 3


def test_what_was_kept_for_a_key_before_accounts_were_asked_for_is_given_again(
    county: County, key: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "5b0d7a0e-1f4e-4a4e"}
    sent = {"api_key": key("dui"), **LAMP}

    def old_sender(actor: Actor) -> str:
        return actor.label

    with monkeypatch.context() as before:
        before.setattr(rules, "sender_of", old_sender)
        before.setattr(api, "sender_of", old_sender)
        [first] = told(Client(), sent, headers=headers)
    assert KeptAnswer.objects.get().actor.startswith("key:")
    KeptAnswer.objects.update(request="digested otherwise")
    [again] = told(Client(), sent, headers=headers)
    assert again == first
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_is_done_once(county: County) -> None:
    headers, seen = {"Idempotency-Key": str(uuid4())}, []

    def send() -> None:
        try:
            seen.append(post(Client(), "/cases", REPORT, headers=headers))
        finally:
            connection.close()

    both = [threading.Thread(target=send) for _at in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [answer.status_code for answer in seen] == [201, 201]
    assert seen[0].content == seen[1].content
    assert Case.objects.count() == 1
