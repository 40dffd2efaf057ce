"""Taking the steps of plans as time passes: reminders, breaks, rungs of ladders.

Any number of workers may do so at once. Each holds the promises it takes, and others pass over
them; the step and what follows are written in one transaction, so a worker may be killed
anywhere. What a step costs doesn't depend on how many promises are open.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.db import OperationalError

from gezhi.base import rows
from gezhi.base.actor import system
from gezhi.deadlines import reads, rules
from gezhi.deadlines.actions.planning import go_on
from gezhi.deadlines.actions.promising import drop
from gezhi.deadlines.actions.telling import Audience, Telling
from gezhi.deadlines.facts import (
    NobodyOnDuty,
    PromiseBroken,
    PromiseClimbed,
    PromiseFact,
    PromiseReminded,
)
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.rules import Matter
from gezhi.record.actions import announce

AT_ONCE = 200
BEGINNING = datetime.min.replace(tzinfo=UTC)
_AFTER_FAULT = timedelta(minutes=5)
_ENGINE = system("deadlines")

log = structlog.get_logger("gezhi.deadlines")


def take_steps(*, county: str, now: datetime, is_driven: bool = False) -> int:
    """Take what is due, `AT_ONCE` promises at most; how many that were.

    What an older release, which doesn't know it, left behind with an ended case is dropped. Should
    something be wrong with one of them, the others don't wait for it. `is_driven`: a
    simulation lets the time pass, so each step is taken at its own moment.
    """
    try:
        return _take(county, now, AT_ONCE, is_driven)
    except OperationalError:
        raise  # the database is away, or told us to stop: that is no promise's fault
    except Exception:
        log.exception("steps could not be taken together")
    return sum(_take_one(county, now, is_driven) for _ in range(AT_ONCE))


def _take_one(county: str, now: datetime, is_driven: bool) -> int:
    try:
        return _take(county, now, 1, is_driven)
    except OperationalError:
        raise
    except Exception:
        log.exception("a step could not be taken")
        return _put_off(county, now, is_driven)


@rows.atomic()
def _take(county: str, now: datetime, most: int, is_driven: bool) -> int:
    since = BEGINNING if is_driven else None
    due = reads.to_take(county=county, since=since, now=now, most=most)
    if not due:
        return 0
    matters = reads.matters(row.case_id for row in due)
    telling = Telling(now)
    for row in due:
        matter = matters[row.case_id]
        if not rules.is_owed(rules.Kind(row.kind), matter.state):
            drop([row], now=now)
        elif is_driven:
            while row.next_at is not None and row.next_at <= now:
                _take_step(row, matter, Telling(row.next_at))
        else:
            while row.next_at is not None and row.next_at <= now:
                _take_step(row, matter, telling)
    rows.write(changed=due)
    return len(due)


@rows.atomic()
def _put_off(county: str, now: datetime, is_driven: bool) -> int:
    since = BEGINNING if is_driven else None
    due = reads.to_take(county=county, since=since, now=now, most=1)
    for row in due:
        row.next_at = now + _AFTER_FAULT
    rows.write(changed=due)
    return len(due)


def _take_step(row: Deadline, matter: Matter, telling: Telling) -> None:
    """One step: on record, told to who is at work, and the following step waited for.

    Where a rung finds nobody, the next one doesn't wait for its time.
    """
    code = row.next_step
    take = _remind if rules.is_reminder(code) else _break if code == rules.BREAK else _climb
    is_told = take(row, matter, telling)
    go_on(matter, row, code)
    if not is_told and row.next_at is not None:
        row.next_at = min(row.next_at, telling.at)


def _remind(row: Deadline, matter: Matter, telling: Telling) -> bool:
    """Tell who owes it; where none of them is at work, whoever answers for them."""
    if rules.is_outdated(row.next_step, due=row.due, now=telling.at):
        _put_on_record(row, Audience("", None), telling)
        return True
    if row.kind in rules.WINDOWS:  # the reporter's own time: nobody of the house owes anything
        audience = Audience("reporter", None)
        _put_on_record(row, audience, telling)
        _say(
            PromiseReminded, row, matter, audience, telling, percent=rules.number_of(row.next_step)
        )
        return True
    asked = telling.holder(row.unit_id, row.kind)
    audience = asked if asked.told else telling.fallback(matter, row.unit_id)
    _put_on_record(row, audience, telling)
    if not asked.told:
        _alarm(row, matter, row.unit_id, telling)
    if audience.told:
        percent = rules.number_of(row.next_step)
        _say(PromiseReminded, row, matter, audience, telling, percent=percent)
    return True


def _break(row: Deadline, matter: Matter, telling: Telling) -> bool:
    row.broken_at = telling.at
    audience = telling.holder(row.unit_id, row.kind)
    _put_on_record(row, audience, telling)
    _say(PromiseBroken, row, matter, audience, telling)
    if row.kind == rules.Kind.ANSWER and (asker := telling.asker(matter, row.starts)).told:
        _say(PromiseBroken, row, matter, asker, telling)
    if not audience.told:
        _alarm(row, matter, row.unit_id, telling)
    return bool(audience.told)


def _climb(row: Deadline, matter: Matter, telling: Telling) -> bool:
    row.rung = rules.number_of(row.next_step)
    audience = telling.rung(matter, row.unit_id, reads.ladder_of(matter, row.kind), row.rung)
    _put_on_record(row, audience, telling)
    if audience.told:
        _say(PromiseClimbed, row, matter, audience, telling, rung=row.rung)
    elif audience.unit is not None:
        _alarm(row, matter, audience.unit, telling)
    return bool(audience.told)


def _put_on_record(row: Deadline, audience: Audience, telling: Telling) -> None:
    raised = Raised(
        county=row.county,
        case_id=row.case_id,
        deadline=row,
        step=row.next_step,
        due=row.due,
        at=telling.at,
        audience=audience.word,
        unit_id=audience.unit,
        told=len(audience.told),
    )
    rows.write(new=[raised])


def _alarm(row: Deadline, matter: Matter, absent: UUID, telling: Telling) -> None:
    """Somebody of a unit should have been told and nobody was at work: that is told upward."""
    heard = telling.fallback(matter, row.unit_id)
    _say(NobodyOnDuty, row, matter, heard, telling, absent=absent)


def _say(
    fact: type[PromiseFact],
    row: Deadline,
    matter: Matter,
    audience: Audience,
    telling: Telling,
    **more: int | UUID,
) -> None:
    said = fact(
        case=matter.case,
        number=matter.number,
        deadline=row.id,
        promise=row.kind,
        stage=row.stage,
        unit=row.unit_id,
        due=row.due,
        path=matter.path,
        audience=audience.word,
        told=audience.told,
        **more,
    )
    about = f"case:{matter.case}"
    announce(said, about=about, county=matter.county, actor=_ENGINE, now=telling.at)
