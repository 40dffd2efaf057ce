"""States of subscriptions and deliveries, the waits between tries, what an answer means. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from html import unescape
from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    """Paused by somebody, or stopped by itself: its place in the book waits either way."""

    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class Stage(StrEnum):
    """How far a delivery is. A dead one is not tried again unless somebody asks for it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Why(StrEnum):
    """Why a subscription stopped by itself."""

    GONE = "gone"
    REDIRECTED = "redirected"
    INSIDE = "inside"
    ELSEWHERE = "elsewhere"
    FAILED = "failed"
    CLOSED = "closed"


STATE_NAMES: Mapping[State, Promise] = {
    State.ACTIVE: _("推送中"),
    State.PAUSED: _("已暂停"),
    State.STOPPED: _("已停止"),
}
STAGE_NAMES: Mapping[Stage, Promise] = {
    Stage.WAITING: _("等待推送"),
    Stage.DELIVERED: _("已送达"),
    Stage.DEAD: _("未送达"),
}
# What a demo's receiving end answers, as it is sent and kept; it knows no reader's language.
AS_ASKED, UNSIGNED = "demo_answers_as_asked", "demo_signature_wrong"
_SAID: Mapping[str, Promise] = {
    AS_ASKED: _("这是演示：地址里写明要这样回答。"),
    UNSIGNED: _("签名不对。"),
}
WHY_NAMES: Mapping[Why, Promise] = {
    Why.GONE: _("对方说不再接收（410）。"),
    Why.REDIRECTED: _("对方要求转到别的地址。转向不会跟过去，请改成最终地址。"),
    Why.INSIDE: _("地址指向内网，不能推送。"),
    Why.ELSEWHERE: _("演示只发给自己，这个地址不是演示自己的。"),
    Why.FAILED: _("连续多个事件都没有送达。"),
    Why.CLOSED: _("账号停用了，或者不再有能看的区域。"),
}

# Before the second, third … try. After the last one the event is dead.
WAITS = tuple(timedelta(seconds=each) for each in (10, 30, 120, 600, 1800, 3600))
# So many dead one after the other are no fault of theirs: the other side is.
MOST_DEAD = 5
# Whoever claimed a subscription this long ago is gone: a call ends much sooner.
CLAIM_HOLDS = timedelta(minutes=3)
# Beyond so many that wait for one subscription, the rest waits in the book.
MOST_WAITING = 2000
# In all of the county, for each is asked after at every turn; and how many a program may make.
MOST_WEBHOOKS, MOST_OF_PROGRAM = 200, 20
MOST_SAID = 200  # signs of what the other side said
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def plain_words(body: bytes) -> str:
    """What an answer says to people: of a page its title, if it has one."""
    said = body.decode("utf-8", "replace")
    if "<html" not in said[:2000].lower():
        return said
    title = _TITLE.search(said[:20_000])
    return unescape(title[1]).strip() if title else ""


# What is wrong is this one event: the next may go.
_REFUSES_EVENT = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


@dataclass(frozen=True)
class Verdict:
    """What follows from a try: delivered, dead, the whole subscription stopped, or else again."""

    is_delivered: bool = False
    is_dead: bool = False
    stops: Why | None = None


def verdict(status: int) -> Verdict:
    """What an answer's status means. Whatever is none of the rest is tried again."""
    if status // 100 == 2:
        return Verdict(is_delivered=True)
    if status == HTTPStatus.GONE:
        return Verdict(stops=Why.GONE)
    if status // 100 == 3:
        return Verdict(stops=Why.REDIRECTED)
    return Verdict(is_dead=status in _REFUSES_EVENT)


def wait_before_try(tries: int) -> timedelta | None:
    """How long to wait after this many tries; None to give the event up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def worded(said: str) -> str:
    """What the other side said, in the reader's language where it is a demo's own answer."""
    for code, words in _SAID.items():
        if said.endswith(code):
            return f"{said.removesuffix(code)}{words}"
    return said
