"""For residents' apps: a token by phone code, their own reports, their own data.

The token opens these operations alone. Whoever reports or follows with it has the report in
their account.
"""

import inspect
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from gezhi.api.api.entering import RESIDENTS, resident_of
from gezhi.api.api.tracking import REPORTERS, Tracked, shown
from gezhi.base.api import (
    Answer,
    Input,
    Shown,
    Text24,
    Text120,
    Words,
    bytes_of,
    give,
)
from gezhi.base.http import address_of, file_answer
from gezhi.base.refusal import SignInNeeded
from gezhi.cases.api.deriving import ActCall, body_of, first_line
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.record.api import answer_once
from gezhi.residents import actions, reads
from gezhi.residents.models import Copy, DataRequest
from gezhi.residents.reads import OwnReport, Signed
from gezhi.residents.rules import Wish

router = Router(tags=["residents"])
WhichReport = Annotated[
    UUID | None, Query(description="Which of several in one case; the newest without it.")
]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class PhoneIn(Input):
    phone: Text24 = Field(description="A mobile number of mainland China.")


class CodeAsked(Shown):
    """The code is on its way; it is typed in under this id. The same for every phone."""

    check: UUID


class CodeIn(Input):
    check: UUID
    code: Digits


class LetIn(Shown):
    token: str = Field(description="Shown once. Send it as `Authorization: Bearer …`.")
    ends_at: datetime


class MeShown(Shown):
    phone: str
    reports: int
    sessions: int


class ContactShown(Shown):
    name: str
    phone: str
    address: str


class LookShown(Shown):
    at: datetime
    who: str
    field: str
    reason: str


class MessageShown(Shown):
    at: datetime
    words: str


class RequestShown(Shown):
    id: UUID
    wish: str
    state: str
    asked_at: datetime
    due_at: datetime
    answer: str


class OwnShown(Shown):
    """An own report and all that is kept about its reporter. Masked without the proven phone."""

    number: str
    report: UUID
    at: datetime
    state: str
    words: str
    contact: ContactShown
    looks: list[LookShown]
    messages: list[MessageShown]
    requests: list[RequestShown]


class OwnList(Shown):
    items: list[OwnShown]


class ContactIn(Input):
    """What is left out stays, what is empty is removed."""

    name: Annotated[str, StringConstraints(max_length=40)] | None = None
    phone: Text24 | None = None
    address: Text120 | None = None


class Ended(Shown):
    ended: bool


class RequestIn(Input):
    wish: Wish
    wanted: Words = Field("", description="The corrected words, for `correct`.")
    reason: Words = ""


class CopyShown(Shown):
    id: UUID
    state: str
    total: int
    done: int
    size: int
    ends_at: datetime


def _private(body: Any, status: int = 200) -> HttpResponse:
    answer = give(body, status)
    answer["Cache-Control"] = "no-store"
    return answer


@router.post(
    "/residents/codes", response={202: CodeAsked}, summary="Send me a code to sign in with"
)
def send_entry_code(request: HttpRequest, body: PhoneIn) -> HttpResponse:
    """Whether anybody ever signed in with this phone shows nowhere."""
    check = actions.ask_entry(body.phone, address=address_of(request))
    return _private({"check": check.id}, 202)


@router.post("/residents/sessions", response={201: LetIn}, summary="Sign in with the code")
def resident_sign_in(request: HttpRequest, body: CodeIn) -> HttpResponse:
    """Every wrong code is a try that stays counted: no Idempotency-Key here."""
    found = actions.enter(
        body.check, body.code, is_app=True, county=settings.COUNTY, address=address_of(request)
    )
    return _private({"token": found.token, "ends_at": found.session.ends_at}, 201)


@router.delete("/residents/sessions", auth=RESIDENTS, response=Ended, summary="Sign out")
def resident_sign_out(request: HttpRequest, everywhere: bool = False) -> HttpResponse:
    """This app, or `everywhere`."""
    signed = resident_of(request)
    only = None if everywhere else signed.session
    people.sign_resident_out(only, address=address_of(request), actor=signed.actor)
    return _private({"ended": True})


@router.get("/residents/me", auth=RESIDENTS, response=MeShown, summary="My account")
def my_account(request: HttpRequest) -> HttpResponse:
    """The phone, how many reports are mine, and on how many devices I am signed in."""
    return _me(resident_of(request))


