"""`gezhi record`: is the record whole, and the text by which that can be told in years."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gezhi.site.commands import house
from gezhi.site.commands.house import Stopped

if TYPE_CHECKING:
    from gezhi.record.rules import Fault, Walked

app = typer.Typer(help="记录的完整性。 Whether the record is whole.", no_args_is_help=True)
Step = Callable[[str], "Walked | None"]


@app.command()
def verify(
    anchor: Annotated[
        list[Path] | None, typer.Option(help="Compare with this anchor, kept elsewhere, too.")
    ] = None,
) -> None:
    """逐行核对事实册、审计簿、工单经过和锚点。 Walk both books, all histories, all anchors."""
    texts = [(str(path), _text_of(path)) for path in anchor or []]
    with house.opened():
        from django.conf import settings

        from gezhi.record import reads as record

        faults = 0
        for name, total, step in _parts(settings.COUNTY):
            faults += sum(_tell(name, fault) for fault in _walk(name, total, step))
        for fault in record.faults_around(settings.COUNTY):
            faults += _tell("锚点 / anchors", fault)
        for name, text in texts:
            for fault in record.faults_against_anchor(text, name=name):
                faults += _tell(f"锚点 / anchor {name}", fault)
        for line in [each for each, fault in record.checked_certificates() if not fault][:1]:
            seal = line.data[record.PURGED_TO]
            typer.echo(
                f"证书 {line.id}（{line.at:%Y-%m-%d}）：封条 {seal} 为止的审计行已按期清除 / "
                f"certificate {line.id}: audit lines up to seal {seal} were purged in their time"
            )
    if faults:
        typer.echo(
            f"有 {faults} 处对不上 / {faults} faults: 请保留现场，比对备份 / compare with a backup."
        )
        raise typer.Exit(1)
    typer.echo("完整 / whole: 没有被改动、删除或换序的行 / nothing altered, removed or reordered.")


@app.command()
def anchor() -> None:
    """锚点：打印、公示或另存，日后可以对证。 The newest seals as a text to print and publish."""
    with house.opened():
        from django.conf import settings
        from django.utils import timezone

        from gezhi.base import clock
        from gezhi.record import actions, adapters

        now = clock.now()
        made = actions.make_anchor(county=settings.COUNTY, day=timezone.localdate(now), now=now)
        if made is None:
            raise Stopped(
                "还没有封存过任何一行 / nothing has been sealed yet.\n"
                "  启动后台进程后再试 / start a worker, then try again: gezhi up"
            )
        typer.echo(made.text, nl=False)
        typer.echo(f"{adapters.keep_anchor(made)}", err=True)


@app.command()
def purge() -> None:
    """清除保存期满的审计行，封条和证书留下。 Let go of audit lines whose time is up; seals stay."""
    with house.opened():
        from django.conf import settings

        from gezhi.base import clock
        from gezhi.base.actor import system
        from gezhi.base.database.owner import as_owner
        from gezhi.record import actions

        with as_owner(), house.refusals_in_words():
            done = actions.purge(
                kept_days=settings.AUDIT_DAYS, county=settings.COUNTY, actor=system("owner"),
                now=clock.now(),
            )  # fmt: skip
    if done is None:
        typer.echo(
            f"没有超过 {settings.AUDIT_DAYS} 天的审计行 / no line is older than "
            f"{settings.AUDIT_DAYS} days."
        )
        return
    typer.echo(
        f"证书 {done.certificate}：清除 {done.lines} 行，到封条 {done.seal} 为止 / certificate "
        f"{done.certificate}: {done.lines} lines up to seal {done.seal} are gone, their seals stay."
    )


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Stopped(f"{path}: {error.strerror}") from error


def _parts(county: str) -> Iterator[tuple[str, int, Step]]:
    """What is walked: its name, how long it is, and the step from one place to the next."""
    from gezhi.cases import reads as cases
    from gezhi.record import reads as record
    from gezhi.record.rules import Book

    def seals_of(book: Book) -> Step:
        return lambda last: record.check_seals(book, after_seal=int(last or 0))

    yield "事实册 / the book", record.lines_sealed(Book.FACTS), seals_of(Book.FACTS)
    yield "审计簿 / the audit", record.lines_sealed(Book.AUDIT), seals_of(Book.AUDIT)
    yield (
        "工单经过 / histories",
        cases.count_of_histories(county=county),
        lambda last: cases.check_histories(county=county, after=last),
    )


def _walk(name: str, total: int, step: Step) -> Iterator["Fault"]:
    last = ""
    with _bar(name, total) as advance:
        while (walked := step(last)) is not None:
            advance(walked.things)
            yield from walked.faults
            last = walked.last


@contextmanager
def _bar(name: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(name, total=total)
        yield lambda things: bar.advance(task, things)


def _tell(name: str, fault: "Fault") -> int:
    """Say it in both languages; one more fault."""
    from django.utils.translation import override

    with override("zh-hans"):
        said = str(fault)
    with override("en"):
        typer.echo(f"{name}: {said} / {fault}")
    return 1
