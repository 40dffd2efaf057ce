"""What is rare and matters is counted exactly, for all processes; and puzzles are taken once.

Who is meant can't be read from the rows: they hold keyed digests and a moment. Call these before
an act's transaction: what a refused act takes back must not take the counting back with it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from gezhi.base import puzzle
from gezhi.base.pace import Pace, Spent, weigh
from gezhi.base.puzzle import Puzzle
from gezhi.base.sealed import blind_index
from gezhi.record.errors import PuzzleNeeded
from gezhi.record.models import Spending

# A moment further ahead than a pace reaches was written before a clock was set back.
_SPEND = """
INSERT INTO record_spending AS known (key, until)
VALUES (%(key)s, %(now)s + %(step)s * interval '1 s')
ON CONFLICT (key) DO UPDATE
SET until = CASE WHEN known.until > %(now)s + %(whole)s * interval '1 s' THEN %(now)s
                 ELSE greatest(known.until, %(now)s) END + %(step)s * interval '1 s'
WHERE greatest(known.until, %(now)s) + %(step)s * interval '1 s'
   <= %(now)s + %(whole)s * interval '1 s'
   OR known.until > %(now)s + %(whole)s * interval '1 s'
RETURNING until
"""
_ONCE = Pace("puzzle", 1, puzzle.GOOD_FOR.total_seconds())
# Sums in words that are taken from one address: enough for a family or a reading room.
_SUMS = Pace("sums", 10, 3600.0)


def _key(pace: Pace, subject: str) -> bytes:
    return blind_index(f"{pace.name}\0{subject}")


def spend(pace: Pace, subject: str, *, now: datetime) -> Spent:
    """Take one from the subject's pace, if there is one; exact however many ask at once."""
    if pace.most == 0:
        return Spent(True, 0, 0.0)
    values: dict[str, bytes | datetime | float] = {
        "key": _key(pace, subject),
        "now": now,
        "step": pace.interval,
        "whole": pace.seconds + 1e-6,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        row = cursor.fetchone()
    if row is None:
        return peek(pace, subject, now=now)
    left = (now.timestamp() + pace.seconds - row[0].timestamp()) / pace.interval
    return Spent(True, int(left + 1e-3), 0.0)


def peek(pace: Pace, subject: str, *, now: datetime) -> Spent:
    """What `spend` would say, taking nothing."""
    if pace.most == 0:
        return Spent(True, 0, 0.0)
    found = Spending.objects.filter(key=_key(pace, subject)).values_list("until", flat=True).first()
    return weigh(pace, found.timestamp() if found else 0.0, now.timestamp())


def give_back(pace: Pace, subject: str) -> None:
    """Undo one `spend`: what it was meant to count did not happen."""
    if pace.most:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE record_spending SET until = until - %s * interval '1 s' WHERE key = %s",
                [pace.interval, _key(pace, subject)],
            )


def sweep_spendings(*, now: datetime) -> int:
    """Forget what is over: such a row says no more than none."""
    return Spending.objects.filter(until__lt=now).delete()[0]


@dataclass(frozen=True)
class Proof:
    """What somebody sent to show that they are no flood: a solved puzzle or a sum in words."""

    token: str = ""
    solution: str = ""
    words: str = ""


def take_proof(proof: Proof, purpose: str, *, level: int, address: str, now: datetime) -> bool:
    """Whether the proof is good for this purpose and hard enough; each puzzle is taken once."""
    given = puzzle.read(proof.token, purpose=purpose, now=now) if proof.token else None
    if given is None:
        return False
    if proof.solution:
        is_good = given.bits >= puzzle.BITS[level] and puzzle.is_solved(given, proof.solution)
    else:
        is_good = puzzle.is_summed(given, proof.words, now=now)
        is_good = is_good and spend(_SUMS, address, now=now).is_granted
    return is_good and spend(_ONCE, given.nonce, now=now).is_granted


def _report_paces() -> list[tuple[Pace, bool]]:
    """From calm to flood, each with whether it counts one address or all of them."""
    most: int = settings.PUZZLE_REPORTS
    if not most:
        return []
    return [
        (Pace("reports from one", 5, 600.0), True),
        (Pace("reports", most, 60.0), False),
        (Pace("reports in a wave", most * 5, 60.0), False),
        (Pace("reports in a flood", most * 20, 60.0), False),
    ]


def level_of_reports(address: str, *, now: datetime) -> int:
    """How hard a puzzle the next anonymous report needs: 0 while it is calm. Counts nothing."""
    own = [pace for pace, is_own in _report_paces() if is_own]
    is_free = all(peek(pace, address, now=now).is_granted for pace in own)
    return max(_level_of_all(now), 0 if is_free else 1)


def _level_of_all(now: datetime) -> int:
    everybodys = [pace for pace, is_own in _report_paces() if not is_own]
    return sum(not peek(pace, "all", now=now).is_granted for pace in everybodys)


def ask_puzzle(purpose: str, level: int, *, now: datetime) -> Puzzle:
    return puzzle.make(purpose, level, now=now)


def must_pay_for_report(proof: Proof, *, address: str, now: datetime) -> None:
    """Let an anonymous report in, or ask for a puzzle as hard as the flood is high.

    What isn't let in is no part of the flood: one address alone makes it no harder for others.
    """
    own = [pace for pace, is_own in _report_paces() if is_own]
    is_free = all(spend(pace, address, now=now).is_granted for pace in own)
    level = max(_level_of_all(now), 0 if is_free else 1)
    if level and not take_proof(proof, "report", level=level, address=address, now=now):
        raise PuzzleNeeded(puzzle=ask_puzzle("report", level, now=now))
    for pace, is_own in _report_paces():
        if not is_own:
            spend(pace, "all", now=now)


def _code_paces(number: str, address: str) -> list[tuple[Pace, str]]:
    most: int = settings.LIMIT_CODES
    return [
        (Pace("codes of a case", most, 3600.0), number),
        (Pace("codes from one", most * 3, 3600.0), address),
    ]


def pay_for_code(number: str, proof: Proof, *, address: str, now: datetime) -> "Paid":
    """Before a tracking code is looked at: a free try of the case and of the address, or a puzzle.

    Nobody is locked out: whoever knows the code gets in with a puzzle, however many guesses others
    have used up; and each further guess costs its guesser one.
    """
    paces = _code_paces(number, address)
    spent = [(pace, who) for pace, who in paces if spend(pace, who, now=now).is_granted]
    if len(spent) == len(paces):
        return Paid(spent)
    for pace, who in spent:
        give_back(pace, who)
    purpose = f"code {number}"
    if not take_proof(proof, purpose, level=2, address=address, now=now):
        raise PuzzleNeeded(puzzle=ask_puzzle(purpose, 2, now=now))
    return Paid([])


@dataclass(frozen=True)
class Paid:
    """The tries that were taken; given back when the code was right."""

    spent: list[tuple[Pace, str]]

    def give_back(self) -> None:
        for pace, who in self.spent:
            give_back(pace, who)
