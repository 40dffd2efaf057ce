"""Files of a case: checked, re-encoded, EXIF read and cut, originals sealed."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from gezhi.base.actor import Actor
from gezhi.base.ids import new_id
from gezhi.cases import adapters, reads, rules
from gezhi.cases.actions.step import Step, begin, end
from gezhi.cases.errors import FileRefused, TooManyFiles
from gezhi.cases.facts import FileAttached
from gezhi.cases.models import Attachment, Report
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
KINDS = ("photo", "before", "after", "document", "signature", "voice")


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    data: bytes
    kind: str = "photo"


@transaction.atomic
def attach(
    ref: reads.Ref,
    *,
    upload: Upload,
    is_public: bool = True,
    revision: int | None = None,
    actor: Actor,
) -> Attachment:
    """Add a file to a case; it is on the record like any other act."""
    step = begin(ref, rules.Act.ATTACH, actor=actor, revision=revision)
    kept = keep_uploads(step, (upload,), is_public=is_public)[0]
    end(
        step,
        FileAttached,
        data={"kind": kept.kind, "digest": kept.digest},
        is_public=is_public,
        attachment=kept.id,
        kind_of=kept.kind,
    )
    return kept


def keep_uploads(
    step: Step, uploads: tuple[Upload, ...], *, report: Report | None = None, is_public: bool = True
) -> list[Attachment]:
    """Check and keep files; all or none. Refuses what is too big, too many or not what it says."""
    if not uploads:
        return []
    limits = step.book.limits
    there = reads.attachments_of(step.case).count()
    if there + len(uploads) > limits.photos_max * 3 or len(uploads) > limits.photos_max:
        raise TooManyFiles(most=limits.photos_max)
    made = [_read(step, upload, limits.photo_mb_max, report, is_public) for upload in uploads]
    kept: list[Attachment] = []
    try:
        for row, clean, original in made:
            adapters.keep_file(row.county, row.id, clean=clean, original=original)
            kept.append(row)
        return Attachment.objects.bulk_create(kept)
    except BaseException:
        for row, _clean, _original in made:
            adapters.drop_file(row.county, row.id)
        raise


def _read(
    step: Step, upload: Upload, most_mb: int, report: Report | None, is_public: bool
) -> tuple[Attachment, bytes, bytes | None]:
    name = safe_name(upload.name)
    if upload.kind not in KINDS:
        raise FileRefused(name=name, why=_("不认识的附件类型。"))
    if len(upload.data) > most_mb * 1024 * 1024:
        raise FileRefused(name=name, why=_("文件超过 %(mb)s MB。") % {"mb": most_mb})
    row = Attachment(
        id=new_id(),
        county=step.case.county,
        case=step.case,
        report=report,
        kind=upload.kind,
        name=name,
        digest=hashlib.sha256(upload.data).hexdigest(),
        actor=step.actor.label,
        at=step.now,
        is_public=is_public,
    )
    if upload.kind in ("document", "voice"):
        known = _DOCUMENTS if upload.kind == "document" else _VOICES
        return _keep_plain(row, upload, known)
    return _keep_picture(row, upload)


def _keep_picture(row: Attachment, upload: Upload) -> tuple[Attachment, bytes, bytes | None]:
    try:
        picture = read_picture(upload.data)
    except NotAPicture as error:
        raise FileRefused(
            name=row.name, why=_("这不是能打开的照片，请换一张 JPG、PNG 或 WebP 图片。")
        ) from error
    row.name = PurePath(row.name).stem + ".jpg"
    row.media_type, row.size = "image/jpeg", len(picture.data)
    row.width, row.height = picture.width, picture.height
    row.taken_at, row.lon, row.lat = picture.taken_at, picture.lon, picture.lat
    return row, picture.data, upload.data


def _keep_plain(
    row: Attachment, upload: Upload, known: dict[tuple[int, bytes], tuple[str, str]]
) -> tuple[Attachment, bytes, bytes | None]:
    for (place, start), (media_type, ending) in known.items():
        if upload.data.startswith(start, place):
            row.name = PurePath(row.name).stem + ending
            row.media_type, row.size = media_type, len(upload.data)
            return row, upload.data, None
    raise FileRefused(name=row.name, why=_("这种文件不能上传，请换成照片、PDF 或 Word 文件。"))


def safe_name(name: str) -> str:
    """A name that is only a name: no folders, no signs that mean something elsewhere."""
    name = re.sub(r"[^\w.\- ]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return name.strip(". ")[-80:] or "file"
