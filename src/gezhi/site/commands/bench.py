"""`gezhi bench`: measurements against this house, printed as they were."""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.bench.rules import Figures

app = typer.Typer(help="测量。 Measurements on this machine.", no_args_is_help=True)
_OUT = Console()
Cases = Annotated[int, typer.Option("--cases", min=1, help="How many cases shall be stored.")]


@app.command()
def seed(cases: Cases = 100_000) -> None:
    """用 COPY 补足工单。 Fill up to CASES by COPY with what the acts would have written."""
    with house.opened():
        from django.conf import settings

        from gezhi.bench import reads, seeding

        missing = cases - reads.stored_cases()
        if missing <= 0:
            typer.echo(f"已有 {cases} 件以上 / there are that many already.")
            return
        with _bar() as bar:
            task = bar.add_task("写入 / writing", total=missing)
            try:
                seeding.seed(
                    missing,
                    county=settings.COUNTY,
                    on_batch=lambda done: bar.update(task, completed=done),
                )
            except seeding.TooFewPatterns:
                raise house.Stopped(
                    "没有可照写的历史，请先运行 gezhi simulate --days 3\n"
                    "  there is no history to copy: run `gezhi simulate --days 3` first"
                ) from None
        typer.echo(f"{reads.stored_cases()} 件 / cases. 核对 / check: gezhi record verify")


Seconds = Annotated[float, typer.Option(min=1, max=600)]
Clients = Annotated[int, typer.Option(min=1, max=64)]
Url = Annotated[str, typer.Option(help="The running web process.")]
AsJson = Annotated[bool, typer.Option("--json")]


@app.command()
def lifecycle(
    cases: Cases = 100_000,
    seconds: Seconds = 20,
    clients: Clients = 8,
    url: Url = "http://127.0.0.1:8000",
    as_json: AsJson = False,
) -> None:
    """整个流程、单独上报、收件箱。 Whole loops, reports alone, the inbox, over HTTP."""
    _drive(("lifecycle", "create", "inbox"), cases, seconds, clients, url, as_json=as_json)


@app.command()
def open311(
    cases: Cases = 100_000,
    seconds: Seconds = 20,
    clients: Clients = 8,
    url: Url = "http://127.0.0.1:8000",
    as_json: AsJson = False,
) -> None:
    """Open311 上报、列表。 Open311: posts, and lists of fifty, over HTTP.

    Lists are read without a key: start the house with GEZHI_LIMIT_READING=0.
    """
    rounds = ("open311_post", "open311_list", "open311_list_xml")
    _drive(rounds, cases, seconds, clients, url, as_json=as_json)


def _drive(
    rounds: tuple[str, ...], cases: int, seconds: float, clients: int, url: str, *, as_json: bool
) -> None:
    with house.opened():
        from django.conf import settings

        from gezhi.bench import driving, reads, rules

        stored = reads.stored_cases()
        if stored < cases:
            raise house.Stopped(
                f"只有 {stored} 件，请先运行 gezhi bench seed --cases {cases}\n"
                f"  only {stored} cases are stored: run `gezhi bench seed --cases {cases}` first"
            )
        work = reads.work_for(url, county=settings.COUNTY)
        figures = []
        for what in rounds:
            do = getattr(driving, f"{what}_round")
            tallies, took = driving.drive(work, do, seconds=seconds, clients=clients)
            seen = [(tally.seconds, tally.errors, tally.rounds) for tally in tallies]
            figures.append(rules.sum_up(what, seen, seconds=took, stored=stored))
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in figures], ensure_ascii=False, indent=1))
    else:
        _OUT.print(_table(figures))
    if any(each.errors for each in figures):
        raise typer.Exit(1)


