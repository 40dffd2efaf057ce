"""Making and changing sources: settings, the secret, the map and its trial, switching on."""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.ids import new_id
from gezhi.base.words import clean
from gezhi.intake import rules
from gezhi.intake.errors import (
    MapWrong,
    SentUnreadable,
    SourceHasReceived,
    SourceNotTried,
    SourceWrong,
    WrongRow,
)
from gezhi.intake.facts import SourceChanged
from gezhi.intake.models import Fault, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import SourceKind, Way
from gezhi.intake.rules.incoming import KEY_BEGINS, is_inside
from gezhi.intake.rules.mapping import FieldMap, messages_in, read_incoming, read_map
from gezhi.record.actions import announce
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules.reading_rows import CHANNELS

_LEAST_SECRET = 24  # of one that senders sign with and somebody else made


@dataclass(frozen=True)
class Wanted:
    """The settings of a source as somebody wants them; an empty `secret` leaves it as it is.

    `takes_old`: of a new mailbox, or another folder, also what lies there already.
    """

    name: str
    channel: str = ""
    field_map: str = ""
    url: str = ""
    host: str = ""
    port: int = 993
    line: str = "tls"
    user: str = ""
    folder: str = "INBOX"
    done_folder: str = ""
    takes_old: bool = False
    secret: str = ""


@transaction.atomic
def add_source(
    kind: str, wanted: Wanted, *, id: UUID | None = None, actor: Actor
) -> tuple[Source, str]:
    """A new one, switched off; and the secret to sign with, shown here and nowhere again."""
    reads.must(actor, reads.may_manage(actor))
    now = clock.now()
    source = Source(
        id=id or new_id(),
        county=settings.COUNTY,
        kind=SourceKind(kind).value,
        made_at=now,
        made_by=actor.label,
        changed_at=now,
    )
    _set(source, wanted)
    source.begins_at = _begins_at(source, wanted)
    shown = ""
    if reads.way(source) == Way.PUSH and not wanted.secret:
        shown = source.secret = _new_secret()
    source.save(force_insert=True)
    _tell(source, "made", actor)
    return source, shown


@transaction.atomic
def change_source(source_id: UUID, wanted: Wanted, *, actor: Actor) -> Source:
    """Other settings. Another map has to be tried again, so the source is switched off by it."""
    source = reads.source_to_change(actor, source_id)
    way, before = reads.way(source), (source.field_map, source.host, source.user, source.folder)
    goal, secret = _goal(source), source.secret
    _set(source, wanted)
    if (source.field_map, source.host, source.user, source.folder) != before or (
        reads.way(source) != way
    ):
        source.is_active, source.tried_at = False, None
        source.uid_validity, source.last_uid = None, 0
        if wanted.takes_old:
            source.begins_at = None
        elif source.folder != before[3]:
            source.begins_at = _begins_at(source, wanted)
        source.busy_until = None  # whoever reads it now reads another, and is to write nothing here
    elif wanted.takes_old and source.begins_at is not None:
        source.begins_at, source.last_uid, source.busy_until = None, 0, None
    if reads.way(source) != way:  # what others were asked with is nothing to sign with
        source.secret = wanted.secret or (_new_secret() if way == Way.PULL else "")
    elif _goal(source) != goal and not wanted.secret:  # it was told for another machine
        source.is_active, source.secret = False, ""
    if source.secret != secret:
        _change_over(source, secret if reads.way(source) == way == Way.PUSH else "")
    source.changed_at = clock.now()
    source.save()
    _tell(source, "changed", actor)
    return source


def _begins_at(source: Source, wanted: Wanted) -> datetime | None:
    """From when on a mailbox is read: years of old letters would be late cases all at once."""
    is_from_now = source.kind == SourceKind.MAILBOX and not wanted.takes_old
    return clock.now().replace(microsecond=0) if is_from_now else None


