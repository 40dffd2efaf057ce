"""Cases to compare a report with: where and of what kind they are, without what they say.

Asked while somebody types, and in SQL as it stands: the ORM took longer to write it than the
database to answer it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.cases.reads.seeing import seen_by
from gezhi.cases.rules import OPEN, State


@dataclass(frozen=True, slots=True)
class Light:
    """What of a case is compared before its words are read."""

    id: UUID
    county: str
    book: int
    path: str
    lon: float | None
    lat: float | None
    category: str
    proposed_category: str
    opened_at: datetime
    is_secret: bool
    is_public: bool
    is_urgent: bool


_COLUMNS = ", ".join(f"c.{name}" for name in Light.__slots__)
_OPEN = sorted(OPEN)
_FINISHED = [State.DONE.value, State.CLOSED.value]


@dataclass(frozen=True)
class OpenCases:
    """Those of a county that came in since then and that the actor may see; None: guarded above."""

    county: str
    since: datetime
    actor: Actor | None

    def in_cells(self, cells: Iterable[str], *, most: int) -> list[Light]:
        """The newest in these H3 cells."""
        return self._newest("c.h3 = ANY(%s)", [list(cells)], most)

    def in_area(self, path: str, *, most: int, are_secret: bool = False) -> list[Light]:
        """The newest of an area; only those told in secrecy, if that is asked for."""
        where = "c.path LIKE %s AND c.is_secret" if are_secret else "c.path LIKE %s"
        return self._newest(where, [f"{path}%"], most)

    def among(self, ids: Sequence[UUID], *, most: int, are_public: bool = False) -> list[Light]:
        """The newest of these; only those reviewed as public, if that is asked for."""
        where = "c.id = ANY(%s) AND c.is_public" if are_public else "c.id = ANY(%s)"
        return self._newest(where, [list(ids)], most) if ids else []

    def _newest(self, where: str, values: list[Any], most: int) -> list[Light]:
        seen, whose = seen_by(self.actor, "c") if self.actor else ("TRUE", ())
        found = rows.ask(
            f"SELECT {_COLUMNS} FROM cases_case c WHERE c.county = %s AND c.opened_at >= %s"  # noqa: S608 - names of ours
            f" AND c.state = ANY(%s) AND {where} AND {seen} ORDER BY c.opened_at DESC LIMIT %s",
            [self.county, self.since, _OPEN, *values, *whose, most],
        )
        return [Light(*each) for each in found]


def newest_ended(kinds: Collection[str], *, county: str, since: datetime, most: int) -> list[UUID]:
    """The newest cases of each of these kinds that are finished and were not told in secrecy.

    Kind by kind, so that each walks its index from the newest on and stops.
    """
    found = rows.ask(
        "SELECT ended.id FROM unnest(%s::text[]) AS kind, LATERAL ("
        " SELECT id FROM cases_case WHERE county = %s AND category = kind AND opened_at >= %s"
        " AND state = ANY(%s) AND NOT is_secret ORDER BY opened_at DESC LIMIT %s) AS ended",
        [list(kinds), county, since, _FINISHED, most],
    )
    return [id for (id,) in found]
