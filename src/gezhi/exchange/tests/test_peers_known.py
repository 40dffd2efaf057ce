"""Whose words a peer's are: numbers in doubt, pages to their end, what is wrong with one alone."""

from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.exchange import actions
from gezhi.exchange.actions import following
from gezhi.exchange.errors import PeerHasCases
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.rules import peers
from gezhi.exchange.tests.city import City, city, only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import acts_of, hand_over, later
from gezhi.notices.models import Notice
from gezhi.site.commands import checks
from tests.cast import County


def _move(county: County, peer: Peer, there: City) -> None:
    """The peer has another address from now on."""
    actions.change_peer(peer.id, address=there.url, actor=county.actor("guan"))
    assert only_handover().is_doubted
    work_for_peers()


def _state(case: Case) -> str:
    case.refresh_from_db()
    return case.state


@pytest.mark.parametrize("has_updates", [True, False])
def test_a_strangers_request_of_the_same_number_is_not_ours(
    committed: County, has_updates: bool
) -> None:
    with city(has_updates=has_updates) as old, city(has_updates=has_updates) as new:
        peer = peer_at(committed, old.url)
        case = hand_over(committed)
        work_for_peers()
        new.requests.append({
            "service_request_id": "A-1", "status": "closed", "status_notes": "别人的事",
            "description": "别的地方的路灯",
        })  # fmt: skip
        new.say("fixed", "别人的事")
        _move(committed, peer, new)
        for minutes in (6, 12, 18):
            work_for_peers(later(minutes=minutes))
        assert _state(case) == "handling"
        assert not Heard.objects.exists()
        one = only_handover()
        assert (one.reach, one.why) == ("dead", "strange")
        assert Notice.objects.filter(event="peer_halted", case=case).exists()
        # Who has asked them writes down the number it has now, and that counts.
        new.requests[0] |= {"service_request_id": "B-7", "status": "open"}
        guan = committed.actor("guan")
        actions.hand_over_again(peer.id, one.id, request="B-7", actor=guan)
        new.updates.clear()
        new.requests[0] |= {"status": "closed", "status_notes": "修好了"}
        if has_updates:
            new.say("fixed", "修好了")
        for minutes in (24, 30):
            work_for_peers(later(minutes=minutes))
    assert (_state(case), case.answer) == ("done", "邻县：修好了")


def test_the_same_city_at_another_address_is_known_by_the_mark(committed: County) -> None:
    with city() as old, city() as new:
        peer = peer_at(committed, old.url)
        case = hand_over(committed)
        work_for_peers()
        work_for_peers(later(minutes=6))
        new.requests, new.updates = old.requests, old.updates
        new.say("in_progress", "在修了", later=400)
        _move(committed, peer, new)
        work_for_peers(later(minutes=12))
        assert not only_handover().is_doubted
        new.say("fixed", "修好了", later=401)
        work_for_peers(later(minutes=18))
    assert acts_of(case)[4:] == ["note", "finish"]


def test_another_server_of_the_city_may_count_its_updates_from_the_start(
    committed: County,
) -> None:
    with city() as old, city() as new:
        peer = peer_at(committed, old.url)
        case = hand_over(committed)
        work_for_peers()
        old.say("in_progress", "在修了", id="17")
        work_for_peers(later(minutes=6))
        new.requests, new.updates = old.requests, old.updates[:]
        _move(committed, peer, new)
        for minutes in (12, 18):  # known by the mark, then all it says is read once more
            work_for_peers(later(minutes=minutes))
        assert acts_of(case)[4:] == ["note"], "the same is not said twice"
        new.updates.clear()
        new.say("fixed", "修好了", id="17", later=1100)
        work_for_peers(later(minutes=24))
    assert acts_of(case)[4:] == ["note", "finish"]


def test_a_number_that_is_not_known_at_the_new_address_is_a_persons(committed: County) -> None:
    with city() as old, city() as new:
        peer = peer_at(committed, old.url)
        hand_over(committed)
        work_for_peers()
        new.requests.append({"service_request_id": "X-1"})
        new.say("fixed", "别人的事")
        new.updates[0]["service_request_id"] = "A-1"
        _move(committed, peer, new)
        for each in range(1, peers.LOST + 2):
            work_for_peers(later(minutes=6 * each))
    assert (only_handover().reach, only_handover().why) == ("dead", "strange")
    assert not Heard.objects.exists()


def test_words_that_were_changed_there_are_still_ours(committed: County) -> None:
    with city(has_updates=False) as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        work_for_peers(later(minutes=6))
        there.requests[0] |= {"description": "路面", "status": "closed", "status_notes": "好了"}
        work_for_peers(later(minutes=12))
    assert _state(case) == "done"


