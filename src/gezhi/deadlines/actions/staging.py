"""The stages of a category as promises: they come with the finish and are worked out with it."""

from collections.abc import Iterable
from datetime import datetime

from gezhi.cases import reads as case_reads
from gezhi.deadlines.actions.promising import drop, renew
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import Kind, Matter
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Due


def fit_stages(matter: Matter, promises: Iterable[Deadline], *, now: datetime) -> list[Deadline]:
    """Make the stages among these open promises those that the case has still to reach.

    They count from where the finish does. Those the category doesn't have are dropped, those it
    has are worked out anew; gives back the new ones. Write all with `keep`.
    """
    there = list(promises)
    finish = next((row for row in there if row.kind == Kind.FINISH), None)
    if finish is None:
        return []
    wanted = _still_to_reach(matter, start=finish.starts)
    rows = {row.stage: row for row in there if row.kind == Kind.STAGE}
    drop([row for key, row in rows.items() if key not in wanted], now=now)
    made = [_new(matter, finish, key) for key in wanted if key not in rows]
    rows |= {row.stage: row for row in made}
    if wanted:
        renew(matter, [(rows[key], told) for key, told in wanted.items()], now=now)
    for row in made:
        row.first_due = row.due
    return made


def _still_to_reach(matter: Matter, *, start: datetime) -> dict[str, Due]:
    """By their keys; those that are due no sooner than the whole was first promised are it."""
    book = rulebook.book(matter.county, matter.book)
    known = book.categories.get(matter.category)
    if known is None or not known.stages:
        return {}
    found = book.stages_on_the_way(
        matter.category,
        size=matter.size or None,
        channel=matter.channel,
        level=people.unit(matter.centre).level,
        start=start,
        unit_code=people.unit(matter.holder).code,
    )
    reached = case_reads.stages_reached(matter.case)
    return {stage.key: due for stage, due in found if stage.key not in reached}


def _new(matter: Matter, finish: Deadline, key: str) -> Deadline:
    return Deadline(
        county=matter.county,
        case_id=matter.case,
        unit_id=finish.unit_id,
        kind=Kind.STAGE.value,
        stage=key,
        starts=finish.starts,
    )
