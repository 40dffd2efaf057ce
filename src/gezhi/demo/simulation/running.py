"""Letting the days pass: all lives side by side, each going on when its moment has come."""

import heapq
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection

from gezhi.base import clock
from gezhi.base.actor import NOBODY, Actor
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.actions import Contact, Reported, Upload, Where
from gezhi.cases.models import Case
from gezhi.cases.rules import State
from gezhi.deadlines import actions as deadlines
from gezhi.demo.county.names import Names
from gezhi.demo.reads import reported_already, source
from gezhi.demo.simulation.hours import arrivals
from gezhi.demo.simulation.judging import judge, look_back
from gezhi.demo.simulation.life import Life
from gezhi.demo.simulation.matters import choose_matter, compose
from gezhi.demo.simulation.photos import draw_photo
from gezhi.demo.simulation.receiving import forward, take_on
from gezhi.demo.simulation.spots import Spot
from gezhi.demo.simulation.working import sign, work
from gezhi.demo.simulation.world import World
from gezhi.people import reads as people

Tell = Callable[[int, int, float], None]  # done, total, seconds left
_CHANNELS = {
    "portal": 0.25, "field": 0.24, "hotline": 0.17, "wechat": 0.17, "desk": 0.09, "patrol": 0.05,
    "mailbox": 0.03,
}  # fmt: skip
_BY_STAFF = frozenset({"field", "patrol"})
_MOST_STAGES = 40
_TELL_EVERY = 0.5  # seconds
_UNKNOWN = "gov.other"
_Waiting = tuple[datetime, int, Iterator[datetime]]
_STAGES: Mapping[str, Callable[[Life, Case], Iterator[datetime]]] = {
    State.REPORTED: take_on,
    State.ACCEPTED: forward,
    State.ASSIGNED: sign,
    State.HANDLING: work,
    State.DONE: judge,
    State.CLOSED: look_back,
}


@dataclass(frozen=True)
class Told:
    """What became of a run: cases opened, acts done, and refusals by act and code."""

    cases: int
    acts: int
    refused: Mapping[str, int]


def simulate(
    *,
    start: datetime,
    until: datetime,
    rate: float,
    seed: int,
    county: str,
    tell: Tell = lambda done, total, seconds: None,
) -> Told:
    """Let the county live from `start` until `until` with about `rate` reports a day.

    The same seed and times on the same county give the same history. What was
    interrupted goes on: reports that are there already are not made again, and
    their cases are taken up where they stand.
    """
    with connection.cursor() as cursor:
        # Nothing is lost but seconds of an invented past if the machine stops here.
        cursor.execute("SET synchronous_commit TO off")
    world = World(county, seed, start)
    moments = arrivals(start, until, rate, world.zone, world.chance(0))
    there = reported_already(seed, start, county=county)
    waiting: list[_Waiting] = [
        (moment, number, _begin(world, number))
        for number, moment in enumerate(moments, 1)
        if number not in there
    ]
    moved = [case.changed_at for case in there.values() if case.changed_at < until]
    taken_up = max(moved, default=start)
    waiting += [
        (taken_up, number, live(_known_life(world, number, case)))
        for number, case in there.items()
        if case.state in _STAGES
    ]
    heapq.heapify(waiting)
    with deadlines.driven(county=county, until=until):
        _run(world, waiting, until, tell=_paced(tell, len(moments), len(there)))
    return Told(len(moments), world.acts, dict(world.refused))


def _run(
    world: World, waiting: list[_Waiting], until: datetime, *, tell: Callable[[int], None]
) -> None:
    """Always the life whose moment is the next; a life that is over leaves.

    Before it everything happens that time alone brings: reminders, broken promises, ends of pauses.
    """
    while waiting and waiting[0][0] < until:
        moment, number, story = heapq.heappop(waiting)
        deadlines.drive_until(moment, county=world.county)
        with clock.standing_at(moment):
            following = next(story, None)
        if following is not None:
            heapq.heappush(waiting, (max(following, moment), number, story))
        tell(world.reported)
    deadlines.drive_until(until, county=world.county)


