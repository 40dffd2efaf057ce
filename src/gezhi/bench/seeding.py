"""Filling a county with cases by COPY: what the acts would have written, many times over.

Patterns are cases the real acts have written (the demo's history). Each copy gets its
own ids and numbers, its times moved by whole weeks, and its history hashed anew, so
that chains, promises and facts hold: `gezhi record verify` proves it. Cases with files
or merged into others are left out as patterns, since their copies would share them.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from gezhi.base.ids import new_id
from gezhi.cases import reads as cases
from gezhi.cases.models import HistoryLine
from gezhi.cases.rules import format_number
from gezhi.record.rules import chain_hash

# Written in this order; the key that leads to the case comes after the table.
_TABLES = (
    ("cases_case", "id"),
    ("cases_report", "case_id"),
    ("cases_leg", "case_id"),
    ("cases_historyline", "case_id"),
    ("cases_clockentry", "case_id"),
    ("cases_approval", "case_id"),
    ("cases_question", "case_id"),
    ("cases_visit", "case_id"),
    ("deadlines_deadline", "case_id"),
    ("deadlines_raised", "case_id"),
)
_BOOK = "record_line"
_MOMENTS = ("arrive_by", "answer_by", "until", "due")  # times inside JSON
_MOST_PATTERNS = 1500
_BATCH = 2000
_FEWEST = 20

Row = dict[str, Any]


class TooFewPatterns(Exception):
    """There is no history to copy from."""


@dataclass
class Pattern:
    """One case as the acts wrote it: its rows by table, and its lines in the book."""

    opened_at: datetime
    rows: dict[str, list[Row]]
    book: list[Row]


def seed(count: int, *, county: str, on_batch: Any = None) -> int:
    """Add `count` cases; gives back how many were added. `on_batch(done)` follows along."""
    patterns = _patterns(county)
    if len(patterns) < _FEWEST:
        raise TooFewPatterns()
    done = 0
    while done < count:
        size = min(_BATCH, count - done)
        _copy_batch(patterns, size, offset=done)
        done += size
        if on_batch:
            on_batch(done)
    _analyse()
    return done


def _patterns(county: str) -> list[Pattern]:
    ids = _query(
        "SELECT id FROM cases_case c WHERE county = %s AND main_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM cases_attachment a WHERE a.case_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM cases_case m WHERE m.main_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM cases_historyline h WHERE h.case_id = c.id"
        " AND h.act IN ('merge', 'unmerge')) ORDER BY id LIMIT %s",
        [county, _MOST_PATTERNS],
    )
    keys = [row["id"] for row in ids]
    rows = {table: _by_case(table, key, keys) for table, key in _TABLES}
    abouts = {f"case:{key}": key for key in keys}
    book: dict[UUID, list[Row]] = {key: [] for key in keys}
    for line in _query(f"SELECT * FROM {_BOOK} WHERE about = ANY(%s) ORDER BY id", [[*abouts]]):  # noqa: S608 - a constant
        book[abouts[line["about"]]].append(line)
    return [
        Pattern(
            rows["cases_case"][key][0]["opened_at"],
            {table: rows[table].get(key, []) for table, _column in _TABLES},
            book[key],
        )
        for key in keys
    ]


def _by_case(table: str, key: str, keys: list[UUID]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in _query(f"SELECT * FROM {table} WHERE {key} = ANY(%s)", [keys]):  # noqa: S608 - constants
        found.setdefault(row[key], []).append(row)
    return found


def _query(statement: str, values: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@transaction.atomic
def _copy_batch(patterns: list[Pattern], size: int, *, offset: int) -> None:
    serials = _serials(size)
    copies = [
        _copy(patterns[at % len(patterns)], serial, weeks=-(at // len(patterns) % 52))
        for at, serial in zip(range(offset, offset + size), serials, strict=True)
    ]
    for table, _key in _TABLES:
        _write(table, [row for copy in copies for row in copy.rows[table]])
    _write(_BOOK, [line for copy in copies for line in copy.book], leave_out=("id", "xid"))


def _serials(size: int) -> Iterator[int]:
    rows = _query(
        "SELECT nextval('cases_case_serial') AS serial FROM generate_series(1, %s)", [size]
    )
    return (row["serial"] for row in rows)


def _copy(pattern: Pattern, serial: int, *, weeks: int) -> Pattern:
    ids = {row["id"]: new_id() for rows in pattern.rows.values() for row in rows}
    moved = timedelta(weeks=weeks)
    opened = pattern.opened_at + moved
    number = format_number(opened.astimezone(ZoneInfo(settings.TIME_ZONE)).date(), serial)
    rows = {
        table: [_changed(row, ids, moved) for row in rows] for table, rows in pattern.rows.items()
    }
    case = rows["cases_case"][0]
    case["number"] = number
    for report in rows["cases_report"]:
        report["code_digest"] = os.urandom(32)  # a code nobody knows
    hashes = _hash_anew(case, rows["cases_historyline"])
    book = []
    for line in pattern.book:
        copy = _changed(line, ids, moved)
        data = json.loads(copy["data"])
        copy["about"] = f"case:{case['id']}"
        data["number"] = number
        if "seq" in data:  # what time alone brought has no line in the history
            data["hash"] = hashes[data["seq"]].hex()
        copy["data"] = json.dumps(data, ensure_ascii=False)
        book.append(copy)
    return Pattern(opened, rows, book)


def _hash_anew(case: Row, history: list[Row]) -> dict[int, bytes]:
    """Chain the copied lines: the same rule, over their own ids and times."""
    head, hashes = b"", {}
    for row in sorted(history, key=lambda row: int(row["seq"])):
        line = HistoryLine(**{**row, "data": json.loads(row["data"])})
        head = hashes[line.seq] = chain_hash(head, cases.line_values(line))
        row["hash"] = head
    case["head"] = head
    return hashes


def _changed(row: Row, ids: Mapping[UUID, UUID], moved: timedelta) -> Row:
    return {name: _value(name, value, ids, moved) for name, value in row.items()}


def _value(name: str, value: Any, ids: Mapping[UUID, UUID], moved: timedelta) -> Any:
    if isinstance(value, UUID):
        return ids.get(value, value)
    if name == "next_at":  # the watch over promises would have its hands full with the past
        return value
    if isinstance(value, datetime):
        return value + moved
    if name in ("data", "values", "before_merge") and value:
        return _json(value, ids, moved)
    if name == "source_key":
        return ""
    return value


def _json(text: str, ids: Mapping[UUID, UUID], moved: timedelta) -> str:
    data = json.loads(text) if isinstance(text, str) else text
    for key, value in data.items():
        if key in _MOMENTS and value:
            data[key] = (datetime.fromisoformat(value) + moved).isoformat()
        elif isinstance(value, list):
            data[key] = [_id(each, ids) for each in value]
        else:
            data[key] = _id(value, ids)
    return json.dumps(data, ensure_ascii=False)


def _id(value: Any, ids: Mapping[UUID, UUID]) -> Any:
    if isinstance(value, str) and len(value) == 36:
        try:
            return str(ids.get(UUID(value), value))
        except ValueError:
            return value
    return value


def _write(table: str, rows: list[Row], *, leave_out: tuple[str, ...] = ()) -> None:
    if not rows:
        return
    names = [name for name in rows[0] if name not in leave_out]
    columns = ", ".join(f'"{name}"' for name in names)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([row[name] for name in names])


def _analyse() -> None:
    with connection.cursor() as cursor:
        for table, _key in (*_TABLES, (_BOOK, "")):
            cursor.execute(f"ANALYZE {table}")
