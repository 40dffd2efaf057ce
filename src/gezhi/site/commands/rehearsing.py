"""What `gezhi rulebook rehearse` does and says: a bar while it runs, then tables or JSON."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from gezhi.deadlines.reads import Rehearsed
    from gezhi.deadlines.rules.rehearsing import Sums

_DUE = ("late_before", "late_after", "late", "in_time", "sooner", "later", "unsure")
_JUDGED = ("better", "worse", "other", "open")
_MOST_ROWS = 15


class Told(Protocol):
    """How the findings are said."""

    def begin(self, about: Mapping[str, Any]) -> None: ...

    def add(self, rehearsed: "Rehearsed") -> None: ...

    def end(self, sums: "Sums", *, cases: int, seconds: float) -> None: ...


def rehearse(
    files: Mapping[str, str],
    *,
    since: date,
    until: date,
    limit: int | None,
    county: str,
    told: Told,
) -> None:
    """Replay the county's cases of these days through the files. Nothing is kept."""
    from gezhi.base import clock
    from gezhi.base.days import midnight
    from gezhi.cases import reads as cases
    from gezhi.deadlines import reads
    from gezhi.deadlines.rules import rehearsing as rules
    from gezhi.rulebook import reads as rulebook

    rules.must_be_a_period(since, until)
    new, old = rulebook.read_files(files), rulebook.current(county)
    found = cases.opened_between(midnight(since), midnight(until), county=county, paths=[""])
    total = min(found.count(), limit or sys.maxsize)
    told.begin({"from": since, "to": until, "against": old.version, "digest": new.digest})
    sums: Sums = {}
    done, started = 0, time.monotonic()
    with _bar() as bar:
        task = bar.add_task("预演 / rehearsing", total=total)
        for stretch in reads.rehearse_all(found, new, county=county, now=clock.now(), most=limit):
            for one in stretch:
                rules.add_up(sums, one.findings)
                told.add(one)
            done += len(stretch)
            bar.update(task, completed=done, total=max(total, done))
    told.end(sums, cases=done, seconds=time.monotonic() - started)


def _bar() -> Progress:
    """On the error stream, so that what is said can go into a file."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*shown, TimeRemainingColumn(), console=Console(stderr=True))


@dataclass
class Json:
    """One object: what was rehearsed, every difference as it is found, the sums at the end."""

    _count: int = 0

    def begin(self, about: Mapping[str, Any]) -> None:
        head = json.dumps(about, default=_plain, ensure_ascii=False)
        self._say(f'{head[:-1]}, "differences": [')

    def add(self, rehearsed: "Rehearsed") -> None:
        for one in rehearsed.findings:
            if one.is_kept:
                row = {"case": rehearsed.case.id, "number": rehearsed.case.number, **vars(one)}
                self._say(",\n" if self._count else "\n")
                self._say(json.dumps(row, default=_plain, ensure_ascii=False))
                self._count += 1

    def end(self, sums: "Sums", *, cases: int, seconds: float) -> None:
        rest = {"sums": sums, "cases": cases, "seconds": round(seconds, 2)}
        self._say(f"\n], {json.dumps(rest, ensure_ascii=False)[1:]}\n")

    def _say(self, text: str) -> None:
        sys.stdout.write(text)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


@dataclass
class Tables:
    """The sums as tables, for people."""

    _console: Console = field(default_factory=Console)

    def begin(self, about: Mapping[str, Any]) -> None:
        self._console.print(
            f"{about['from']} – {about['to']}，与第 {about['against']} 版对照 / "
            f"against version {about['against']}"
        )

    def add(self, rehearsed: "Rehearsed") -> None:
        """Only the sums are told."""

    def end(self, sums: "Sums", *, cases: int, seconds: float) -> None:
        self._table("时限 / promises", sums.get("kind", {}), _DUE)
        self._table("首派单位 / first unit", sums.get("routes", {}), _JUDGED)
        self._table("类别建议 / proposed category", sums.get("proposals", {}), _JUDGED)
        self._table("事项类别 / by category", _changed(sums.get("category", {})), _DUE)
        self._table("单位 / by unit", _changed(sums.get("unit", {})), _DUE)
        self._table("办不下去 / cannot go its way", sums.get("shut", {}), ())
        pace = cases / max(seconds, 0.001)
        self._console.print(f"{cases} 件 / cases, {seconds:.1f} s, {pace:.0f}/s")

    def _table(
        self, title: str, rows: Mapping[str, Mapping[str, int]], columns: tuple[str, ...]
    ) -> None:
        if not rows:
            return
        table = Table("", "n", *columns, title=title, title_justify="left")
        order = sorted(rows, key=lambda key: (-rows[key]["n"], key))
        for key in order[:_MOST_ROWS]:
            counts = rows[key]
            table.add_row(key, str(counts["n"]), *(str(counts.get(one, 0)) for one in columns))
        if len(order) > _MOST_ROWS:
            table.caption = f"… {len(order) - _MOST_ROWS}"
        self._console.print(table)


def _changed(rows: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    names = ("late", "in_time", "sooner", "later", "unsure")
    return {key: row for key, row in rows.items() if any(row.get(name) for name in names)}
