"""Moving cases: one operation for each act, many cases at once, which moves are open."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja.params.models import Body
from pydantic import Field

from gezhi.base.api import Answer, CaseRef, Input, Shown, Words, give, revision_of, tag_of
from gezhi.base.http import actor_of
from gezhi.base.problem import problem_of
from gezhi.base.refusal import Refusal
from gezhi.cases import actions, reads, rules
from gezhi.cases.api.deriving import ActCall, acts, body_of, first_line, whole_words
from gezhi.cases.api.root import router
from gezhi.cases.api.showing import CaseWhole, Size, answer_of
from gezhi.record.api import answer_once

_MOST_AT_ONCE = 200


class MoveShown(Shown):
    """A move that is open now, with the JSON Schema of its body."""

    act: str
    name: str
    href: str
    about: str
    body: dict[str, Any]


class MovesShown(Shown):
    items: list[MoveShown]
    revision: int


class OneOfMany(Input):
    """A case, and the revision it was read at where that matters."""

    ref: str = Field(pattern=r"^[0-9A-Fa-f-]{1,36}$")
    revision: int | None = Field(None, ge=0, le=10**9)


class AssignMany(Input):
    """The same unit for many cases."""

    cases: list[OneOfMany] = Field(min_length=1, max_length=_MOST_AT_ONCE)
    unit: UUID
    size: Size | None = None
    words: Words = ""


class SuperviseMany(Input):
    """The same demand to the holders of many cases."""

    cases: list[OneOfMany] = Field(min_length=1, max_length=_MOST_AT_ONCE)
    words: Words = Field(min_length=1)


class ItemDone(Shown):
    """What became of one case: done, or refused with the problem."""

    ref: str
    is_done: bool
    state: str | None
    revision: int | None
    problem: dict[str, Any] | None


class ManyDone(Shown):
    done: int
    refused: int
    items: list[ItemDone]


_BODIES = {
    act: body_of(call, name=f"{act.value.title()}Sent".replace("_", ""))
    for act, call in acts().items()
}


def _operation(act: rules.Act, call: ActCall) -> None:
    """Add the operation of one act."""
    model = _BODIES[act]
    is_needed = any(field.is_required() for field in model.model_fields.values())
    default: Any = ... if is_needed else model()

    def move(request: HttpRequest, ref: Any, body: Any) -> HttpResponse:
        revision, values = revision_of(request), dict(body)
        return answer_once(
            request,
            lambda: answer_of(call(ref, **values, revision=revision, actor=actor_of(request))),
        )

    move.__annotations__.update(ref=CaseRef, body=model)
    move.__defaults__ = (Body(default),)
    move.__name__ = f"{act.value}_case"
    move.__doc__ = whole_words(call)
    router.post(
        f"/cases/{{ref}}/moves/{act.value}",
        response=CaseWhole,
        summary=first_line(call),
        tags=["moves"],
    )(move)


@router.get(
    "/cases/{ref}/moves", response=MovesShown, summary="Which moves are open to me", tags=["moves"]
)
def list_moves(request: HttpRequest, ref: CaseRef) -> HttpResponse:
    """Every act the asker could do on this case now, with the schema of its body. Not paged."""
    actor = actor_of(request)
    case = reads.case_for(actor, ref)
    known = acts()
    items = [
        {
            "act": act.value,
            "name": str(rules.ACT_NAMES[act]),
            "href": f"/api/v1/cases/{case.number}/moves/{act.value}",
            "about": first_line(known[act]),
            "body": _schema(act),
        }
        for act in reads.moves_for(actor, case)
        if act in known
    ]
    answer = give({"items": items, "revision": case.lines})
    answer["ETag"] = tag_of(case.lines)
    return answer


@lru_cache(maxsize=64)
def _schema(act: rules.Act) -> dict[str, Any]:
    schema: dict[str, Any] = _BODIES[act].model_json_schema()
    return schema


@router.post(
    "/cases/bulk/assign", response=ManyDone, summary="Assign many cases to one unit", tags=["moves"]
)
def bulk_assign(request: HttpRequest, body: AssignMany) -> HttpResponse:
    """Each case is assigned or refused on its own; the answer says what became of each."""
    actor = actor_of(request)

    def one(item: OneOfMany) -> Any:
        return actions.assign(
            item.ref,
            unit=body.unit,
            size=body.size or "",
            words=body.words,
            revision=item.revision,
            actor=actor,
        )

    return answer_once(request, lambda: _each(body.cases, one))


@router.post(
    "/cases/bulk/supervise", response=ManyDone, summary="Supervise many cases", tags=["moves"]
)
def bulk_supervise(request: HttpRequest, body: SuperviseMany) -> HttpResponse:
    """Each case is supervised or refused on its own; the answer says what became of each."""
    actor = actor_of(request)

    def one(item: OneOfMany) -> Any:
        return actions.supervise(item.ref, words=body.words, revision=item.revision, actor=actor)

    return answer_once(request, lambda: _each(body.cases, one))


def _each(items: Sequence[OneOfMany], do: Callable[[OneOfMany], Any]) -> Answer:
    results = [_one(item, do) for item in items]
    done = sum(1 for result in results if result["is_done"])
    return Answer({"done": done, "refused": len(results) - done, "items": results})


def _one(item: OneOfMany, do: Callable[[OneOfMany], Any]) -> dict[str, Any]:
    result = {"ref": item.ref, "is_done": False, "state": None, "revision": None, "problem": None}
    try:
        case = do(item)
    except Refusal as refusal:
        return {**result, "problem": problem_of(refusal)}
    return {**result, "is_done": True, "state": case.state, "revision": case.lines}


for _act, _call in acts().items():
    _operation(_act, _call)
