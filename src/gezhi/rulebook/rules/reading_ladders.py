"""Reading the `[[ladder]]` rows of deadlines.toml; refusing ladders nobody could climb."""

from collections.abc import Mapping

from gezhi.rulebook.rules.categories import Category
from gezhi.rulebook.rules.due import PROMISED, When, read_span
from gezhi.rulebook.rules.ladders import TELLS, LadderRow, Rung
from gezhi.rulebook.rules.reading_rows import NO_SPAN, check_order, read_when
from gezhi.rulebook.rules.tables import File, Table, note_twice


def read_ladders(file: File, categories: Mapping[str, Category]) -> tuple[LadderRow, ...]:
    """The ladders in order. Unreachable, ambiguous ones and a missing last one are problems."""
    rows: list[LadderRow] = []
    seen: dict[str, int] = {}
    for table in file.tables("ladder"):
        row = LadderRow(
            id=table.text("id"),
            when=read_when(table, categories, kinds=PROMISED),
            steps=_read_steps(table),
            line=table.line(),
            first=table.flag("first"),
        )
        table.text("why", "")
        table.finish()
        note_twice(table, "id", row.id, seen)
        check_order(file, row, rows)
        rows.append(row)
    if not any(row.when == When() for row in rows):
        file.problem("ladder_missing", 0)
    return tuple(rows)


def _read_steps(table: Table) -> tuple[Rung, ...]:
    found: list[Rung] = []
    for step in table.tables("steps"):
        text = step.text("after")
        span = read_span(text, zero=True)
        if span is None and step.has("after"):
            step.problem("bad_span", "after", value=text)
        rung = Rung(span or NO_SPAN, step.choice("tell", TELLS))
        step.finish()
        if span and found and span.length <= found[-1].after.length:
            step.problem("steps_order", "after", value=text, before=found[-1].after.text)
        found.append(rung)
    if not found and table.data.get("steps") == []:
        table.problem("missing", "steps", name="steps")
    return tuple(found)
