"""Codes that show that an address is read by whoever typed it: how long, how often. Pure."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

CODE_LENGTH = 6
CODE_HOLDS = timedelta(minutes=10)
MOST_TRIES = 5
# Of one account, and to one address by whomever: nobody is flooded with codes.
MOST_SENT = 5
SENT_WITHIN = timedelta(hours=1)
# Between two codes to one address, so that a second press sends nothing.
APART = timedelta(seconds=60)
CHECKS_KEPT = timedelta(days=1)


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}"


def is_open(sent_at: datetime | None, *, tries: int, now: datetime) -> bool:
    """Whether a code that was sent then may still be typed in."""
    return sent_at is not None and now < sent_at + CODE_HOLDS and tries < MOST_TRIES


def may_send_after(
    by_account: Sequence[datetime], to_address: Sequence[datetime], *, now: datetime
) -> datetime:
    """When the next code may be sent, after those that were asked for: now, or later."""
    when = now
    for asked in (sorted(by_account), sorted(to_address)):
        if len(asked) >= MOST_SENT:
            when = max(when, asked[-MOST_SENT] + SENT_WITHIN)
    if to_address:
        when = max(when, max(to_address) + APART)
    return when
