"""Cases with another city: sent once, and never told who reported them."""

import sys
from datetime import timedelta
from typing import Any

import pytest

from gezhi.base import clock
from gezhi.base.refusal import NotAllowed
from gezhi.cases import actions as cases
from gezhi.cases.models import HistoryLine
from gezhi.exchange import actions
from gezhi.exchange.actions import handing
from gezhi.exchange.models import Handover
from gezhi.exchange.rules import peers
from gezhi.exchange.tests.city import City, city, only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import acts_of, hand_over, later, report
from gezhi.notices.models import Notice
from gezhi.record.models import AuditLine
from tests.cast import GRID, SETTING_UP, County, point_in


def test_a_case_is_sent_without_who_reported_it_and_signed_by_its_unit(
    committed: County, there: City
) -> None:
    peer = peer_at(committed, there.url)
    assert peer.form == there.forms[0]
    case = hand_over(committed)
    work_for_peers()
    [sent] = there.posts
    assert sent["service_code"] == ["S1"]
    assert sent["api_key"] == ["k-1"]
    lon, lat = point_in(GRID)
    assert (float(sent["long"][0]), float(sent["lat"][0])) == pytest.approx((lon, lat))
    assert "李秀兰" not in repr(sent)
    assert "13812345678" not in repr(sent)
    assert case.number in sent["description"][0]
    assert not {"first_name", "last_name", "phone", "email", "account_id"} & set(sent)
    case.refresh_from_db()
    assert case.state == "handling"
    assert acts_of(case) == ["report", "accept", "assign", "sign"]
    line = HistoryLine.objects.get(case=case, act="sign")
    assert (line.actor, line.unit_id, line.words) == (f"peer:{peer.id}", peer.unit_id, "邻县 A-1")
    assert only_handover().request == "A-1"
    assert AuditLine.objects.filter(data__fact="case_sent_to_peer").exists()


def test_a_lost_answer_opens_no_second_case(committed: County, there: City) -> None:
    peer_at(committed, there.url)
    there.loses = 1
    case = hand_over(committed)
    work_for_peers()
    one = only_handover()
    assert (one.reach, one.is_unclear, len(there.posts)) == ("waiting", True, 1)
    case.refresh_from_db()
    assert case.state == "assigned", "nobody knows yet whether they have it"
    work_for_peers(one.due)
    one.refresh_from_db()
    assert (one.reach, one.request, one.is_unclear) == ("followed", "A-1", False)
    assert len(there.posts) == len(there.requests) == 1
    case.refresh_from_db()
    assert case.state == "handling"


def test_what_never_arrived_is_looked_for_three_times_and_sent_once_more(
    committed: County, there: City
) -> None:
    peer_at(committed, there.url)
    there.loses, there.hides = 1, True  # taken, but in no list
    hand_over(committed)
    moment = clock.now()
    for _look in range(peers.LOOKS - 1):
        work_for_peers(moment)
        moment = only_handover().due or moment
    work_for_peers(moment)
    assert len(there.posts) == 1, "looked for, and not sent yet"
    moment = only_handover().due or moment
    work_for_peers(moment)
    assert len(there.posts) == 2
    first, second = there.headers
    assert first["idempotency-key"] == second["idempotency-key"], "who knows it opens none"
    assert there.posts[0]["description"] == there.posts[1]["description"]


def test_where_nothing_is_listed_a_person_decides(committed: County, there: City) -> None:
    there.type, there.loses, there.hides = "blackbox", 1, True
    peer = peer_at(committed, there.url)
    case = hand_over(committed)
    moment = clock.now()
    for _try in range(len(peers.WAITS) + 1):
        work_for_peers(moment)
        moment = only_handover().due or moment
    one = only_handover()
    assert (one.reach, one.why, len(there.posts)) == ("dead", "unclear", 1)
    assert Notice.objects.filter(event="peer_halted", case=case).exists()
    guan = committed.actor("guan")
    actions.hand_over_again(peer.id, one.id, request="A-1", actor=guan)
    there.requests[0] |= {"status": "closed", "status_notes": "已经劝止"}
    work_for_peers(moment + peers.LONGEST_ROUND)
    work_for_peers(moment + 2 * peers.LONGEST_ROUND)
    case.refresh_from_db()
    assert (case.state, case.answer) == ("done", "邻县：已经劝止")
    assert len(there.posts) == 1


def test_what_the_peer_refuses_is_dead_and_people_hear(committed: County, there: City) -> None:
    peer = peer_at(committed, there.url)
    there.refuses = 400
    case = hand_over(committed)
    work_for_peers()
    one = only_handover()
    assert (one.reach, one.why, one.status, one.tries) == ("dead", "refused", 400, 1)
    assert "13812345678" not in one.error
    told = Notice.objects.filter(event="peer_halted", case=case)
    assert set(told.values_list("account__login", flat=True)) == {"zhendu"}
    there.refuses = 0
    actions.hand_over_again(peer.id, one.id, actor=committed.actor("guan"))
    work_for_peers()
    assert only_handover().request == "A-1"


