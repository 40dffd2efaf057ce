"""Taking in what a source brought: into a case of its own, into one that is there, or not yet.

Each message is one transaction. What can't go in is kept, sealed, with the reason; what comes
again under the same name adds nothing.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone, translation

from gezhi.base import clock
from gezhi.base.refusal import NotFound, Refusal
from gezhi.base.sealed import blind_index
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.errors import FileRefused, TooManyFiles
from gezhi.cases.models import Case
from gezhi.intake import adapters, rules
from gezhi.intake.actions.opening import SYSTEM, left_out_words, note_of, open_case
from gezhi.intake.actions.replying import add_reply
from gezhi.intake.actions.returning import own_addresses, tell_returned
from gezhi.intake.errors import FORGOTTEN, WrongRow
from gezhi.intake.facts import MessageReceived
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import letters, lock_county
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate, Incoming, Way
from gezhi.intake.rules.mail import Mail, read_mail, sender_text
from gezhi.intake.rules.mapping import read_incoming, words_in
from gezhi.intake.rules.messages import digest_of
from gezhi.places import rules as place_rules
from gezhi.record.actions import announce
from gezhi.rulebook import reads as rulebook
from gezhi.triage import actions as triage

_log = structlog.get_logger("gezhi.intake")
_MOST_KEY = 45  # of a name in another system, beside the source's own
# What a message is known by once it is in, of which nothing stays where that is undone.
_OF_CASE = (
    "case_id", "report", "alike_id", "code", "code_due", "letter_id", "digest", "likes", "dislikes",
)  # fmt: skip
_MOST_TRIES = 1000  # counted; it is tried on
Said = Future[Mail | Incoming]


@dataclass(frozen=True)
class Brought:
    """One message as it came: what it is known by, its bytes, where and when it lay elsewhere.

    `came_as`: by which it is known to have come just so, and to have been read alike.
    """

    external: str
    raw: bytes
    uid: int | None = None
    arrived_at: datetime | None = None
    came_as: str = ""


def receive(source: Source, brought: Brought) -> Received:
    """Take a message in, or keep it with the reason; known ones add nothing.

    A fault of ours loses nothing either: the message is kept and tried again. Of a source that
    was removed meanwhile nothing is taken: `NotFound`.
    """
    said = read_ahead(source, brought.raw)
    # What is written into cases is in the deployment's language, whoever's request this is.
    with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
        lock_county(source.county)
        if not reads.hold_source(source):
            raise NotFound()
        known = reads.received_as(source, brought.external)
        if known is not None and not _is_open(known):
            return _come_again(known, source, brought, said)
        now = clock.now()
        row = known or Received(
            county=source.county, source=source, external=brought.external, received_at=now, times=0
        )
        row.size, row.uid, row.times = len(brought.raw), brought.uid, row.times + 1
        row.digest = hashlib.sha256(brought.raw).hexdigest()
        row.came_as = brought.came_as
        settle(row, source, brought.raw, said, arrived_at=brought.arrived_at)
        Source.objects.filter(pk=source.pk).update(received_at=now)
        return row


def read_ahead(source: Source, raw: bytes) -> Said:
    """Read a message before others have to wait for it; what is wrong is raised at settling."""
    said = Said()
    try:
        said.set_result(_read(source, raw))
    except Exception as error:  # said where the message is kept with the reason
        said.set_exception(error)
    return said


def _is_open(row: Received) -> bool:
    """What was not taken may be sent again, mended; also when we have forgotten it since."""
    return row.fate in rules.KEPT or row.reason == FORGOTTEN


def _come_again(row: Received, source: Source, brought: Brought, said: Said) -> Received:
    """Nothing is added; what was liked meanwhile is noted, other words wait for a person."""
    row.times, row.came_as = row.times + 1, brought.came_as
    row.save(update_fields=["times", "came_as"])
    if reads.way(source) == Way.MAIL:
        return _mail_again(row, source, brought, said)
    if row.fate == Fate.DROPPED:
        return row
    try:
        message = said.result()
    except WrongRow:
        message = words_in(json.loads(brought.raw), reads.map_of(source))
        if not message.what:
            return row
        message = replace(message, digest=digest_of(message.what))
    if isinstance(message, Mail):
        return row
    if message.digest != row.digest:
        name = f"{brought.external[:100]}#{message.digest[:12]}"
        return _other_words(row, source, brought, name)
    if (message.likes, message.dislikes) != (row.likes, row.dislikes):
        row.likes, row.dislikes = message.likes, message.dislikes
        row.save(update_fields=["likes", "dislikes"])
        _note_likes(row)
    return row


def _mail_again(row: Received, source: Source, brought: Brought, said: Said) -> Received:
    """Scanners and forms send every letter under one name: another letter waits for a person."""
    if row.fate not in (Fate.TAKEN, Fate.JOINED):
        return row
    digest = hashlib.sha256(brought.raw).hexdigest()  # where it can't be read
    if said.exception() is None and isinstance(mail := said.result(), Mail):
        digest = mail.incoming.digest
    if digest == row.digest:
        return row
    return _other_words(row, source, brought, f"{brought.external[:100]}#{digest[:12]}")


def _other_words(row: Received, source: Source, brought: Brought, name: str) -> Received:
    """The same number with other words is kept beside the first, for a person to say."""
    if (known := reads.received_as(source, name)) is not None:
        return known
    now = clock.now()
    other = Received(
        county=row.county, source=source, external=name, received_at=now,
        size=len(brought.raw), digest=hashlib.sha256(brought.raw).hexdigest(),
        fate=Fate.WAITING.value, reason="changed", uid=brought.uid,
        case_id=None if reads.way(source) == Way.MAIL else row.case_id,
        report=None if reads.way(source) == Way.MAIL else row.report,
    )  # fmt: skip
    _keep(other, brought.raw)
    other.save(force_insert=True)
    return other


def settle(
    row: Received,
    source: Source,
    raw: bytes,
    said: Said,
    *,
    arrived_at: datetime | None = None,
    by_person: bool = False,
) -> None:
    """Try to take it in, and write down what became of it. Inside a transaction.

    `by_person`: somebody has read it and says that it is a matter of its own.
    """
    is_new = row._state.adding
    row.reason = row.detail = ""
    try:
        with transaction.atomic(), _as_it_was(row):
            _take(row, source, said.result(), arrived_at=arrived_at, by_person=by_person)
    except WrongRow as wrong:
        row.fate, row.reason = Fate.REFUSED.value, wrong.reason
    except Refusal as refusal:
        row.fate, row.reason = Fate.REFUSED.value, refusal.code[:48]
        row.detail = rules.stored_refusal(refusal)
    except OperationalError:
        raise  # the connection, not the message
    except Exception:
        _log.exception("received message failed", source=str(source.id), received=str(row.id))
        row.fate, row.reason = Fate.WAITING.value, "accident"
    row.tries = min(row.tries + 1, _MOST_TRIES)  # a board shows what was refused every minute
    if row.fate in rules.KEPT:
        row.case_id = row.case_id if row.fate == Fate.WAITING else None
        _keep(row, raw)
    elif row.has_file:
        row.has_file = False
        county, id = row.county, row.id
        transaction.on_commit(lambda: adapters.drop_received(county, id))
    row.save(force_insert=is_new)


@contextmanager
def _as_it_was(row: Received) -> Iterator[None]:
    """Where what is done here is undone, the row names no case that is not there."""
    before = {name: getattr(row, name) for name in _OF_CASE}
    try:
        yield
    except BaseException:
        for name, value in before.items():
            setattr(row, name, value)
        raise


def _keep(row: Received, raw: bytes) -> None:
    """Seal what was sent beside the row; it must lie there before the row says so."""
    adapters.keep_received(row.county, row.id, raw)
    row.has_file = True


def read_kept(row: Received, raw: bytes) -> Mail | Incoming:
    """What a message says, by the map of today, to be shown; WrongRow whatever keeps it from it.

    Only what the map calls words and who says them: the rest is not known to be anybody's business.
    """
    try:
        return _read_or_words(row.source, raw)
    except OperationalError:
        raise
    except Exception as error:
        raise WrongRow("accident") from error


def _read_or_words(source: Source, raw: bytes) -> Mail | Incoming:
    try:
        return _read(source, raw)
    except WrongRow:
        if reads.way(source) == Way.MAIL:
            raise
        return words_in(json.loads(raw), reads.map_of(source))


def _read(source: Source, raw: bytes) -> Mail | Incoming:
    zone, now = timezone.get_default_timezone(), clock.now()
    if reads.way(source) != Way.MAIL:
        return read_incoming(json.loads(raw), reads.map_of(source), zone=zone, now=now)
    most = rulebook.current(source.county).limits.photos_max
    return read_mail(raw, own=own_addresses(source), most_files=most)


def _take(
    row: Received,
    source: Source,
    mail: Mail | Incoming,
    *,
    arrived_at: datetime | None,
    by_person: bool,
) -> None:
    if isinstance(mail, Incoming):
        row.said_at = mail.said_at
        _take_message(row, source, mail, is_strict=True, by_person=by_person)
        return
    row.sender = mail.sender
    row.sender_index = blind_index(sender_text(mail.sender)) if mail.sender else None
    row.said_at = min(arrived_at, clock.now()) if arrived_at else row.said_at
    if mail.skipped and not by_person:
        row.fate, row.reason = Fate.IGNORED.value, mail.skipped
        tell_returned(mail, county=row.county)
    elif by_person or not (_is_again(row, mail) or add_reply(row, source, mail)):
        _take_mail(row, source, mail, by_person=by_person)


def _is_again(row: Received, mail: Mail) -> bool:
    """Whether its sender has sent the very same a moment ago: a second answer helps nobody."""
    before = letters.same_letter(row, mail.incoming.digest)
    if before is None:
        return False
    row.fate, row.reason = Fate.IGNORED.value, "again"
    row.case, row.digest = before.case, mail.incoming.digest
    return True


def _take_mail(row: Received, source: Source, mail: Mail, *, by_person: bool) -> None:
    message = replace(mail.incoming, said_at=row.said_at)
    if not message.what and not message.files:
        raise WrongRow("text_missing")
    refused = _take_message(row, source, message, is_strict=False, by_person=by_person)
    if mail.may_answer and not _is_from_before(row, source):
        row.letter_id, row.code_due = mail.id, row.code
    left_out = [*mail.left_out, *refused]
    if left_out and row.case_id and row.report:
        note_of(row.case_id, row.report, left_out_words(left_out))


def _is_from_before(row: Received, source: Source) -> bool:
    """Whether it lay there before the mailbox was read here: who wrote it expects nothing."""
    return row.said_at is not None and row.said_at < source.made_at.replace(microsecond=0)


def _take_message(
    row: Received, source: Source, message: Incoming, *, is_strict: bool, by_person: bool
) -> list[str]:
    """Into a case; names of files that could not be kept, where that does not keep it out."""
    uploads = [cases.Upload(each.name, each.data, each.kind) for each in message.files]
    left_out: list[str] = []
    while True:
        try:
            with transaction.atomic():
                _into_case(row, source, message, tuple(uploads), by_person=by_person)
            return left_out
        except (FileRefused, TooManyFiles) as refusal:
            if is_strict or not uploads:
                raise
            wrong = _refused(uploads, refusal)
            left_out.append(wrong.name)
            uploads.remove(wrong)


def _refused(uploads: list[cases.Upload], refusal: Refusal) -> cases.Upload:
    """Which of them it is about; the last where that can't be told."""
    name = str(refusal.values.get("name", ""))
    stem = name.rpartition(".")[0] or name
    return next((each for each in uploads if stem and stem in each.name), uploads[-1])


