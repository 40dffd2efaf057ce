"""`gezhi rulebook`: check, compare, apply and export the files that decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.rulebook.rules import Book

app = typer.Typer(help="规则册。 The rulebook.", no_args_is_help=True)
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
