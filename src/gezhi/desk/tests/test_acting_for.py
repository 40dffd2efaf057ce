"""What is done under a delegation says for whom: in the history, in the audit, at the desk."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.actions import Reported
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.rules.sealed import Field
from gezhi.people import actions as people
from gezhi.people import reads
from gezhi.people.models import Post
from gezhi.record.models import AuditLine
from tests.cast import SETTING_UP, County


def lend(county: County, whose: str, to: str) -> Post:
    own = Post.objects.get(account=county.accounts[whose], delegated_from=None)
    until = reads.today() + timedelta(3)
    return people.delegate_post(own.id, to=county.accounts[to].id, until=until, actor=SETTING_UP)


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_an_act_by_a_lent_post_says_for_whom(
    county: County, handled: Case, login: Callable[[str], Client]
) -> None:
    lend(county, "du", "fang")
    cases.supervise(handled.id, words="请抓紧", actor=reads.actor_for(county.accounts["fang"]))
    line = HistoryLine.objects.get(case=handled, act="supervise")
    assert line.actor == f"account:{county.accounts['fang'].id}"
    assert line.data["acting_for"] == str(county.accounts["du"].id)
    assert "访小真 代 督小严" in words_of(login("du").get(f"/desk/cases/{handled.number}/").text)
    assert not list(case_reads.faults_in_chains(county=county.code))


@pytest.mark.parametrize("who", ["du", "ling"])
def test_whoever_may_by_a_post_of_their_own_acts_for_nobody(
    county: County, handled: Case, who: str
) -> None:
    """Ling may supervise anyway, whatever else was lent to her."""
    lend(county, "du", "ling")
    cases.supervise(handled.id, words="请抓紧", actor=reads.actor_for(county.accounts[who]))
    assert "acting_for" not in HistoryLine.objects.get(case=handled, act="supervise").data


def test_opening_a_contact_by_a_lent_post_stands_so_in_the_audit(
    county: County, reported: Reported, login: Callable[[str], Client]
) -> None:
    lend(county, "du", "ling")
    for who in ("ling", "du"):
        cases.open_field(
            reported.case.id, report=reported.report.id, field=Field.PHONE, reason="回电核实情况",
            actor=reads.actor_for(county.accounts[who]),
        )  # fmt: skip
    lent, own = AuditLine.objects.filter(kind="opening").order_by("id")
    assert lent.data["acting_for"] == str(county.accounts["du"].id)
    assert "acting_for" not in own.data
    page = words_of(login("shen").get("/desk/audit/", {"kind": "opening"}).text)
    assert page.count("领小导 代 督小严") == 1