def _into_case(
    row: Received,
    source: Source,
    message: Incoming,
    uploads: tuple[cases.Upload, ...],
    *,
    by_person: bool,
) -> None:
    at = message.said_at or clock.now()
    contact = cases.Contact(name=message.name, phone=message.phone, is_secret=message.is_secret)
    if (there := reads.known_by_number(row, source)) is not None:
        row.fate = Fate.JOINED.value
        _note_what_it_says(row, message, there)
        return
    same = reads.told_already(message, county=source.county, channel=source.channel, at=at)
    most = rulebook.current(source.county).limits.text_max
    if same.sure is not None and not by_person and len(message.what) <= most:
        made = cases.follow(
            same.sure.id, channel=source.channel, words=message.what, contact=contact,
            uploads=uploads, county=source.county, actor=SYSTEM,
        )  # fmt: skip
        row.fate = Fate.JOINED.value
    else:
        made = open_case(
            county=source.county, what=message.what, where=_where(source, message),
            channel=source.channel, contact=contact, uploads=uploads, category=message.category,
            label=message.label, source_key=_key(row, source), opened_at=message.said_at,
            actor=SYSTEM,
        )  # fmt: skip
        row.fate, row.alike = Fate.TAKEN.value, same.likely or same.sure
    row.report, row.code = made.report.id, made.code
    _note_what_it_says(row, message, made.case)


