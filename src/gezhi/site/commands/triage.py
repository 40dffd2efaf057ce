"""`gezhi triage`: kinds of matter are learned from closed cases; how well, on any labelled file."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.intake.rules import Table
    from gezhi.triage.rules.learning_together import Examples

app = typer.Typer(
    help="分拨。 Proposing what a report is about, and learning it.", no_args_is_help=True
)
_LEAST_ROWS = 20
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Sheet = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx or csv.")]


@app.command()
def train(as_json: Json = False) -> None:
    """用本县已结案的工单训练；更好才启用。 Learn from closed cases; switch over only if better."""
    with house.opened(), house.refusals_in_words(), _bar("训练 / training") as move:
        from django.conf import settings

        from gezhi.base.actor import system
        from gezhi.triage.actions import training

        found = training.train_now(county=settings.COUNTY, actor=system("command"), tell=move)
        told = {
            "result": found.result,
            "cases": found.cases,
            "held_out": found.held,
            "macro_f1_before": found.before,
            "macro_f1_after": found.after,
            "version": found.version,
        }
        from gezhi.triage.rules.training import RESULT_NAMES, Result

        words = str(RESULT_NAMES[Result(found.result)])
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{words} / {found.result}")
    if found.before is not None and found.after is not None:
        typer.echo(
            f"  留作检验的 {found.held} 件 / held out:"
            f" macro-F1 {found.before:.3f} → {found.after:.3f}"
        )


@app.command()
def evaluate(
    train: Sheet,
    test: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Asked about instead of cross-validating."),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(help="Header of a column with text; again for each. Guessed if left out."),
    ] = None,
    label: Annotated[str, typer.Option(help="Header of the column with the kind.")] = "",
    as_json: Json = False,
) -> None:
    """在带标签的表格上检验。 How well kinds are learned from a labelled xlsx or csv."""
    began = time.monotonic()
    with house.opened(with_database=False), house.refusals_in_words():
        from gezhi.triage.rules.learning_evaluate import NothingLeft
        from gezhi.triage.rules.learning_evaluate import evaluate as evaluated

        learned, left_out = _examples(train, text or [], label)
        asked = _examples(test, text or [], label) if test else None
        try:
            with _bar("检验 / evaluating") as move:
                found = evaluated(learned, asked[0] if asked else None, move)
        except NothingLeft as nothing:
            raise house.Stopped(
                f"{train}: 与检验用的文字几乎全都相同，没有可学的。"
                "\n  All of it is nearly the same as what is asked: nothing is left to learn from."
            ) from nothing
    found["left_out"] = left_out + (asked[1] if asked else 0)
    found["seconds"] = round(time.monotonic() - began, 1)
    found["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else _in_words(found))


def _examples(file: Path, text: list[str], label: str) -> "tuple[Examples, int]":
    """The rows that have both, and how many have not."""
    from gezhi.base.refusal import Refusal
    from gezhi.intake.rules import cell_text, read_table
    from gezhi.triage.rules.learning_together import Examples

    try:
        table = read_table(file.read_bytes())
    except Refusal as refusal:
        raise house.Stopped(f"{file}: {refusal}") from refusal
    columns, kind = _columns(file, table, text, label)
    rows = []
    for row in table.rows:
        said = [cell_text(row.at(column)) for column in columns]
        rows.append(("\n".join(filter(None, said)), " ".join(cell_text(row.at(kind)).split())))
    whole = [(words, name) for words, name in rows if words and name]
    kinds = {name for _words, name in whole}
    if len(whole) < _LEAST_ROWS or len(kinds) < 2:
        raise house.Stopped(
            f"{file}: 有文字和类别的只有 {len(whole)} 行、{len(kinds)} 类，"
            f"至少要 {_LEAST_ROWS} 行、2 类。"
            f"\n  {len(whole)} rows of {len(kinds)} kinds have both text and label:"
            f" {_LEAST_ROWS} of 2 are needed."
        )
    return Examples(*(list(each) for each in zip(*whole, strict=True))), len(rows) - len(whole)


def _columns(file: Path, table: "Table", text: list[str], label: str) -> tuple[list[int], int]:
    from gezhi.intake.rules import guess_columns

    guessed = guess_columns(table.header)
    texts = text or [table.header[guessed[each]] for each in ("title", "text") if each in guessed]
    kind = label or (table.header[guessed["label"]] if "label" in guessed else "")
    missing = [name for name in (*texts, kind) if name not in table.header]
    if missing or not texts:
        known = "、".join(table.header)
        raise house.Stopped(
            f"{file}: 找不到文字或类别的列 / no column for text or label: {'、'.join(missing)}"
            f"\n  有 / there are: {known}\n  --text 列名 --label 列名"
        )
    return [table.header.index(name) for name in texts], table.header.index(kind)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*shown, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _in_words(found: dict[str, Any]) -> str:
    sure = found["accuracy_when_sure"]
    lines = [
        f"{found['n']} 条 / texts, {found['classes']} 类 / kinds",
        f"准确率 / accuracy {found['accuracy']:.3f}, macro-F1 {found['macro_f1']:.3f}",
        f"拿不准 / abstained {found['abstained']:.1%}, 其余准确率 / accuracy when sure "
        + (f"{sure:.3f}" if sure is not None else "-"),
        f"最有把握的八成 / surest four fifths {found['accuracy_of_surest']['80%']:.3f}",
    ]
    lines += [
        f"  {point['share']:.0%} ({point['learned_from']}): {point['accuracy']:.3f},"
        f" macro-F1 {point['macro_f1']:.3f}"
        for point in found["curve"]
    ]
    lines += [
        f"  {each['key']}: {each['n']}, F1 {each['f1'] or 0:.3f} "
        + "、".join(f"→{name} {count}" for name, count in each["taken_for"])
        for each in found["per_class"]
    ]
    return "\n".join([*lines, f"{found['seconds']} s, {found['memory_mb']} MB"])
