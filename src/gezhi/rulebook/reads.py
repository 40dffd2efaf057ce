"""Which rulebook is in force, older ones, what changed between two, and files on disk."""

import io
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.rulebook import rules
from gezhi.rulebook.adapters import official_days
from gezhi.rulebook.errors import RulebookMissing, VersionUnknown
from gezhi.rulebook.models import Version
from gezhi.rulebook.rules import Book, CameBack, UnknownYear

DEFAULT_DIR = Path(__file__).parent / "default"
_RECHECK_SECONDS = 1.0


@dataclass(frozen=True)
class _InForce:
    """The version in force when this process last looked."""

    id: UUID
    looked_at: float


_in_force: dict[str, _InForce] = {}
_ids: dict[tuple[str, int], UUID] = {}  # of versions by county and number
_lock = threading.Lock()
_changed_here = threading.local()


def current(county: str) -> Book:
    """The book in force. Costs a query at most once a second per process and county."""
    is_changing = _is_changing_here(county)
    known = _in_force.get(county)
    if known and not is_changing and time.monotonic() - known.looked_at < _RECHECK_SECONDS:
        return _book_of(known.id)
    version = Version.objects.filter(county=county, is_current=True).values_list("id").first()
    if version is None:
        raise RulebookMissing()
    if not is_changing:
        with _lock:
            _in_force[county] = _InForce(version[0], time.monotonic())
    return _book_of(version[0])


def note_change(county: str) -> None:
    """Let this thread see its own uncommitted version, and nobody else see it from a cache."""
    counties: set[str] = getattr(_changed_here, "counties", set())
    _changed_here.counties = counties | {county}


def forget(county: str) -> None:
    """Look again at the next call."""
    _changed_here.counties = getattr(_changed_here, "counties", set()) - {county}
    with _lock:
        _in_force.pop(county, None)
        for key in [key for key in _ids if key[0] == county]:
            del _ids[key]


def _is_changing_here(county: str) -> bool:
    if county not in getattr(_changed_here, "counties", ()):
        return False
    if connection.in_atomic_block:
        return True
    forget(county)  # that transaction is over, one way or the other
    return False


@lru_cache(maxsize=64)
def _book_of(version_id: UUID) -> Book:
    version = Version.objects.get(id=version_id)
    return read_files(version.files, version=version.number, stored=True)


def in_force_since(county: str) -> datetime:
    """When the book in force was applied."""
    return Version.objects.values_list("applied_at", flat=True).get(county=county, is_current=True)


def book(county: str, version: int) -> Book:
    """The book of one version, as cases opened under it keep it."""
    in_force = current(county)
    if in_force.version == version:
        return in_force
    return _book_of(_id_of(county, version))


def _id_of(county: str, number: int) -> UUID:
    """No version becomes another one: asked once per process, unless one is being made here."""
    if (known := _ids.get((county, number))) and not _is_changing_here(county):
        return known
    found = Version.objects.filter(county=county, number=number).values_list("id").first()
    if found is None:
        raise VersionUnknown(number=number)
    if not _is_changing_here(county):
        with _lock:
            _ids[county, number] = found[0]
    return found[0]


def read_files(files: Mapping[str, str], *, version: int = 0, stored: bool = False) -> Book:
    """The book these files are, with the official days this installation knows."""
    return replace(_read(tuple(sorted(files.items())), stored=stored), version=version)


@lru_cache(maxsize=16)
def _read(texts: tuple[tuple[str, str], ...], *, stored: bool) -> Book:
    """The same texts are looked at, checked, applied and used: they are read once."""
    return rules.read_book(
        dict(texts), official=official_days(), defaults=_product_files(), stored=stored
    )


@cache
def _product_files() -> dict[str, str]:
    return files_in(DEFAULT_DIR)


def check_dir(folder: Path) -> Book:
    """The book in a folder, or `BrokenRulebook` with everything that is wrong in it."""
    return read_files(files_in(folder))


def diff(old: Book, new: Book) -> list[rules.Change]:
    """What changes between two books, to be read by people."""
    return rules.differences(old, new)


def default_files(*, guess_weekdays: bool = False) -> dict[str, str]:
    """The rulebook that comes with the product; it refuses unknown years unless it may guess."""
    files = files_in(DEFAULT_DIR)
    if guess_weekdays:
        files["calendar.toml"] = files["calendar.toml"].replace(
            'unknown_years = "refuse"', 'unknown_years = "weekdays"'
        )
    return files


def files_in(folder: Path) -> dict[str, str]:
    """Every TOML file of a folder, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}


def files_at(place: Path) -> dict[str, str]:
    """Every TOML file of a folder or of a zip, by name."""
    if place.is_dir():
        return files_in(place)
    return rules.texts_of(place.name, place.read_bytes())


def versions(actor: Actor, *, county: str) -> QuerySet[Version]:
    """All versions, the newest first."""
    actor.must("rulebook.manage")
    return Version.objects.filter(county=county).order_by("-number")


def version(actor: Actor, number: int, *, county: str) -> Version:
    """One version with its files."""
    found = versions(actor, county=county).filter(number=number).first()
    if found is None:
        raise VersionUnknown(number=number)
    return found


def files_with_days(
    files: Mapping[str, str], name: str, content: bytes, *, official: bool
) -> dict[str, str]:
    """The files with the days of an iCalendar file in their calendar; nothing else is changed.

    `official`: days that don't say so themselves are the State Council's, not local exceptions.
    What comes back every year is written for this year and the next two.
    """
    calendar = read_files(files, stored=True).calendar
    year = calendar.local_date(clock.now()).year
    days = rules.read_days(name, content, zone=calendar.zone, years=range(year, year + 3))
    new = rules.sort_days(name, days, official=official, calendar=calendar)
    text = rules.write_into(files["calendar.toml"], new, source=name)
    return {**files, "calendar.toml": text}


def days_of(version: Version, *, first_year: int) -> bytes:
    """The days off, make-up days and local exceptions of a version from a year on, as iCalendar."""
    calendar = _book_of(version.id).calendar
    return rules.write_days(
        calendar,
        county=version.county,
        years=range(first_year, first_year + 100),
        stamp=version.applied_at,
    )


def unknown_year(county: str) -> UnknownYear | None:
    """The year whose official days somebody has to see to now, if there is one."""
    return rules.find_unknown_year(current(county), clock.now())


def zip_of(files: Mapping[str, str]) -> bytes:
    """The files as one zip, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return out.getvalue()


# County → of each row of routing, how many of this month's sendings by it came back.
FlagTeller = Callable[[str], Mapping[str, CameBack]]
_tellers: list[FlagTeller] = []


def flags_routes(teller: FlagTeller) -> FlagTeller:
    """Register who counts that: the room above that follows where cases went."""
    _tellers[:] = [teller]
    return teller


def flagged_routes(county: str) -> Mapping[str, CameBack]:
    """By the ids of the rows from which something came back; nothing where nobody counts."""
    return _tellers[0](county) if _tellers else {}