def _me(signed: Signed) -> HttpResponse:
    return _private({
        "phone": signed.phone,
        "reports": len(signed.actor.proven),
        "sessions": people_reads.resident_sessions(signed.actor).count(),
    })  # fmt: skip


@router.post(
    "/residents/me/codes", auth=RESIDENTS, response={202: CodeAsked}, summary="Send me a code again"
)
def send_proof_code(request: HttpRequest) -> HttpResponse:
    """Before what can't be taken back: another phone, an export, the end of the account."""
    check = actions.ask_again(address=address_of(request), signed=resident_of(request))
    return _private({"check": check.id}, 202)


@router.post("/residents/me/proofs", auth=RESIDENTS, response=MeShown, summary="It is still me")
def prove_still_me(request: HttpRequest, body: CodeIn) -> HttpResponse:
    """For ten minutes nothing more is asked."""
    actions.prove_again(
        body.check, body.code, county=settings.COUNTY, address=address_of(request),
        signed=resident_of(request),
    )  # fmt: skip
    return _me(_again(request))


@router.post(
    "/residents/me/phone/codes", auth=RESIDENTS, response={202: CodeAsked},
    summary="Send a code to my new phone",
)  # fmt: skip
def send_new_phone_code(request: HttpRequest, body: PhoneIn) -> HttpResponse:
    """Needs a proof not older than ten minutes."""
    check = actions.ask_new_phone(
        body.phone, address=address_of(request), signed=resident_of(request)
    )  # fmt: skip
    return _private({"check": check.id}, 202)


@router.put("/residents/me/phone", auth=RESIDENTS, response=MeShown, summary="Change my phone")
def change_my_phone(request: HttpRequest, body: CodeIn) -> HttpResponse:
    """With the code of the new one; it takes the old one's place in my reports too."""
    actions.change_phone(
        body.check, body.code, county=settings.COUNTY, address=address_of(request),
        signed=resident_of(request),
    )  # fmt: skip
    return _me(_again(request))


@router.delete("/residents/me", auth=RESIDENTS, response=Ended, summary="Close my account")
def close_my_account(request: HttpRequest) -> HttpResponse:
    """The reports stay what they are, with their tracking codes."""
    actions.close(signed=resident_of(request))
    return _private({"ended": True})