def test_a_peer_that_is_down_is_tried_again_longer_apart(committed: County, there: City) -> None:
    peer_at(committed, there.url)
    there.down = True
    hand_over(committed)
    moment = clock.now()
    for wait in peers.WAITS:
        work_for_peers(moment)
        one = only_handover()
        assert one.due == moment + wait
        moment = one.due
    work_for_peers(moment)
    one = only_handover()
    assert (one.reach, one.status) == ("dead", 503)


@pytest.mark.parametrize(
    ("status", "retry", "is_unclear"),
    [(429, "", False), (503, "900", False), (503, "", True), (303, "", True), (502, "", True)],
)
def test_what_was_not_looked_at_is_sent_again_and_nothing_is_unclear(
    committed: County, status: int, retry: str, is_unclear: bool
) -> None:
    with city(refuses=status, retry=retry) as there:
        peer_at(committed, there.url)
        hand_over(committed)
        moment = clock.now()
        work_for_peers(moment)
        one = only_handover()
        assert (one.reach, one.is_unclear, one.status) == ("waiting", is_unclear, status)
        assert one.due == moment + max(peers.WAITS[0], timedelta(seconds=int(retry or 0)))


def test_where_nobody_is_there_nothing_is_unclear(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
    hand_over(committed)
    work_for_peers()
    assert (only_handover().reach, only_handover().is_unclear) == ("waiting", False)


def test_two_cases_that_are_one_request_there_both_hear(committed: County) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        there.refuses = 400
        both = [hand_over(committed), hand_over(committed)]
        work_for_peers()
        there.refuses = 0
        there.requests.append({"service_request_id": "B-7", "status": "open"})
        for one in Handover.objects.all():
            actions.hand_over_again(peer.id, one.id, request="B-7", actor=committed.actor("guan"))
        there.say("fixed", "好了好了")
        work_for_peers(later(minutes=6))
    for case in both:
        case.refresh_from_db()
        assert case.state == "done"


def test_a_secret_case_is_never_sent(committed: County, there: City) -> None:
    peer_at(committed, there.url)
    case = hand_over(committed, report(is_secret=True))
    work_for_peers()
    assert there.posts == []
    assert (only_handover().reach, only_handover().why) == ("dead", "secret")
    assert Notice.objects.filter(event="peer_halted", case=case).exists()


def test_a_case_that_moved_on_is_neither_sent_nor_asked_for(committed: County, there: City) -> None:
    peer_at(committed, there.url)
    case = hand_over(committed)
    cases.send_back(case.id, reason="not_here", actor=SETTING_UP)
    work_for_peers()
    assert there.posts == []
    assert (only_handover().reach, only_handover().why) == ("over", "moved")
    cases.assign(case.id, unit=committed.unit("dept-transport"), actor=SETTING_UP)
    work_for_peers()
    assert len(there.posts) == 1


def test_not_solved_after_all_is_a_new_request_that_names_the_one_before(
    committed: County, there: City
) -> None:
    peer_at(committed, there.url)
    case = hand_over(committed)
    work_for_peers()
    there.say("fixed", "好了好了")
    work_for_peers(later(minutes=6))
    cases.verify(case.id, is_solved=False, words="还是吵", actor=SETTING_UP)
    work_for_peers()
    assert len(there.posts) == 2
    assert "A-1" in there.posts[1]["description"][0]
    assert Handover.objects.get(reach="followed").request == "A-2"


def test_who_is_killed_before_the_answer_is_kept_opens_no_second_case(
    committed: County, there: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer_at(committed, there.url)
    hand_over(committed)
    with monkeypatch.context() as broken:
        broken.setattr(handing, "_settle", lambda *_all: sys.exit(9))  # as if it were killed there
        with pytest.raises(SystemExit):
            work_for_peers()
    assert only_handover().is_unclear
    work_for_peers(later(minutes=1))
    assert len(there.posts) == 1, "its claim still holds"
    work_for_peers(later(minutes=6))
    assert (only_handover().reach, only_handover().request) == ("followed", "A-1")
    assert len(there.posts) == 1


def test_the_number_is_kept_where_the_unit_cannot_sign(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        until = clock.now() + timedelta(days=2)
        cases.pause(case.id, reason="weather", until=until, actor=SETTING_UP)
        work_for_peers()
        assert only_handover().request == "A-1"
        case.refresh_from_db()
        assert case.state == "assigned"
        cases.resume(case.id, actor=SETTING_UP)
        work_for_peers(later(minutes=6))
    case.refresh_from_db()
    assert case.state == "handling", "the peer said nothing meanwhile"


def test_a_signature_that_is_refused_loses_no_number(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_all: Any, **_more: Any) -> None:
        raise NotAllowed()

    with city(type="blackbox") as there:
        peer_at(committed, there.url)
        hand_over(committed)
        with monkeypatch.context() as broken:
            broken.setattr(cases, "sign", refuse)
            work_for_peers()
    assert (only_handover().reach, only_handover().why) == ("dead", "blind")
