"""Fetching imports, and what an import needs to know of cases and places."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads as cases
from gezhi.intake import adapters, rules
from gezhi.intake.errors import REASONS, FileGone, WrongRow
from gezhi.intake.models import Import, ImportRow, Received, Source
from gezhi.people import reads as people

_SHOWN_ROWS, _ASKED_AT_ONCE = 5, 2000
_SYSTEM = system("intake")


def visible_to(actor: Actor) -> QuerySet[Import]:
    """The actor's own imports; all of the county for whoever may import over all of it."""
    found = Import.objects.all()
    if actor.is_system:
        return found
    if not actor.may("case.import"):
        return found.none()
    whole = [path for path in actor.paths("case.import") if len(path) <= 6]
    mine = found.filter(actor=actor.label)
    for path in whole:
        mine = mine | found.filter(county__startswith=path)
    return mine


def imports(actor: Actor, *, county: str) -> QuerySet[Import]:
    """The imports this actor may see, the newest first."""
    return visible_to(actor).filter(county=county).order_by("-received_at", "-id")


def import_for(actor: Actor, import_id: UUID) -> Import:
    """One import, if the actor may see it."""
    found = visible_to(actor).filter(pk=import_id).first()
    if found is None:
        raise NotFound()
    return found


def import_to_change(actor: Actor, import_id: UUID) -> Import:
    """Like `import_for`, holding the row until the transaction ends."""
    found = visible_to(actor).select_for_update().filter(pk=import_id).first()
    if found is None:
        raise NotFound()
    return found


def reads_rows(actor: Actor, found: Import) -> bool:
    """Whether rows are shown as they came, names and phones with them: to who brought them."""
    is_own = found.actor == actor.label
    return (
        actor.is_system or is_own or (found.account is not None and found.account == actor.account)
    )


def own_import(actor: Actor, import_id: UUID) -> Import:
    """One import whose rows the actor may read."""
    found = import_for(actor, import_id)
    if not reads_rows(actor, found):
        raise NotAllowed()
    return found


def silent_since(moment: datetime) -> list[Import]:
    """Imports that should be under way and that nobody has touched since."""
    return list(Import.objects.filter(state__in=sorted(rules.WORKING), touched_at__lt=moment))


def old_drafts(before: datetime) -> list[Import]:
    """Files that were uploaded and never confirmed."""
    return list(Import.objects.filter(state=rules.State.DRAFT, touched_at__lt=before))


def importer(found: Import) -> Actor:
    """Who imports, with the posts that one holds now."""
    if found.account is None:
        return system(found.actor.removeprefix("system:"))
    return people.actor_for(people.account(_SYSTEM, found.account))


def who(found: Import) -> str:
    """The name of who imports."""
    return people.person_name(found.actor) if found.account else ""


def table_of(found: Import) -> rules.Table:
    """The import's table, read from the file that waits sealed."""
    try:
        return _table(found.county, found.id)
    except FileNotFoundError as error:
        raise FileGone() from error


@lru_cache(maxsize=2)
def _table(county: str, import_id: UUID) -> rules.Table:
    return rules.read_table(adapters.read_file(county, import_id))


def forget_tables() -> None:
    """Let go of the tables this process has read."""
    _table.cache_clear()


def reading_of(
    found: Import, *, now: datetime, columns: rules.Columns | None = None, odd_dates: str = ""
) -> rules.Reading:
    """How the import's rows are to be read."""
    return rules.Reading(
        columns=found.columns if columns is None else columns,
        channel=found.channel,
        odd_dates=rules.OddDates(odd_dates or found.odd_dates),
        zone=timezone.get_default_timezone(),
        now=now,
    )


@dataclass
class Rehearsal:
    """What reading the whole table with these columns comes to, before anything is taken in."""

    good: int = 0
    known: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    examples: list[rules.Message] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return sum(self.faults.values())

    def reasons(self) -> list[tuple[str, int]]:
        """Each reason in words with its count, the most frequent first."""
        ordered = sorted(self.faults.items(), key=lambda each: -each[1])
        return [(str(REASONS[reason]), count) for reason, count in ordered]


