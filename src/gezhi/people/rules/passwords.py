"""Passwords: how long one must be, and how long it is good.

Pure.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from gezhi.people.rules.staff import ADMINISTRATORS


def password_length(roles: Iterable[str], *, least: int, of_administrators: int) -> int:
    """How many signs a password must have: more for whoever could open the way to all the rest."""
    is_of_three = any(role in ADMINISTRATORS for role in roles)
    return max(least, of_administrators) if is_of_three else least


def has_lapsed(set_at: datetime | None, now: datetime, *, after: timedelta) -> bool:
    """Whether a password is older than `after`; one of which nobody knows the day is not."""
    return set_at is not None and now - set_at >= after


def is_due_for_change(set_at: datetime | None, now: datetime, *, after: timedelta) -> bool:
    """Whether a deployment that asks for new passwords asks now; of unknown ones at once."""
    return bool(after) and (set_at is None or now - set_at >= after)
