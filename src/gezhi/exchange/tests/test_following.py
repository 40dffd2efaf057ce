"""What a peer says of a case that was handed on: steps, pictures, ends; no round loses any."""

from typing import Any

import pytest

from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, HistoryLine
from gezhi.exchange import actions, reads
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.rules import peers
from gezhi.exchange.tests.city import City, city, only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import PLAIN, acts_of, hand_over, later, photo, report
from gezhi.notices.models import Notice
from tests.cast import SETTING_UP, County


def test_a_token_becomes_a_number(committed: County, there: City) -> None:
    there.type, there.hides = "batch", True
    peer_at(committed, there.url)
    hand_over(committed)
    work_for_peers()
    assert (only_handover().reach, only_handover().token) == ("given", "t-1")
    there.hides = False
    work_for_peers(later(minutes=6))
    assert (only_handover().reach, only_handover().request) == ("followed", "A-1")


def test_updates_become_the_units_steps_once_each(committed: County, there: City) -> None:
    peer = peer_at(committed, there.url)
    case = hand_over(committed)
    work_for_peers()
    there.say("in_progress", "已派人去看")
    work_for_peers(later(minutes=6))
    work_for_peers(later(minutes=12))
    assert acts_of(case)[4:] == ["note"]
    there.say("fixed", "坑已经填平", later=1)
    there.requests[0] |= {"status": "closed", "status_notes": "fixed"}
    work_for_peers(later(minutes=18))
    work_for_peers(later(minutes=24))
    case.refresh_from_db()
    assert acts_of(case)[4:] == ["note", "finish"]
    assert (case.state, case.answer) == ("done", "邻县：坑已经填平")
    assert case.finished_by == f"peer:{peer.id}"
    assert only_handover().reach == "over"
    asked = len(there.asked)
    work_for_peers(later(hours=2))
    assert len(there.asked) == asked, "nobody is asked of what is over"


def test_without_updates_the_request_itself_is_followed(committed: County, there: City) -> None:
    there.has_updates = False
    peer = peer_at(committed, there.url)
    assert not peer.has_updates
    case = hand_over(committed)
    work_for_peers()
    work_for_peers(later(minutes=6))
    assert acts_of(case)[4:] == [], "how it stood at first is no news"
    there.requests[0] |= {"status_notes": "已排期", "expected_datetime": "2030-01-02T03:04:05Z"}
    work_for_peers(later(minutes=12))
    work_for_peers(later(minutes=18))
    assert acts_of(case)[4:] == ["note"]
    assert only_handover().expected is not None
    there.requests[0] |= {"status": "closed", "status_notes": ""}
    work_for_peers(later(minutes=24))
    case.refresh_from_db()
    assert (case.state, case.answer) == ("done", "邻县：对方已办结")


def test_what_the_peer_does_not_do_comes_back(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.say("not_councils_responsibility", "这条路归省道管理")
        work_for_peers(later(minutes=6))
    case.refresh_from_db()
    line = HistoryLine.objects.get(case=case, act="send_back")
    assert (case.state, line.reason, line.words) == (
        "accepted", "not_ours", "邻县：这条路归省道管理",
    )  # fmt: skip
    assert (only_handover().reach, only_handover().why) == ("over", "back")


def test_a_step_that_cannot_be_made_waits_and_people_hear_once(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed, category="utility.lamp")  # asks for a picture
        work_for_peers()
        there.say("fixed", "灯亮了")
        work_for_peers(later(minutes=6))
        work_for_peers(later(minutes=12))
        case.refresh_from_db()
        assert case.state == "handling"
        [heard] = Heard.objects.all()
        assert heard.taken_at is None
        assert heard.error
        told = Notice.objects.filter(event="peer_stuck", case=case)
        assert told.count() == told.values("account").distinct().count() > 0


def test_the_peers_picture_is_the_proof(committed: County, there: City) -> None:
    there.picture = photo()
    peer = peer_at(committed, there.url)
    case = hand_over(committed, category="utility.lamp")  # asks for a picture
    work_for_peers()
    there.say("fixed", "路灯已经修好", media=f"{there.url}/after.jpg")
    work_for_peers(later(minutes=6))
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("done", "solved")
    [file] = Attachment.objects.filter(case=case)
    assert (file.kind, file.actor, file.is_public) == ("after", f"peer:{peer.id}", True)


@pytest.mark.parametrize("media", ["http://10.0.0.8/after.jpg", "file:///etc/passwd", "none.jpg"])
def test_a_picture_from_inside_is_not_fetched(committed: County, media: str) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed, category="utility.lamp")
        work_for_peers()
        there.say("fixed", "灯亮了", media=media)
        work_for_peers(later(minutes=6))
    assert Heard.objects.get().media == ""
    case.refresh_from_db()
    assert case.state == "handling"


def test_what_is_no_picture_proves_nothing(committed: County) -> None:
    with city(picture=b"<html>gone</html>") as there:
        peer_at(committed, there.url)
        case = hand_over(committed, category="utility.lamp")
        work_for_peers()
        there.say("fixed", "灯亮了", media=f"{there.url}/after.jpg")
        for minutes in (6, 12, 18):
            work_for_peers(later(minutes=minutes))
    assert there.asked.count("GET after") == 1
    case.refresh_from_db()
    assert case.state == "handling"


