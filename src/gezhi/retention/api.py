"""How long what is kept, for programs: rules with their preview, holds, removals, certificates."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import Answer, Input, Paging, Shown, Text64, Text200, give, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.record.api import answer_once
from gezhi.record.keeping import Due
from gezhi.retention import actions, reads, rules
from gezhi.retention.models import Hold, Removal, Rule
from gezhi.retention.reads import Kept

router = Router(tags=["retention"])

Days = Annotated[int, Field(ge=1, le=rules.MOST_DAYS)]


class DueShown(Shown):
    """How much would go now, and since when the oldest of it lies."""

    count: int
    oldest: datetime | None


class KindShown(Shown):
    """A kind of data: for how long it is kept, and what would go now by that.

    `in_force` is false where nobody has set a rule: then `days` is only proposed, nothing goes.
    """

    code: str
    name: str
    what_goes: str
    days: int
    least: int
    in_force: bool
    before: datetime
    due: DueShown


class KindList(Shown):
    items: list[KindShown]


class RuleSent(Input):
    """`seen` is the number of days whose effect was asked for, where by this one anything goes."""

    days: Days
    reason: Text200
    seen: int = Field(0, ge=0, le=rules.MOST_DAYS)


class RuleShown(Shown):
    kind: str
    days: int
    reason: str
    actor: str
    at: datetime


class RuleList(Shown):
    items: list[RuleShown]
    next: str | None


class PreviewAsked(Input):
    days: Days


class HoldSent(Input):
    """The number of a case, or the code of an area."""

    about: Text64
    reason: Text200


class LiftSent(Input):
    """Why the hold ends."""

    reason: Text200


class HoldShown(Shown):
    id: UUID
    about: str
    reason: str
    actor: str
    at: datetime
    lifted_at: datetime | None


class HoldList(Shown):
    items: list[HoldShown]


class RemovalShown(Shown):
    """What one rule removed; `hash` is the number of its certificate once it is finished.

    It is the SHA-256 of `gezhi removal ` and the values of `certified` as canonical JSON.
    """

    id: UUID
    kind: str
    days: int
    before: datetime
    began_at: datetime
    finished_at: datetime | None
    oldest: datetime | None
    total: int
    removed: int
    hash: str
    certified: dict[str, str | int]


class RemovalList(Shown):
    items: list[RemovalShown]
    next: str | None


class RemovalsBegun(Shown):
    items: list[RemovalShown]


def _due(due: Due) -> dict[str, Any]:
    return {"count": due.count, "oldest": due.oldest}


def _kind(kept: Kept) -> dict[str, Any]:
    return {
        "code": kept.kind.code,
        "name": str(kept.kind.name),
        "what_goes": str(kept.kind.what_goes),
        "days": kept.days,
        "least": kept.kind.least,
        "in_force": kept.is_in_force,
        "before": kept.before,
        "due": _due(kept.due),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("kind", "days", "reason", "actor", "at")}


def _hold(hold: Hold) -> dict[str, Any]:
    names = ("id", "about", "reason", "actor", "at", "lifted_at")
    return {name: getattr(hold, name) for name in names}


def _removal(removal: Removal) -> dict[str, Any]:
    names = (
        "id", "kind", "days", "before", "began_at", "finished_at", "oldest", "total", "removed",
        "hash",
    )  # fmt: skip
    shown = {name: getattr(removal, name) for name in names}
    return {**shown, "certified": actions.certified(removal)}


@router.get("/retention/rules", response=KindList, summary="How long what is kept")
def list_retention_rules(request: HttpRequest) -> HttpResponse:
    """Every kind of data with its rule, and what would go now. Not paged. Nothing is changed."""
    reads.must_manage(actor_of(request))
    return give({"items": [_kind(kept) for kept in reads.preview(clock.now())]})


@router.get("/retention/rules/{str:kind}/preview", response=DueShown, summary="Preview a rule")
def preview_retention_rule(
    request: HttpRequest, kind: str, query: Annotated[PreviewAsked, Query(...)]
) -> HttpResponse:
    """What would go now if this kind were kept for so many days."""
    reads.must_manage(actor_of(request))
    return give(_due(reads.would_go(reads.kind_of(kind), query.days, clock.now())))


@router.put("/retention/rules/{str:kind}", response=RuleShown, summary="Set a rule")
def set_retention_rule(request: HttpRequest, kind: str, body: RuleSent) -> HttpResponse:
    """From now on; what is over goes within the hour.

    Where something goes by it that stays by the rule in force, it is refused once
    (`retention_look_first`, with how much and the oldest): send it again with `seen`.
    """
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(_rule(actions.set_days(kind, actor=actor, **values)))
    )


@router.get("/retention/changes", response=RuleList, summary="Rules as they were set")
def list_retention_changes(request: HttpRequest, query: Paging) -> HttpResponse:
    """The newest first. The newest of a kind is in force."""
    page = page_of(
        reads.rules_set(actor_of(request)), order=("-id",), cursor=query.cursor, limit=query.limit
    )
    return give_page(request, page, _rule)


@router.get("/retention/holds", response=HoldList, summary="What is held back")
def list_holds(request: HttpRequest) -> HttpResponse:
    """Cases and areas of which nothing goes, whatever its age. Not paged."""
    reads.must_manage(actor_of(request))
    return give({"items": [_hold(hold) for hold in reads.holds_now()]})


@router.post("/retention/holds", response={201: HoldShown}, summary="Hold back a case or an area")
def hold_back(request: HttpRequest, body: HoldSent) -> HttpResponse:
    """With what was merged into it. Once it is answered nothing of it goes any more."""
    actor = actor_of(request)
    return answer_once(
        request,
        lambda: Answer(_hold(actions.hold(body.about, reason=body.reason, actor=actor)), 201),
    )


@router.post("/retention/holds/{uuid:hold}/lift", response=HoldShown, summary="Lift a hold")
def lift_hold(request: HttpRequest, hold: UUID, body: LiftSent) -> HttpResponse:
    """What is over goes by the next removal, for good."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(_hold(actions.lift(hold, reason=body.reason, actor=actor)))
    )


@router.get("/retention/removals", response=RemovalList, summary="What was removed")
def list_removals(request: HttpRequest, query: Paging) -> HttpResponse:
    """The newest first; one that is not finished says how far it is."""
    found = reads.removals(actor_of(request))
    page = page_of(found, order=("-began_at", "-id"), cursor=query.cursor, limit=query.limit)
    return give_page(request, page, _removal)


@router.get("/retention/removals/{uuid:removal}", response=RemovalShown, summary="A certificate")
def show_removal(request: HttpRequest, removal: UUID) -> HttpResponse:
    """What was removed by which rule, and the number that stands in the audit too."""
    return give(_removal(reads.removal_for(actor_of(request), removal)))


@router.post("/retention/removals", response={202: RemovalsBegun}, summary="Remove what is over")
def begin_removals(request: HttpRequest) -> HttpResponse:
    """Without waiting for the hour: of every kind whose rule is in force, by the worker."""
    actor = actor_of(request)
    return answer_once(
        request,
        lambda: Answer(
            {"items": [_removal(each) for each in actions.ask_removal(actor=actor)]}, 202
        ),
    )
