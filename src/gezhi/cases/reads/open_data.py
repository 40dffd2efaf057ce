"""Cases as anybody may read of them: reviewed as public and of a kind that hides nobody.

In SQL as it stands: through the ORM, writing the question took longer than answering it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from gezhi.base import rows
from gezhi.cases.models import Attachment, Case, HistoryLine
from gezhi.cases.rules.moves import Act
from gezhi.cases.rules.open_data import Wanted
from gezhi.rulebook import reads as rulebook

# Nothing of these is told: of a list of many cases they are not fetched.
_WITHOUT = (
    "words", "datum", "h3", "area_id", "size", "is_urgent", "centre_id", "stages", "sent_back",
    "is_decided_above", "before_merge", "is_verified", "accepted_at", "finished_by", "closed_at",
    "paused_at", "due_from", "due_at", "due_runs_on", "finish_by", "lines", "head", "label",
    "source_key", "has_files", "has_asked", "is_reachable",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A condition on `cases_case` in SQL, with its values; no rows yet."""

    sql: str
    values: tuple[Any, ...]

    def also(self, sql: str, *values: Any) -> "Found":
        """Those of them that fit this too."""
        return Found(f"{self.sql} AND {sql}", (*self.values, *values))


_FIRST_BY = (
    "EXISTS (SELECT 1 FROM cases_historyline l WHERE l.county = cases_case.county"
    " AND l.case_id = cases_case.id AND l.seq = 1 AND l.actor = ANY(%s))"
)
_MAIN_IS_OPEN = (
    "(main_id IS NULL OR EXISTS (SELECT 1 FROM cases_case m WHERE m.id = cases_case.main_id"
    " AND m.is_public AND NOT m.is_secret))"
)
_KIND = "COALESCE(NULLIF(category, ''), proposed_category) = ANY(%s)"


def open_cases(
    *, county: str, told_by: Collection[str] = (), wanted: Wanted | None = None
) -> Found:
    """What anybody may read of, and what a program itself has reported (`told_by`, its labels).

    Never what was told in secrecy, nor to anybody else a sensitive kind, nor what was merged into
    a case that is hidden. Of its own, once given a number, a program hears to the end: of what is
    such by now, as little as `told_whole` leaves. By what isn't told then, none of it is found.
    """
    wanted = wanted or Wanted()
    open_to_it = _whole(county, told_by, wanted.kinds)
    if told_by and not wanted.kinds and not wanted.box:
        own = f"{_FIRST_BY} AND proposed_category = ANY(%s)"
        values = (*open_to_it.values, list(told_by), _kinds(county))
        open_to_it = Found(f"(({open_to_it.sql}) OR ({own}))", values)
    found = Found("county = %s AND NOT is_secret", (county,))
    return _narrowed(found.also(open_to_it.sql, *open_to_it.values), wanted)


def told_whole(cases: Iterable[Case], *, county: str, told_by: Collection[str]) -> set[UUID]:
    """Those of its own and of the public cases of which a program may know more than the state."""
    whole = _whole(county, told_by).also("id = ANY(%s)", [case.id for case in cases])
    found = rows.ask(f"SELECT id FROM cases_case WHERE {whole.sql}", whole.values)  # noqa: S608 - conditions of ours
    return {id for (id,) in found}


def _whole(county: str, told_by: Collection[str], wanted: Collection[str] = ()) -> Found:
    found = Found("is_public", ())
    if told_by:
        found = Found(f"(is_public OR {_FIRST_BY})", (list(told_by),))
    kinds = [key for key in _kinds(county) if not wanted or key in wanted]
    return found.also(_MAIN_IS_OPEN).also(_KIND, kinds)


def _kinds(county: str) -> list[str]:
    known = rulebook.current(county).categories.items()
    return [key for key, one in known if one.public and not one.sensitive]


def _narrowed(found: Found, wanted: Wanted) -> Found:
    for sql, value in (
        ("number = ANY(%s)", list(wanted.numbers) or None),
        ("opened_at >= %s", wanted.since),
        ("opened_at <= %s", wanted.until),
        ("changed_at >= %s", wanted.changed_since),
        ("changed_at <= %s", wanted.changed_until),
        ("state = ANY(%s)", None if wanted.states is None else list(wanted.states)),
    ):
        if value is not None:
            found = found.also(sql, value)
    if wanted.box:
        west, south, east, north = wanted.box
        found = found.also("lon BETWEEN %s AND %s", west, east)
        found = found.also("lat BETWEEN %s AND %s", south, north)
    return found


def rows_of(found: Found) -> QuerySet[Case]:
    """The same for who narrows and turns pages through the ORM."""
    narrowed = Case.objects.extra(where=[found.sql], params=list(found.values))  # noqa: S610  # of ours
    return narrowed.defer(*_WITHOUT)