def _note_what_it_says(row: Received, message: Incoming, case: Case) -> None:
    row.case, row.digest = case, message.digest
    row.likes, row.dislikes = message.likes, message.dislikes
    _note_likes(row, is_new=True)
    _tell(row, case)


def _where(source: Source, message: Incoming) -> cases.Where:
    is_placed = message.lon is not None or message.place or message.path
    return cases.Where(
        lon=message.lon,
        lat=message.lat,
        datum=message.datum or "wgs84",
        place=message.place,
        path=message.path if is_placed else place_rules.path_of(source.county),
    )


def _key(row: Received, source: Source) -> str:
    """What the matter is known by among all cases: its number, or the source's own name for it."""
    plain = rules.number_key(source.channel, row.external)
    if plain and not case_reads.with_source_keys([plain], county=row.county):
        return plain
    name = row.external
    if len(name) > _MOST_KEY:
        name = f"#{hashlib.sha256(name.encode()).hexdigest()[:40]}"
    return f"s:{row.source_id.hex}:{name}"


def _note_likes(row: Received, *, is_new: bool = False) -> None:
    """What all that was said of the matter was liked, elsewhere: each voice had its own votes."""
    if row.case_id is None or (row.likes is None and row.dislikes is None):
        return
    others = reads.liked_besides(row)
    likes, dislikes = others[0] + (row.likes or 0), others[1] + (row.dislikes or 0)
    if likes or dislikes or not is_new:
        triage.note_likes(row.case_id, likes=likes, dislikes=dislikes, county=row.county)


def _tell(row: Received, case: Case) -> None:
    announce(
        MessageReceived(source_id=row.source_id, received_id=row.id, fate=row.fate, case=case.id),
        about=f"source:{row.source_id}",
        county=row.county,
        actor=SYSTEM,
        now=clock.now(),
    )
