"""The promise of a case in words, for every page that shows one."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _L

from gezhi.cases.rules import ENDED, State
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import Kind
from gezhi.portal import reads, rules
from gezhi.portal.pages.words import (
    PromiseWords,
    day_words,
    duration_words,
    is_same_day,
    moment_words,
    promise_words,
)


def promise_of(tracked: reads.Tracked, now: datetime) -> PromiseWords | None:
    """When it is to be done, and how that stands; None where nothing was promised.

    Whose case was merged keeps a clock of their own, which does not stand with the main one's.
    """
    target, case = tracked.target, tracked.case
    if target is None:
        return None
    is_over = State(tracked.main.state) in ENDED or target.dropped_at is not None
    standing, length = rules.stands(
        starts=target.starts,
        due=target.due,
        met_at=target.met_at,
        is_over=is_over and target.met_at is None,
        paused_until=case.paused_until,
        paused_at=case.paused_at,
        is_asked=tracked.question is not None,
        now=now,
    )
    due = moment_words(target.due, now)
    return promise_words(
        standing, length, due, moved=_extended(target, now), behind=_behind(tracked.late_step)
    )


_BEHIND = {
    Kind.ACCEPT: _L("受理已经超时 %(length)s。"),
    Kind.FORWARD: _L("派出去办已经超时 %(length)s。"),
    Kind.SIGN: _L("承办单位签收已经超时 %(length)s。"),
}


def _behind(late: reads.LateStep | None) -> str:
    """The step that should have been done by now, so that nobody reads all is well meanwhile."""
    if late is None:
        return ""
    said = str(_BEHIND[late.kind]) % {"length": duration_words(late.length)}
    return _("%(late)s正在逐级催办。") % {"late": said} if late.has_climbed else said


def _extended(target: Deadline, now: datetime) -> str:
    """The day that was promised first, where it was put off: no names, no reasons."""
    if not target.is_extended or target.due <= target.first_due:
        return ""
    say = moment_words if is_same_day(target.first_due, target.due) else day_words
    days = {"first": say(target.first_due, now), "due": say(target.due, now)}
    return _("原定 %(first)s，延至 %(due)s") % days
