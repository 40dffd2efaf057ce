"""What a resident sees and does with number and tracking code: nobody's name, no inner notes."""

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Router
from pydantic import ConfigDict, Field

from gezhi.api.api.answering import proof_of
from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.api import Answer, Input, Shown, Text24, Text64, bytes_of, give
from gezhi.base.http import network_of
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotFound
from gezhi.cases import actions, adapters, reads, rules
from gezhi.cases.api.deriving import ActCall, body_of, first_line
from gezhi.cases.api.showing import MEDIA_TYPES, as_download
from gezhi.cases.models import Case, HistoryLine, Report
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines import rules as promises
from gezhi.people import reads as people
from gezhi.record import reads as record
from gezhi.record.api import answer_once
from gezhi.residents import actions as residents
from gezhi.rulebook import reads as rulebook

router = Router(tags=["tracking"])


class Proof(Input):
    """Whose report it is: both together, and nothing else, prove it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": "261122-000421", "code": "7KQ2MWXA"}]}
    )
    number: Text24 = Field(description="The case's number.")
    code: Text64 = Field(description="The tracking code; case, blanks and dashes don't matter.")


class FileProof(Proof):
    attachment: UUID


class StepShown(Shown):
    """A step of the case, as everybody concerned may read it."""

    at: datetime
    act: str
    name: str
    state: str
    holder: str
    words: str = Field(description="What the reporter is told by it; no inner words.")
    stage: str = Field(description="The name of the stage that was reached; empty for other acts.")


class AskedShown(Shown):
    """A question that waits for the reporter's answer."""

    words: str
    answer_by: datetime


class PictureShown(Shown):
    id: UUID
    kind: str
    media_type: str
    at: datetime


class Tracked(Shown):
    """The case as its reporter sees it. `may` names what the reporter can do now."""

    number: str
    state: str
    state_name: str
    what: str
    place: str
    holder: str
    opened_at: datetime
    target: datetime | None
    first_target: datetime | None = Field(
        description="The moment that was promised first. `target` moves with pauses and extensions."
    )
    is_late: bool
    paused_until: datetime | None
    answer: str
    outcome: str
    question: AskedShown | None
    is_solved: bool | None
    rating: int | None
    may: list[str]
    steps: list[StepShown]
    pictures: list[PictureShown]
    revision: int


class Looked(Shown):
    """Somebody opened the contact."""

    at: datetime
    who: str
    field: str
    reason: str


class LookedList(Shown):
    items: list[Looked]


@router.post("/track", response=Tracked, summary="See my case")
def track(request: HttpRequest, body: Proof) -> HttpResponse:
    """Who has it, until when, each step, and what the reporter can do now."""
    return _own(shown(_proven(request, body.number, body.code)))


def _proven(request: HttpRequest, number: str, code: str) -> Report:
    return actions.prove_code(
        number, code, county=settings.COUNTY, address=network_of(request), proof=proof_of(request)
    )


def _own(body: Any) -> HttpResponse:
    answer = give(body)
    answer["Cache-Control"] = "no-store"
    return answer


@router.post("/track/openings", response=LookedList, summary="Who looked at my contact?")
def track_openings(request: HttpRequest, body: Proof) -> HttpResponse:
    """Every time somebody opened a thing of this report: unit and role, what, why. Not paged."""
    report = _proven(request, body.number, body.code)
    found = record.openings_about(f"report:{report.id}", county=report.county)
    days = {each.id: timezone.localdate(each.at) for each in found}
    lookers = people.standings_then((each.actor, days[each.id]) for each in found)
    items = [
        {"at": each.at, "who": lookers[each.actor, days[each.id]], "field": each.field,
         "reason": each.reason}
        for each in found
    ]  # fmt: skip
    return _own({"items": items})


@router.post(
    "/track/attachment", summary="A picture of my case", openapi_extra=bytes_of(*MEDIA_TYPES)
)
def track_attachment(request: HttpRequest, body: FileProof) -> HttpResponse:
    """The bytes of a picture that is not an inner one."""
    report = _proven(request, body.number, body.code)
    found = reads.attachment_for(_voice(report), body.attachment)
    if found.case_id != report.case_id or not reads.may_see_file(found, report.case, report):
        raise NotFound()
    return as_download(found, adapters.read_file(found.county, found.id))


def _voice(report: Report) -> Actor:
    return Actor(label=f"report:{report.id}", kind="resident", proven=frozenset({report.id}))


