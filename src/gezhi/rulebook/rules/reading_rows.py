"""Reading the rows of deadlines.toml and routing.toml; refusing rows that can't mean anything."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from gezhi.places.rules import ZONE_KINDS
from gezhi.rulebook.rules.categories import Category, make_words
from gezhi.rulebook.rules.due import KINDS, LEVELS, SIZES, DueRow, Span, When, read_span
from gezhi.rulebook.rules.routing import (
    AREA_KINDS,
    BODY_KINDS,
    FIRST_AT,
    Asset,
    Assets,
    Body,
    FirstRow,
    RouteRow,
)
from gezhi.rulebook.rules.tables import File, Table, note_twice

CHANNELS = (
    "portal", "wechat", "app", "field", "hall", "phone", "hotline", "mailbox", "board", "letter",
    "desk", "api", "open311", "import", "device", "patrol", "inspection",
)  # fmt: skip
NO_SPAN = Span("", 1, "minutes")


def read_bodies(file: File) -> dict[str, Body]:
    """The bodies that cases may go to, by code."""
    found: dict[str, Body] = {}
    seen: dict[str, int] = {}
    for table in file.tables("body"):
        body = Body(
            code=table.text("code"),
            name=table.text("name"),
            name_en=table.text("name_en"),
            kind=table.choice("kind", BODY_KINDS),
        )
        table.finish()
        if not note_twice(table, "code", body.code, seen):
            found[body.code] = body
    return found


def read_assets(file: File) -> Assets:
    """The kinds of things that somebody keeps up."""
    found: dict[str, Asset] = {}
    meant: dict[str, str] = {}
    seen: dict[str, int] = {}
    lines: dict[str, int] = {}
    for table in file.tables("asset"):
        asset = Asset(
            key=table.text("key"),
            name=table.text("name"),
            name_en=table.text("name_en"),
            words=table.texts("words"),
        )
        table.finish()
        if note_twice(table, "key", asset.key, seen):
            continue
        found[asset.key] = asset
        for word in asset.words:
            if not note_twice(table, "words", word.casefold(), lines):
                meant[word.casefold()] = asset.key
    return Assets(found, make_words(meant), meant)


def check_assets(file: File, categories: Mapping[str, Category], assets: Assets) -> None:
    """What a category says it is about is a kind of thing of this book."""
    for table in file.tables("category"):
        category = categories.get(str(table.data.get("key")))
        if category and category.asset and category.asset not in assets.by_key:
            table.problem("asset_unknown", "asset", value=category.asset)


def read_first_rows(file: File, categories: Mapping[str, Category]) -> tuple[FirstRow, ...]:
    """Where reports begin, in order; the last row has no conditions."""
    rows: list[FirstRow] = []
    seen: dict[str, int] = {}
    for table in file.tables("first"):
        row = FirstRow(
            id=table.text("id"),
            name=table.text("name", "") or table.text("id"),
            when=read_when(table, categories),
            at=table.choice("at", FIRST_AT),
            why=table.text("why"),
            line=table.line(),
        )
        table.finish()
        note_twice(table, "id", row.id, seen)
        if row.when.level:  # nobody has the report yet
            table.problem("key_unknown", "level", name="level")
        for one in rows:
            if one.when.covers(row.when):
                file.problem("row_unreachable", row.line, first=one.line)
                break
        rows.append(row)
    if not any(row.when == When() for row in rows):
        file.problem("first_missing", 0)
    return tuple(rows)


def read_when(
    table: Table,
    categories: Mapping[str, Category],
    *,
    kinds: Collection[str] = (),
    assets: Collection[str] | None = None,
) -> When:
    """The conditions of a row; `kinds` where the kind of promise may be one of them.

    `assets` are those of the book, where rows may ask for the thing and the ground it is on.
    """
    groups = {one.group: None for one in categories.values()}
    grounds = assets is not None
    urgent = frozenset({table.flag("urgent")}) if table.has("urgent") else frozenset[bool]()
    for key in table.texts("category"):
        if key not in categories:
            table.problem("category_unknown", "category", value=key)
    return When(
        category=frozenset(table.texts("category")),
        group=table.choices("group", groups),
        size=table.choices("size", SIZES),
        channel=table.choices("channel", CHANNELS),
        level=table.choices("level", LEVELS),
        urgent=urgent,
        kind=table.choices("kind", kinds) if kinds else frozenset(),
        asset=table.choices("asset", assets or ()) if grounds else frozenset(),
        zone=table.choices("zone", [one.value for one in ZONE_KINDS]) if grounds else frozenset(),
    )


def read_due_rows(file: File, categories: Mapping[str, Category]) -> tuple[DueRow, ...]:
    """The rows in order. Unreachable, ambiguous and missing ones are problems."""
    rows: list[DueRow] = []
    seen: dict[str, int] = {}
    for table in file.tables("due"):
        text = table.text("within")
        span = read_span(text)
        if span is None and table.has("within"):
            table.problem("bad_span", "within", value=text)
        row = DueRow(
            id=table.text("id"),
            kind=table.choice("kind", KINDS),
            within=span or NO_SPAN,
            when=read_when(table, categories),
            line=table.line(),
            first=table.flag("first"),
        )
        table.text("why", "")
        table.finish()
        note_twice(table, "id", row.id, seen)
        check_order(file, row, [one for one in rows if one.kind == row.kind])
        rows.append(row)
    for kind in KINDS:
        if not any(row.kind == kind and row.when == When() for row in rows):
            file.problem("due_missing", 0, kind=kind)
    return tuple(rows)


class _Ordered(Protocol):
    """A row of which the first that fits wins."""

    @property
    def when(self) -> When: ...
    @property
    def line(self) -> int: ...
    @property
    def first(self) -> bool: ...
    @property
    def says(self) -> object: ...


def check_order(file: File, row: _Ordered, before: Sequence[_Ordered]) -> None:
    """A row covered by an earlier one is never reached; two that cross are ambiguous.

    Crossing is allowed where the two say the same, where the earlier is the
    narrower one or says `first`, or where an earlier row already settles what
    they share.
    """
    for one in before:
        if one.when.covers(row.when):
            file.problem("row_unreachable", row.line, first=one.line)
            return
    for one in before:
        both = one.when.both(row.when)
        settled = one.first or row.when.covers(one.when) or one.says == row.says
        if both is None or settled:
            continue
        if not any(third is not one and third.when.covers(both) for third in before):
            file.problem("row_overlaps", row.line, first=one.line)


def read_route_rows(
    file: File, categories: Mapping[str, Category], bodies: Collection[str], assets: Assets
) -> tuple[RouteRow, ...]:
    """The rows in order. Every level needs a last row without further conditions."""
    rows: list[RouteRow] = []
    seen: dict[str, int] = {}
    for table in file.tables("rule"):
        row = RouteRow(
            id=table.text("id"),
            name=table.text("name", "") or table.text("id"),
            when=read_when(table, categories, assets=assets.by_key),
            area_kind=table.choices("area_kind", AREA_KINDS),
            by_grid=table.flag("by_grid") if table.has("by_grid") else None,
            to=table.steps("to"),
            why=table.text("why"),
            line=table.line(),
        )
        table.finish()
        note_twice(table, "id", row.id, seen)
        _check_targets(table, row, bodies)
        _check_reached(file, row, rows)
        rows.append(row)
    for level in LEVELS:
        if not any(_is_last_for(row, level) for row in rows):
            file.problem("route_missing", 0, level=level)
    return tuple(rows)


def _check_targets(table: Table, row: RouteRow, bodies: Collection[str]) -> None:
    for code in chain.from_iterable(row.to):
        if code not in {"{body}", "{station}"} and code not in bodies:
            table.problem("body_unknown", "to", value=code)


def _check_reached(file: File, row: RouteRow, before: list[RouteRow]) -> None:
    for one in before:
        kinds_covered = not one.area_kind or (row.area_kind and row.area_kind <= one.area_kind)
        grid_covered = one.by_grid is None or one.by_grid == row.by_grid
        if kinds_covered and grid_covered and one.when.covers(row.when):
            file.problem("row_unreachable", row.line, first=one.line)
            return


def _is_last_for(row: RouteRow, level: str) -> bool:
    bare: Any = When(level=row.when.level)
    return (
        row.when == bare
        and (not row.when.level or level in row.when.level)
        and not row.area_kind
        and row.by_grid is None
    )