def newest(
    found: Found, *, start: int, most: int, after: tuple[datetime, UUID] | None = None
) -> list[Case]:
    """The newest of them first, from the one at `start` on or behind one by when it was opened."""
    if after:
        found = found.also("opened_at <= %s AND (opened_at < %s OR id < %s)", after[0], *after)
    where = f"{found.sql} ORDER BY opened_at DESC, id DESC LIMIT %s OFFSET %s"
    return rows.fetch(Case, where, [*found.values, most, start], without=_WITHOUT)


def in_batches(found: Found, size: int) -> Iterator[list[Case]]:
    """All of them from the oldest on, some at a time, each from where the one before ended.

    What comes in meanwhile comes last; nothing is given twice, however long it takes.
    """
    here = found
    while batch := rows.fetch(
        Case,
        f"{here.sql} ORDER BY opened_at, id LIMIT %s",
        [*here.values, size],
        without=_WITHOUT,
    ):
        yield batch
        last = batch[-1]
        here = found.also("opened_at >= %s", last.opened_at)
        here = here.also("(opened_at > %s OR id > %s)", last.opened_at, last.id)


def told_case(number: str, *, county: str, told_by: Collection[str]) -> Case | None:
    """The case of this number, if it is one that this program reported and may follow."""
    found = open_cases(county=county, told_by=told_by, wanted=Wanted(numbers=(number,)))
    own = newest(found.also(_FIRST_BY, list(told_by)), start=0, most=1)
    return own[0] if own else None


def public_pictures(case_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The first picture of each of these cases that anybody may see, in one trip."""
    found = rows.ask(
        "SELECT DISTINCT ON (a.case_id) a.case_id, a.id FROM cases_attachment a"
        " JOIN cases_case c ON c.id = a.case_id WHERE a.case_id = ANY(%s) AND a.is_public"
        " AND a.media_type = 'image/jpeg' AND c.is_public AND NOT c.is_secret"
        " ORDER BY a.case_id, a.at, a.id",
        [list(case_ids)],
    )
    return {case: file for case, file in found}  # noqa: C416 - types


def shown_pictures(lines: Iterable[HistoryLine]) -> dict[UUID, UUID]:
    """By line the first picture of the work that it has shown, where there is any."""
    named = {line.id: [UUID(id) for id in line.data.get("shown", ())] for line in lines}
    ids = [id for files in named.values() for id in files]
    if not ids:
        return {}
    found = rows.ask(
        "SELECT id FROM cases_attachment WHERE id = ANY(%s) AND is_public"
        " AND media_type = 'image/jpeg'",
        [ids],
    )
    seen = {id for (id,) in found}
    firsts = {line: next((id for id in files if id in seen), None) for line, files in named.items()}
    return {line: id for line, id in firsts.items() if id}


def told_picture(id: UUID, *, county: str) -> Attachment | None:
    """A picture of the work that whoever reported was told of, unless its case hides by now."""
    found = Attachment.objects.select_related("case").filter(
        id=id, county=county, is_public=True, media_type="image/jpeg", case__is_secret=False
    )
    file = found.first()
    kind = file.case.category or file.case.proposed_category if file else ""
    return file if kind in _kinds(county) else None


def public_lines(case_ids: Iterable[UUID]) -> list[HistoryLine]:
    """The lines of these cases that anybody may read, in the order in which they were written."""
    return rows.fetch(
        HistoryLine, "case_id = ANY(%s) AND is_public ORDER BY at, seq", [list(case_ids)]
    )


_UNTOLD = [Act.REPORT, Act.FOLLOW]


def updates(
    found: Found,
    since: datetime,
    until: datetime,
    *,
    county: str,
    start: int,
    most: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[tuple[HistoryLine, Case]]:
    """What happened to these cases meanwhile that anybody may know, in the order it did.

    From the one at `start` on, or behind one by when it happened.
    """
    begin, behind = after or (since, UUID(int=0))
    changed = found.also("changed_at >= %s", since)
    lines = rows.fetch(
        HistoryLine,
        f"county = %s AND case_id IN (SELECT id FROM cases_case WHERE {changed.sql})"  # noqa: S608 - conditions of ours
        " AND at >= %s AND (at > %s OR id > %s) AND at <= %s AND is_public"
        " AND act <> ALL(%s) ORDER BY at, id LIMIT %s OFFSET %s",
        [county, *changed.values, begin, begin, behind, until, _UNTOLD, most, start],
    )
    of = {
        case.id: case
        for case in rows.fetch(
            Case, "id = ANY(%s)", [[line.case_id for line in lines]], without=_WITHOUT
        )
    }
    return [(line, of[line.case_id]) for line in lines if line.case_id in of]
