"""`gezhi places`: a county's divisions and outlines from files."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house

app = typer.Typer(help="区划与边界。 Divisions and outlines.", no_args_is_help=True)
if TYPE_CHECKING:
    from gezhi.places.rules import RowError

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
On = Annotated[str, typer.Option(help="Valid from this day, YYYY-MM-DD; today if not given.")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="places")


@app.command(name="import")
def import_(
    divisions: Annotated[
        Path | None, typer.Option(help="Table of divisions (csv).", exists=True, dir_okay=False)
    ] = None,
    outlines: Annotated[
        Path | None, typer.Option(help="Outlines (GeoJSON).", exists=True, dir_okay=False)
    ] = None,
    datum: Annotated[str, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09.")] = "wgs84",
    code: Annotated[str, typer.Option(help="The code of a single bare outline.")] = "",
    on: On = "",
) -> None:
    """导入区划表和边界。 Take in real divisions and outlines; a second run adds nothing."""
    with house.opened():
        from gezhi.base.actor import system
        from gezhi.places import actions, rules

        actor, day = system("command"), _day(on)
        with house.refusals_in_words():
            if divisions:
                table = actions.import_divisions(divisions.read_bytes(), on=day, actor=actor)
                typer.echo(
                    f"区划 / divisions: {table.lines} 行，新增 {table.added}，已有 {table.known}"
                )
                _say_errors(table.errors)
            if outlines:
                drawn = actions.import_outlines(
                    outlines.read_bytes(),
                    datum=rules.datum_of(datum),
                    code=code,
                    on=day,
                    actor=actor,
                )
                typer.echo(f"边界 / outlines: {drawn.outlines}，设置 {drawn.set}")
                _say_errors(drawn.errors)


@app.command()
def change(file: File, on: On = "") -> None:
    """办理区划变更。 Carry a table of changed divisions through; nothing is lost."""
    with house.opened():
        from gezhi.base.actor import system
        from gezhi.places import actions

        with house.refusals_in_words():
            report = actions.change_divisions(
                file.read_bytes(), on=_day(on), actor=system("command")
            )
        typer.echo(
            f"变更 / changes: 移动 {len(report.moves)}，新增 {len(report.added)}，"
            f"早已办理 {report.already}，不在本系统 {report.elsewhere}"
        )


def _day(text: str) -> date:
    from django.utils import timezone

    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as error:
        raise house.Stopped(f"--on {text}: 请写成 YYYY-MM-DD / write YYYY-MM-DD.") from error


def _say_errors(errors: tuple["RowError", ...]) -> None:
    from gezhi.places.errors import REASONS

    for error in errors:
        typer.echo(f"  第 {error.line} 行 / line: {REASONS[error.reason]} {error.value}", err=True)
