"""What is decided about residents from values alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROOF_HOLDS = timedelta(minutes=10)
COPY_KEPT = timedelta(days=3)
COPY_NEW = timedelta(hours=1)  # so long it is given again instead of another one
COPY_LOST = timedelta(minutes=2)  # one nobody works on any more is taken up again
MOST_COPY_TRIES = 3


def is_fresh(proven_at: datetime, *, now: datetime) -> bool:
    """Whether the own phone gave back a code just now."""
    return now - proven_at < PROOF_HOLDS


class CopyState(StrEnum):
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


def is_new_enough(state: str, asked_at: datetime, *, now: datetime) -> bool:
    """Whether a copy is being made, or has just been: then there is no need of another one."""
    if state == CopyState.READY:
        return now - asked_at < COPY_NEW
    return state == CopyState.WORKING


class Wish(StrEnum):
    """What somebody asks about a report of theirs."""

    CORRECT = "correct"
    ERASE = "erase"


class RequestState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


WISH_NAMES: Mapping[Wish, Promise] = {
    Wish.CORRECT: _("更正原话"),
    Wish.ERASE: _("删除个人信息"),
}
STATE_NAMES: Mapping[RequestState, Promise] = {
    RequestState.OPEN: _("等待答复"),
    RequestState.GRANTED: _("已同意"),
    RequestState.DENIED: _("没有同意"),
    RequestState.WITHDRAWN: _("已撤回"),
}
