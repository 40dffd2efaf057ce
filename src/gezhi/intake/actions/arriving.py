"""How messages come: sent to us with a signature, asked for at a board, read from a mailbox."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import OperationalError
from django.db.models import F, Max, Q
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.refusal import NotFound, Refusal
from gezhi.base.slices import queue_once
from gezhi.intake import rules
from gezhi.intake.actions.fetching import read_mailbox
from gezhi.intake.actions.settling import try_accidents
from gezhi.intake.actions.sources import note_fault, note_unsigned, read_json
from gezhi.intake.actions.taking import Brought, receive
from gezhi.intake.adapters import asking
from gezhi.intake.adapters.asking import NotReached
from gezhi.intake.errors import SentUnreadable, SignatureWrong, SourceOff, WrongRow
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate, Way
from gezhi.intake.rules.mapping import MOST_AT_ONCE, FieldMap, messages_in, number_of
from gezhi.rulebook import reads as rulebook

_log = structlog.get_logger("gezhi.intake")
MOST_SENT_MB = 24  # photos in Base64
MOST_OF_BOARD = 1000  # it may answer with all it has, most of it known
_BUSY = timedelta(minutes=5)
_OVERLAP = timedelta(hours=1)  # a board may put what was said before beneath what it showed
_JOB = "gezhi.intake.jobs.ask_source"
GoOn = Callable[[], None]


def _always() -> None:
    """Nobody takes it from who sends."""


def take_sent(
    source_id: UUID, read: Callable[[int], bytes], *, id: str, timestamp: str, signatures: str
) -> list[Received]:
    """What another system sends, if it is signed with the source's secret.

    Refused as a whole: what is not signed, no JSON, or more at once than is taken. Else each
    message has its own answer. Of who knows no source, or signs nothing, nothing is read.
    """
    source = reads.any_source(source_id)
    if source is None or reads.way(source) != Way.PUSH or not source.secret:
        raise SignatureWrong()
    if not rules.may_be_signed(timestamp=timestamp, signatures=signatures, now=clock.now()):
        note_unsigned(source)
        raise SignatureWrong()
    body = read(MOST_SENT_MB * 1024 * 1024 + 1)
    if len(body) > MOST_SENT_MB * 1024 * 1024:
        raise SentUnreadable(why="sent_large", most=MOST_SENT_MB)
    if not rules.is_signed(
        body, id=id, timestamp=timestamp, signatures=signatures, secrets=reads.secrets_of(source),
        now=clock.now(),
    ):  # fmt: skip
        note_unsigned(source)
        raise SignatureWrong()
    if not source.is_active:
        raise SourceOff()
    try:
        return _take_all(source, body, most=MOST_AT_ONCE)
    except NotFound as gone:  # it was removed in this moment
        raise SignatureWrong() from gone
    except Refusal as refusal:  # also a map that the rulebook of today knows no more
        note_fault(source, "unreadable", rules.stored_refusal(refusal))
        raise


def _take_all(source: Source, body: bytes, *, most: int, go_on: GoOn = _always) -> list[Received]:
    """Every message in it, each by itself; `go_on` is called before each."""
    try:
        mapped = reads.map_of(source)
        found = messages_in(read_json(body), mapped)
    except WrongRow as wrong:
        raise SentUnreadable(why=wrong.reason) from wrong
    if len(found) > most:
        raise SentUnreadable(why="sent_many", most=most, count=len(found))
    rows = []
    for brought in _new_of(source, [_brought(one, source, mapped) for one in found]):
        go_on()
        rows.append(receive(source, brought))
    if gone := reads.kinds_gone(source):
        note_fault(source, "map", ", ".join(gone))
    if refused := [row for row in rows if row.fate == Fate.REFUSED]:
        newest = refused[-1]
        note_fault(source, "refused", newest.detail or rules.stored(newest.reason))
    return rows


def _brought(one: Any, source: Source, mapped: FieldMap) -> Brought:
    raw = json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    digest = hashlib.sha256(raw).hexdigest()
    name = number_of(one, mapped) or f"#{digest[:40]}"
    # Another map, book or day may read the same in another way.
    read_with = f"{source.field_map}\x1f{rulebook.current(source.county).version}"
    told = f"{digest}\x1f{read_with}\x1f{timezone.localdate(clock.now())}"
    return Brought(name, raw, came_as=hashlib.sha256(told.encode()).hexdigest())


def _new_of(source: Source, found: Sequence[Brought]) -> Sequence[Brought]:
    """Without what a board showed the minute before just as it is: that is only counted."""
    if reads.way(source) != Way.PULL:
        return found
    seen = reads.came_just_so(source, {each.external: each.came_as for each in found})
    Received.objects.filter(county=source.county, source=source, external__in=seen).update(
        times=F("times") + 1
    )
    return [each for each in found if each.external not in seen]


def queue_asking() -> None:
    """Every minute: ask a worker for each source that is asked from here; try accidents again."""
    for source in reads.asked_by_us():
        queue_once(_JOB, lock=f"source:{source.id}", source_id=str(source.id))
    try_accidents()


class _ClaimLost(Exception):
    """The source was changed or switched off, or somebody else asks it by now."""


@dataclass
class _Claim:
    """That nobody else asks a source; void after a while, so that one who was killed holds none."""

    source: UUID
    until: datetime

    def renew(self, **progress: Any) -> None:
        """Go on, and write how far it is read; whoever lost the claim writes nothing."""
        until = clock.now() + _BUSY
        mine = Source.objects.filter(pk=self.source, is_active=True, busy_until=self.until)
        if not mine.update(busy_until=until, **progress):
            raise _ClaimLost()
        self.until = until


def ask_source(source_id: UUID) -> int:
    """Ask one source for what is new; how many messages it brought. Two don't ask at once."""
    claim = _claimed(source_id)
    source = reads.any_source(source_id)
    if claim is None or source is None:
        return 0
    ways: dict[Way, Callable[[Source, _Claim], int]] = {
        Way.MAIL: lambda box, held: read_mailbox(box, held.renew),
        Way.PULL: _ask_board,
    }
    try:
        brought = ways[reads.way(source)](source, claim)
    except _ClaimLost:
        return 0
    except NotReached as failure:
        note_fault(source, failure.code, failure.detail)
        return 0
    except Refusal as refusal:
        note_fault(source, "answer", rules.stored_refusal(refusal))
        return 0
    except OperationalError:
        raise  # the connection, not the source
    except Exception:
        _log.exception("asking a source failed", source=str(source.id))
        note_fault(source, "accident")
        return 0
    finally:
        Source.objects.filter(pk=source.pk, busy_until=claim.until).update(busy_until=None)
    Source.objects.filter(pk=source.pk).update(asked_at=clock.now())
    return brought


def _claimed(source_id: UUID) -> _Claim | None:
    if not settings.ASK_SOURCES:
        return None
    now = clock.now()
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=now)
    found = Source.objects.filter(free, pk=source_id, is_active=True)
    return _Claim(source_id, now + _BUSY) if found.update(busy_until=now + _BUSY) else None


def _ask_board(source: Source, claim: _Claim) -> int:
    since = Received.objects.filter(county=source.county, source=source).aggregate(
        newest=Max("said_at")
    )["newest"]
    since = since - _OVERLAP if since else None
    answer = asking.ask_board(source.url, secret=source.secret, since=since)
    return len(_take_all(source, answer, most=MOST_OF_BOARD, go_on=claim.renew))
