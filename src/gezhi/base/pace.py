"""How often something may be done: a pace, and shared memory that counts the cheap ones.

A pace allows `most` in `seconds`, all at once if need be, and then one in each `seconds / most`
(the generic cell rate algorithm: one moment is all that is kept for a subject). What is rare and
matters is counted exactly in the database (`record.actions.spend`); what every request costs is
counted here, in memory that all web processes of one machine share: no question to the database
and no lock. Two processes that write at the same moment may miss one; a place is lost to another
subject only when four of the same line are full, and then the one that has waited longest goes.
"""

import hashlib
import os
import struct
import time
from dataclasses import dataclass
from mmap import mmap

_LINES = 1 << 14  # of four places each, 16 bytes a place: one megabyte
_PLACE = struct.Struct("=8sd")
_SALT = os.urandom(16)


@dataclass(frozen=True)
class Pace:
    """`most` in `seconds`; none at all where `most` is 0: nobody counts then."""

    name: str
    most: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds in which one more becomes free."""
        return self.seconds / self.most


@dataclass(frozen=True)
class Spent:
    """What became of a wish: whether it is granted, how many are left, how long to wait."""

    is_granted: bool
    left: int
    wait: float


def weigh(pace: Pace, until: float, now: float) -> Spent:
    """Weigh a wish against the moment `until` which what was granted before has used up."""
    if until > now + pace.seconds + 1e-6:
        until = now  # written before a clock was set back
    after = max(until, now) + pace.interval
    late = after - (now + pace.seconds)
    if late > 1e-6:
        return Spent(False, 0, late)
    return Spent(True, int((now + pace.seconds - after) / pace.interval + 1e-9), 0.0)


class SharedCounts:
    """Moments by subject in memory that is shared with every process forked from this one."""

    def __init__(self) -> None:
        self._memory = mmap(-1, _LINES * 4 * _PLACE.size)

    def spend(
        self, pace: Pace, subject: str, *, now: float | None = None, is_taken: bool = True
    ) -> Spent:
        """Take one from the subject's pace, if there is one; or only look whether there is."""
        if pace.most == 0:
            return Spent(True, 0, 0.0)
        now = time.monotonic() if now is None else now
        name, line = self._find(f"{pace.name}\0{subject}")
        places = [_PLACE.unpack_from(self._memory, line + at * _PLACE.size) for at in range(4)]
        mine = next((at for at, (known, _) in enumerate(places) if known == name), None)
        place = min(range(4), key=lambda at: places[at][1]) if mine is None else mine
        until = 0.0 if mine is None else places[mine][1]
        spent = weigh(pace, until, now)
        if spent.is_granted and is_taken:
            moment = max(until, now) + pace.interval
            _PLACE.pack_into(self._memory, line + place * _PLACE.size, name, moment)
        return spent

    def forget(self) -> None:
        """Begin anew, for tests."""
        self._memory[:] = bytes(len(self._memory))

    def _find(self, subject: str) -> tuple[bytes, int]:
        digest = hashlib.blake2b(subject.encode(), digest_size=12, salt=_SALT).digest()
        line = int.from_bytes(digest[8:], "big") % _LINES
        return digest[:8], line * 4 * _PLACE.size


shared = SharedCounts()
