"""`gezhi rulebook`: check files, show what they would change, put them in force, export them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands.house import Stopped, opened

if TYPE_CHECKING:
    from gezhi.rulebook.rules import Book

app = typer.Typer(help="规则册：检查、比较、启用。Check, compare and apply a rulebook.")

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The TOML files.")]


@contextmanager
def _spoken() -> Iterator[None]:
    """A refusal is told in words, a broken rulebook with file, line and reason."""
    from gezhi.base.refusal import Refusal
    from gezhi.rulebook.errors import BrokenRulebook

    try:
        yield
    except BrokenRulebook as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        raise Stopped(
            f"规则册有 {len(broken.problems)} 处错误 / the rulebook is broken."
        ) from broken
    except Refusal as refusal:
        raise Stopped(str(refusal)) from refusal


def _county() -> str:
    from django.conf import settings

    return str(settings.COUNTY)


def _in_force() -> "Book":
    from gezhi.rulebook import reads

    return reads.current(_county())


@app.command()
def check(folder: Annotated[Path | None, typer.Argument(help="Default: the product's.")] = None,
          ) -> None:  # fmt: skip
    """Read the files in FOLDER and tell everything that is wrong in them."""
    with opened(with_database=False):
        from gezhi.rulebook import reads

        with _spoken():
            book = reads.check_dir(folder or reads.DEFAULT_DIR)
        typer.echo(
            f"{len(book.groups)} groups, {len(book.categories)} categories, "
            f"{len(book.due_rows)} deadlines, {len(book.route_rows)} routing rules: all right."
        )


@app.command()
def diff(folder: Folder) -> None:
    """Show what the files in FOLDER would change in the rulebook in force."""
    with opened():
        from gezhi.rulebook import reads

        with _spoken():
            changes = reads.diff(_in_force(), reads.check_dir(folder))
        for change in changes:
            typer.echo(str(change))
        typer.echo(f"{len(changes)} changes.")


@app.command()
def apply(
    folder: Folder, note: Annotated[str, typer.Option(help="Why, for the record.")] = ""
) -> None:
    """Put the files in FOLDER in force."""
    with opened():
        from gezhi.base.actor import system
        from gezhi.rulebook import actions, reads

        with _spoken():
            version = actions.apply_book(
                reads.files_in(folder), note=note, county=_county(), actor=system("command")
            )
        typer.echo(f"Version {version.number} is in force.")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Made if it is not there.")],
    number: Annotated[int | None, typer.Option("--version", help="Default: in force.")] = None,
) -> None:
    """Write the files of the rulebook in force (or of an older version) into FOLDER."""
    with opened():
        from gezhi.base.actor import system
        from gezhi.rulebook import reads

        with _spoken():
            version = reads.version(
                system("command"), number or _in_force().version, county=_county()
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in version.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        typer.echo(f"Version {version.number} is in {folder}.")
