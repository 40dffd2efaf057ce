"""Importing for programs: send a file, ask how far it is, fetch the wrong rows."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, UploadedFile
from pydantic import ConfigDict, Field, StringConstraints

from gezhi.base.api import Answer, Input, Paging, Shown, bytes_of, give, give_page
from gezhi.base.http import XLSX, actor_of, file_answer
from gezhi.base.paging import page_of
from gezhi.base.slices import seconds_left
from gezhi.intake import actions, reads, rules
from gezhi.intake.errors import ColumnsWrong
from gezhi.intake.forms import too_large
from gezhi.intake.models import Import
from gezhi.record.api import answer_once

router = Router(tags=["imports"])


class ImportForm(Input):
    """How the file is to be read."""

    model_config = ConfigDict(extra="ignore")
    channel: Literal["board", "mailbox", "hotline"] = "board"
    odd_dates: Literal["report", "now"] = Field(
        "report", description="Rows whose time can't be read: reported, or taken as of now."
    )
    columns: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = Field(
        "",
        description="JSON object, field to column number from 0; guessed from the header if empty."
        " Fields: number, time, title, text, place, user, phone, label, likes, dislikes.",
    )


class FaultShown(Shown):
    """One kind of fault and how many rows have it."""

    reason: str
    rows: int


class ImportShown(Shown):
    """How far an import is: added + known + failed is done."""

    id: UUID
    name: str
    channel: str
    state: Literal["draft", "waiting", "running", "stopped", "done"]
    stop_reason: str
    columns: dict[str, int]
    odd_dates: str
    total: int
    done: int
    added: int
    known: int
    failed: int
    seconds_left: int | None
    faults: list[FaultShown]
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportList(Shown):
    items: list[ImportShown]
    next: str | None


def import_shown(found: Import) -> dict[str, Any]:
    left = seconds_left(total=found.total, done=found.done, pace=found.pace)
    return {
        "id": found.id,
        "name": found.name,
        "channel": found.channel,
        "state": found.state,
        "stop_reason": found.stop_reason,
        "columns": found.columns,
        "odd_dates": found.odd_dates,
        "total": found.total,
        "done": found.done,
        "added": found.added,
        "known": found.known,
        "failed": found.failed,
        "seconds_left": left if found.state == rules.State.RUNNING else None,
        "faults": [{"reason": words, "rows": count} for words, count in reads.fault_counts(found)]
        if found.failed
        else [],
        "received_at": found.received_at,
        "started_at": found.started_at,
        "finished_at": found.finished_at,
    }


@router.post("/imports", response={202: ImportShown}, summary="Import a file of messages")
def send_import(
    request: HttpRequest,
    form: Annotated[ImportForm, Form(...)],
    file: File[UploadedFile],
) -> HttpResponse:
    """An xlsx or csv. It is read at once and taken in by the worker; ask the address it is given.

    A message that is in already (same channel and number) is not taken in again.
    """
    if (file.size or 0) > rules.MOST_MB * 1024 * 1024:
        raise too_large()
    data, columns, actor = file.read(), _columns(form.columns), actor_of(request)

    @transaction.atomic
    def do() -> Answer:
        found = actions.receive_file(
            data, name=file.name or "", channel=form.channel, county=settings.COUNTY, actor=actor
        )
        found = actions.start_import(
            found.id, columns=columns, odd_dates=form.odd_dates, actor=actor
        )
        return Answer(import_shown(found), 202, {"Location": f"/api/v1/imports/{found.id}"})

    return answer_once(request, do, sent=[form.model_dump_json().encode(), data])


def _columns(text: str) -> dict[str, int] | None:
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ColumnsWrong() from error
    if not isinstance(found, dict) or not all(type(at) is int for at in found.values()):
        raise ColumnsWrong()
    return found


@router.get("/imports", response=ImportList, summary="Imports so far")
def list_imports(request: HttpRequest, asked: Paging) -> HttpResponse:
    """The newest first."""
    actor = actor_of(request)
    actor.must("case.import")
    page = page_of(
        reads.imports(actor, county=settings.COUNTY),
        order=("-received_at", "-id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return give_page(request, page, import_shown)


@router.get("/imports/{import_id}", response=ImportShown, summary="How far an import is")
def get_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Counts, state, and how many seconds it will still take."""
    return give(import_shown(reads.import_for(actor_of(request), import_id)))


@router.get(
    "/imports/{import_id}/errors",
    summary="The rows that were not taken in",
    openapi_extra=bytes_of(XLSX),
)
def get_import_errors(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """An xlsx: the rows as they came and what is wrong in a last column. Mend it and send it.

    For whoever sent the import.
    """
    found = reads.own_import(actor_of(request), import_id)
    return file_answer(reads.error_sheet(found), "errors.xlsx")
