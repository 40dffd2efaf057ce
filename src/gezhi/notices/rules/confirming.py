"""Codes that show that an address is read by whoever typed it: how long, how often. Pure."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

CODE_LENGTH = 6
CODE_HOLDS = timedelta(minutes=10)
MOST_TRIES = 5
# Of one account, and to one address by whomever: nobody is flooded with codes.
MOST_SENT = 5
SENT_WITHIN = timedelta(hours=1)
# To a phone from one network address, so that nobody uses up the codes of another; and by whomever.
MOST_SENT_FROM_ONE = 3
MOST_SENT_TO_PHONE = 12
# Between two codes to one address, so that a second press sends nothing.
APART = timedelta(seconds=60)
CHECKS_KEPT = timedelta(days=1)


class Purpose(StrEnum):
    """What a code may be used for, and for nothing else."""

    ADDRESS = "address"  # staff: notices go there from now on
    ENTRY = "entry"  # a resident signs in
    AGAIN = "again"  # one who is signed in shows once more that it is them
    NEW_PHONE = "new_phone"  # they sign in with this phone from now on


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}"


def is_open(sent_at: datetime | None, *, tries: int, now: datetime) -> bool:
    """Whether a code that was sent then may still be typed in."""
    return sent_at is not None and now < sent_at + CODE_HOLDS and tries < MOST_TRIES


def may_send_after(
    by_asker: Sequence[datetime],
    to_address: Sequence[datetime],
    *,
    most_by_asker: int = MOST_SENT,
    most_to_address: int = MOST_SENT,
    now: datetime,
) -> datetime:
    """When the next code may be sent, after those that were asked for: now, or later."""
    when = now
    both = ((sorted(by_asker), most_by_asker), (sorted(to_address), most_to_address))
    for asked, most in both:
        if len(asked) >= most:
            when = max(when, asked[-most] + SENT_WITHIN)
    if to_address:
        when = max(when, max(to_address) + APART)
    return when
