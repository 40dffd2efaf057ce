"""Putting a rulebook in force. Broken files are refused and the one in force stays."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import Max

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.record.actions import announce
from gezhi.rulebook import reads, rules
from gezhi.rulebook.facts import RulebookApplied
from gezhi.rulebook.models import Version


@transaction.atomic
def apply_book(files: Mapping[str, str], *, note: str = "", county: str, actor: Actor) -> Version:
    """Put these files in force. The same files as those in force change nothing."""
    actor.must("rulebook.manage", path=county)  # it holds for the whole county
    reads.read_files(files)  # refuses a broken book before anything is touched
    _take_turn(county)
    digest = rules.digest_of(files)
    old = Version.objects.filter(county=county, is_current=True).first()
    if old is not None and old.digest == digest:
        return old
    now = clock.now()
    last = Version.objects.filter(county=county).aggregate(last=Max("number"))["last"] or 0
    Version.objects.filter(county=county, is_current=True).update(is_current=False)
    version = Version.objects.create(
        county=county,
        number=last + 1,
        digest=digest,
        files=dict(files),
        note=note.strip(),
        applied_at=now,
        applied_by=actor.label,
        is_current=True,
    )
    reads.note_change(county)
    transaction.on_commit(lambda: reads.forget(county))
    fact = RulebookApplied(version=version.number, digest=digest)
    announce(fact, about="rulebook", county=county, actor=actor, now=now)
    return version


def _take_turn(county: str) -> None:
    """One change of a county's rulebook at a time, the very first included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rulebook:{county}"]
        )


@transaction.atomic
def ensure_default(county: str, actor: Actor, *, guess_weekdays: bool = False) -> Version:
    """The version in force; the product's own rulebook becomes it where there is none.

    `guess_weekdays` lets years nobody has announced yet be Monday to Friday (each
    date it touches is marked): for a county to try things on, not for a real one.
    """
    _take_turn(county)
    found = Version.objects.filter(county=county, is_current=True).first()
    files = reads.default_files(guess_weekdays=guess_weekdays)
    return found or apply_book(files, county=county, actor=actor)