def rehearse(table: rules.Table, reading: rules.Reading, *, county: str) -> Rehearsal:
    """Read every row and take none: what would go in, what is in already, what can't."""
    found, known = Rehearsal(), dict[str, str]()
    for at in range(0, len(table.rows), _ASKED_AT_ONCE):
        read = [_read(row, table, reading) for row in table.rows[at : at + _ASKED_AT_ONCE]]
        keys = {each.key for each in read if isinstance(each, rules.Message)} - set(known)
        known |= known_keys(county, keys)
        for each in read:
            _count(each, known, found)
    return found


def _read(row: rules.Row, table: rules.Table, reading: rules.Reading) -> rules.Message | WrongRow:
    try:
        return rules.read_message(row, table, reading)
    except WrongRow as wrong:
        return wrong


def _count(each: rules.Message | WrongRow, known: dict[str, str], found: Rehearsal) -> None:
    if isinstance(each, rules.Message):
        digest = known.get(each.key)
        if digest is None:
            known[each.key] = each.digest
            found.good += 1
            found.examples += [each] if len(found.examples) < _SHOWN_ROWS else []
            return
        if digest in ("", each.digest):
            found.known += 1
            return
    reason = "number_taken" if isinstance(each, rules.Message) else each.reason
    found.faults[reason] = found.faults.get(reason, 0) + 1


def lock_county(county: str) -> None:
    """Let one batch of one import at a time into a county, until the transaction ends.

    Two files with the same messages in different orders would else wait for each other's keys.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('gezhi.intake'), hashtext(%s))", [county]
        )


def known_keys(county: str, keys: Collection[str]) -> dict[str, str]:
    """Of these keys those that are in, each with the digest of the row it came in with."""
    there = cases.visible_to(_SYSTEM).filter(county=county, source_key__in=keys)
    found = dict.fromkeys(there.values_list("source_key", flat=True), "")
    found |= dict.fromkeys(_joined(county, set(keys) - set(found)), "")
    rows = ImportRow.objects.filter(
        county=county, key__in=list(found), outcome=rules.Outcome.ADDED.value
    )
    found.update(rows.values_list("key", "digest"))
    return found


def _joined(county: str, keys: Collection[str]) -> set[str]:
    """Of these keys those of messages that a source brought into a case of another number."""
    numbers: dict[str, list[str]] = {}
    for key in keys:
        channel, _colon, number = key.partition(":")
        if rules.number_key(channel, number) == key:
            numbers.setdefault(channel, []).append(number)
    return {
        rules.number_key(channel, external)
        for channel, named in numbers.items()
        for external in Received.objects.filter(
            county=county,
            source__in=Source.objects.filter(county=county, channel=channel),
            external__in=named,
            fate__in=[rules.Fate.TAKEN, rules.Fate.JOINED],
        ).values_list("external", flat=True)
    }


def rows_of(found: Import, *outcomes: rules.Outcome) -> QuerySet[ImportRow]:
    """The rows of an import with one of these outcomes, in the file's order."""
    return ImportRow.objects.filter(
        county=found.county, import_of=found, outcome__in=[each.value for each in outcomes]
    ).order_by("line")


def reason_words(row: ImportRow) -> str:
    """Why a row did not go in."""
    return rules.reason_words(row.reason, row.detail)


def fault_counts(found: Import) -> list[tuple[str, int]]:
    """Why rows did not go in, each reason in words with its count."""
    counted: Mapping[tuple[str, str], int] = {
        (reason, detail): count
        for reason, detail, count in rows_of(found, rules.Outcome.FAILED)
        .order_by()
        .values_list("reason", "detail")
        .annotate(count=Count("id"))
    }
    return [
        (rules.reason_words(reason, detail), count)
        for (reason, detail), count in sorted(counted.items(), key=lambda each: -each[1])
    ]


def error_sheet(found: Import) -> bytes:
    """The wrong rows as they came, the reason in a last column: to be mended and sent again."""
    keep = [at for at, head in enumerate(found.header) if not rules.is_error_column(head)]
    header = [found.header[at] for at in keep] + [rules.ERROR_HEADERS[0]]
    return rules.write_sheet("1", header, _error_rows(found, keep))


def _error_rows(found: Import, keep: list[int]) -> Iterator[list[Any]]:
    for row in rows_of(found, rules.Outcome.FAILED).iterator(500):
        cells = json.loads(row.values or "[]")  # emptied when its time was up
        yield [*(cells[at] if at < len(cells) else "" for at in keep), reason_words(row)]
