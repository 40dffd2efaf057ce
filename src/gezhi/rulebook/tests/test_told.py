"""docs/rulebook.md says all that may be written in the files, with an example of each."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from gezhi.rulebook import reads
from gezhi.rulebook.rules import tables

DOC = Path(__file__).parents[4] / "docs" / "rulebook.md"
# Said once for all rows that have conditions.
CONDITIONS = {"category", "group", "size", "channel", "level", "urgent", "first", "why"}
# Tables that the product's own files have no row of.
MORE = (
    "\n[[exception]]\nday = 2026-11-23\nworking = false\nnote = 'x'\n"
    "[[year]]\nyear = 2027\noff = [2027-01-01]\nworking = []\nsource = 'x'\n"
)


def told() -> dict[str, set[str]]:
    """The keys of each table in the examples; "" are those before the first."""
    found: dict[str, set[str]] = defaultdict(set)

    def note(name: str, data: dict[str, Any]) -> None:
        for key, value in data.items():
            is_rows = isinstance(value, list) and value and isinstance(value[0], dict)
            inner = key if not name else f"{name}.{key}"
            found[name].add(key)
            if is_rows:
                for row in value:
                    note(inner, row)
            elif isinstance(value, dict) and not name:
                note(key, value)

    for block in re.findall(r"```toml\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL):
        note("", tomllib.loads(block))
    # The example of stages has no category around it.
    found["category"].add("stages")
    found["category.stages"] |= found.pop("stages", set())
    found["category"] |= found["group"]  # what a group may say, each of its categories may
    return found


def test_every_key_of_every_table_stands_in_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = defaultdict(set)
    finish = tables.Table.finish

    def listen(table: tables.Table) -> None:
        name = f"{table.name}.{table._inside}" if table._inside else table.name
        asked[name] |= table._asked
        finish(table)

    monkeypatch.setattr(tables.Table, "finish", listen)
    files = reads.default_files()
    reads.read_files(files | {"calendar.toml": files["calendar.toml"] + MORE})
    known, text = told(), DOC.read_text(encoding="utf-8")
    assert {"danger", "first", "asset", "exception", "year", "ladder.steps"} <= set(asked)
    assert all(f"`{key}`" in text for key in CONDITIONS - {"first"})
    reasons = {"refuse", "send_back", "escalate", "pause", "extend", "cannot", "reopen", "merge"}
    for name, keys in asked.items():
        example = "refuse" if name in reasons else name
        missing = keys - known[example] - CONDITIONS
        assert not missing, f"docs/rulebook.md says nothing of {sorted(missing)} in [[{name}]]"
