"""Reading notices.toml: templates, quiet hours, digests; refusing words that couldn't be filled."""

import re
from collections.abc import Mapping
from datetime import time
from string import Formatter

from gezhi.rulebook.rules.categories import Category
from gezhi.rulebook.rules.due import PROMISED, Span, read_span
from gezhi.rulebook.rules.notices import (
    AUDIENCES,
    EVENTS,
    PLACES,
    WAYS,
    Digest,
    Notices,
    Quiet,
    Template,
)
from gezhi.rulebook.rules.reading_rows import NO_SPAN, read_when
from gezhi.rulebook.rules.tables import File, Table

_CLOCK = re.compile(r"(\d\d):(\d\d)")
_MIDNIGHT = time(0)
_DAY_MINUTES = 1440


def read_notices(file: File, categories: Mapping[str, Category]) -> Notices:
    """All of the file, checked. `[quiet]` and `[digest]` may be left out."""
    templates: list[Template] = []
    for table in file.tables("template"):
        template = _read_template(table, categories)
        table.finish()
        _check_reached(table, template, templates)
        templates.append(template)
    return Notices(
        templates=tuple(templates),
        quiet=_read_quiet(file.table("quiet")) if "quiet" in file.data else None,
        digest=_read_digest(file.table("digest")) if "digest" in file.data else None,
    )


def _read_template(table: Table, categories: Mapping[str, Category]) -> Template:
    return Template(
        event=table.choice("event", EVENTS),
        audience=_listed(table, "audience", AUDIENCES),
        channels=_listed(table, "channels", WAYS),
        text=_words(table, "text"),
        text_en=_words(table, "text_en", ""),
        subject=_words(table, "subject", ""),
        subject_en=_words(table, "subject_en", ""),
        when=read_when(table, categories, kinds=PROMISED),
        line=table.line(),
    )


def _listed(table: Table, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Some of what is allowed, in its order; at least one."""
    found = table.choices(key, allowed, None)
    if table.data.get(key) == []:
        table.problem("missing", key, name=key)
    return tuple(one for one in allowed if one in found)


def _words(table: Table, key: str, default: str | None = None) -> str:
    """A text whose places are known; a brace that is meant as one is written twice."""
    text = table.text(key, default)
    if table.has(key) and not text.strip():
        table.problem("missing", key, name=key)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        table.problem("bad_braces", key, name=key)
        return ""
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACES or form or conversion):
            table.problem("place_unknown", key, value=name, allowed=_ALLOWED)
            return ""
    return text


_ALLOWED = " ".join(f"{{{place}}}" for place in PLACES)


def _check_reached(table: Table, row: Template, before: list[Template]) -> None:
    """Each audience by each channel is settled by the first row that fits."""
    covering = [one for one in before if one.event == row.event and one.when.covers(row.when)]
    taken = {
        (audience, channel): one.line
        for one in reversed(covering)
        for audience in one.audience
        for channel in one.channels
    }
    mine = [(audience, channel) for audience in row.audience for channel in row.channels]
    if mine and all(one in taken for one in mine):
        table.problem("row_unreachable", first=taken[mine[0]])


def _read_quiet(table: Table) -> Quiet:
    quiet = Quiet(
        begins=_read_clock(table, "from", table.text("from")),
        ends=_read_clock(table, "to", table.text("to")),
        urgent_goes=table.flag("urgent_goes", default=True),
        channels=frozenset(_listed(table, "channels", WAYS)),
    )
    if table.has("from") and table.data["from"] == table.data.get("to"):
        table.problem("bad_clock", "to", value=table.data["to"])
    table.finish()
    return quiet


def _read_clock(table: Table, key: str, value: str) -> time:
    match = _CLOCK.fullmatch(value)
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return time(int(match[1]), int(match[2]))
    if table.has(key):
        table.problem("bad_clock", key, value=value)
    return _MIDNIGHT


def _read_digest(table: Table) -> Digest:
    digest = Digest(
        channels=frozenset(_listed(table, "channels", WAYS)),
        events=frozenset(_listed(table, "events", EVENTS)),
        every=_read_every(table) if table.has("every") else None,
        at=tuple(_read_clock(table, "at", value) for value in table.texts("at")),
    )
    if (digest.every is None) == (not digest.at):
        table.problem("every_or_at")
    if list(digest.at) != sorted(set(digest.at)):
        table.problem("bad_clock", "at", value=", ".join(table.texts("at")))
    table.finish()
    return digest


def _read_every(table: Table) -> Span:
    text = table.text("every")
    span = read_span(text)
    if span is None or span.is_working or span.length > _DAY_MINUTES:
        table.problem("bad_span", "every", value=text)
        return NO_SPAN
    return span
