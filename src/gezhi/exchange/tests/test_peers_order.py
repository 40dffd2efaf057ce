"""What a peer says comes in the order it was said there, whatever its clock and list are like."""

import pytest

from gezhi.exchange.models import Heard
from gezhi.exchange.tests.city import city, peer_at, work_for_peers
from gezhi.exchange.tests.handing import acts_of, hand_over, later
from tests.cast import County


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_what_was_said_in_one_second_is_taken_in_the_order_it_was_said(
    committed: County, is_newest_first: bool
) -> None:
    with city() as there:
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.say("in_progress", "派人去看")
        for status, words in (("in_progress", "已派人去看"), ("fixed", "坑已经填平")):
            there.say(status, words, later=2)
        there.updates[2]["updated_datetime"] = there.updates[1]["updated_datetime"]
        if is_newest_first:
            there.updates.reverse()
        work_for_peers(later(minutes=6))
    case.refresh_from_db()
    assert acts_of(case)[4:] == ["note", "note", "finish"]
    assert case.answer.endswith("坑已经填平")


@pytest.mark.parametrize("is_dated", [False, True])
def test_what_a_clock_that_is_ahead_says_is_not_lost(committed: County, is_dated: bool) -> None:
    """One that lists what was until now keeps it back until then."""
    with city() as there:
        there.is_dated = is_dated
        peer_at(committed, there.url)
        case = hand_over(committed)
        work_for_peers()
        there.say("in_progress", "已派人去看", later=600)
        there.say("fixed", "坑已经填平", later=601)
        for minutes in (6, 12):
            work_for_peers(later(minutes=minutes))
            assert Heard.objects.exists() is (minutes == 12 or not is_dated)
    assert acts_of(case)[4:] == ["note", "finish"]
