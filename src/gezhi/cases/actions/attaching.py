"""Files of a case: pictures re-encoded without EXIF, their originals and all else sealed."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.ids import new_id
from gezhi.cases import adapters, reads, rules
from gezhi.cases.actions.step import Step, begin, end
from gezhi.cases.errors import (
    FileNotWaiting,
    FileRefused,
    PictureKnown,
    PictureWaits,
    TooManyFiles,
)
from gezhi.cases.facts import FileAttached
from gezhi.cases.models import Attachment, Report
from gezhi.cases.rules.moves import State
from gezhi.cases.rules.pictures import NotAPicture, read_picture

# What is taken beside pictures, by the bytes at a place: the name alone proves nothing.
_DOCUMENTS = {
    (0, b"%PDF-"): ("application/pdf", ".pdf"),
    (0, b"PK\x03\x04"): ("application/zip", ".docx"),
}
_VOICES = {
    (0, b"OggS"): ("audio/ogg", ".ogg"),
    (0, b"\x1aE\xdf\xa3"): ("audio/webm", ".webm"),
    (0, b"ID3"): ("audio/mpeg", ".mp3"),
    (0, b"#!AMR"): ("audio/amr", ".amr"),
    (4, b"ftyp"): ("audio/mp4", ".m4a"),
}
KINDS = ("photo", "before", "after", "check", "progress", "document", "signature", "voice")


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    data: bytes
    kind: str = "photo"


@rows.atomic()
def attach(
    ref: reads.Ref,
    *,
    upload: Upload,
    is_public: bool = True,
    is_unseen: bool = False,
    waits_for: rules.Act | None = None,
    report: UUID | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Attachment:
    """Add a file to a case; it is on the record like any other act. `report` is whose it is.

    What came from outside and nobody has seen (`is_unseen`) stays inside where the case was
    reviewed without it.

    A file that came for another act (`waits_for`), and any picture of work that is not done,
    is kept inside; the act it waits for takes it and shows it (`take_files`).
    """
    step = begin(ref, rules.Act.ATTACH, actor=actor, revision=revision)
    is_public = is_public and not (is_unseen and step.case.is_public)
    if is_public and waits_for is None:
        waits_for = rules.shown_with(upload.kind, State(step.case.state))
    is_public = is_public and waits_for is None and upload.kind not in rules.NEVER_SHOWN
    own = reads.voice_of(step.case, report) if report else None
    [kept] = keep_uploads(step, (upload,), report=own, is_public=is_public, waits_for=waits_for)
    end(
        step,
        FileAttached,
        data={"kind": kept.kind, "digest": kept.digest},
        is_public=is_public,
        attachment=kept.id,
        kind_of=kept.kind,
    )
    return kept


def take_files(
    step: Step, named: Collection[UUID] | None, *, since: datetime
) -> tuple[list[rules.Evidence], dict[str, Any]]:
    """Go by the files that waited for this act, and show them.

    Gives all that counts as proof, and for the line of history what is shown from now on. What
    waited and is not taken is left out for good: it proves nothing and nobody outside sees it.
    `since` is when the work began: what proved an earlier one that came to nothing is used up.
    """
    files = reads.files_of(step.case)
    evidence = rules.of_this_work([reads.evidence(file) for file in files], since=since)
    if named is not None and not set(named) <= {
        item.id for item in evidence if item.waits_for == step.act
    }:
        raise FileNotWaiting()
    taken = rules.taken(step.act, evidence, named, since=since)
    for file in files:
        if file.waits_for == step.act:
            file.waits_for = "" if file.id in taken else rules.LEFT_OUT
            file.is_public = file.id in taken and file.kind in rules.SHOWN_KINDS
            step.changed.append(file)
    shown = [str(file.id) for file in files if file.id in taken and file.is_public]
    proof = [item for item in evidence if not item.waits_for or item.id in taken]
    return proof, {"shown": shown} if shown else {}


def keep_uploads(
    step: Step,
    uploads: tuple[Upload, ...],
    *,
    report: Report | None = None,
    is_public: bool = True,
    waits_for: rules.Act | None = None,
) -> list[Attachment]:
    """Check and keep files; all or none. Refuses what is too big, too many or not what it says."""
    if not uploads:
        return []
    limits = step.book.limits
    there = list(reads.attachments_of(step.case))
    if len(there) + len(uploads) > limits.photos_max * 3 or len(uploads) > limits.photos_max:
        raise TooManyFiles(most=limits.photos_max)
    made = [_read(step, upload, limits.photo_mb_max, report) for upload in uploads]
    for (row, _clean, _original), upload in zip(made, uploads, strict=True):
        _must_be_new(row, upload, there, waits_for)
    step.case.has_files = True
    kept: list[Attachment] = []
    try:
        for row, clean, original in made:
            row.is_public, row.waits_for = is_public, waits_for or ""
            adapters.keep_file(row.county, row.id, clean=clean, original=original)
            kept.append(row)
        return Attachment.objects.bulk_create(kept)
    except BaseException:
        for row, _clean, _original in made:
            adapters.drop_file(row.county, row.id)
        raise


def _must_be_new(
    row: Attachment, upload: Upload, there: list[Attachment], waits_for: rules.Act | None
) -> None:
    """Refuse as proof what the case has already, as it was sent or as it is shown here.

    How it was before may well be told by the reporter's own picture. What was left out of an act
    proved nothing and may come again.
    """
    if row.kind not in rules.PROVES or not row.media_type.startswith("image/"):
        return
    for known in there:
        if known.waits_for == rules.LEFT_OUT or (row.kind, known.kind) == ("before", "photo"):
            continue
        if known.digest != row.digest and not _is_copy(upload, row.digest, known):
            continue
        if waits_for and (known.kind, known.waits_for) == (row.kind, waits_for):
            raise PictureWaits(name=row.name)
        raise PictureKnown(name=row.name, known=rules.FILE_NAMES[known.kind])


def _is_copy(upload: Upload, digest: str, known: Attachment) -> bool:
    """Whether it is the copy without EXIF that the case's page gives out."""
    if len(upload.data) != known.size or not known.media_type.startswith("image/"):
        return False
    try:
        return hashlib.sha256(reads.file_bytes(known)).hexdigest() == digest
    except FileNotFoundError:  # its time was up
        return False


