"""What is rare is counted exactly; puzzles are taken once, and a code can't be guessed."""

import threading
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection

from gezhi.base import clock, puzzle
from gezhi.base.pace import Pace
from gezhi.record import actions
from gezhi.record.actions import Proof
from gezhi.record.errors import PuzzleNeeded
from gezhi.record.models import Spending

pytestmark = pytest.mark.django_db
FIVE = Pace("five", 5, 60.0)


def solved(asked: puzzle.Puzzle) -> Proof:
    return Proof(asked.token, puzzle.solve(asked.nonce, asked.bits, asked.parts))


def test_five_at_once_then_one_in_each_twelve_seconds() -> None:
    now = clock.now()
    granted = [actions.spend(FIVE, "a", now=now).is_granted for _ in range(7)]
    assert granted == [True] * 5 + [False] * 2
    refused = actions.spend(FIVE, "a", now=now)
    assert refused.wait == pytest.approx(12, abs=0.01)
    assert actions.spend(FIVE, "b", now=now).left == 4
    assert not actions.spend(FIVE, "a", now=now + timedelta(seconds=11)).is_granted
    assert actions.spend(FIVE, "a", now=now + timedelta(seconds=12.01)).is_granted


def test_what_is_given_back_can_be_taken_again() -> None:
    now = clock.now()
    for _ in range(5):
        actions.spend(FIVE, "a", now=now)
    actions.give_back(FIVE, "a")
    assert [actions.spend(FIVE, "a", now=now).is_granted for _ in range(2)] == [True, False]


def test_rows_hold_no_address_and_are_swept() -> None:
    now = clock.now()
    actions.spend(FIVE, "203.0.113.9", now=now)
    assert b"203.0.113.9" not in bytes(Spending.objects.get().key)
    assert actions.sweep_spendings(now=now) == 0
    assert actions.sweep_spendings(now=now + timedelta(minutes=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_there_is() -> None:
    now = clock.now()
    granted: list[bool] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        granted.extend(actions.spend(FIVE, "a", now=now).is_granted for _ in range(3))
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 5


def test_a_solved_puzzle_is_taken_once_for_its_purpose_and_in_its_time() -> None:
    now = clock.now()
    asked = actions.ask_puzzle("report", 1, now=now)
    proof = solved(asked)

    def is_taken(purpose: str = "report", level: int = 1, minutes: int = 0) -> bool:
        then = now + timedelta(minutes=minutes)
        return actions.take_proof(proof, purpose, level=level, address="a", now=then)

    assert not is_taken(purpose="code 1")
    assert not is_taken(level=2)
    assert not is_taken(minutes=31)
    assert is_taken()
    assert not is_taken()


@pytest.mark.parametrize("solution", ["", "1", ",".join(["0"] * 16), "x" * 100, "1," * 15 + "-1"])
def test_what_solves_nothing_is_not_taken(solution: str) -> None:
    now = clock.now()
    asked = actions.ask_puzzle("report", 3, now=now)
    for token in (asked.token, asked.token[:-1], "", "a:b:c"):
        proof = Proof(token, solution)
        assert not actions.take_proof(proof, "report", level=3, address="a", now=now)


def test_a_sum_in_words_stands_for_the_puzzle_but_not_at_once_and_not_often() -> None:
    now, taken = clock.now(), 0
    for _ in range(14):
        asked = actions.ask_puzzle("report", 1, now=now)
        proof = Proof(asked.token, words=f" {sum(asked.terms)} ")
        assert not actions.take_proof(proof, "report", level=1, address="a", now=now)
        later = now + timedelta(seconds=6)
        taken += actions.take_proof(proof, "report", level=1, address="a", now=later)
    assert taken == 10
    wrong = Proof(asked.token, words="3")
    assert not actions.take_proof(wrong, "report", level=1, address="b", now=later)


def report(address: str, now: datetime) -> int:
    """Report from there, with a puzzle where one is asked for; its level, 0 for none."""
    proof, level = Proof(), 0
    while True:
        try:
            actions.must_pay_for_report(proof, address=address, now=now)
        except PuzzleNeeded as refusal:
            proof, level = solved(refusal.puzzle), puzzle.BITS.index(refusal.puzzle.bits)
        else:
            return level


def test_reports_are_free_while_it_is_calm_and_dearer_as_they_grow(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(puzzle, "BITS", (0, 1, 2, 3))
    settings.PUZZLE_REPORTS = 10
    now = clock.now()
    levels = [report(f"198.51.100.{number}", now) for number in range(210)]
    assert levels[:10] == [0] * 10
    assert levels[10:50] == [1] * 40
    assert levels[50:200] == [2] * 150
    assert levels[200:] == [3] * 10
    assert actions.level_of_reports("192.0.2.1", now=now) == 3
    assert actions.level_of_reports("192.0.2.1", now=now + timedelta(minutes=2)) == 0


def test_what_one_address_sends_in_vain_asks_nothing_of_others(settings: LazySettings) -> None:
    settings.PUZZLE_REPORTS = 10
    now = clock.now()
    for _time in range(5):
        actions.must_pay_for_report(Proof(), address="a", now=now)
    for _time in range(30):
        with pytest.raises(PuzzleNeeded) as asked:
            actions.must_pay_for_report(Proof(), address="a", now=now)
        assert asked.value.puzzle.bits == puzzle.BITS[1]
    assert actions.level_of_reports("a", now=now) == 1
    assert actions.level_of_reports("b", now=now) == 0


def test_looking_counts_nothing(settings: LazySettings) -> None:
    settings.PUZZLE_REPORTS = 60
    now = clock.now()
    assert {actions.level_of_reports("a", now=now) for _ in range(20)} == {0}


def test_guesses_from_everywhere_cost_a_puzzle_each_once_the_free_ones_are_used_up() -> None:
    now = clock.now()
    for number in range(10):
        actions.pay_for_code("261122-000001", Proof(), address=f"192.0.2.{number}", now=now)
    with pytest.raises(PuzzleNeeded) as asked:
        actions.pay_for_code("261122-000001", Proof(), address="192.0.2.99", now=now)
    proof = solved(asked.value.puzzle)
    assert not actions.take_proof(proof, "code 261122-000002", level=2, address="a", now=now)
    actions.pay_for_code("261122-000001", proof, address="192.0.2.99", now=now)
    with pytest.raises(PuzzleNeeded):  # and for one try
        actions.pay_for_code("261122-000001", proof, address="192.0.2.99", now=now)