def _goal(source: Source) -> tuple[str | int, ...]:
    """Who is told the secret, and over what line."""
    parts = urlsplit(source.url)
    return parts.scheme, parts.netloc, source.host, source.port, source.line


def _set(source: Source, wanted: Wanted) -> None:
    """The settings that count for this kind, each checked; the others stay empty."""
    source.name = clean(wanted.name)[:60]
    if not source.name:
        raise SourceWrong(why=_("请写名称"))
    source.channel = wanted.channel or rules.CHANNEL_OF[SourceKind(source.kind)]
    if source.channel not in CHANNELS:
        raise SourceWrong(why=f"channel: {', '.join(CHANNELS)}")
    if wanted.secret:
        source.secret = wanted.secret[:200]
    if source.kind == SourceKind.MAILBOX:
        _set_mailbox(source, wanted)
        return
    source.url = wanted.url.strip() if source.kind == SourceKind.BOARD else ""
    if source.url and not _is_address(source.url):
        raise SourceWrong(why=_("地址要以 https:// 开头；http:// 只限写成 IP 的内网机器"))
    if reads.way(source) == Way.PUSH and 0 < len(wanted.secret) < _LEAST_SECRET:
        raise SourceWrong(why=_("密钥至少 %(least)s 个字符") % {"least": _LEAST_SECRET})
    if wanted.field_map.strip():
        read_map(wanted.field_map, categories=rulebook.current(source.county).categories)
    source.field_map = wanted.field_map.replace("\r\n", "\n").strip()


def _set_mailbox(source: Source, wanted: Wanted) -> None:
    source.host, source.port, source.line = wanted.host.strip(), wanted.port, wanted.line
    source.user, source.folder = wanted.user.strip(), wanted.folder.strip() or "INBOX"
    source.done_folder = wanted.done_folder.strip()
    if wanted.line not in ("tls", "starttls", "plain"):
        raise SourceWrong(why="line: tls, starttls, plain")
    if not 0 < wanted.port < 65536:
        raise SourceWrong(why="port: 1–65535")
    told = (source.host, source.user, source.folder, source.done_folder)
    if any(not sign.isprintable() for each in told for sign in each):
        raise SourceWrong(why=_("服务器、登录名和文件夹里有看不见的字符"))
    if source.done_folder == source.folder:
        raise SourceWrong(why=_("收下后不能移到收件的那个文件夹"))


def _is_address(url: str) -> bool:
    """Over https; unencrypted only to a machine inside that is named by its number."""
    try:
        parts = urlsplit(url.replace("{since}", ""))
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_inside(parts.hostname))
    return is_safe and bool(parts.hostname) and url.isprintable()


def _new_secret() -> str:
    return KEY_BEGINS + base64.b64encode(secrets.token_bytes(32)).decode()


def _change_over(source: Source, before: str) -> None:
    """The secret before is good for a day more, so that whoever sends may change over."""
    source.secret_before = before
    source.secret_until = clock.now() + rules.SECRETS_OVERLAP if before else None


@transaction.atomic
def renew_secret(source_id: UUID, *, actor: Actor) -> tuple[Source, str]:
    """Another secret to sign with, shown here and nowhere again; the one before ends in a day."""
    source = reads.source_to_change(actor, source_id)
    if reads.way(source) != Way.PUSH:
        raise SourceWrong(why=f"kind: {source.kind}")
    _change_over(source, source.secret)
    source.secret = _new_secret()
    source.save(update_fields=["secret", "secret_before", "secret_until"])
    _tell(source, "secret", actor)
    return source, source.secret


@dataclass(frozen=True)
class Tried:
    """What the map reads of one message of a sample: the message, or why it can't go in."""

    message: rules.Incoming | None
    fault: str = ""


