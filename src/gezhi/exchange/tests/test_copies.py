"""What was handed on and came in here once more is known as that, and is no second case."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.errors import MergeOfCopy
from gezhi.cases.models import Case, HistoryLine
from gezhi.desk.pages import alike
from gezhi.exchange import actions
from gezhi.exchange.tests.city import city, peer_at, work_for_peers
from gezhi.exchange.tests.handing import hand_over, later, report
from gezhi.intake.reads.sources import told_already
from gezhi.intake.rules import Incoming
from gezhi.people import actions as people
from gezhi.record.tests.test_followers import read_everything
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.errors import ReasonUnknown
from gezhi.rulebook.reads import read_files
from gezhi.rulebook.tests.books import files_with
from gezhi.triage.models import Dispatch
from tests.cast import SETTING_UP, County

_PLAIN, _PLACE = "env.pest", "柳树村村口"
_OWN_WORDS = """[[send_back]]
code = "peer_merged"
name = "对方已并案"
name_en = "Merged there"

[[send_back]]"""
_WORDS = "柳树村村口的水沟里积水，蚊子太多，晚上没法出门，请派人消杀"


def sign_in(committed: County, name: str) -> Client:
    client = Client()
    client.force_login(committed.accounts[name], backend="gezhi.site.sessions.AccountBackend")
    return client


@pytest.fixture
def copied(committed: County, live_server: Any) -> tuple[Case, Case]:
    """A case and what came in of it, where this house is its own peer."""
    key = people.make_key(account=committed.accounts["dui"].id, name="own", actor=SETTING_UP).token
    address = f"{live_server.url}/open311/v2".replace("localhost", "127.0.0.1")
    peer_at(committed, address, key=str(key), others=_PLAIN)
    here = hand_over(committed, report(_WORDS), _PLAIN)
    work_for_peers()
    return here, Case.objects.exclude(pk=here.pk).get()


def offered(county: County, case: Case) -> set[str]:
    found = alike.to_case(case, county.actor("xian"), later())
    return {each.row.number for each in found}


def test_a_copy_and_its_original_are_not_offered_as_the_same(
    committed: County, copied: tuple[Case, Case]
) -> None:
    here, there = copied
    third = report(_WORDS)
    assert offered(committed, here) == {third.number}
    assert offered(committed, there) == {third.number}
    assert offered(committed, third) == {here.number}, "the one that people know, once"
    rows = sign_in(committed, "xian").get("/desk/?tab=area").content.decode()
    assert there.number in rows
    assert f"[{here.number}" not in rows, "the mark is for machines"
    # As it comes back from another city that has handed it on in turn.
    again = report(f"{there.what}\n\n[261120-000001 gz{'b' * 28}]")
    assert here.number not in offered(committed, again)
    assert again.number not in offered(committed, here)
    # Numbers of two counties may be the same: what bears another's mark is a matter of its own.
    alien = report(f"{_WORDS}\n\n[{here.number} gz{'c' * 28}]")
    assert here.number in offered(committed, alien)


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_copy_and_its_original_are_never_merged(
    committed: County, copied: tuple[Case, Case], is_turned: bool
) -> None:
    one, other = copied[::-1] if is_turned else copied
    with pytest.raises(MergeOfCopy):
        cases.merge(one.id, main=other.number, actor=SETTING_UP)


def test_a_copy_tells_its_place_once(committed: County, copied: tuple[Case, Case]) -> None:
    _here, there = copied
    assert there.place.endswith(f" · {_PLACE}")
    for case in copied:
        page = sign_in(committed, "xian").get(f"/desk/cases/{case.number}/").content.decode()
        assert f"<dd>河湾镇 · 柳树村 · 第1网格 · {_PLACE}</dd>" in page


def test_what_the_peer_merged_comes_back_with_a_reason_of_its_own(
    committed: County, copied: tuple[Case, Case]
) -> None:
    here, there = copied
    work_for_peers(later(minutes=6))
    cases.merge(there.id, main=report().number, actor=SETTING_UP)
    work_for_peers(later(minutes=12))
    line = HistoryLine.objects.get(case=here, act="send_back")
    assert line.reason == "peer_merged"
    client: Client = sign_in(committed, "xian")
    page = client.get(f"/desk/cases/{here.number}/").content.decode()
    assert "理由：对方把它并入了另一件" in page
    assert "不属本单位职责" not in page
    english = client.get(f"/desk/cases/{here.number}/", headers={"Accept-Language": "en"})
    assert "Merged into another one there" in english.content.decode()
    read_everything()
    assert not Dispatch.objects.get(case=here).sent_back_at, "it went to the right one"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("duplicate", "peer_merged"), ("no_further_action", "peer_ended"),
        ("cancelled", "peer_ended"), ("not_councils_responsibility", "not_ours"),
    ],
)  # fmt: skip
def test_what_the_peer_does_not_do_comes_back_with_why(
    committed: County, status: str, reason: str
) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.say(status, "不办了")
        work_for_peers(later(minutes=6))
    assert HistoryLine.objects.get(case=case, act="send_back").reason == reason


def test_no_person_chooses_what_only_a_peer_can_say(committed: County) -> None:
    chosen = rulebook.current(committed.code).reasons("send_back")
    assert "not_ours" in chosen
    assert "peer_merged" not in chosen
    case = report(_WORDS)
    cases.accept(case.id, category=_PLAIN, actor=SETTING_UP)
    cases.assign(case.id, unit=committed.unit("dept-water"), actor=SETTING_UP)
    with pytest.raises(ReasonUnknown):
        cases.send_back(case.id, reason="peer_merged", words="并了", actor=committed.actor("shui"))


def test_a_rulebook_may_have_its_own_words_for_what_only_a_peer_can_say() -> None:
    files = files_with("reasons.toml", "[[send_back]]", _OWN_WORDS)
    book = read_files(files)
    assert book.all_reasons["send_back"]["peer_merged"].name == "对方已并案"
    assert "peer_merged" not in book.reasons("send_back")


def test_who_assigns_reads_that_a_unit_works_on_another_platform(committed: County) -> None:
    mark = "（在另一平台办理：邻县）"
    case = report(_WORDS)
    cases.accept(case.id, category=_PLAIN, actor=SETTING_UP)
    client = sign_in(committed, "cun")
    form = reverse("cases:move", args=[case.number, "assign"])

    def chosen() -> str:
        return client.get(form, headers={"HX-Request": "true"}).content.decode()

    assert "交通运输局" in chosen()
    assert mark not in chosen()
    with city() as there:
        peer = peer_at(committed, there.url)
        assert f"交通运输局{mark}" in chosen()
        assert chosen().count(mark) == 1
        cases.assign(case.id, unit=committed.unit("dept-transport"), actor=SETTING_UP)
        page = client.get(f"/desk/cases/{case.number}/").content.decode()
        pill = '<span class="gz-pill gz-pill-quiet">在另一平台办理：邻县</span>'
        assert f"综治中心</span> {pill}</dd>" in page, "it is the unit's, not the centre's"
        actions.pause_peer(peer.id, actor=committed.actor("guan"))
        assert mark not in chosen()


def test_nor_is_a_copy_that_comes_in_by_another_way_joined_with_it(
    committed: County, copied: tuple[Case, Case]
) -> None:
    here, there = copied
    cases.merge(there.id, main=report().number, actor=SETTING_UP)  # it is open no more
    message = Incoming("8", "", there.what, place=there.place, path=there.path)
    same = told_already(message, county=committed.code, channel="board", at=clock.now())
    assert same.sure is None
    assert same.likely != here
