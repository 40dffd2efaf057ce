"""`gezhi rulebook`: check, compare and apply the files that decide."""

from pathlib import Path
from typing import Annotated

import typer

from gezhi.site.commands import house

app = typer.Typer(help="规则册。 The rulebook.", no_args_is_help=True)
Folder = Annotated[
    Path, typer.Argument(help="Folder with the TOML files.", exists=True, file_okay=False)
]


@app.command()
def check(folder: Folder) -> None:
    """检查文件，逐条列出错误。 Say everything that is wrong, with file and line."""
    with house.opened(with_database=False):
        _check(folder)
    typer.echo("没有错误 / no errors.")


@app.command()
def diff(folder: Folder) -> None:
    """与现行规则册比较。 What would change against the one in force."""
    with house.opened():
        from django.conf import settings

        from gezhi.rulebook import reads

        _check(folder)
        changes = reads.diff(reads.current(settings.COUNTY), reads.check_dir(folder))
        for change in changes:
            where = f"{change.section} {change.key} {change.field}".strip()
            typer.echo(f"{change.action:8} {where}: {change.before or '—'} → {change.after or '—'}")
        typer.echo(f"{len(changes)} 处不同 / differences.")


@app.command()
def apply(
    folder: Folder, note: Annotated[str, typer.Option(help="Why, in a few words.")] = ""
) -> None:
    """启用；有错误则原来的继续有效。 Put in force; a broken one is refused."""
    with house.opened():
        from django.conf import settings

        from gezhi.base.actor import system
        from gezhi.rulebook import actions, reads

        _check(folder)
        version = actions.apply_book(
            reads.files_in(folder), note=note, county=settings.COUNTY, actor=system("command")
        )
        typer.echo(f"现行第 {version.number} 版 / version {version.number} is in force.")


def _check(folder: Path) -> None:
    from gezhi.rulebook import reads
    from gezhi.rulebook.errors import BrokenRulebook

    try:
        reads.check_dir(folder)
    except BrokenRulebook as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        raise house.Stopped(str(broken)) from broken
