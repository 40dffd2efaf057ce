"""`gezhi simulate`: let the demo county live for some days, by its real acts."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gezhi.site.commands import house


def register(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    days: Annotated[float, typer.Option(help="How many days, up to --until.", min=0.01)] = 3,
    rate: Annotated[float, typer.Option(help="Reports a day.", min=0.1)] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.", min=0)] = 1,
    until: Annotated[
        datetime | None, typer.Option(help="The last moment, in the city's time; now if not given.")
    ] = None,
) -> None:
    """补写示范县过去几天的事，到现在为止。 Fill in some past days of the demo county, up to now."""
    with house.opened():
        from django.utils import timezone

        from gezhi.base import clock
        from gezhi.demo import actions
        from gezhi.demo.rules import COUNTY
        from gezhi.demo.simulation import simulate as let_live

        end = timezone.make_aware(until) if until else clock.now()
        if end > clock.now():
            raise house.Stopped(
                "--until 不能晚于现在：真的工单上不会有明天的记录，到期由 worker 按真实时间处理\n"
                "  it can't lie ahead: nothing is dated tomorrow; workers take what falls due"
            )
        if actions.load_county():
            typer.echo("已载入示范县 / the demo county was loaded")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, transient=True) as bar:
            task = bar.add_task("正在过日子 / living", total=None)
            told = let_live(
                start=end - timedelta(days=days), until=end, rate=rate, seed=seed, county=COUNTY,
                tell=lambda done, total, _left: bar.update(task, completed=done, total=total),
            )  # fmt: skip
    typer.echo(
        f"{told.cases} 件 / cases, {told.acts} 步 / acts, "
        f"{sum(told.refused.values())} 次被拒 / refused"
    )
    for what, count in sorted(told.refused.items()):
        typer.echo(f"  {what}: {count}")