@transaction.atomic
def try_map(source_id: UUID, sample: str, *, actor: Actor) -> list[Tried]:
    """Read a sample by the source's map; nothing goes in. All good, it may be switched on."""
    source = reads.source_to_change(actor, source_id)
    if not source.field_map:
        raise MapWrong(why=_("还没有写"))
    mapped = _map_of_today(source)
    try:
        sent = read_json(sample.encode())
        found = [_tried(one, mapped) for one in messages_in(sent, mapped)[:5]]
    except WrongRow as wrong:
        raise SentUnreadable(why=wrong.reason) from wrong
    if not found:
        raise SentUnreadable(why="sent_none")
    if all(each.message for each in found):
        source.tried_at = clock.now()
        source.save(update_fields=["tried_at"])
    return found


def _map_of_today(source: Source) -> FieldMap:
    """Refused where it names a kind that the rulebook has no more."""
    return read_map(source.field_map, categories=rulebook.current(source.county).categories)


def _tried(one: Any, mapped: FieldMap) -> Tried:
    zone, now = timezone.get_default_timezone(), clock.now()
    try:
        return Tried(read_incoming(one, mapped, zone=zone, now=now))
    except WrongRow as wrong:
        return Tried(None, rules.reason_words(wrong.reason, ""))


def read_json(body: bytes) -> Any:
    """JSON as RFC 8259 has it; a refusal says where it ends to be that."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _no_json(body, error) from error


def _no_json(body: bytes, error: Exception) -> SentUnreadable:
    if not body.strip():
        return SentUnreadable(why="sent_empty")
    if not isinstance(error, json.JSONDecodeError):
        return SentUnreadable(why="sent_code")
    return SentUnreadable(why="sent_no_json", line=error.lineno, sign=error.colno)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


@transaction.atomic
def switch_source(source_id: UUID, *, is_active: bool, actor: Actor) -> Source:
    """On, where all it needs is there and its map has read a sample; or off."""
    source = reads.source_to_change(actor, source_id)
    if is_active:
        _must_be_whole(source)
    source.is_active = is_active
    source.save(update_fields=["is_active"])
    _tell(source, "on" if is_active else "off", actor)
    return source


@transaction.atomic
def remove_source(source_id: UUID, *, actor: Actor) -> None:
    """Take away one that never brought anything; the audit keeps that it was there."""
    source = reads.source_to_change(actor, source_id)
    if reads.has_received(source):
        raise SourceHasReceived()
    _tell(source, "removed", actor)
    source.delete()


def _must_be_whole(source: Source) -> None:
    if reads.way(source) != Way.MAIL:
        if source.tried_at is None:
            raise SourceNotTried()
        _map_of_today(source)
        return
    needed = {"host": source.host, "user": source.user, "secret": source.secret}
    if missing := [name for name, value in needed.items() if not value]:
        raise SourceWrong(why=_("还没有填 %(names)s") % {"names": ", ".join(missing)})


def _tell(source: Source, what: str, actor: Actor) -> None:
    announce(
        SourceChanged(source_id=source.id, what=what),
        about=f"source:{source.id}",
        county=source.county,
        actor=actor,
        now=clock.now(),
    )


def note_unsigned(source: Source) -> None:
    """Count a call that nobody proved to be the source's; so many a day that it costs nothing."""
    note_fault(source, rules.UNSIGNED, most=rules.MOST_UNSIGNED)


def note_fault(source: Source, code: str, detail: str = "", *, most: int = 0) -> None:
    """Count something that went wrong; one row for a kind and a day, however often.

    Where there is a `most`, nothing is written beyond it; of a source that is gone, nothing.
    """
    now = clock.now()
    day = {"source": source, "day": timezone.localdate(now), "code": code}
    found = Fault.objects.filter(county=source.county, **day)
    if not found.exists():
        with transaction.atomic():
            if not reads.hold_source(source):
                return
            row = Fault(county=source.county, count=0, last_at=now, **day)
            Fault.objects.bulk_create([row], ignore_conflicts=True)
    if most:
        found = found.filter(count__lt=most)
    found.update(count=F("count") + 1, last_at=now, detail=detail[:200])