def test_the_number_of_another_case_of_ours_is_not_this_ones(committed: County) -> None:
    with city(has_updates=False) as there:
        peer_at(committed, there.url)
        one, other = hand_over(committed), hand_over(committed)
        work_for_peers()
        number = Handover.objects.get(case=other).request
        Handover.objects.filter(case=one).update(request=number)
        there.requests[int(number[2:]) - 1] |= {"status": "closed", "status_notes": "好了"}
        work_for_peers(later(minutes=6))
        work_for_peers(later(minutes=12))
    assert (_state(one), _state(other)) == ("handling", "done")
    assert Handover.objects.get(case=one).why == "strange"


def test_a_peer_with_cases_stands_for_no_other_unit(committed: County) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        hand_over(committed)
        work_for_peers()
        guan, other = committed.actor("guan"), committed.unit("dept-water")
        with pytest.raises(PeerHasCases):
            actions.change_peer(peer.id, unit=other, actor=guan)
        desk, page = Client(), f"/desk/admin/peers/{peer.id}/"
        desk.force_login(committed.accounts["guan"], backend="gezhi.site.sessions.AccountBackend")
        typed = {"name": "邻市", "unit": str(other), "address": peer.address}
        shown = desk.post(f"{page}change/", typed)
        assert shown.status_code == 422
        assert "还有 1 件工单在对方那里" in shown.content.decode()
        assert "邻市" in shown.content.decode(), "what was typed stays"
        kept = desk.post(f"{page}remove/", follow=True)
        assert kept.redirect_chain == [(page, 302)]
        assert "还有 1 件工单在对方那里" in kept.content.decode()
        actions.change_peer(peer.id, name="邻区", actor=guan)
        there.say("fixed", "好了好了")
        work_for_peers(later(minutes=6))
        assert actions.change_peer(peer.id, unit=other, actor=guan).unit_id == other


def test_a_fault_of_one_is_kept_with_it_and_ends_no_round(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with city(has_updates=False) as there:
        peer = peer_at(committed, there.url)
        broken, good = hand_over(committed), hand_over(committed)
        work_for_peers()
        work_for_peers(later(minutes=6))
        there.requests[0] |= {"status": "closed", "status_notes": "好了"}
        there.requests[1] |= {"status": "closed", "status_notes": "好了"}
        is_told = following._is_told

        def break_one(held: Handover, *more: Any) -> bool:
            if held.case_id == broken.id:
                raise RuntimeError
            return is_told(held, *more)

        monkeypatch.setattr(following, "_is_told", break_one)
        work_for_peers(later(minutes=12))
    peer.refresh_from_db()
    assert (_state(good), _state(broken)) == ("done", "handling")
    assert (peer.claimed_at, peer.failures) == (None, 0)
    assert Handover.objects.get(case=broken).error == "RuntimeError"


def test_what_breaks_before_any_is_asked_is_a_fault_of_the_round(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_it(*_all: Any) -> bool:
        raise RuntimeError

    with city() as there:
        peer = peer_at(committed, there.url)
        hand_over(committed)
        work_for_peers()
        monkeypatch.setattr(following, "_hear_updates", break_it)
        work_for_peers(later(minutes=6))
    peer.refresh_from_db()
    assert (peer.claimed_at, peer.failures, peer.error) == (None, 1, "RuntimeError")


def test_half_signs_do_not_break_a_round(committed: County) -> None:
    with city(forms=("json",)) as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.say("fixed", "好了\ud83d")
        work_for_peers(later(minutes=6))
    assert (_state(case), case.answer) == ("done", "邻县：好了?")


def test_pages_are_turned_by_link_where_it_leads_on(committed: County) -> None:
    with city(is_linked=True, forms=("json",)) as there:
        there.page_size = 2
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        for each in range(5):
            there.say("in_progress", f"第{each}步", later=each)
        work_for_peers(later(minutes=6))
        asked = there.asked.count("GET servicerequestupdates")
        work_for_peers(later(minutes=12))
        assert there.asked.count("GET servicerequestupdates") == asked + 3, "and not beyond"
    assert acts_of(case)[4:] == ["note"] * 5


def test_the_doctor_names_who_is_silent_and_what_went_no_further(committed: County) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        hand_over(committed)
        work_for_peers()
        work_for_peers(later(minutes=6))
        there.down = True
        work_for_peers(later(minutes=12))
        assert list(checks._peers()) == []
        with clock.standing_at(later(hours=8)):
            [found] = checks._peers()
            assert "邻县" in found.said
            assert found.hint == f"/desk/admin/peers/{peer.id}/"
        there.down = False
        work_for_peers(later(hours=8))
        there.refuses = 400
        hand_over(committed)
        work_for_peers(later(hours=8, minutes=1))
        with clock.standing_at(later(hours=9)):
            [found] = checks._peers()
    assert "1 " in found.said