def shown(report: Report) -> dict[str, Any]:
    case, voice = report.case, _voice(report)
    target, now = deadlines.target(case), clock.now()
    asked = reads.open_question(case, "question")
    lines = [line for line in reads.history_of(case) if line.is_public]
    units = people.unit_names({case.holder_id, *(line.holder_id for line in lines)})
    return {
        "number": case.number,
        "state": case.state,
        "state_name": str(rules.STATE_NAMES[rules.State(case.state)]),
        "what": mask_text(case.what),
        "place": _place(report),
        "holder": units.get(case.holder_id, ""),
        "opened_at": case.opened_at,
        "target": target.due if target else None,
        "first_target": target.first_due if target else None,
        "is_late": target is not None
        and target.dropped_at is None
        and promises.is_late(
            target.kind,
            target.due,
            met_at=target.met_at,
            paused_until=case.paused_until,
            paused_at=case.paused_at,
            now=now,
        ),
        "paused_until": case.paused_until,
        "answer": mask_text(case.answer),
        "outcome": case.outcome,
        "question": {"words": asked.words, "answer_by": asked.answer_by} if asked else None,
        "is_solved": report.is_solved,
        "rating": report.rating,
        "may": _may(case, voice, has_question=asked is not None),
        "steps": [_step(line, units, case, voice) for line in lines],
        "pictures": [
            {"id": each.id, "kind": each.kind, "media_type": each.media_type, "at": each.at}
            for each in reads.attachments_of(case)
            if reads.may_see_file(each, case, report)
        ],
        "revision": case.lines,
    }


def _place(report: Report) -> str:
    """As whoever told it wrote it; others who follow the case are told less of a sensitive one."""
    case = report.case
    book = rulebook.book(case.county, case.book)
    is_kept = not report.is_first and reads.is_sensitive(book, case)
    return "" if is_kept else mask_text(case.place)


def _may(case: Case, voice: Actor, *, has_question: bool) -> list[str]:
    open_acts = {act.value for act in reads.moves_for(voice, case)}
    if not has_question:
        open_acts.discard("answer")
    if case.state == rules.State.CLOSED:
        open_acts.add("reopen")
    return sorted(open_acts)


def _step(line: HistoryLine, units: dict[UUID, str], case: Case, voice: Actor) -> dict[str, Any]:
    is_shown = rules.are_words_for(voice.label, act=line.act, actor=line.actor)
    return {
        "at": line.at,
        "act": line.act,
        "name": str(rules.ACT_NAMES[rules.Act(line.act)]),
        "state": line.state,
        "holder": units.get(line.holder_id, ""),
        "words": mask_text(line.words) if is_shown else "",
        "stage": _stage(line, case),
    }


def _stage(line: HistoryLine, case: Case) -> str:
    if line.act != rules.Act.REACH_STAGE:
        return ""
    book = rulebook.book(case.county, case.book)
    found = book.stage(line.data["stage"])
    return found.name_in(get_language() or "") if found else ""


def _operation(name: str, call: ActCall) -> None:
    """Add an act of the reporter: proven by number and code, the rest as the act takes it."""
    model = body_of(
        call, name=f"{name.title()}Proven", without=("report", "sees_contact"), base=Proof
    )
    takes_report = "report" in inspect.signature(call).parameters

    def act(request: HttpRequest, body: Any) -> HttpResponse:
        values = dict(body)
        number, code = values.pop("number"), values.pop("code")
        _proven(request, number, code)  # before the transaction, where tries are counted

        def do() -> Answer:
            report = reads.report_by_code(number, code, county=settings.COUNTY)
            own = {"report": report.id} if takes_report else {}
            call(report.case_id, **values, **own, actor=_voice(report))
            return Answer(shown(reads.report_by_code(number, code, county=settings.COUNTY)))

        return answer_once(request, do)

    act.__annotations__["body"] = model
    act.__name__ = f"{name}_as_reporter"
    act.__doc__ = f"{first_line(call)} The answer is the case as it is then."
    router.post(f"/track/{name}", response=Tracked, summary=first_line(call))(act)


REPORTERS: dict[str, Callable[..., Any]] = {
    "answer": actions.answer,
    "rate": actions.rate,
    "reopen": actions.reopen,
    "withdraw": actions.withdraw,
    "correct": residents.correct,
}
for _name, _call in REPORTERS.items():
    _operation(_name, _call)
