"""The states of an import, how far it is and when it will end."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    """`draft` is uploaded but not confirmed; `stopped` may go on."""

    DRAFT = "draft"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


STATE_NAMES: Mapping[State, str | Promise] = {
    State.DRAFT: _("待确认"),
    State.WAITING: _("等待开始"),
    State.RUNNING: _("导入中"),
    State.STOPPED: _("已停止"),
    State.DONE: _("已完成"),
}
WORKING = frozenset({State.WAITING, State.RUNNING})


class Outcome(StrEnum):
    """What became of a row."""

    ADDED = "added"
    KNOWN = "known"
    FAILED = "failed"


CHANNELS = ("board", "mailbox", "hotline")
CHANNEL_NAMES: Mapping[str, str | Promise] = {
    "board": _("留言板"),
    "mailbox": _("信箱"),
    "hotline": _("热线"),
}
# A worker that has said nothing for so long is taken for dead; another goes on.
SILENCE = timedelta(minutes=2)
DRAFT_LIFE = timedelta(days=7)