@router.get("/residents/reports", auth=RESIDENTS, response=OwnList, summary="My reports")
def my_reports(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first, with who looked and what was sent. Not paged."""
    return _private({"items": [_shown(each) for each in reads.own_data(resident_of(request))]})


@router.get(
    "/residents/reports/{number}", auth=RESIDENTS, response=OwnShown, summary="A report of mine"
)
def my_report(request: HttpRequest, number: Text24, report: WhichReport = None) -> HttpResponse:
    """Absent and not mine look alike."""
    return _private(_shown(reads.own_report(resident_of(request), number, report=report)))


@router.patch(
    "/residents/reports/{number}", auth=RESIDENTS, response=OwnShown, summary="Correct my contact"
)
def correct_my_contact(
    request: HttpRequest, number: Text24, body: ContactIn, report: WhichReport = None
) -> HttpResponse:
    """At once. The history says which fields, never from what to what."""
    own = reads.own_report(signed := resident_of(request), number, report=report)
    corrected = body.model_dump(exclude_none=True)
    actions.correct_contact(own.report.id, corrected=corrected, signed=signed)
    return _private(_shown(reads.own_report(_again(request), number, report=own.report.id)))


def _again(request: HttpRequest) -> Signed:
    """What is theirs after an act that may have changed it."""
    token = request.headers["Authorization"].partition(" ")[2].strip()
    found = reads.signed_in(token)
    if found is None:
        raise SignInNeeded()
    return found


@router.post(
    "/residents/reports/{number}/requests", auth=RESIDENTS, response={201: RequestShown},
    summary="Ask to correct my words, or to erase my data",
)  # fmt: skip
def ask_about_my_data(
    request: HttpRequest, number: Text24, body: RequestIn, report: WhichReport = None
) -> HttpResponse:
    """The centre that has the case answers by `due_at`."""
    signed = resident_of(request)

    def do() -> Answer:
        own = reads.own_report(signed, number, report=report)
        made = actions.ask_about_data(
            own.report.id, wish=body.wish, wanted=body.wanted, reason=body.reason,
            signed=signed,
        )  # fmt: skip
        return Answer(_request(made), 201)

    return answer_once(request, do)


@router.delete(
    "/residents/requests/{id}", auth=RESIDENTS, response=RequestShown, summary="Take a request back"
)
def take_my_request_back(request: HttpRequest, id: UUID) -> HttpResponse:
    """While nobody has decided it."""
    return _private(_request(actions.take_back(id, actor=resident_of(request).actor)))


@router.post(
    "/residents/copies",
    auth=RESIDENTS,
    response={202: CopyShown},
    summary="Have my data put together",
)
def copy_my_data(request: HttpRequest) -> HttpResponse:
    """Needs a proof not older than ten minutes. Ask for `state` until it is `ready`."""
    signed = resident_of(request)

    def do() -> Answer:
        return Answer(_copy(actions.ask_copy(address=address_of(request), signed=signed)), 202)

    return answer_once(request, do)


@router.get(
    "/residents/copies/{id}", auth=RESIDENTS, response=CopyShown, summary="How far my copy is"
)
def my_copy(request: HttpRequest, id: UUID) -> HttpResponse:
    """`done` of `total` reports are in it."""
    return _private(_copy(reads.own_copy(resident_of(request).actor, id)))


@router.get(
    "/residents/copies/{id}/file", auth=RESIDENTS, summary="My data",
    openapi_extra=bytes_of("application/zip"),
)  # fmt: skip
def my_copy_file(request: HttpRequest, id: UUID) -> HttpResponse:
    """One zip: data.json, a page to read, pictures. Needs a proof of the last ten minutes."""
    body = actions.fetch_copy(id, address=address_of(request), signed=resident_of(request))
    return file_answer(body, f"{id}.zip", media_type="application/zip")


def _shown(own: OwnReport) -> dict[str, Any]:
    report, case = own.report, own.report.case
    main = case.main or case
    return {
        "number": case.number,
        "report": report.id,
        "at": report.at,
        "state": main.state,
        "words": case.what if report.is_first else report.words,
        "contact": reads.shown_contact(own),
        "looks": [
            {"at": look.at, "who": look.who, "field": look.field, "reason": look.reason}
            for look in own.looks
        ],
        "messages": [{"at": each.made_at, "words": each.words} for each in own.told],
        "requests": [_request(each) for each in own.requests],
    }


def _request(row: DataRequest) -> dict[str, Any]:
    return {
        "id": row.id,
        "wish": row.wish,
        "state": row.state,
        "asked_at": row.asked_at,
        "due_at": row.due_at,
        "answer": row.answer,
    }


def _copy(row: Copy) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "total": row.total,
        "done": row.done,
        "size": row.size,
        "ends_at": row.ends_at,
    }


@router.get(
    "/residents/reports/{number}/progress", auth=RESIDENTS, response=Tracked,
    summary="How my case goes",
)  # fmt: skip
def my_progress(request: HttpRequest, number: Text24, report: WhichReport = None) -> HttpResponse:
    """The same as with number and tracking code."""
    return _private(shown(reads.own_report(resident_of(request), number, report=report).report))


def _operation(name: str, call: ActCall) -> None:
    """Add an act of the reporter on a case of theirs; its body is what the act takes."""
    model = body_of(call, name=f"{name.title()}Own", without=("report",))
    takes_report = "report" in inspect.signature(call).parameters

    def act(
        request: HttpRequest, number: Text24, body: Any, report: WhichReport = None
    ) -> HttpResponse:
        signed = resident_of(request)

        def do() -> Answer:
            mine = reads.own_report(signed, number, report=report).report
            own = {"report": mine.id} if takes_report else {}
            call(mine.case_id, **dict(body), **own, actor=reads.voice_of(mine.id))
            return Answer(shown(reads.own_report(signed, number, report=mine.id).report))

        return answer_once(request, do)

    act.__annotations__["body"] = model
    act.__name__ = f"{name}_my_case"
    act.__doc__ = f"{first_line(call)} The answer is the case as it is then."
    path = f"/residents/reports/{{number}}/{name}"
    router.post(path, auth=RESIDENTS, response=Tracked, summary=first_line(call))(act)


for _name, _call in REPORTERS.items():
    if _name != "correct":  # which is a change of the report itself, above
        _operation(_name, _call)
