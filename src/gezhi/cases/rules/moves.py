"""The table of moves: from which state, to which, by whom. Everything else asks here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.cases.errors import CasePaused, JointLegsOpen, MoveNotAllowed


class State(StrEnum):
    REPORTED = "reported"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    HANDLING = "handling"
    DONE = "done"
    CLOSED = "closed"
    REFUSED = "refused"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    State.REPORTED: _("待受理"),
    State.ACCEPTED: _("已受理"),
    State.ASSIGNED: _("待签收"),
    State.HANDLING: _("办理中"),
    State.DONE: _("已办结"),
    State.CLOSED: _("已结案"),
    State.REFUSED: _("不予受理"),
    State.MERGED: _("已并案"),
    State.WITHDRAWN: _("已撤回"),
}


class Act(StrEnum):
    REPORT = "report"
    FOLLOW = "follow"
    ACCEPT = "accept"
    REFUSE = "refuse"
    ASSIGN = "assign"
    SIGN = "sign"
    SEND_BACK = "send_back"
    ESCALATE = "escalate"
    HAND_DOWN = "hand_down"
    WHISTLE = "whistle"
    ARRIVE = "arrive"
    FINISH_LEG = "finish_leg"
    EXCUSE_LEG = "excuse_leg"
    REACH_STAGE = "reach_stage"
    ASK = "ask"
    ANSWER = "answer"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    DECIDE = "decide"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    FINISH = "finish"
    VERIFY = "verify"
    VISIT_BACK = "visit_back"
    RATE = "rate"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"
    WITHDRAW = "withdraw"
    NOTE = "note"
    ATTACH = "attach"
    RECLASSIFY = "reclassify"
    PUBLISH = "publish"
    LAPSE = "lapse"
    CORRECT = "correct"
    REWORD = "reword"


ACT_NAMES = {
    Act.REPORT: _("上报"),
    Act.FOLLOW: _("关注同一件事"),
    Act.ACCEPT: _("受理"),
    Act.REFUSE: _("不予受理"),
    Act.ASSIGN: _("派发"),
    Act.SIGN: _("签收"),
    Act.SEND_BACK: _("退回"),
    Act.ESCALATE: _("上报上级"),
    Act.HAND_DOWN: _("下派"),
    Act.WHISTLE: _("吹哨"),
    Act.ARRIVE: _("报到"),
    Act.FINISH_LEG: _("协办完成"),
    Act.EXCUSE_LEG: _("免除协办"),
    Act.REACH_STAGE: _("阶段完成"),
    Act.ASK: _("询问诉求人"),
    Act.ANSWER: _("诉求人答复"),
    Act.PAUSE: _("挂起"),
    Act.RESUME: _("恢复办理"),
    Act.EXTEND: _("延期"),
    Act.DECIDE: _("审批"),
    Act.SUPERVISE: _("督办"),
    Act.ANSWER_SUPERVISION: _("答复督办"),
    Act.FINISH: _("办结"),
    Act.VERIFY: _("核查"),
    Act.VISIT_BACK: _("回访"),
    Act.RATE: _("评价"),
    Act.CLOSE: _("结案"),
    Act.REOPEN: _("重办"),
    Act.MERGE: _("并案"),
    Act.UNMERGE: _("取消并案"),
    Act.WITHDRAW: _("撤回"),
    Act.NOTE: _("备注"),
    Act.ATTACH: _("添加附件"),
    Act.RECLASSIFY: _("更正类别"),
    Act.PUBLISH: _("公开审核"),
    Act.LAPSE: _("申请失效"),
    Act.CORRECT: _("诉求人更正信息"),
    Act.REWORD: _("更正原话"),
}


class Who(StrEnum):
    """Whose act it is, beside having the right at all."""

    ANYONE = "anyone"
    CENTRE = "centre"  # staff of the centre that holds the case
    CENTRE_OR_ABOVE = "centre_or_above"  # or of a centre whose area that centre lies in
    LEAD = "lead"  # staff of the unit that leads the work
    HOLDER = "holder"  # staff of whoever holds it now
    LEAD_OR_CENTRE = "lead_or_centre"
    JOINT = "joint"  # staff of a unit called to help
    AREA = "area"  # somebody whose post covers the place
    REPORTER = "reporter"  # whoever reported it, by account or tracking code
    ALONE = "alone"  # whoever reported it first, while nobody else has joined
    RULEBOOK = "rulebook"  # the house itself


OPEN = frozenset({State.REPORTED, State.ACCEPTED, State.ASSIGNED, State.HANDLING})
WORKING = OPEN | {State.DONE}
ENDED = frozenset({State.CLOSED, State.REFUSED, State.MERGED, State.WITHDRAWN})


@dataclass(frozen=True)
class Move:
    """One row of the table. `to` is None where the state stays as it is.

    `while_paused` is False for moves that need the clock to be running.
    """

    act: Act
    froms: frozenset[State]
    to: State | None
    who: Who
    right: str
    while_paused: bool = True


def _move(
    act: Act, froms: frozenset[State] | set[State], to: State | None, who: Who, right: str,
    *, while_paused: bool = True,
) -> tuple[Act, Move]:  # fmt: skip
    return act, Move(act, frozenset(froms), to, who, right, while_paused)


_S = State
MOVES: Mapping[Act, Move] = dict(
    [
        _move(Act.ACCEPT, {_S.REPORTED}, _S.ACCEPTED, Who.CENTRE, "case.accept"),
        _move(Act.REFUSE, {_S.REPORTED, _S.ACCEPTED}, _S.REFUSED, Who.CENTRE, "case.refuse"),
        _move(
            Act.ASSIGN, {_S.ACCEPTED}, _S.ASSIGNED, Who.CENTRE, "case.assign", while_paused=False
        ),
        _move(Act.SIGN, {_S.ASSIGNED}, _S.HANDLING, Who.LEAD, "case.sign", while_paused=False),
        _move(
            Act.SEND_BACK, {_S.ASSIGNED, _S.HANDLING}, _S.ACCEPTED, Who.LEAD, "case.send_back",
            while_paused=False,
        ),
        _move(Act.ESCALATE, OPEN, _S.ACCEPTED, Who.HOLDER, "case.escalate", while_paused=False),
        _move(
            Act.HAND_DOWN, {_S.ACCEPTED}, _S.ACCEPTED, Who.CENTRE, "case.hand_down",
            while_paused=False,
        ),
        _move(
            Act.WHISTLE, {_S.HANDLING}, None, Who.LEAD_OR_CENTRE, "case.whistle",
            while_paused=False,
        ),
        _move(Act.ARRIVE, {_S.HANDLING}, None, Who.JOINT, "case.work"),
        _move(Act.FINISH_LEG, {_S.HANDLING}, None, Who.JOINT, "case.work"),
        _move(Act.EXCUSE_LEG, {_S.HANDLING}, None, Who.AREA, "case.approve"),
        _move(
            Act.REACH_STAGE, {_S.HANDLING}, None, Who.LEAD, "case.work", while_paused=False
        ),
        _move(Act.ASK, OPEN, None, Who.HOLDER, "case.ask", while_paused=False),
        _move(Act.ANSWER, OPEN, None, Who.REPORTER, "case.report"),
        _move(Act.PAUSE, OPEN, None, Who.HOLDER, "case.pause", while_paused=False),
        _move(Act.RESUME, OPEN, None, Who.HOLDER, "case.pause"),
        _move(Act.EXTEND, OPEN, None, Who.HOLDER, "case.extend", while_paused=False),
        _move(Act.DECIDE, OPEN, None, Who.AREA, "case.approve"),
        _move(Act.SUPERVISE, OPEN, None, Who.AREA, "case.supervise"),
        _move(Act.ANSWER_SUPERVISION, OPEN, None, Who.HOLDER, "case.note"),
        _move(Act.FINISH, {_S.HANDLING}, _S.DONE, Who.LEAD, "case.work", while_paused=False),
        _move(Act.VERIFY, {_S.DONE}, _S.DONE, Who.AREA, "case.verify"),
        _move(Act.VISIT_BACK, {_S.DONE}, _S.CLOSED, Who.AREA, "case.visit_back"),
        _move(Act.RATE, {_S.DONE, _S.CLOSED, _S.MERGED}, None, Who.REPORTER, "case.report"),
        _move(Act.CLOSE, {_S.DONE}, _S.CLOSED, Who.RULEBOOK, "case.close"),
        _move(Act.REOPEN, {_S.CLOSED}, _S.ACCEPTED, Who.AREA, "case.reopen"),
        _move(Act.MERGE, OPEN, _S.MERGED, Who.CENTRE_OR_ABOVE, "case.merge"),
        _move(Act.UNMERGE, {_S.MERGED}, None, Who.CENTRE_OR_ABOVE, "case.merge"),
        _move(
            Act.WITHDRAW, {_S.REPORTED, _S.ACCEPTED}, _S.WITHDRAWN, Who.ALONE, "case.report"
        ),
        _move(Act.CORRECT, frozenset(State), None, Who.REPORTER, "case.report"),
        _move(Act.NOTE, frozenset(State), None, Who.ANYONE, "case.note"),
        _move(Act.ATTACH, WORKING, None, Who.ANYONE, "case.note"),
        _move(
            Act.RECLASSIFY, {_S.ACCEPTED, _S.ASSIGNED, _S.HANDLING}, None, Who.LEAD_OR_CENTRE,
            "case.accept",
        ),
        _move(Act.PUBLISH, frozenset(State), None, Who.AREA, "case.approve"),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """What of a case decides who may do what. `reporters` are ids of its reports.

    `is_alone`: there is no report but those, so that whoever takes it back takes it from nobody.
    `stages` are the keys of those its category has and nobody has said are reached.
    `centre_path` is the area of the centre, which may be wider than the place's.
    """

    state: State
    holder: UUID
    centre: UUID
    path: str
    is_paused: bool = False
    joint_units: frozenset[UUID] = frozenset()
    finished_by: str = ""
    reporters: frozenset[UUID] = frozenset()
    is_alone: bool = True
    stages: tuple[str, ...] = ()
    centre_path: str = ""


def find_move(act: Act, state: State) -> Move:
    """The row of the table, or a refusal that names what the state would allow."""
    move = MOVES[act]
    if state not in move.froms:
        allowed = [str(other) for other, row in MOVES.items() if state in row.froms]
        raise MoveNotAllowed(allowed=allowed, act=ACT_NAMES[act], state=STATE_NAMES[state])
    return move


_ASKED = frozenset({Act.REFUSE, Act.PAUSE, Act.EXTEND})  # what one asks and another grants


def asked_in_vain(state: State) -> frozenset[Act]:
    """What leave may be asked for, but can't be done in this state."""
    return frozenset(act for act in _ASKED if state not in MOVES[act].froms)