def _paced(tell: Tell, total: int, there: int) -> Callable[[int], None]:
    """Tell how far it is, at most twice a second."""
    began = told = time.monotonic()

    def say(reported: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _TELL_EVERY and reported + there < total:
            return
        told = now
        left = (now - began) / max(reported, 1) * (total - there - reported)
        tell(there + reported, total, left)

    return say


def live(life: Life) -> Iterator[datetime]:
    """From state to state, until the case has ended or nothing moves it any more."""
    case = life.look()
    for _ in range(_MOST_STAGES):
        stage = _STAGES.get(case.state)
        # What somebody has touched since, in real time, is theirs from then on.
        if stage is None or case.changed_at > life.now:
            return
        yield from stage(life, case)
        before, case = case.lines, life.look()
        if case.lines == before:
            return


def _begin(world: World, number: int) -> Iterator[datetime]:
    """Somebody reports something; then its life goes on."""
    chance = world.chance(1, number)
    spot = world.spots.draw(chance)
    matter = choose_matter(in_town=spot.in_town, chance=chance)
    channel = str(chance.choice(list(_CHANNELS), p=list(_CHANNELS.values())))
    made = world.do(
        cases.report,
        county=world.county,
        what=compose(matter, in_town=spot.in_town, chance=chance),
        where=_where(spot, channel, chance),
        channel=channel,
        contact=None if channel in _BY_STAFF else _contact(spot, chance),
        uploads=_photos(world, spot, channel, chance),
        source_key=f"{source(world.seed, world.start)}{number}",
        actor=_reporter(world, spot, channel, chance),
    )
    world.reported += 1
    if made is None:
        return
    path = made.case.path
    world.remember(path, matter.category, clock.now(), made.case.id)
    yield from live(_new_life(world, made, matter.category, channel, chance))


def _new_life(
    world: World, made: Reported, category: str, channel: str, chance: np.random.Generator
) -> Life:
    can_be_called = channel not in _BY_STAFF and bool(made.report.phone)
    return Life(world, made.case.id, made.report.id, category, can_be_called, chance)


def _known_life(world: World, number: int, case: Case) -> Life:
    """The life of a case that an earlier, interrupted run began."""
    report = reads.reports_of(case)[0]
    category = case.category or case.proposed_category or _UNKNOWN
    can_be_called = case.channel not in _BY_STAFF and bool(report.phone)
    chance = world.chance(2, number)
    return Life(world, case.id, report.id, category, can_be_called, chance)


def _where(spot: Spot, channel: str, chance: np.random.Generator) -> Where:
    """Callers and letters give words and a village; phones give a point."""
    if channel in ("hotline", "mailbox") and chance.random() < 0.6:
        return Where(place=spot.words, path=spot.path[:12])
    return Where(lon=spot.lon, lat=spot.lat, place=spot.words)


def _contact(spot: Spot, chance: np.random.Generator) -> Contact | None:
    """An invented name, and a number of a range that is given to nobody."""
    if chance.random() < 0.14:
        return None
    return Contact(
        name=Names(chance).person(),
        phone=f"154{int(chance.integers(10**7, 10**8)):08d}",
        address=spot.words if chance.random() < 0.4 else "",
        is_secret=bool(chance.random() < 0.05),
    )


def _photos(
    world: World, spot: Spot, channel: str, chance: np.random.Generator
) -> tuple[Upload, ...]:
    odds = {"field": 0.7, "patrol": 0.8, "portal": 0.4, "wechat": 0.5}.get(channel, 0.0)
    if chance.random() >= odds:
        return ()
    at = clock.now().astimezone(world.zone)
    return (Upload("photo.jpg", draw_photo("before", chance, place=None, at=at)),)


def _reporter(world: World, spot: Spot, channel: str, chance: np.random.Generator) -> Actor:
    """A grid worker, somebody at a desk who writes it down, or a resident."""
    found: Actor | None = None
    if channel in _BY_STAFF:
        unit = people.unit_by_code(world.county, f"grid-{spot.path}")
        found = world.staff.pick(unit.id, "case.report", chance)
    elif channel == "desk":
        found = world.staff.over(spot.path, "case.accept", chance)
    elif channel in ("hotline", "mailbox"):
        found = world.staff.over(world.county, "case.accept", chance)
    return found or NOBODY
