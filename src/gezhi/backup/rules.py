"""Names of backups, which ones are kept, when one is due, what must be the same. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

FORMAT = 1
LEAST_PASSPHRASE = 12
# A try that failed is made again so often and so much later.
TRIES, TRY_AGAIN_AFTER = 3, timedelta(hours=1)
# What says nothing for so long has been broken off.
SILENT_FOR = timedelta(hours=1)
OVERDUE_AFTER = timedelta(hours=26)
VERIFIED_EVERY = timedelta(days=7)
# Stands among the files while they are restored.
HALF = ".restoring"
_NAME = re.compile(r"gezhi-(?:keys-)?(\d{6})-(\d{8}T\d{6}Z)\.gz[bk]")


class Kind(StrEnum):
    """What a file of ours holds."""

    BACKUP = "backup"
    KEYS = "keys"


class Work(StrEnum):
    """What a run does."""

    WRITE = "write"
    VERIFY = "verify"


class Cipher(StrEnum):
    """How a backup is sealed."""

    AES = "aes-256-gcm"
    SM4 = "sm4-gcm"


_STARTS = {Kind.BACKUP: ("gezhi-", ".gzb"), Kind.KEYS: ("gezhi-keys-", ".gzk")}


def file_name(kind: Kind, county: str, moment: datetime) -> str:
    """How a backup of this moment is called: names sort by time."""
    start, end = _STARTS[kind]
    return f"{start}{county}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}{end}"


def moment_in(name: str, kind: Kind, county: str) -> datetime | None:
    """When a file of this kind and county was made, by its name; None if it is another's."""
    start, end = _STARTS[kind]
    found = _NAME.fullmatch(name)
    if found is None or found[1] != county or not (name.startswith(start) and name.endswith(end)):
        return None
    if kind is Kind.BACKUP and name.startswith(_STARTS[Kind.KEYS][0]):
        return None
    try:
        return datetime.strptime(found[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(frozen=True)
class Keep:
    """How many backups are kept: of the last days, weeks and months that have any."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    @classmethod
    def read(cls, text: str) -> "Keep":
        """From `7,4,12`. Raises ValueError in words."""
        parts = text.split(",")
        if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
            raise ValueError(f"{text!r}: write three numbers, days,weeks,months, such as 7,4,12")
        daily, weekly, monthly = (int(part) for part in parts)
        if daily < 1:
            raise ValueError(f"{text!r}: at least one day's backup is kept")
        return cls(daily, weekly, monthly)


def kept(moments: Iterable[datetime], keep: Keep, zone: tzinfo) -> set[datetime]:
    """Which of these backups stay: the newest of each day, week and month, so many of each."""
    newest_first = sorted(moments, reverse=True)
    found: set[datetime] = set()
    for most, span in ((keep.daily, _day), (keep.weekly, _week), (keep.monthly, _month)):
        newest_of: dict[tuple[int, ...], datetime] = {}
        for moment in newest_first:
            newest_of.setdefault(span(moment.astimezone(zone)), moment)
        found |= set(list(newest_of.values())[:most])
    return found


def _day(moment: datetime) -> tuple[int, ...]:
    return (moment.toordinal(),)


def _week(moment: datetime) -> tuple[int, ...]:
    return tuple(moment.isocalendar()[:2])


def _month(moment: datetime) -> tuple[int, ...]:
    return (moment.year, moment.month)


def read_time(text: str) -> time:
    """A time of day, `03:10`. Raises ValueError in words."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # a time of the city's day
    except ValueError:
        raise ValueError(f"{text!r}: write a time of day such as 03:10") from None


def last_due(now: datetime, at: time, zone: tzinfo) -> datetime:
    """The last moment at which a nightly backup was due."""
    here = now.astimezone(zone)
    due = datetime.combine(here.date(), at, tzinfo=zone)
    return (
        due if due <= here else datetime.combine(here.date() - timedelta(days=1), at, tzinfo=zone)
    )


@dataclass(frozen=True)
class Try:
    """One run as the schedule sees it."""

    began: datetime
    is_fine: bool


def is_due(now: datetime, due: datetime, tries: Iterable[Try]) -> bool:
    """Whether the nightly backup should begin: not done since it was due, nor tried just now.

    A worker that was away at that hour makes up for it when it is back.
    """
    since = [each for each in tries if each.began >= due]
    if any(each.is_fine for each in since) or len(since) >= TRIES:
        return False
    return all(now - each.began >= TRY_AGAIN_AFTER for each in since)


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, counted and digested in the one snapshot that was saved."""

    id: str
    county: str
    made_at: str
    server: int
    dumped_by: int
    tables: Mapping[str, int]
    heads: Mapping[str, str]
    migrations: tuple[str, ...]
    keys: Mapping[str, str]
    files: int = 0
    file_bytes: int = 0
    gone: int = 0
    missing: int = 0
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "Manifest":
        """Raises ValueError, KeyError or TypeError for what is none."""
        values = json.loads(body)
        if values.get("format") != FORMAT:
            raise ValueError(f"format {values.get('format')}")
        return cls(**{**values, "migrations": tuple(values["migrations"])})


@dataclass(frozen=True)
class State:
    """What a database holds: lines of each table, and the heads of its chains."""

    tables: Mapping[str, int]
    heads: Mapping[str, str]
    migrations: tuple[str, ...] = field(default_factory=tuple)


def differences(saved: Manifest, found: State) -> Iterator[str]:
    """Where a restored database isn't what was saved."""
    for table in sorted({*saved.tables, *found.tables}):
        there, here = saved.tables.get(table), found.tables.get(table)
        if there != here:
            yield f"{table}: {there} → {here}"
    for chain in sorted({*saved.heads, *found.heads}):
        if saved.heads.get(chain) != found.heads.get(chain):
            yield f"{chain}: {saved.heads.get(chain)} → {found.heads.get(chain)}"


def fingerprints(body: bytes) -> dict[str, str]:
    """A digest of each secret in a key file, by its place: tells keys apart, opens nothing."""
    return dict(_leaves(json.loads(body), ""))


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, f"{place}/{name}")
    elif isinstance(value, str) and len(value) >= 32:
        yield place, hashlib.sha256(f"gezhi key {value}".encode()).hexdigest()[:16]


def holds_keys(there: Mapping[str, str], here: Mapping[str, str]) -> bool:
    """Whether every key that was in use when a backup was made is here."""
    return all(here.get(place) == digest for place, digest in there.items())


def is_safe_path(path: str) -> bool:
    """A path inside of a folder and nowhere else."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def in_words(size: float) -> str:
    """A size people read: 3.2 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