@app.command()
def export(
    cases: Annotated[
        int, typer.Option(min=0, help="So many in a house of its own; 0: this one as it stands.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """全部公开工单写成文件：要多久、占多少内存。 Files of all public cases: time, memory."""
    if cases:
        _export_of(cases, as_json=as_json)
        return
    with house.opened():
        from dataclasses import asdict

        from gezhi.bench import exporting

        figures = [asdict(each) for each in exporting.everything()]
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        typer.echo("\n\n".join(_lines(each) for each in figures))


def _export_of(cases: int, *, as_json: bool) -> None:
    """In a process of its own: what filling the house took is not what its files take."""
    with house.scratch() as county, _bar() as bar:
        from gezhi.bench import crowding, exporting

        like = exporting.make_public(crowding.report_one(county))
        task = bar.add_task("写入 / writing", total=cases)
        crowding.crowd(cases, like=like, on_batch=lambda done: bar.update(task, completed=done))
        exporting.spread(months=24)
        own = [sys.executable, "-P", "-m", "gezhi.site.command", "bench", "export"]
        subprocess.run([*own, *(["--json"] if as_json else [])], check=True)  # noqa: S603  # ours


@app.command()
def deadlines(
    cases: Cases = 1_000_000,
    few: Annotated[int, typer.Option(min=300, help="The small county to compare with.")] = 10_000,
    due: Annotated[int, typer.Option(min=1, max=5000, help="How many break at once.")] = 200,
    workers: Annotated[int, typer.Option(min=1, max=16)] = 2,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """时限引擎：多久发现超时，工单多少影响开销吗。 Lateness and cost of the watch over promises.

    In a database of its own, which is gone afterwards.
    """
    if cases < few:
        raise house.Stopped(
            f"--cases 是大的县，不能少于 --few（{few}）\n"
            f"  --cases is the large county: give it {few} or more, or a smaller --few"
        )
    with house.scratch() as county, _bar() as bar:
        from gezhi.bench import breaking, crowding, watching

        like = crowding.report_one(county)
        task = bar.add_task("写入 / writing", total=cases)
        costs, already = [], 0
        for size in (few, cases):
            crowding.crowd(
                size,
                like=like,
                already=already,
                on_batch=lambda done: bar.update(task, completed=done),
            )
            already = size
            costs.append(watching.cost(county, cases=size, due=due))
        with breaking.workers(workers):
            watching.wait_for_workers()
            late = watching.lateness(due)
        figures = watching.as_json(costs, late)
    typer.echo(json.dumps(figures, ensure_ascii=False, indent=1) if as_json else _lines(figures))


@app.command()
def triage(
    cases: Cases = 1_000_000,
    asked: Annotated[int, typer.Option(min=20, max=5000, help="How many proposals.")] = 500,
    open_days: Annotated[
        int, typer.Option(min=1, max=1000, help="Every other case of so many days is still open.")
    ] = 21,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """研判建议：库里有许多工单时，一条建议要多久、占多少内存。 One proposal beside many cases.

    What, where, who, the same as; one after another in one process, in a database of its own,
    which is gone afterwards.
    """
    with house.scratch() as county, _bar() as bar:
        from dataclasses import asdict

        from gezhi.base import clock
        from gezhi.bench import crowding, proposing
        from gezhi.bench.rules import in_ms
        from gezhi.demo.reads import actors_by_unit
        from gezhi.demo.simulation.telling import tellings
        from gezhi.people import reads as people
        from gezhi.places import reads as places

        def shown(words: str, total: int) -> Callable[[int], None]:
            task = bar.add_task(words, total=total)
            return lambda done: bar.update(task, completed=min(done, total))

        told = (proposing.Told(*one) for one in tellings(county, seed=5))
        proposing.fill(
            told,
            like=crowding.report_one(county),
            areas={area.path: area.id for area in places.areas_under(county, county=county)},
            now=clock.now(),
            count=cases,
            open_days=open_days,
            on_batch=shown("写入 / writing", cases),
        )
        are_open = cases * open_days // proposing.DAYS // 2
        printed, took = proposing.print_all(county, shown("指纹 / prints", are_open))
        trained, classes = proposing.learn(county)
        memory, names = proposing.memory_of(county)
        fresh = (proposing.Told(*one) for one in islice(tellings(county, seed=99), asked))
        centre = people.centre_for(county, county=county)
        asker = next(
            one for one in actors_by_unit(county)[centre.id] if one.may("case.accept")
        )  # the receptionist of the county, who may see everything
        times = proposing.ask(fresh, county=county, actor=asker, at=clock.now())
        seen = proposing.Seen(
            cases=cases,
            names=names,
            asked=asked,
            **in_ms(times["all"]),
            by_part={name: in_ms(values) for name, values in times.items() if name != "all"},
            memory_mb=round(memory, 1),
            printed=printed,
            printed_per_s=round(printed / took),
            trained_s=round(trained, 1),
            classes=classes,
        )
        figures = asdict(seen)
    typer.echo(json.dumps(figures, ensure_ascii=False, indent=1) if as_json else _lines(figures))


def _lines(figures: dict[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in figures.items())


def _table(figures: "list[Figures]") -> Table:
    names = ("what", "clients", "rounds/s", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors")
    table = Table(*names)
    for each in figures:
        cells = (each.clients, each.rounds_per_s, each.requests_per_s, each.p50_ms, each.p95_ms)
        table.add_row(each.what, *map(str, cells), str(each.p99_ms), str(each.errors or "-"))
    return table


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )
