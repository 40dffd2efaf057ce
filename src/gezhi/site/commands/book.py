"""`gezhi record`: is the record whole?"""

import typer

from gezhi.site.commands import house

app = typer.Typer(help="记录的完整性。 Whether the record is whole.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `verify` a command of its own beside later ones."""


@app.command()
def verify() -> None:
    """逐行核对事实册与工单历史。 Walk the book of facts and every case's chain."""
    with house.opened():
        from django.conf import settings

        from gezhi.cases import reads as cases
        from gezhi.record import reads as record

        faults = 0
        for name, found in (
            ("事实册 / the book", record.faults_in_book()),
            ("工单历史 / histories", cases.faults_in_chains(county=settings.COUNTY)),
        ):
            for fault in found:
                typer.echo(f"{name}: {fault}")
                faults += 1
    if faults:
        typer.echo(
            f"有 {faults} 处对不上 / {faults} faults: 请保留现场，比对备份 / compare with a backup."
        )
        raise typer.Exit(1)
    typer.echo("完整 / whole: 没有被改动、删除或换序的行 / nothing altered, removed or reordered.")
