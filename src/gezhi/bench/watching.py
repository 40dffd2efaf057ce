"""How late a broken promise is raised, and what the watch costs beside how many that wait."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from gezhi.base import clock
from gezhi.bench import crowding
from gezhi.deadlines import jobs

_LOOKS = 200
_ROUNDS = 5
_PATIENCE = 60.0  # seconds


class TooFewWait(Exception):
    """Fewer promises still wait for their time than are to break together."""

    def __init__(self, *, due: int, left: int) -> None:
        super().__init__(f"{due} promises are to break together, and {left} still wait")


@dataclass(frozen=True)
class Cost:
    """With so many open cases: a look that finds nothing, and taking what falls due together."""

    cases: int
    look_ms: float
    due: int
    taken_ms: float


@dataclass(frozen=True)
class Lateness:
    """How long after its moment each of the promises could be seen as broken, in seconds."""

    due: int
    first: float
    last: float


def cost(county: str, *, cases: int, due: int) -> Cost:
    """The medians of some hundred looks, and of some rounds in which `due` promises break."""
    looks = [_time(lambda: jobs.watch(county)) for _ in range(_LOOKS)]
    rounds = []
    for _ in range(_ROUNDS):
        _make_due(due, at=clock.now() + timedelta(milliseconds=1))
        time.sleep(0.01)
        rounds.append(_time(lambda: _take_all(county)))
    return Cost(cases, round(median(looks), 3), due, round(median(rounds), 1))


def _make_due(due: int, *, at: datetime) -> list[UUID]:
    ids = crowding.make_due(due, at=at)
    if len(ids) < due:
        raise TooFewWait(due=due, left=len(ids))
    return ids


def _take_all(county: str) -> None:
    while jobs.watch(county):
        pass


def _time(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return (time.perf_counter() - start) * 1000


def wait_for_workers() -> None:
    """Until those that were started take steps; one promise that breaks at once shows it."""
    first = crowding.make_due(1, at=clock.now())
    until = time.monotonic() + _PATIENCE
    while not crowding.broken(first):
        if time.monotonic() > until:
            raise RuntimeError("the workers don't take any steps")
        time.sleep(0.1)


def lateness(due: int) -> Lateness:
    """Let promises break in the same second, and look when running workers have raised them."""
    moment = clock.now() + timedelta(seconds=3)
    ids = _make_due(due, at=moment)
    first = last = 0.0
    until = moment + timedelta(seconds=_PATIENCE)
    seen = 0
    while seen < len(ids) and clock.now() < until:
        now_seen = crowding.broken(ids)
        late = (clock.now() - moment).total_seconds()
        if now_seen and not first:
            first = late
        if now_seen > seen:
            seen, last = now_seen, late
        time.sleep(0.02)
    if seen < len(ids):
        raise RuntimeError(f"only {seen} of {len(ids)} were raised within {_PATIENCE:.0f} s")
    return Lateness(len(ids), round(first, 2), round(last, 2))


def as_json(costs: list[Cost], late: Lateness) -> dict[str, object]:
    """Figures for a file."""
    ratio = costs[-1].look_ms / costs[0].look_ms, costs[-1].taken_ms / costs[0].taken_ms
    return {
        "costs": [asdict(one) for one in costs],
        "look_ratio": round(ratio[0], 2),
        "taken_ratio": round(ratio[1], 2),
        "lateness": asdict(late),
    }
