"""What is decided about calls and articles from values alone."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import sqrt
from types import MappingProxyType
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.days import CLOCKS_DIFFER
from gezhi.triage.rules.answers_replies import pairs_of

T = TypeVar("T")
LONGEST_TITLE, LONGEST_ASKS, LONGEST_ANSWER = 60, 500, 5000
MOST_TYPED = 20_000  # signs of a draft: what somebody dictates is never cut while they speak
RINGS_FOR = timedelta(hours=2)  # an older call is opened from the list, and put before nobody
MISTAKEN_FOR = timedelta(hours=2)  # how long an agent may say that it was settled by mistake
OLDEST = timedelta(days=1)
LONGEST_CALL = timedelta(days=1)
# What telephone systems tell of a number that they are not to tell.
WITHHELD = ("anonymous", "private", "restricted", "unavailable", "unknown", "withheld")
_NUMBER = re.compile(r"\+?[\d \-()*#,.转x]{3,}", re.ASCII)
# A mobile or an identity number: what is read out to everybody has none. Offices have landlines.
_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d(?:[\s-]?\d{4}){2}|\d{17}[\dXx])(?!\d)")
_ENOUGH = 2  # pairs that a question and an article must share


class Outcome(StrEnum):
    """What became of a call; none while somebody is at it."""

    OPENED = "opened"
    JOINED = "joined"
    ANSWERED = "answered"
    DROPPED = "dropped"


WITHOUT_CASE = frozenset({Outcome.ANSWERED, Outcome.DROPPED})
NOT_SETTLED = _("没有处理完")
OUTCOME_NAMES: Mapping[Outcome, Promise] = {
    Outcome.OPENED: _("已成单"),
    Outcome.JOINED: _("已并入工单"),
    Outcome.ANSWERED: _("当场答复"),
    Outcome.DROPPED: _("无需办理"),
}


class State(StrEnum):
    """Of an article."""

    DRAFT = "draft"
    IN_USE = "in_use"
    DROPPED = "dropped"


class Act(StrEnum):
    """What may be done to an article."""

    MADE = "made"
    CHANGED = "changed"
    TAKEN = "taken"
    DROPPED = "dropped"


STATE_NAMES: Mapping[State, Promise] = {
    State.DRAFT: _("待采用"),
    State.IN_USE: _("使用中"),
    State.DROPPED: _("不再使用"),
}
ACT_NAMES: Mapping[Act, Promise] = {
    Act.MADE: _("新建"),
    Act.CHANGED: _("修改"),
    Act.TAKEN: _("采用"),
    Act.DROPPED: _("不再使用"),
}
# From which states an act may be, and to which it leads (None keeps it).
ACTS: Mapping[Act, tuple[frozenset[State], State | None]] = MappingProxyType({
    Act.CHANGED: (frozenset({State.DRAFT, State.IN_USE}), None),
    Act.TAKEN: (frozenset({State.DRAFT, State.DROPPED}), State.IN_USE),
    Act.DROPPED: (frozenset({State.DRAFT, State.IN_USE}), State.DROPPED),
})  # fmt: skip


def is_valid(state: str, valid_until: date | None, today: date) -> bool:
    """Whether an article may be read out; its last day counts."""
    return state == State.IN_USE and (valid_until is None or today <= valid_until)


def may_take_up(outcome: str, settled_at: datetime | None, now: datetime) -> bool:
    """Whether a call may still be said to have been settled by mistake."""
    is_late = settled_at is None or settled_at < now - MISTAKEN_FOR
    return outcome in WITHOUT_CASE and not is_late


def may_begin(at: datetime, now: datetime) -> bool:
    """Whether a call that is told of now may have begun then; clocks may differ a little."""
    return now - OLDEST <= at <= now + CLOCKS_DIFFER


def may_end(at: datetime, began: datetime, now: datetime) -> bool:
    """Whether a call that began then may have ended so."""
    latest = min(now, began + LONGEST_CALL) + CLOCKS_DIFFER
    return began - CLOCKS_DIFFER <= at <= latest


def personal_in(text: str) -> str:
    """The first mobile or identity number in a text; "" where there is none."""
    found = _PERSONAL.search(text)
    return found[0] if found else ""


def number_told(typed: str) -> str | None:
    """The number that calls, as a telephone system tells of it; "" if withheld, None if none."""
    number = " ".join(typed.split())
    if not number or number.lower() in WITHHELD:
        return ""
    is_one = _NUMBER.fullmatch(number) and 3 <= sum(sign.isdigit() for sign in number) <= 20
    return number if is_one else None


def order_number(typed: str) -> str:
    """The hotline's own number of an order as imports keep it: without blanks."""
    return "".join(typed.split())[:60]


def source_key(order: str) -> str:
    """What a case of this order is known by: the same as if a table of orders brought it."""
    return f"hotline:{order}" if order else ""


_ASKING = re.compile(
    "什么时候|什么时间|什么|怎么样?|怎样|如何|哪里|哪儿|多少|多久|请问|想问|问一下|一下|谁"
)


def best(typed: str, known: Iterable[tuple[T, str]], *, most: int) -> list[T]:
    """What fits the words typed so far, the best first: by pairs of characters in common.

    Divided by how much an article says of itself, so that a long one doesn't fit everything.
    What has no pairs, a number or a Latin word, is looked for as it stands; how one asks is
    left out, for every article answers a question.
    """
    asked, plain = pairs_of(_ASKING.sub(" ", typed)), typed.strip().casefold()
    scored: list[tuple[float, int, T]] = []
    for at, (thing, words) in enumerate(known):
        own = pairs_of(_ASKING.sub(" ", words))
        shared = len(asked & own)
        if asked and shared >= min(_ENOUGH, len(asked)):
            scored.append((shared / sqrt(len(own)), -at, thing))
        elif not asked and plain and plain in words.casefold():
            scored.append((1.0, -at, thing))
    scored.sort(key=lambda each: each[:2], reverse=True)
    return [thing for _score, _at, thing in scored[:most]]
