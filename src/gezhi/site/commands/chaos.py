"""`gezhi chaos`: break things on purpose, in a house of its own, and see that nothing is lost."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gezhi.site.commands import house

app = typer.Typer(help="故意破坏。 Breaking things on purpose.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """在单独的数据库里进行，结束后删除。 In a database of its own, which is gone afterwards."""


@app.command()
def deadlines(
    kills: Annotated[int, typer.Option(min=1, max=1000, help="How often to `kill -9`.")] = 100,
    promises: Annotated[int, typer.Option(min=40, max=100_000)] = 4_000,
    seconds: Annotated[float, typer.Option(min=5, max=3600)] = 150,
    workers: Annotated[int, typer.Option(min=1, max=16)] = 3,
    restart: Annotated[bool, typer.Option(help="Restart the database in the midst.")] = True,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """时限引擎：反复 kill -9，每步恰好一次。 Workers killed: each step happens exactly once."""
    with house.scratch() as county:
        from gezhi.bench import breaking

        plan = breaking.prepare(county=county, count=promises // 2, over=seconds)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        with Progress(*columns) as bar, breaking.workers(workers) as crew:
            task = bar.add_task("kill -9", total=kills)
            seen = breaking.run(
                plan,
                crew,
                kills=kills,
                restart=house.restart_server if restart else None,
                tell=lambda done: bar.update(task, completed=done),
            )
    figures = asdict(seen)
    typer.echo(
        json.dumps(figures) if as_json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )
    if seen.missing or seen.doubled or seen.chains or seen.ended:
        raise typer.Exit(1)
