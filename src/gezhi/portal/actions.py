"""Keeping a draft and sending it. What a case is and becomes, the cases room decides."""

import base64
import io
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image

from gezhi.base import clock
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.sealed import open_bytes, seal_bytes
from gezhi.cases import actions as cases
from gezhi.cases.actions import Contact, Upload, Where
from gezhi.cases.errors import FileRefused, TooManyFiles
from gezhi.cases.rules.pictures import NotAPicture, read_picture
from gezhi.portal import adapters, reads
from gezhi.portal.rules import Draft, Sent, is_odd_mobile, looks_like_voice
from gezhi.record.actions import once
from gezhi.rulebook.rules import Given, Limits

_SMALL_SIDE = 320
_MEGABYTE = 1024 * 1024


def new_draft() -> Draft:
    """A draft nobody can guess the id of. It is kept once there is something to keep."""
    return Draft(id=secrets.token_hex(16))


def keep_draft(draft: Draft) -> Draft:
    adapters.write_draft(draft)
    return draft


def add_file(
    draft: Draft, *, kind: str, name: str, size: int, read: Callable[[], bytes], limits: Limits
) -> None:
    """Keep a photo or a voice note with the draft. What could not be sent is refused now.

    A new voice note takes the place of the old one.
    """
    if kind == "voice":
        for old in reads.voices_of(draft):
            adapters.drop_file(draft.id, old)
    if size > limits.photo_mb_max * _MEGABYTE:
        why = _("文件有 %(size)s MB，最多 %(most)s MB。请换一张小一些的，或重新拍一张。")
        values = {"size": -(-size // _MEGABYTE), "most": limits.photo_mb_max}
        raise FileRefused(name=name, why=why % values)
    if len(adapters.file_names(draft.id)) >= limits.photos_max:
        raise TooManyFiles(most=limits.photos_max)
    data = read()
    if kind == "voice":
        _keep_voice(draft, name, data)
    else:
        _keep_photo(draft, name, data)


def _keep_photo(draft: Draft, name: str, data: bytes) -> None:
    try:
        clean = read_picture(data)
    except NotAPicture as error:
        why = _("这不是能打开的照片，请换一张 JPG、PNG 或 WebP 图片。")
        raise FileRefused(name=name, why=why) from error
    adapters.add_file(draft.id, f"{_key()}.photo", data, small=_small(clean.data))


def _keep_voice(draft: Draft, name: str, data: bytes) -> None:
    if not looks_like_voice(data):
        raise FileRefused(name=name, why=_("这段录音听不了，请再录一次。"))
    adapters.add_file(draft.id, f"{_key()}.voice", data)


def _key() -> str:
    # Sorts by the moment it was added.
    return f"{int(clock.now().timestamp() * 1000):013d}-{secrets.token_hex(4)}"


def _small(clean: bytes) -> bytes:
    image = Image.open(io.BytesIO(clean))
    image.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=75)
    return out.getvalue()


def drop_file(draft: Draft, name: str) -> None:
    """Take a photo or the voice note out of the draft again."""
    if name in adapters.file_names(draft.id):
        adapters.drop_file(draft.id, name)


def send(
    draft: Draft, contact: Contact, *, answers: Given | None = None, county: str, actor: Actor
) -> Sent:
    """Make the case (or follow the one it is), once, however often it is sent.

    The answer kept for a repeated sending holds the tracking code sealed.
    """
    about = f"sent:{draft.id}"

    def do() -> tuple[int, dict[str, Any]]:
        if draft.follows:
            made = _follow(draft, contact, county, actor)
        else:
            made = _report(draft, contact, answers, county, actor)
        code = base64.b64encode(seal_bytes(made.code.encode(), about)).decode()
        return 201, {
            "number": made.case.number,
            "report": str(made.report.id),
            "code": code,
            "followed": bool(draft.follows),
            "odd_phone": is_odd_mobile(contact.phone),
        }

    kept = once(f"draft:{draft.id}", request=b"send", do=do, actor=NOBODY, now=clock.now())
    code = open_bytes(base64.b64decode(kept.answer["code"]), about).decode()
    sent = Sent(**{**kept.answer, "code": code})
    keep_draft(Draft(id=draft.id, sent=sent))
    for name in adapters.file_names(draft.id):
        adapters.drop_file(draft.id, name)
    return sent


def _report(
    draft: Draft, contact: Contact, answers: Given | None, county: str, actor: Actor
) -> cases.Reported:
    return cases.report(
        county=county,
        what=draft.what,
        where=Where(lon=draft.lon, lat=draft.lat, place=draft.place, path=draft.lies),
        channel="portal",
        contact=contact,
        uploads=_uploads(draft),
        answers=answers,
        actor=actor,
    )


def _follow(draft: Draft, contact: Contact, county: str, actor: Actor) -> cases.Reported:
    return cases.follow(
        draft.follows,
        channel="portal",
        words=draft.what,
        contact=contact,
        uploads=_uploads(draft),
        county=county,
        actor=actor,
    )


def _uploads(draft: Draft) -> tuple[Upload, ...]:
    uploads: list[Upload] = []
    for name in adapters.file_names(draft.id):
        data = adapters.read_file(draft.id, name)
        if data is not None:
            kind = name.rsplit(".", 1)[-1]
            uploads.append(Upload(name=f"{kind}-{len(uploads) + 1}", data=data, kind=kind))
    return tuple(uploads)


def sweep_drafts(*, before: datetime) -> int:
    return adapters.sweep(before=before)
