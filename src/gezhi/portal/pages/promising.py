"""The promise of a case in words, for every page that shows one."""

from datetime import datetime

from gezhi.cases.rules import ENDED, State
from gezhi.portal import reads, rules
from gezhi.portal.pages.words import PromiseWords, moment_words, promise_words


def promise_of(tracked: reads.Tracked, now: datetime) -> PromiseWords | None:
    """When it is to be done, and how that stands; None where nothing was promised."""
    target, main = tracked.target, tracked.main
    if target is None:
        return None
    is_over = State(main.state) in ENDED or target.dropped_at is not None
    standing, length = rules.stands(
        starts=target.starts,
        due=target.due,
        met_at=target.met_at,
        is_over=is_over and target.met_at is None,
        is_paused=main.paused_until is not None,
        is_asked=tracked.question is not None,
        now=now,
    )
    return promise_words(standing, length, moment_words(target.due, now))
