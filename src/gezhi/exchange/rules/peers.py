"""Cases handed to another city: what is told it, what its words mean here, when it is asked. Pure.

A mark stands in what is told (`cases.rules.handed`): it names the hand-over, and a request that is
there already is found by it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.cases.rules import handed
from gezhi.rulebook.rules import PEER_ENDED, PEER_MERGED

MOST_KEY = 150
KEY_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
OPEN311 = "open311/v2"  # where a Gezhi speaks it, behind its own address


class Reach(StrEnum):
    """How far a hand-over is. Given: the peer took it and has no number for it yet."""

    WAITING = "waiting"
    GIVEN = "given"
    FOLLOWED = "followed"
    DEAD = "dead"
    OVER = "over"


class Halt(StrEnum):
    """Why a hand-over was not sent, can't be followed, or is over."""

    SECRET = "secret"  # noqa: S105 - a code
    SERVICE = "service"
    LOOP = "loop"
    REFUSED = "refused"
    FAILED = "failed"
    UNCLEAR = "unclear"
    BLIND = "blind"
    STRANGE = "strange"
    FINISHED = "finished"
    BACK = "back"
    MOVED = "moved"


class Step(StrEnum):
    """What an update of the peer is to the case here."""

    NOTE = "note"
    FINISH = "finish"
    BACK = "back"


REACH_NAMES: Mapping[Reach, Promise] = {
    Reach.WAITING: _("等待转出"),
    Reach.GIVEN: _("对方已收下，还没有编号"),
    Reach.FOLLOWED: _("对方办理中"),
    Reach.DEAD: _("没有转出去"),
    Reach.OVER: _("已经结束"),
}
HALT_NAMES: Mapping[Halt, Promise] = {
    Halt.SECRET: _("要求保密或者类别敏感的工单不转给外地系统，请用别的办法联系。"),
    Halt.SERVICE: _("这个类别没有对应对方的服务，请在对接单位里填好再转一次。"),
    Halt.LOOP: _("这件事是从这里转出去又转回来的，不再转。"),
    Halt.REFUSED: _("对方不收。"),
    Halt.FAILED: _("一直连不上对方。"),
    Halt.UNCLEAR: _("不知道对方收到没有，也查不到。为了不重复立案没有再转，请先问清楚。"),
    Halt.BLIND: _("对方收下了，但是不给编号，办得怎样要另外问。"),
    Halt.STRANGE: _("对方那里这个编号是别的事，说的都没有采用。请问清楚，再填现在的编号。"),
    Halt.FINISHED: _("对方办完了。"),
    Halt.BACK: _("对方退回。"),
    Halt.MOVED: _("工单已经不在这个单位手里。"),
}
OPEN = (Reach.WAITING, Reach.GIVEN, Reach.FOLLOWED)

# Before the second, third … try to send; after the last the hand-over is dead.
WAITS = tuple(timedelta(seconds=each) for each in (30, 120, 600, 1800, 3600, 7200))
# So often is looked for a request whose answer was lost before it is sent again: with the waits
# above over more than ten minutes, in which a city has listed what it took.
LOOKS = 3
# How often one peer is asked what became of its cases, and how many of them each time.
ROUND = timedelta(minutes=5)
LONGEST_ROUND = timedelta(hours=1)
MOST_ASKED = 60
# So often in a row a number isn't known there before people hear of it.
LOST = 12
# Updates are asked for from so long before the last that was heard: some are written late.
OVERLAP = timedelta(minutes=30)
# Who hasn't answered for so long, though asked, is named by the doctor.
SILENT_FOR = timedelta(hours=6)
CLAIM_HOLDS = timedelta(minutes=5)
# For so long a picture that a peer shows is asked for, if it does not come.
FETCHED_FOR = timedelta(hours=1)
MOST_PEERS = 100
LONGEST_NUMBER = 100  # of a request, and of a service's code
MOST_DESCRIPTION = 4000
MOST_WORDS = 2000

STATUS_NAMES: Mapping[str, Promise] = {
    "open": _("对方已登记"),
    "closed": _("对方已办结"),
    "fixed": _("对方已解决"),
    "in_progress": _("对方正在办理"),
    "investigating": _("对方正在了解"),
    "planned": _("对方已列入计划"),
    "action_scheduled": _("对方已安排"),
    "internal_referral": _("对方转给了别的部门"),
    "duplicate": _("对方说是重复的"),
    "not_councils_responsibility": _("对方说不归他们管"),
    "no_further_action": _("对方说不再处理"),
    "cancelled": _("对方取消了"),
    "reopen": _("对方重新办理"),
    "for_triage": _("对方正在分办"),
}
_STEPS: Mapping[str, Step] = {
    "fixed": Step.FINISH,
    "closed": Step.FINISH,
    "duplicate": Step.BACK,
    "not_councils_responsibility": Step.BACK,
    "no_further_action": Step.BACK,
    "cancelled": Step.BACK,
}
# Of these the rulebook's "not ours" would be untrue.
_REASONS: Mapping[str, str] = {
    "duplicate": PEER_MERGED,
    "no_further_action": PEER_ENDED,
    "cancelled": PEER_ENDED,
}


def step_of(status: str) -> Step:
    """What a status says: of the update extension, or `open` and `closed` of a request."""
    return _STEPS.get(_plain(status), Step.NOTE)


def _plain(status: str) -> str:
    return status.strip().lower().replace(" ", "_")


def wait_for_round(failures: int) -> timedelta:
    """How long until a peer is asked again: longer each time it did not answer."""
    return min(ROUND * (1 << min(failures, 8)), LONGEST_ROUND)


def wait_for_try(tries: int) -> timedelta | None:
    """How long until it is tried again; None to give it up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def description(what: str, number: str, before: str, mark: str) -> str:
    """What the peer reads: the words, our number, its own before if it was there; and the mark."""
    ends = handed.end_of(number, before, mark)
    return what[: MOST_DESCRIPTION - len(ends)] + ends


def service_for(category: str, services: Mapping[str, str], others: str) -> str:
    """The peer's code for a category; empty where it has none."""
    return services.get(category, "") or others


def told_words(peer: str, status: str, words: str, *, most: int) -> str:
    """What the peer said, in its name; where it said nothing, its word for the state."""
    said = words.strip() or str(STATUS_NAMES.get(status, status))
    return f"{peer}：{said}"[:most]


def reason_back(status: str, known: Sequence[str]) -> str:
    """Why it comes back: what the peer says, or else the rulebook's reason that is nearest."""
    if reason := _REASONS.get(_plain(status)):
        return reason
    return "not_ours" if "not_ours" in known else known[0]


def update_key(id: str) -> str:
    """What is kept of an update is known by the peer's own id of it."""
    return f"update:{id}"[:MOST_KEY]


def old_key(key: str, at: datetime) -> str:
    """The same, once the peer has another address: a stranger there may count from 1, too.

    The same city tells it again of the same moment, which is then known.
    """
    return f"before:{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}:{key}"[:MOST_KEY]


def is_key_refused(error: str) -> bool:
    """Whether a peer's fault, as it is kept, is that it doesn't accept the key."""
    return error[:8] in {f"HTTP {status:d}" for status in KEY_REFUSED}
