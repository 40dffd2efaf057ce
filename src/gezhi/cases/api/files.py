"""Files of a case: added one by one, listed, fetched."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, UploadedFile
from pydantic import ConfigDict

from gezhi.base.api import (
    Answer,
    CaseRef,
    Input,
    Paging,
    Shown,
    bytes_of,
    give_page,
    revision_of,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.cases import actions, adapters, reads
from gezhi.cases.actions import Upload
from gezhi.cases.api import showing
from gezhi.cases.api.root import router
from gezhi.record.api import answer_once


class FileForm(Input):
    """What the file shows."""

    model_config = ConfigDict(extra="ignore")
    kind: Literal[
        "photo", "before", "after", "check", "progress", "document", "signature", "voice"
    ] = "photo"
    is_public: bool = True


class AttachmentList(Shown):
    items: list[showing.AttachmentShown]
    next: str | None


@router.post(
    "/cases/{ref}/attachments",
    response={201: showing.AttachmentShown},
    summary="Add a file to a case",
    tags=["files"],
)
def attach_file(
    request: HttpRequest,
    ref: CaseRef,
    form: Annotated[FileForm, Form(...)],
    file: File[UploadedFile],
) -> HttpResponse:
    """Pictures are re-encoded without EXIF; their place and time are kept beside them.

    Pictures of the work (before, after) wait until the case is finished with them; only then
    does the reporter see them. Signatures are never shown.
    """
    upload = Upload(file.name or "file", file.read(), form.kind)
    revision = revision_of(request)

    def attach() -> Answer:
        kept = actions.attach(
            ref, upload=upload, is_public=form.is_public, revision=revision, actor=actor_of(request)
        )
        return Answer(showing.attachment(kept), 201, {"Location": f"/api/v1/attachments/{kept.id}"})

    return answer_once(request, attach, sent=[form.model_dump_json().encode(), upload.data])


@router.get(
    "/cases/{ref}/attachments", response=AttachmentList, summary="Files of a case", tags=["files"]
)
def list_attachments(request: HttpRequest, ref: CaseRef, asked: Paging) -> HttpResponse:
    """The files, oldest first."""
    case = reads.case_for(actor_of(request), ref)
    page = page_of(
        reads.attachments_of(case), order=("at", "id"), cursor=asked.cursor, limit=asked.limit
    )
    return give_page(request, page, showing.attachment)


@router.get(
    "/attachments/{uuid:attachment}",
    summary="The bytes of a file",
    tags=["files"],
    openapi_extra=bytes_of(*showing.MEDIA_TYPES),
)
def get_attachment(request: HttpRequest, attachment: UUID) -> HttpResponse:
    """The clean copy, without EXIF."""
    found = reads.attachment_for(actor_of(request), attachment)
    return showing.as_download(found, adapters.read_file(found.county, found.id))