def _read(
    step: Step, upload: Upload, most_mb: int, report: Report | None
) -> tuple[Attachment, bytes, bytes | None]:
    name = safe_name(upload.name)
    if upload.kind not in KINDS:
        raise FileRefused(name=name, why="kind_unknown")
    if len(upload.data) > most_mb * 1024 * 1024:
        raise FileRefused(name=name, why="too_large", mb=most_mb)
    row = Attachment(
        id=new_id(),
        county=step.case.county,
        case=step.case,
        report=report,
        kind=upload.kind,
        name=name,
        digest=hashlib.sha256(upload.data).hexdigest(),
        actor=rules.person_of(step.actor),
        at=step.now,
    )
    if upload.kind in rules.DOCUMENTS:
        known = _DOCUMENTS if upload.kind == "document" else _VOICES
        return _keep_as_it_is(row, upload, known)
    return _keep_picture(row, upload)


def _keep_picture(row: Attachment, upload: Upload) -> tuple[Attachment, bytes, bytes | None]:
    try:
        picture = read_picture(upload.data)
    except NotAPicture as error:
        raise FileRefused(name=row.name, why="no_picture") from error
    row.name = PurePath(row.name).stem + ".jpg"
    row.media_type, row.size = "image/jpeg", len(picture.data)
    row.width, row.height = picture.width, picture.height
    row.taken_at, row.lon, row.lat = picture.taken_at, picture.lon, picture.lat
    return row, picture.data, upload.data


def _keep_as_it_is(
    row: Attachment, upload: Upload, known: dict[tuple[int, bytes], tuple[str, str]]
) -> tuple[Attachment, bytes, bytes | None]:
    for (place, start), (media_type, ending) in known.items():
        if upload.data.startswith(start, place):
            row.name = PurePath(row.name).stem + ending
            row.media_type, row.size = media_type, len(upload.data)
            return row, upload.data, None
    raise FileRefused(name=row.name, why="not_taken")


def seal_documents(*, county: str) -> int:
    """Seal the documents and recordings that lie there plain, from before; how many did."""
    return sum(adapters.seal_file(county, id) for id in reads.documents(county=county))


def safe_name(name: str) -> str:
    """A name that is only a name: no folders, no signs that mean something elsewhere."""
    name = re.sub(r"[^\w.\- ]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return name.strip(". ")[-80:] or "file"
