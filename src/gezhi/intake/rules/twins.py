"""When two messages are surely one matter told again, and not only likely the same. Pure."""

from datetime import datetime, timedelta

import numpy as np

from gezhi.triage.rules import sameness

_WITHIN = timedelta(hours=1)
_METRES = 200
_LEAST = 12  # grams: "路灯不亮" may be said of any lamp
_SHARED = 0.9  # of the shorter text
_LONGER = 1.5  # a signature and a greeting more, and no second matter


def is_told_again(
    one: str, other: str, *, one_at: datetime, other_at: datetime, metres: int | None
) -> bool:
    """Whether the same was said nearly word for word, within the hour and not elsewhere.

    The places that one names must all be named by the other: 3号楼 is not 5号楼.
    """
    if abs(one_at - other_at) > _WITHIN or (metres is not None and metres > _METRES):
        return False
    first, second = sameness.said(one), sameness.said(other)
    small, large = sorted((len(first.grams), len(second.grams)))
    if small < _LEAST or large > small * _LONGER:
        return False
    shared = len(np.intersect1d(first.grams, second.grams, assume_unique=True))
    named = first.names <= second.names or second.names <= first.names
    return shared >= _SHARED * small and named
