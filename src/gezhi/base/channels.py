"""A way in or out, and how it is: what each room tells of those it has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Aggregate, Count, Q

SPANS: Mapping[str, timedelta] = MappingProxyType({
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
})  # fmt: skip
MEASURED = SPANS["month"]


class Kind(StrEnum):
    """What a row is about."""

    REPORTS = "reports"  # what came in under the name of one channel, however it did
    SOURCE = "source"
    CALLS = "calls"
    IMPORTS = "imports"
    OPEN311 = "open311"
    WEBHOOK = "webhook"
    PEER = "peer"
    OPEN_DATA = "open_data"


GOES_OUT = frozenset({Kind.WEBHOOK, Kind.PEER, Kind.OPEN_DATA})


class Sign(StrEnum):
    """How it is. `silent`: nothing for so long that somebody should look, or nothing ever."""

    OK = "ok"
    SILENT = "silent"
    FAULTY = "faulty"
    OFF = "off"


@dataclass(frozen=True)
class Counts:
    """How much went through it in the last hour, day, seven days, thirty days."""

    hour: int = 0
    day: int = 0
    week: int = 0
    month: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            self.hour + other.hour, self.day + other.day,
            self.week + other.week, self.month + other.month,
        )  # fmt: skip


@dataclass(frozen=True)
class Channel:
    """One way in or out.

    `code` is the channel's name, or that of the row (`id`) whose own page tells more. `faults` were
    met in the last day; `fault` is the newest one that still stands. `lag` is how much later than
    it was said the day's messages came. `waiting` is what is not through yet, since `oldest`.
    """

    kind: Kind
    name: Any
    sign: Sign
    code: str = ""
    id: UUID | None = None
    last: datetime | None = None
    counts: Counts | None = None
    faults: int = 0
    fault: Any = ""
    fault_at: datetime | None = None
    lag: timedelta | None = None
    waiting: int = 0
    oldest: datetime | None = None


def counted(moment: str, now: datetime, of: type[Aggregate] = Count, what: str = "") -> Any:
    """What each span is counted by, for `annotate`: rows by their `moment`, or sums of `what`."""
    return {
        name: of(what or moment, filter=Q(**{f"{moment}__gte": now - span}))
        for name, span in SPANS.items()
    }


def counts_in(row: Mapping[str, Any] | None) -> Counts:
    """What was counted so; nothing where there is no row."""
    return Counts(**{name: (row or {}).get(name) or 0 for name in SPANS})


def by(key: str, rows: Iterable[Mapping[str, Any]]) -> dict[Any, Mapping[str, Any]]:
    """Rows of counts by what they are of."""
    return {row[key]: row for row in rows}
