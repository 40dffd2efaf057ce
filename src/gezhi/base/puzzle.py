"""A puzzle that shows that somebody's own machine is at work: cheap for one, dear for thousands.

Nobody else is asked and nobody is watched. The challenge is signed, bound to a purpose and to a
time; its solution is a number for each of its parts, so that SHA-256 over `nonce:part:number`
begins with so many zero bits. Many small parts instead of a large one: the time it takes is then
much the same for everybody. Who can't compute (a browser without scripts) answers a sum in words
instead, after a moment's wait; how often that is taken is limited by address.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing

PARTS = 16
GOOD_FOR = timedelta(minutes=30)
LEAST_WAIT = timedelta(seconds=5)  # before a sum is answered: nobody reads faster
# Zero bits of each part by level. A phone of some years tries 300,000 numbers a second: level 1
# takes it half a second and is done before anybody has typed; level 4 a quarter of a minute.
BITS = (0, 13, 15, 17, 18)
_SALT = "gezhi.puzzle"
_LONGEST = 12  # digits of one number


@dataclass(frozen=True)
class Puzzle:
    """One challenge: what is signed, and what of it a solver needs."""

    token: str
    purpose: str
    nonce: str
    bits: int
    at: datetime
    parts: int = PARTS

    @property
    def terms(self) -> tuple[int, int]:
        """The two numbers of the sum."""
        digest = hashlib.sha256(f"terms:{self.nonce}".encode()).digest()
        return digest[0] % 8 + 2, digest[1] % 8 + 2

    def as_json(self) -> dict[str, str | int]:
        """For programs: what to solve and what to send back with the solution."""
        return {
            "token": self.token, "nonce": self.nonce, "bits": self.bits, "parts": self.parts,
            "algorithm": "sha256",
        }  # fmt: skip


def make(purpose: str, level: int, *, now: datetime) -> Puzzle:
    """A new challenge; the level says how hard it is."""
    nonce, bits = secrets.token_urlsafe(12), BITS[min(level, len(BITS) - 1)]
    values = [purpose, nonce, bits, int(now.timestamp())]
    token = signing.dumps(values, salt=_SALT, compress=False)
    return Puzzle(token, purpose, nonce, bits, now)


def read(token: str, *, purpose: str, now: datetime) -> Puzzle | None:
    """The challenge behind a token of ours that is for this purpose and still good."""
    try:
        meant, nonce, bits, seconds = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    at = datetime.fromtimestamp(seconds, tz=now.tzinfo)
    if meant != purpose or not timedelta(seconds=-5) <= now - at <= GOOD_FOR:
        return None
    return Puzzle(token, meant, nonce, bits, at)


def is_solved(puzzle: Puzzle, solution: str) -> bool:
    """Whether each part has a number, parted by commas in the order of the parts."""
    numbers = solution.split(",")
    if len(numbers) != puzzle.parts:
        return False
    return all(_is_part(puzzle, part, number) for part, number in enumerate(numbers))


def _is_part(puzzle: Puzzle, part: int, number: str) -> bool:
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST):
        return False
    digest = hashlib.sha256(f"{puzzle.nonce}:{part}:{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - puzzle.bits) == 0 if puzzle.bits else True


def is_summed(puzzle: Puzzle, words: str, *, now: datetime) -> bool:
    """Whether the sum is right and was not answered faster than anybody reads it."""
    return words.strip() == str(sum(puzzle.terms)) and now - puzzle.at >= LEAST_WAIT


def solve(nonce: str, bits: int, parts: int) -> str:
    """The solution, as a program finds it (and our tests)."""
    found = []
    for part in range(parts):
        number = 0
        while True:
            digest = hashlib.sha256(f"{nonce}:{part}:{number}".encode()).digest()
            if int.from_bytes(digest[:4], "big") >> (32 - bits) == 0:
                break
            number += 1
        found.append(str(number))
    return ",".join(found)
