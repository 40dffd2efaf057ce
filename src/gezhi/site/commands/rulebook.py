"""`gezhi rulebook`: check, compare, apply and export the files that decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.rulebook.rules import Book

app = typer.Typer(help="规则册。 The rulebook.", no_args_is_help=True)
calendar = typer.Typer(help="工作日历。 Working days, as iCalendar.", no_args_is_help=True)
app.add_typer(calendar, name="calendar")
Folder = Annotated[
    Path, typer.Argument(help="Folder with the TOML files.", exists=True, file_okay=False)
]
AnyFolder = Annotated[
    Path | None,
    typer.Argument(help="The product's own by default.", exists=True, file_okay=False),
]


@app.command()
def check(folder: AnyFolder = None) -> None:
    """检查文件，逐条列出错误。 Say everything that is wrong, with file and line."""
    with house.opened(with_database=False):
        from gezhi.rulebook import reads

        with _spoken():
            book = reads.check_dir(folder or reads.DEFAULT_DIR)
    typer.echo(
        f"没有错误 / no errors: {len(book.groups)} groups, {len(book.categories)} categories, "
        f"{len(book.due_rows)} deadlines, {len(book.route_rows)} routing rules."
    )


@app.command()
def diff(folder: Folder) -> None:
    """与现行规则册比较。 What would change against the one in force."""
    with house.opened():
        from gezhi.rulebook import reads

        with _spoken():
            changes = reads.diff(_in_force(), reads.check_dir(folder))
        for change in changes:
            typer.echo(str(change))
        typer.echo(f"{len(changes)} 处不同 / differences.")


@app.command()
def apply(
    folder: Folder, note: Annotated[str, typer.Option(help="Why, in a few words.")] = ""
) -> None:
    """启用；有错误则原来的继续有效。 Put in force; a broken one is refused."""
    with house.opened():
        from gezhi.base.actor import system
        from gezhi.rulebook import actions, reads

        with _spoken():
            version = actions.apply_book(
                reads.files_in(folder), note=note, county=_county(), actor=system("command")
            )
        typer.echo(f"现行第 {version.number} 版 / version {version.number} is in force.")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Made if it is not there.")],
    number: Annotated[int | None, typer.Option("--version", help="In force by default.")] = None,
) -> None:
    """导出现行或某一版的文件。 Write the files of a version into a folder."""
    with house.opened():
        from gezhi.base.actor import system
        from gezhi.rulebook import reads

        with _spoken():
            version = reads.version(
                system("command"), number or _in_force().version, county=_county()
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in version.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        typer.echo(f"第 {version.number} 版 / version {version.number}: {folder}")


@app.command()
def rehearse(
    new: Annotated[Path, typer.Argument(help="Folder or zip with the TOML files.", exists=True)],
    since: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the cases.")
    ],
    until: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The day after the last.")
    ],
    limit: Annotated[int | None, typer.Option(min=1, help="So many cases, the oldest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All findings and the sums.")] = False,
) -> None:
    """用过去的工单预演改过的规则册。 Replay past cases: who had got what, what had been late."""
    with house.opened():
        from gezhi.rulebook import reads as rulebook
        from gezhi.site.commands import rehearsing

        with _spoken():
            rehearsing.rehearse(
                rulebook.files_at(new),
                since=since.date(),
                until=until.date(),
                limit=limit,
                county=_county(),
                told=rehearsing.Json() if as_json else rehearsing.Tables(),
            )


@calendar.command(name="export")
def export_calendar(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The .ics file to write.")],
    first: Annotated[
        int | None, typer.Option("--from", help="First year; this year by default.")
    ] = None,
) -> None:
    """导出放假、调休和本地特例。 Write days off, make-up days and local exceptions as iCalendar."""
    with house.opened():
        from gezhi.base import clock
        from gezhi.base.actor import system
        from gezhi.rulebook import reads

        with _spoken():
            version = reads.version(system("command"), _in_force().version, county=_county())
            days = reads.days_of(version, first_year=first or clock.now().year)
        file.write_bytes(days)
        typer.echo(f"{file}: 第 {version.number} 版 / version {version.number}.")


@calendar.command(name="import")
def import_calendar(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An .ics file.")],
    official: Annotated[
        bool,
        typer.Option(
            "--official", help="Days that don't say so are the State Council's, of whole years."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Apply without asking.")] = False,
    note: Annotated[str, typer.Option(help="Why, in a few words.")] = "",
) -> None:
    """导入日历：先看变化，确认后启用。 Show what an iCalendar file changes, then apply it."""
    with house.opened():
        from gezhi.base.actor import system
        from gezhi.rulebook import actions, reads

        actor = system("command")
        with _spoken():
            old = _in_force()
            before = reads.version(actor, old.version, county=_county()).files
            files = reads.files_with_days(before, file.name, file.read_bytes(), official=official)
            changes = reads.diff(old, reads.read_files(files))
            for change in changes:
                typer.echo(str(change))
            typer.echo(f"{len(changes)} 处不同 / differences.")
            if not changes or not (yes or typer.confirm("启用？ / Apply?")):
                return
            version = actions.apply_book(
                files, note=note or file.name, county=_county(), actor=actor
            )
        typer.echo(f"现行第 {version.number} 版 / version {version.number} is in force.")


@contextmanager
def _spoken() -> Iterator[None]:
    """A refusal is told in words, a broken rulebook with every file, line and reason."""
    from gezhi.base.refusal import Refusal
    from gezhi.rulebook.errors import BrokenRulebook

    try:
        yield
    except BrokenRulebook as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        raise house.Stopped(str(broken)) from broken
    except Refusal as refusal:
        raise house.Stopped(str(refusal)) from refusal


def _county() -> str:
    from django.conf import settings

    return str(settings.COUNTY)


def _in_force() -> "Book":
    from gezhi.rulebook import reads

    return reads.current(_county())
