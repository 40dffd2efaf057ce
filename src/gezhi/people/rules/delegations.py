"""Delegation: which posts somebody may do for another, and for how long.

Pure.
"""

from datetime import date, timedelta

from gezhi.people.rules.staff import ADMINISTRATORS, Role


def may_be_delegated(role: str, *, is_delegated: bool) -> bool:
    """Work with cases may; no administrator's part, no program's, and nothing twice."""
    return not is_delegated and role not in (*ADMINISTRATORS, Role.INTEGRATOR)


def is_span_fine(today: date, last: date, *, longest: timedelta) -> bool:
    """From today to `last`, both with, at most `longest`."""
    return today <= last < today + longest
