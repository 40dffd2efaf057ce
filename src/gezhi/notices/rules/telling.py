"""Which news of the book are told, to whom, and what of them may be told. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By the kinds of lines in the book: the events of the rulebook's templates, in order.
EVENTS_OF: Mapping[str, tuple[str, ...]] = {
    "case_accepted": ("accepted",),
    "case_refused": ("refused",),
    "case_assigned": ("assigned",),
    "case_sent_back": ("sent_back",),
    "case_escalated": ("escalated",),
    "case_handed_down": ("handed_down",),
    "case_whistled": ("whistled",),
    "reporter_asked": ("asked",),
    "reporter_answered": ("answered",),
    "case_paused_fact": ("paused",),
    "case_resumed": ("resumed",),
    "case_extended": ("extended",),
    "approval_asked": ("approval_asked",),
    "approval_denied": ("approval_denied",),
    "approval_lapsed": ("approval_lapsed",),
    "case_supervised": ("supervised",),
    "supervision_answered": ("supervision_answered",),
    "stage_reached": ("stage_reached",),
    "case_finished": ("finished", "rating_asked"),
    "case_verified": ("rating_asked",),
    "case_returned": ("returned",),
    "case_closed": ("closed",),
    "case_reopened": ("reopened",),
    "case_merged": ("merged",),
    "promise_reminded": ("reminded",),
    "promise_broken": ("broken",),
    "promise_climbed": ("climbed",),
    "nobody_on_duty": ("nobody_on_duty",),
}
EVENT_NAMES: Mapping[str, Promise] = {
    "accepted": _("已受理"),
    "refused": _("不予受理"),
    "assigned": _("派发"),
    "sent_back": _("退回"),
    "escalated": _("上报上级"),
    "handed_down": _("下派"),
    "whistled": _("吹哨"),
    "asked": _("询问诉求人"),
    "answered": _("诉求人答复"),
    "paused": _("挂起"),
    "resumed": _("恢复办理"),
    "extended": _("延期"),
    "approval_asked": _("待审批"),
    "approval_denied": _("没有批准"),
    "approval_lapsed": _("申请失效"),
    "supervised": _("督办"),
    "supervision_answered": _("答复督办"),
    "stage_reached": _("完成阶段"),
    "finished": _("办结"),
    "rating_asked": _("请您评价"),
    "returned": _("退回重办"),
    "closed": _("结案"),
    "reopened": _("重办"),
    "merged": _("并案"),
    "reminded": _("快到时限"),
    "broken": _("超时"),
    "climbed": _("超时升级"),
    "nobody_on_duty": _("无人在岗"),
}


LETTER = "letter_received"
CODE_PLACE = "********"  # where a tracking code stands in words that are kept
# What is told beside the rulebook's templates, in the product's own words.
_ALWAYS_TOLD: Mapping[str, Promise] = {
    "data_requested": _("个人信息申请"),
    "data_answered": _("个人信息申请的答复"),
    "phone_replaced": _("联系电话被更改"),
    LETTER: _("收到来信"),
    "webhook_stopped": _("事件推送停止"),
    "webhook_dead": _("事件没有送达"),
}
# Where what is of no case is looked at.
PAGES: Mapping[str, str] = {
    "webhook_stopped": "exchange:overview",
    "webhook_dead": "exchange:overview",
}


def event_name(event: str) -> str | Promise:
    """What an event is called; one nobody knows by its code."""
    return EVENT_NAMES.get(event, _ALWAYS_TOLD.get(event, event))


class About(StrEnum):
    """What somebody looks for in the own list."""

    LATE = "late"
    DEMANDS = "demands"
    LEAVE = "leave"
    MOVES = "moves"


ABOUT_NAMES: Mapping[About, Promise] = {
    About.LATE: _("时限"),
    About.DEMANDS: _("督办"),
    About.LEAVE: _("审批"),
    About.MOVES: _("流转"),
}
_ABOUT: Mapping[About, frozenset[str]] = {
    About.LATE: frozenset({"reminded", "broken", "climbed", "nobody_on_duty"}),
    About.DEMANDS: frozenset({"supervised", "supervision_answered"}),
    About.LEAVE: frozenset({"approval_asked", "approval_denied", "approval_lapsed", "paused",
                            "resumed", "extended", "refused"}),
}  # fmt: skip


def events_about(about: About) -> frozenset[str]:
    """The events that are shown then; those of no other kind are a case's way through the house."""
    others = frozenset(EVENT_NAMES) - frozenset().union(*_ABOUT.values())
    return _ABOUT.get(about, others)


class Audience(StrEnum):
    """Whom a template is for, as the rulebook says it.

    In this order: somebody who belongs to two is told as one of the first.
    """

    REPORTER = "reporter"
    ASKER = "asker"
    APPROVER = "approver"
    HOLDER = "holder"
    JOINT = "joint"
    HEAD = "head"
    CENTRE = "centre"
    ABOVE = "above"
    TOP = "top"
    LEADER = "leader"


