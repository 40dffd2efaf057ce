"""Channels and the states of a delivery, the waits between tries, quiet hours. Pure."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.rulebook.rules import Notices


class Channel(StrEnum):
    """By which way words leave the house. The desk is none: what is noted stands there."""

    MAIL = "mail"
    SMS = "sms"
    CHAT = "chat"


class State(StrEnum):
    """How far a delivery is. `kept`: nothing left the house, for no gateway is set, or later news
    took its place, which it says.
    """

    WAITING = "waiting"
    HELD = "held"
    DIGESTED = "digested"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"


# Channels to an address that somebody types in, and has to show to be theirs.
CONFIRMED = (Channel.MAIL, Channel.SMS)
FIELDS: Mapping[Channel, str] = {Channel.MAIL: "mail", Channel.SMS: "phone"}
CHANNEL_NAMES: Mapping[Channel, Promise] = {
    Channel.MAIL: _("邮件"),
    Channel.SMS: _("短信"),
    Channel.CHAT: _("工作群"),
}
STATE_NAMES: Mapping[State, Promise] = {
    State.WAITING: _("等待发送"),
    State.HELD: _("免打扰，稍后发送"),
    State.DIGESTED: _("等待合并发送"),
    State.SENDING: _("正在发送"),
    State.SENT: _("已发出"),
    State.KEPT: _("只存发件箱"),
    State.FAILED: _("发送失败"),
}
# What was told waits for an hour of the day; until then more may happen.
PUT_OFF = frozenset({State.HELD, State.DIGESTED})
READY = PUT_OFF | {State.WAITING}
OPEN = READY | {State.SENDING}

# Before the second, third … try. After the last one it has failed.
WAITS = tuple(timedelta(seconds=each) for each in (30, 120, 600, 1800, 7200))
# A gateway answers within seconds; who claimed a delivery this long ago is gone.
CLAIM_HOLDS = timedelta(minutes=5)
# A job that should have run this long ago was lost.
JOB_LOST = timedelta(minutes=2)
# News of this age is history that is filled in: nobody is called about it.
NEWS_NO_MORE = timedelta(hours=1)
MOST_KEPT = 500  # signs of a gateway's answer
# One quiet may end in the other: the rulebook's, one's own, and once more.
_ROUNDS = 2


def wait_before_try(tries: int, *, is_lasting: bool, is_servers: bool = False) -> timedelta | None:
    """How long to wait after this many tries; None to give up.

    `is_servers`: somebody has to mend the other side or our settings, which takes its time.
    """
    if is_lasting or tries > len(WAITS):
        return None
    return WAITS[-1] if is_servers else WAITS[tries - 1]


def is_quiet(at: time, start: time, end: time) -> bool:
    """Whether a time of day lies in quiet hours, which may reach over midnight; equal is never."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def when_to_send(
    channel: Channel,
    event: str,
    *,
    now: datetime,
    is_urgent: bool,
    notices: Notices,
    own_quiet: tuple[time, time] | None = None,
    may_wait: bool = False,
) -> tuple[State, datetime]:
    """When words go out, and what they wait for until then. `now` is in the city's zone.

    `may_wait`: they may be told together with others, unless they are urgent. Somebody's own
    quiet hours hold whatever the rulebook says of the channel; what is urgent passes where the
    rulebook lets it.
    """
    zone = now.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise ValueError("quiet hours need a moment in the city's zone")
    state, due, quiet, digest = State.WAITING, now, notices.quiet, notices.digest
    if may_wait and not is_urgent and digest is not None and digest.takes(event, channel):
        state, due = State.DIGESTED, digest.next_after(now, zone)
    if is_urgent and (quiet is None or quiet.urgent_goes):
        return state, due
    held = due
    for _once_more in range(_ROUNDS):
        if quiet is not None and quiet.holds(channel, _clock(held), urgent=is_urgent):
            held = quiet.end_after(held, zone)
        if own_quiet is not None:
            held = _after(held, *own_quiet)
    if held > due and state == State.WAITING:
        state = State.HELD
    return state, held


def _clock(moment: datetime) -> time:
    """What the clock on the wall says."""
    return moment.timetz().replace(tzinfo=None)


def _after(moment: datetime, start: time, end: time) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in."""
    if not is_quiet(_clock(moment), start, end):
        return moment
    over = moment.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return over if over > moment else over + timedelta(days=1)
