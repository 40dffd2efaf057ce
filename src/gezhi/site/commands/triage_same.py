"""`gezhi triage pairs`: how often "the same as" agrees with pairs that somebody marked."""

import csv
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.triage.rules.pairs import Marked, Share

_HALVES = {"fitted_on": "用于拟合 / fitted on", "reported_on": "用于报告 / reported on"}
_SHARES = {"precision": "准确率", "recall": "召回率"}
_NEEDED = ("number_a", "number_b", "same", "why")


def register(app: typer.Typer) -> None:
    app.command()(pairs)


def pairs(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Messages, xlsx or csv.")
    ],
    pairs: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="csv: number_a, number_b, same (0/1), why."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """重复判断与人工标注的一致程度。 Precision and recall on marked pairs; all near-duplicates."""
    with house.opened(with_database=False), house.refusals_in_words():
        from gezhi.triage.rules import sameness
        from gezhi.triage.rules.pairs import agreement, halves

        texts = _texts(file)
        marked = _marked(pairs, texts)
        found: dict[str, Any] = {"messages": len(texts), "pairs": len(marked)}
        for name, half in zip(_HALVES, halves(marked), strict=True):
            said = [
                sameness.likeness(sameness.said(texts[one.number]), sameness.said(texts[one.other]))
                >= sameness.SAME
                for one in half
            ]
            agreed = agreement([one.is_same for one in half], said)
            found[name] = {
                "precision": _told(agreed.precision),
                "recall": _told(agreed.recall),
            }
        began = time.monotonic()
        near = sameness.near_pairs(list(texts.values()))
        found["near_duplicates"] = len(near)
        found["seconds"] = round(time.monotonic() - began, 1)
    typer.echo(json.dumps(found) if as_json else _in_words(found))


def _told(share: "Share") -> dict[str, Any]:
    low, high = share.interval
    return {
        "value": round(share.value, 3), "low": round(low, 3), "high": round(high, 3), "n": share.n,
    }  # fmt: skip


def _in_words(found: dict[str, Any]) -> str:
    lines = [
        f"{found['messages']} 条留言，{found['near_duplicates']} 对近似，{found['seconds']} 秒"
        f" / {found['messages']} messages, {found['near_duplicates']} near pairs,"
        f" {found['seconds']} s"
    ]
    for half, words in _HALVES.items():
        for share, word in _SHARES.items():
            one = found[half][share]
            between = f"[{one['low']}, {one['high']}]"
            lines.append(f"  {words}: {word} / {share} {one['value']} {between}, n {one['n']}")
    return "\n".join(lines)


def _texts(file: Path) -> dict[str, str]:
    """Subject and text of every message, by its number."""
    from gezhi.base.refusal import Refusal
    from gezhi.intake.rules import cell_text, guess_columns, read_table

    try:
        table = read_table(file.read_bytes())
    except Refusal as refusal:
        raise house.Stopped(f"{file}: {refusal}") from refusal
    columns = guess_columns(table.header)
    if not {"number", "text"} <= columns.keys():
        raise house.Stopped(f"{file}: 找不到编号或内容列 / no column of numbers or of text")
    said = [columns[name] for name in ("title", "text") if name in columns]
    return {
        cell_text(row.at(columns["number"])): "\n".join(cell_text(row.at(each)) for each in said)
        for row in table.rows
    }


def _marked(file: Path, texts: dict[str, str]) -> "list[Marked]":
    from gezhi.triage.rules.pairs import Marked

    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {*_NEEDED} <= rows[0].keys():
        raise house.Stopped(f"{file}: 需要的列 / columns needed: {', '.join(_NEEDED)}")
    unknown = {row[name] for row in rows for name in _NEEDED[:2]} - texts.keys()
    if unknown:
        first = ", ".join(sorted(unknown)[:5])
        raise house.Stopped(f"{file}: 没有这些编号 / no such numbers: {first}")
    return [
        Marked(row["number_a"], row["number_b"], row["same"] == "1", row["why"]) for row in rows
    ]
