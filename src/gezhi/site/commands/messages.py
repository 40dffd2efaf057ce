"""`gezhi import messages`: files of messages become cases, here and now."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.intake.models import Import

app = typer.Typer(help="导入。 Bringing in what is elsewhere.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="xlsx or csv.")]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="FIELD=HEADER, e.g. time=留言时间; again for each. Guessed if left out."
        " Fields: number time title text place user phone label likes dislikes.",
    ),
]
OddDates = Annotated[
    str, typer.Option(help="report: rows with unreadable times are errors; now: taken as of now.")
]


@app.callback()
def _group() -> None:
    """Keep `messages` a command of its own beside later ones."""


@app.command()
def messages(
    files: Files,
    column: Map = None,
    channel: Annotated[str, typer.Option(help="board, mailbox or hotline.")] = "board",
    odd_dates: OddDates = "report",
    errors: Annotated[
        Path | None,
        typer.Option(help="Folder for the files of wrong rows; beside each file by default."),
    ] = None,
) -> None:
    """导入留言：每行一件，同一编号只收一次。 Each row a case; a second run adds nothing."""
    if odd_dates not in ("report", "now"):
        raise house.Stopped("--odd-dates: report / now")
    failed = 0
    with house.opened():
        for file in files:
            found = _bring_in(file, column, channel, odd_dates)
            failed += found.failed
            _tell(found, (errors or file.parent) / f"{file.stem}-错误行.xlsx")
    raise typer.Exit(2 if failed else 0)


def _bring_in(file: Path, column: list[str] | None, channel: str, odd_dates: str) -> "Import":
    from django.conf import settings

    from gezhi.base.actor import system
    from gezhi.base.refusal import Refusal
    from gezhi.intake import actions

    with _bar(file.name) as move:
        try:
            data = file.read_bytes()
            return actions.import_messages(
                data,
                name=file.name,
                columns=_columns(data, column),
                channel=channel,
                odd_dates=odd_dates,
                county=str(settings.COUNTY),
                actor=system("command"),
                progress=move,
            )
        except Refusal as refusal:
            raise house.Stopped(f"{file}: {refusal}") from refusal


def _columns(data: bytes, given: list[str] | None) -> dict[str, int] | None:
    """The map as typed over the guess; an empty header takes a field away."""
    from gezhi.intake import rules

    if not given:
        return None
    header = list(rules.read_table(data).header)
    columns = rules.guess_columns(header)
    for each in given:
        field, _, head = each.partition("=")
        columns.pop(field, None)
        if head and head not in header:
            known = "、".join(header)
            raise house.Stopped(f"没有这一列 / no such column: {head}\n  {known}")
        if head:
            at = header.index(head)
            columns = {name: other for name, other in columns.items() if other != at}
            columns[field] = at
    return columns


@contextmanager
def _bar(name: str) -> Iterator[Callable[["Import"], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*shown) as bar:
        task = bar.add_task(name, total=None)
        yield lambda found: bar.update(task, completed=found.done, total=found.total)


def _tell(found: "Import", errors: Path) -> None:
    from gezhi.intake import reads

    typer.echo(
        f"{found.name}: {found.total} 行 / rows = 新增 {found.added} added"
        f" + 已有 {found.known} known + 有问题 {found.failed} wrong"
    )
    if not found.failed:
        return
    for words, count in reads.fault_counts(found):
        typer.echo(f"  {count} × {words}")
    errors.write_bytes(reads.error_sheet(found))
    typer.echo(f"  改好后再导入 / mend and import again: {errors}")
