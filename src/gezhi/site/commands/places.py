"""`gezhi places import`: divisions, outlines and changes of divisions from files."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.places.rules import RowError

app = typer.Typer(help="区划与边界。 Divisions and outlines.", no_args_is_help=True)
_MOST_SHOWN = 40


class Kind(StrEnum):
    """What a file holds."""

    DIVISIONS = "divisions"
    OUTLINES = "outlines"
    CHANGES = "changes"


@app.callback()
def _group() -> None:
    """Keep `import` a command of its own beside later ones."""


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    kind: Annotated[
        Kind | None, typer.Option(help="By the file's name if left out: .json is outlines.")
    ] = None,
    datum: Annotated[
        str | None, typer.Option(help="Of outlines: wgs84, cgcs2000, gcj02 or bd09; never guessed.")
    ] = None,
    code: Annotated[str, typer.Option(help="Of outlines: whose it is, if it does not say.")] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="First day in force, 2023-07-01; today.")
    ] = "",
    successor: Annotated[
        list[str] | None,
        typer.Option(help="Of changes: OLD=NEW, where an ended division went; again for each."),
    ] = None,
) -> None:
    """导入区划表、边界或区划变更。 A second run changes nothing; wrong lines: exit code 2."""
    with house.opened():
        from gezhi.places import reads

        kind = kind or _kind_of(file)
        day = _day(on) or reads.today()
        with _spoken():
            if kind == Kind.CHANGES:
                wrong = _changes(file, day, successor or [])
            elif kind == Kind.OUTLINES:
                wrong = _outlines(file, datum, code, day)
            else:
                wrong = _divisions(file, day)
    raise typer.Exit(2 if wrong else 0)


def _kind_of(file: Path) -> Kind:
    if file.suffix.lower() in (".json", ".geojson"):
        return Kind.OUTLINES
    return Kind.CHANGES if "change" in file.stem or "变更" in file.stem else Kind.DIVISIONS


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise house.Stopped(f"--on {text}: 写成 / write 2023-07-01") from error


@contextmanager
def _spoken() -> Iterator[None]:
    from gezhi.base.refusal import Refusal
    from gezhi.places.errors import SuccessorsNeeded

    try:
        yield
    except SuccessorsNeeded as needed:
        raise house.Stopped(
            f"{needed}\n  逐个写明 / name each: --successor OLD=NEW（不变写自己的代码）"
        ) from needed
    except Refusal as refusal:
        raise house.Stopped(str(refusal)) from refusal


def _divisions(file: Path, day: date) -> int:
    from gezhi.base.actor import system
    from gezhi.places import actions

    done = actions.import_divisions(file.read_bytes(), on=day, actor=system("command"))
    _table(
        f"{file.name}（{done.kind}，{day} 起）",
        {
            "行 / lines": done.lines,
            "新增 / added": done.added,
            "已有 / known": done.known,
            "有问题 / wrong": len(done.errors),
        },
    )
    return _wrong(done.errors, "行 / line")


def _outlines(file: Path, datum: str | None, code: str, day: date) -> int:
    from gezhi.base.actor import system
    from gezhi.places import actions, rules

    if datum is None:
        raise house.Stopped(
            "边界要写明坐标系，差三百米就进了邻居的网格 / name the datum: "
            "--datum wgs84 | cgcs2000 | gcj02 | bd09"
        )
    done = actions.import_outlines(
        file.read_bytes(),
        datum=rules.datum_of(datum),
        code=code,
        on=day,
        actor=system("command"),
    )
    _table(
        f"{file.name}（{datum}，{day} 起）",
        {
            "边界 / outlines": done.outlines,
            "写入 / set": done.set,
            "没有变化 / unchanged": done.unchanged,
            "自动修补 / repaired": len(done.repaired),
            "有问题 / wrong": len(done.errors),
        },
    )
    for path, why in done.repaired[:_MOST_SHOWN]:
        typer.echo(f"  {path}: {why}")
    return _wrong(done.errors, "第几个 / number")


def _changes(file: Path, day: date, given: list[str]) -> int:
    from gezhi.base.actor import system
    from gezhi.places import actions

    successors = dict(_successor(each) for each in given)
    done = actions.change_divisions(
        file.read_bytes(), on=day, successors=successors, actor=system("command")
    )
    _table(
        f"{file.name}（{day} 起）",
        {
            "改名换码 / changed": len(done.plan.pairs),
            "并入 / merged": len(done.plan.merges),
            "新设 / added": len(done.added),
            "已办过 / done before": done.already,
            "别的县 / other counties": done.elsewhere,
        },
    )
    for old, new in done.moves[:_MOST_SHOWN]:
        typer.echo(f"  {old} → {new}")
    if len(done.moves) > _MOST_SHOWN:
        typer.echo(f"  … 共 {len(done.moves)} 个代码 / codes in all")
    return 0


def _successor(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not equals or not old.strip() or not new.strip():
        raise house.Stopped(f"--successor {text}: 写成 / write OLD=NEW")
    return old.strip(), new.strip()


def _table(title: str, counts: Mapping[str, int]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_header=False)
    for name, count in counts.items():
        table.add_row(name, str(count))
    Console().print(table)


def _wrong(errors: "Iterable[RowError]", head: str) -> int:
    from rich.console import Console
    from rich.table import Table

    from gezhi.places.errors import REASONS

    found: list[Any] = list(errors)
    if not found:
        return 0
    table = Table(head, "代码 / value", "原因 / reason")
    for error in found[:_MOST_SHOWN]:
        table.add_row(str(error.line), error.value, str(REASONS.get(error.reason, error.reason)))
    Console(stderr=True).print(table)
    if len(found) > _MOST_SHOWN:
        typer.echo(f"… 共 {len(found)} 处 / in all", err=True)
    return len(found)