def test_whatever_a_peer_says_nothing_here_breaks(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        odd = {
            "update_id": "i" * 999, "service_request_id": "A-1", "status": "x\x00" * 300,
            "description": "\x00<b>" + "字" * 9000, "media_url": [["deep"]],
            "updated_datetime": "0001-01-01T00:00:00+14:00",
        }  # fmt: skip
        there.updates += [odd, {"update_id": None}, {"nothing": {}}, {}]
        there.requests[0] |= {"status": ["open"], "expected_datetime": "9999-12-31T23:59:59-14:00"}
        work_for_peers(later(minutes=6))
        assert acts_of(case)[-1] == "note"
        there.say("fixed", "好了好了", later=1)
        work_for_peers(later(minutes=12))
    case.refresh_from_db()
    assert case.state == "done"


@pytest.mark.parametrize("number", ["n" * 101, "\x00", [], {"a": 1}])
def test_a_number_that_is_none_is_not_kept(committed: County, number: Any) -> None:
    with city(numbers=number) as there:
        peer_at(committed, there.url)
        hand_over(committed)
        work_for_peers()
    assert only_handover().request == ""
    assert len(there.posts) == 1


def test_a_bare_end_waits_for_the_update_that_says_which(committed: County) -> None:
    """The peer says `duplicate` after its updates were read and before its request is."""
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.requests[0] |= {"status": "closed", "status_notes": ""}
        work_for_peers(later(minutes=6))
        case.refresh_from_db()
        assert case.state == "handling"
        there.say("duplicate", "已经有人报过")
        work_for_peers(later(minutes=12))
    case.refresh_from_db()
    assert (case.state, only_handover().why) == ("accepted", "back")


def test_an_end_without_an_update_is_taken_a_round_later(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.requests[0] |= {"status": "closed", "status_notes": "修好了"}
        work_for_peers(later(minutes=6))
        work_for_peers(later(minutes=12))
    case.refresh_from_db()
    assert (case.state, case.answer) == ("done", "邻县：修好了")


def test_what_was_said_before_the_number_was_known_is_read(committed: County) -> None:
    with city() as there:
        there.is_dated = True
        there.type, there.hides = "batch", True
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.say("duplicate", "已经有人报过", later=60)
        there.requests[0] |= {"status": "closed", "status_notes": ""}
        for hours in (1, 2, 3):
            work_for_peers(later(hours=hours))
        there.hides = False
        for hours in (4, 5, 6):
            work_for_peers(later(hours=hours))
    case.refresh_from_db()
    assert (case.state, only_handover().why) == ("accepted", "back")


def test_a_peer_that_was_idle_is_read_from_its_first_open_case(committed: County) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        Peer.objects.filter(pk=peer.pk).update(heard_until=later(days=-60))
        hand_over(committed)
        work_for_peers()
        work_for_peers(later(minutes=6))
        began = only_handover().began_at
    assert began is not None
    assert there.since == (began - peers.OVERLAP).replace(microsecond=0)


def test_where_the_pages_do_not_end_the_next_round_goes_on(committed: County) -> None:
    with city() as there:
        there.is_dated, there.page_size = True, 2
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        for each in range(90):
            there.say("in_progress", "别人的事", later=each)
            there.updates[-1]["service_request_id"] = "X-1"
        there.say("fixed", "好了好了", later=95)
        for minutes in (6, 12, 18):
            work_for_peers(later(minutes=minutes))
    case.refresh_from_db()
    assert (case.state, case.answer) == ("done", "邻县：好了好了")


def test_people_hear_once_of_a_number_that_is_gone(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.requests.clear()
        told = Notice.objects.filter(event="peer_stuck", case=case)
        for each in range(1, peers.LOST):
            work_for_peers(later(minutes=6 * each))
        assert not told.exists()
        for each in range(peers.LOST, peers.LOST + 3):
            work_for_peers(later(minutes=6 * each))
        assert told.count() == told.values("account").distinct().count() > 0
    assert only_handover().reach == "followed"


def test_what_stands_by_itself_again_is_followed_under_its_number(committed: County) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case, main = hand_over(committed), report("又一个坑")
        cases.accept(main.id, category=PLAIN, actor=SETTING_UP)
        work_for_peers()
        cases.merge(case.id, main=main.id, actor=SETTING_UP)
        work_for_peers(later(minutes=6))
        assert (only_handover().reach, only_handover().why) == ("over", "moved")
        cases.unmerge(case.id, actor=SETTING_UP)
        assert (only_handover().reach, only_handover().why) == ("followed", "")
        there.say("fixed", "坑已经填平")
        work_for_peers(later(minutes=12))
        assert len(there.posts) == 1
    case.refresh_from_db()
    assert case.state == "done"


def test_words_that_were_erased_do_not_come_back(committed: County) -> None:
    with city(has_updates=False) as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        work_for_peers(later(minutes=6))
        there.requests[0] |= {"status_notes": "找李秀兰看过"}
        work_for_peers(later(minutes=12))
        actions.forget_words(case.id)
        work_for_peers(later(minutes=18))
    assert "李秀兰" not in only_handover().seen_notes
    assert [each.words for each in Heard.objects.all()] == [""]


def test_one_that_breaks_holds_up_no_other(
    committed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        broken, good = hand_over(committed), hand_over(committed)
        work_for_peers()
        of = {each.case_id: each.request for each in Handover.objects.all()}
        numbers = [row["service_request_id"] for row in there.requests]
        there.say("fixed", "好了好了", of=numbers.index(of[broken.id]))
        there.say("fixed", "好了好了", of=numbers.index(of[good.id]))
        finish = cases.finish

        def break_one(id: Any, **more: Any) -> Any:
            if id == broken.id:
                raise RuntimeError
            return finish(id, **more)

        monkeypatch.setattr(cases, "finish", break_one)
        work_for_peers(later(minutes=6))
    good.refresh_from_db()
    peer.refresh_from_db()
    assert (good.state, peer.claimed_at) == ("done", None)


def test_a_round_looks_at_no_case_of_which_nothing_was_said(
    committed: County,
) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        for _each in range(3):
            hand_over(committed)
        work_for_peers()
        assert reads.to_take(peer) == []