AUDIENCE_NAMES: Mapping[Audience, Promise] = {
    Audience.REPORTER: _("诉求人"),
    Audience.ASKER: _("申请人或督办人"),
    Audience.APPROVER: _("审批人"),
    Audience.HOLDER: _("承办单位"),
    Audience.JOINT: _("协办单位"),
    Audience.HEAD: _("单位负责人"),
    Audience.CENTRE: _("中心督办员"),
    Audience.ABOVE: _("上级中心督办员"),
    Audience.TOP: _("最高一级中心督办员"),
    Audience.LEADER: _("领导"),
}
# Who works on cases in a unit: told where the unit holds one.
WORKING = frozenset({"grid_worker", "receptionist", "handler", "mediator"})
# Reasons of the rulebook that an event may carry, by their kind. What waits for leave carries
# those of the move that it asks for.
REASONS_OF: Mapping[str, str] = {
    "refused": "refuse",
    "sent_back": "send_back",
    "escalated": "escalate",
    "paused": "pause",
    "extended": "extend",
    "finished": "cannot",
    "reopened": "reopen",
}
_QUESTION = frozenset({"asked"})
_ANSWER = frozenset({"finished", "rating_asked", "answered", "supervision_answered"})


@dataclass(frozen=True)
class Occasion:
    """Something that happened (or will, for a preview) and may be told of.

    `said` are the words given with the act; `is_inner` says that no reporter may read them, and
    `is_reporters` that a reporter said them: they stand in the case, and no message quotes them.
    `audience` is set where whoever announced it has found out already who of them is `told`.
    `actor` is the label of who did it: nobody is told of what they did themselves.
    """

    event: str
    case: UUID
    at: datetime
    holder: UUID
    line: int = 0
    seq: int = 0  # of the case's history, where the words of the act stand
    main: UUID | None = None  # the case it was merged into
    named: UUID | None = None  # the unit that the words call the holder, where it is another one
    actor: str = ""
    legs: tuple[UUID, ...] = ()
    due: datetime | None = None
    reason: str = ""
    said: str = ""
    is_inner: bool = False
    is_reporters: bool = False
    percent: int | None = None
    promise: UUID | None = None
    kind: str = ""
    stage: str = ""  # which one, where the promise is a stage
    audience: str = ""
    told: tuple[UUID, ...] = ()
    joint: tuple[UUID, ...] = ()  # units that will help, where they have no legs yet
    approval: UUID | None = None  # the wish that somebody asks leave for
    move: str = ""  # and the act that it is a wish for
    heard: tuple["Occasion", ...] = ()  # what was told of this promise just before, at this moment
    demand: UUID | None = None  # what a supervisor demanded and is answered

    @property
    def reasons(self) -> str:
        """Of which kind of the rulebook's reasons its reason is."""
        return REASONS_OF.get(self.event, self.move)

    @property
    def audiences(self) -> Iterable[Audience]:
        """Whom a template could be for: all of them, or reporters and those found already."""
        if not self.audience:
            return Audience
        return [Audience.REPORTER, *(each for each in Audience if each == self.audience)]

    def cause(self, audience: Audience) -> str:
        """What a notice comes from.

        A promise is told a reporter once, however many of the house hear of it one by one.
        """
        if self.promise and audience == Audience.REPORTER:
            return f"promise:{self.promise}:{self.percent or 0}"
        return f"line:{self.line}"

    def words_for(self, audience: Audience) -> Mapping[str, str]:
        """Question, answer or other words of the act: those that this audience may read."""
        if self.is_inner and audience == Audience.REPORTER:
            return {}
        said = "" if self.is_reporters else self.said
        if self.event in _QUESTION:
            return {"question": said}
        return {"answer": said} if self.event in _ANSWER else {"words": said}


# What stands before an end of the template's: a comma or colon before words nobody gave, the end
# of what somebody typed. An English stop is one only before another; three dots are somebody's.
_LEFT_OVER = re.compile(
    r"[，、：；,:;] *(?=[，。；]|[,.;](?:\s|$))|。(?=[，。；]|[,.;](?:\s|$))"
    r"|(?<!\.)\.(?=[，。；]|\.(?:\s|$))|(?<=[！？!?])(?:。|\.(?=\s|$))"
)
# "，理由：" and " Why: ." once nothing stands there.
_LABEL_OF_NOTHING = re.compile(
    r"，[^，。；：]{1,4}：(?=[，。；])|(?<=[.;]) [A-Z][a-z]+: *[.](?=\s|$)"
)


def tidied(text: str) -> str:
    """Without what stands before words nobody gave, and without a second stop after others."""
    text = _LABEL_OF_NOTHING.sub("", text)
    while (found := _LEFT_OVER.sub("", text)) != text:
        text = found
    return text


def shortened(text: str, most: int) -> str:
    """In one line and at most so long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