def waits_for_clock(act: Act, *, is_paused: bool) -> bool:
    """Whether the act needs the clock to be running, and it stands."""
    return is_paused and not MOVES[act].while_paused


def must_run(act: Act, *, is_paused: bool) -> None:
    """Refuse what can't be done while the clock stands, whoever would do it."""
    if waits_for_clock(act, is_paused=is_paused):
        raise CasePaused(allowed=[str(Act.RESUME)])


def is_for(move: Move, case: Situation, actor: Actor) -> bool:
    """Whether this move of this case is this actor's to make."""
    return actor.is_system or _WHOSE[move.who](move, case, actor)


def _is_centres(move: Move, case: Situation, actor: Actor) -> bool:
    return case.holder == case.centre and actor.may(move.right, unit=case.centre)


def _is_centres_or_above(move: Move, case: Situation, actor: Actor) -> bool:
    """One cause may be reported in two towns: only the centre above both can make them one."""
    return actor.may(move.right, unit=case.centre) or (
        bool(case.centre_path) and actor.may(move.right, path=case.centre_path)
    )


def _is_leads(move: Move, case: Situation, actor: Actor) -> bool:
    return case.holder != case.centre and actor.may(move.right, unit=case.holder)


_WHOSE: Mapping[Who, Callable[[Move, Situation, Actor], bool]] = {
    Who.ANYONE: lambda move, case, actor: actor.may(move.right),
    Who.CENTRE: _is_centres,
    Who.CENTRE_OR_ABOVE: _is_centres_or_above,
    Who.LEAD: _is_leads,
    Who.HOLDER: lambda move, case, actor: actor.may(move.right, unit=case.holder),
    Who.LEAD_OR_CENTRE: lambda move, case, actor: actor.may_in(
        move.right, (case.holder, case.centre)
    ),
    Who.JOINT: lambda move, case, actor: actor.may_in(move.right, case.joint_units),
    Who.AREA: lambda move, case, actor: actor.may(move.right, path=case.path),
    Who.REPORTER: lambda move, case, actor: bool(actor.proven & case.reporters),
    Who.ALONE: lambda move, case, actor: case.is_alone and bool(actor.proven & case.reporters),
    Who.RULEBOOK: lambda move, case, actor: False,
}


def must_be_allowed(move: Move, case: Situation, actor: Actor) -> None:
    """Refuse a move that is not this actor's, or that the pause does not let through."""
    if not is_for(move, case, actor):
        raise NotAllowed(allowed=[str(act) for act in moves_open_to(case, actor)])
    must_run(move.act, is_paused=case.is_paused)
    if move.act == Act.FINISH and case.joint_units:
        raise JointLegsOpen(allowed=[str(Act.EXCUSE_LEG)], count=len(case.joint_units))


def keep_open(refusal: Refusal, case: Situation, actor: Actor) -> None:
    """Of the acts that a refusal names, leave those which this actor could make."""
    can = set(moves_open_to(case, actor))
    refusal.allowed = tuple(one for one in refusal.allowed if one not in MOVES or one in can)


def moves_open_to(case: Situation, actor: Actor) -> tuple[Act, ...]:
    """Every act this actor could make on this case now, in the table's order."""
    return tuple(
        act
        for act, move in MOVES.items()
        if case.state in move.froms
        and is_for(move, case, actor)
        and not waits_for_clock(act, is_paused=case.is_paused)
        and (act != Act.RESUME or case.is_paused)
        and (act != Act.REACH_STAGE or case.stages)
    )
