"""Workers killed and the database restarted while promises fall due: each step happens once."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.bench import crowding
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.rulebook import reads as rulebook

_SETTLING = 60.0  # seconds that workers have at the end for what is left


@dataclass(frozen=True)
class Outcome:
    """What became of the steps that were due. Missing and doubled must be none."""

    kills: int
    restarts: int
    due: int
    once: int
    missing: int
    doubled: int
    chains: int  # histories that no longer fit together
    ended: int  # workers that ended by themselves, which none should


class Workers:
    """Worker processes that are killed and started again."""

    def __init__(self, count: int) -> None:
        self._running = [self._start() for _ in range(count)]
        self.kills = self.ended = 0

    def kill_one(self) -> None:
        """`kill -9` at one of them, whatever it is doing; another takes its place."""
        at = random.randrange(len(self._running))  # noqa: S311 - which one is no secret
        self._running[at].kill()
        self._running[at].wait()
        self._running[at] = self._start()
        self.kills += 1

    def keep_up(self) -> None:
        """Start anew those that ended by themselves, as a service manager would."""
        for at, one in enumerate(self._running):
            if one.poll() is not None:
                self._running[at] = self._start()
                self.ended += 1

    def end(self) -> None:
        for one in self._running:
            one.terminate()
        for one in self._running:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "gezhi.site.command", "worker"]
        quiet = subprocess.DEVNULL
        environment = {**os.environ, "GEZHI_PARENT": str(os.getpid())}
        return subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment)  # noqa: S603 - ours


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """So many workers, ended at the end."""
    crew = Workers(count)
    try:
        yield crew
    finally:
        crew.end()


@dataclass(frozen=True)
class Plan:
    """From when on steps fall due, over how many seconds, and the cases whose pauses end then."""

    county: str
    start: datetime
    over: float
    paused: tuple[Case, ...]


def prepare(*, county: str, count: int, over: float) -> Plan:
    """Promises that break and pauses that end, spread over so many seconds from soon on."""
    like = crowding.report_one(county)
    crowding.crowd(count, like=like)
    began = clock.now()
    to_pause = [crowding.report_one(county) for _ in range(count // 4)]
    now = clock.now()
    start = now + (now - began) + timedelta(seconds=8)  # to stop a clock takes no longer
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deadlines_deadline"
            " SET next_step = 'break', due = spread.at, next_at = spread.at"
            " FROM (SELECT id, %s + random() * %s * interval '1 second' AS at"
            "  FROM deadlines_deadline WHERE county = %s AND case_id <> ALL(%s)) AS spread"
            " WHERE spread.id = deadlines_deadline.id",
            [start, over, county, [case.id for case in to_pause]],
        )
    return Plan(county, start, over, tuple(_pause(county, to_pause, start, over)))


def _pause(county: str, to_pause: Sequence[Case], start: datetime, over: float) -> Iterator[Case]:
    """Real cases whose clock stands until a moment in that time: an act must follow."""
    reasons = rulebook.current(county).reasons("pause")
    reason = next(code for code, one in reasons.items() if not one.needs_words)
    for number, case in enumerate(to_pause):
        until = start + timedelta(seconds=over * (number + 0.5) / len(to_pause))
        yield cases.pause(case.id, reason=reason, until=until, actor=system("bench"))


def run(
    plan: Plan,
    crew: Workers,
    *,
    kills: int,
    restart: Callable[[], None] | None = None,
    tell: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Kill workers evenly while steps fall due, restart the database in the midst, then count."""
    while clock.now() < plan.start:
        time.sleep(0.1)
    for number in range(1, kills + 1):
        time.sleep(plan.over / kills)
        crew.kill_one()
        crew.keep_up()
        if restart and number == (kills + 1) // 2:
            connection.close()
            restart()
        tell(number)
    _settle(crew)
    return _count(plan, crew, int(restart is not None))


def _settle(crew: Workers) -> None:
    until = time.monotonic() + _SETTLING
    while time.monotonic() < until and _waiting(clock.now()):
        crew.keep_up()
        time.sleep(0.5)


# Every step that was due in that time, and how often it is on record and in the book.
_STEPS = (
    "SELECT count(*), count(*) FILTER (WHERE raised = 1 AND said = 1),"
    " count(*) FILTER (WHERE raised = 0 OR said = 0),"
    " count(*) FILTER (WHERE raised > 1 OR said > 1) FROM ("
    " SELECT (SELECT count(*) FROM deadlines_raised r WHERE r.deadline_id = d.id"
    "   AND r.step IN ('break', 'end')) AS raised,"
    "  (SELECT count(*) FROM record_line l WHERE l.about = 'case:' || d.case_id"
    "   AND l.data->>'deadline' = d.id::text"
    "   AND l.kind IN ('promise_broken', 'window_ended')) AS said"
    " FROM deadlines_deadline d WHERE d.due BETWEEN %s AND %s"
    "  AND (d.kind = 'pause' OR d.broken_at IS NOT NULL OR d.next_step = 'break')) AS each"
)


def _count(plan: Plan, crew: Workers, restarts: int) -> Outcome:
    """From what stands in the database."""
    end = plan.start + timedelta(seconds=plan.over)
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [plan.start, end])
        due, once, missing, doubled = map(int, cursor.fetchone())
    chains = sum(1 for case in plan.paused if not _is_whole(case))
    return Outcome(crew.kills, restarts, due, once, missing, doubled, chains, crew.ended)


def _is_whole(case: Case) -> bool:
    """Whether the pause ended by one act and the history fits together."""
    lines = list(case_reads.history_of(case))
    case.refresh_from_db()
    ends = sum(1 for line in lines if line.act == "resume")
    return ends == 1 and not list(case_reads.faults_in_chain(case, case_reads.history_of(case)))


def _waiting(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deadlines_deadline WHERE next_at <= %s", [now])
        return int(cursor.fetchone()[0])
