"""`gezhi keys`: the versions of the sealing and index keys, rotation, retirement."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.site.commands import house

if TYPE_CHECKING:
    from gezhi.base.resealing import Place

app = typer.Typer(help="密钥。 Keys of what is sealed.", invoke_without_command=True)
Index = Annotated[bool, typer.Option("--index", help="索引密钥 / the index key, not the sealing.")]
_MOST_PASSES = 5
_MOST_NAMED = 100
_WAITS = "有事务一直没结束，请稍后再运行一次 / a transaction still runs: run it again later."
_BRING = (
    "多台机器：把密钥文件送到每台，再运行一次 / several machines: bring the key file to each of "
    "them, for they seal by their own; then once more:"
)
# Longer than any act takes from sealing a value to writing it: until then none is to be seen.
_LONGEST_ACT = timedelta(hours=1)
_EVERYWHERE = (
    "每台机器有这份密钥文件都满一小时了吗？ / has every machine had this key file for an hour?"
)
Yes = Annotated[
    bool, typer.Option("--yes", help="不再问 / every machine has had the key file for an hour.")
]


@app.callback()
def show(context: typer.Context) -> None:
    """各版本密钥、算法、用它加密了多少。 Versions, algorithms, how much each has sealed."""
    if context.invoked_subcommand is None:
        with _opened():
            _show()


@app.command()
def add(index: Index = False) -> None:
    """只加新密钥，先不用：多台机器时先分发。 A new key that waits until all machines have it."""
    with _opened():
        from django.conf import settings

        from gezhi.base import sealed

        version = sealed.add_key(settings.CIPHER, index=index)
        _note("add", version, index=index)
        typer.echo(
            f"已添加第 {version} 版，尚未启用 / added, in use after: gezhi keys rotate\n"
            f"  先把 {settings.KEY_FILE} 送到每台机器 / first bring it to every machine."
        )


@app.command()
def rotate(
    index: Index = False,
    anew: Annotated[
        bool, typer.Option("--new", help="另起一版，即使上次还没做完 / another version already.")
    ] = False,
) -> None:
    """换密钥，全部重新加密；中断后再运行即接着做。 Seal everything anew; run again to go on."""
    with _opened():
        from django.conf import settings

        from gezhi.base import resealing, sealed

        places = _places(index)
        found = sealed.keys(again=True)
        waits = found.waiting_index if index else found.waiting
        current = found.current_index if index else found.current
        known = found.index if index else found.sealing
        if not anew and not waits and _is_under_way(places, set(known) - {current}):
            sealed.use_newest(index=index)  # what is renewed now was sealed by the old one lately
            typer.echo(f"接着换到第 {current} 版 / going on to version {current}")
        else:
            sealed.add_key(settings.CIPHER, index=index)
            current = sealed.use_newest(index=index)
            _note("rotate", current, index=index)
            typer.echo(f"现用第 {current} 版 / version {current} is in use")
        left, closed = _renew_all(places, current)
        _tell_closed(closed)
        if left > len(closed):
            raise house.Stopped(
                f"还有 {left} 个值用旧密钥，请再运行一次 / values are left: run it again."
            )
        if closed:
            _note("rotated_but", current, index=index, count=len(closed))
            raise house.Stopped(
                f"{len(closed)} 个值换不了，没有换；其余都换好了 / values can't be renewed and "
                "stay as they are; all others are under it.\n"
                "  → 找回缺的密钥，或从备份取回这些值，再运行一次 / bring back the key that is "
                "missing, or these values from a backup; then run it again."
            )
        if not resealing.wait_for_older_writers():
            typer.echo(f"! {_WAITS}")
        _note("rotated", current, index=index)
        typer.echo("全部完成 / all is under it.")
        typer.echo(f"  {_BRING} gezhi keys rotate{' --index' if index else ''}")


@app.command()
def retire(version: int, index: Index = False, yes: Yes = False) -> None:
    """删除旧密钥；还有东西用它就不删。 Take an old key away, unless anything still needs it.

    Who sealed by it and has not written yet would write what nobody can open afterwards.
    """
    with _opened():
        from gezhi.base import resealing, sealed

        found = sealed.keys(again=True)
        versions = found.index if index else found.sealing
        if version not in versions:
            raise house.Stopped(f"没有第 {version} 版 / there is no version {version}.")
        if version == (found.current_index if index else found.current):
            raise house.Stopped(
                f"第 {version} 版正在使用，先换密钥 / is in use.\n  → gezhi keys rotate"
            )
        _must_be_long_out_of_use(found.since_index if index else found.since)
        if not resealing.wait_for_older_writers():
            raise house.Stopped(_WAITS)
        needed = {
            name: counts[version]
            for name, counts in resealing.versions(_places(index)).items()
            if counts[version]
        }
        if needed:
            _note("retire_refused", version, index=index, count=sum(needed.values()))
            listed = "\n".join(f"  {name}: {many}" for name, many in needed.items())
            raise house.Stopped(
                f"还有 {sum(needed.values())} 个值要用第 {version} 版 / values need it:\n{listed}\n"
                "  → gezhi keys rotate" + (" --index" if index else "")
            )
        if not yes:
            typer.confirm(_EVERYWHERE, abort=True)
        _note("retire", version, index=index)
        sealed.drop_key(version, index=index)
        typer.echo(f"第 {version} 版已删除；以前的备份还要用它 / is gone; older backups need it.")


def _must_be_long_out_of_use(since: datetime | None) -> None:
    from gezhi.base import clock

    left = since + _LONGEST_ACT - clock.now() if since else timedelta(0)
    if left > timedelta(0):
        minutes = math.ceil(left / timedelta(minutes=1))
        raise house.Stopped(
            "刚换过密钥，可能还有事务用旧密钥加密了、还没写入 / the keys have just been rotated: "
            "somebody may have sealed by the old one and not written yet.\n"
            f"  → {minutes} 分钟后再删 / retire it in {minutes} minutes."
        )


@contextmanager
def _opened() -> Iterator[None]:
    """What is wrong with the key file is said in words."""
    from django.core.exceptions import ImproperlyConfigured

    with house.opened():
        try:
            yield
        except ImproperlyConfigured as error:
            raise house.Stopped(f"密钥 / keys: {error}") from error


def _places(index: bool) -> "Sequence[Place]":
    from gezhi.base import resealing

    return resealing.index_places() if index else resealing.sealed_places()


def _behind(places: "Sequence[Place]", current: int) -> int:
    from gezhi.base import resealing

    return resealing.left([each for each in places if each.is_renewed], current)


def _is_under_way(places: "Sequence[Place]", old: set[int]) -> bool:
    """Whether anything lies under one of the old keys; what no key opens, none waits for."""
    from gezhi.base import resealing

    counts = resealing.versions([each for each in places if each.is_renewed])
    return any(version in old for each in counts.values() for version in each)


def _show() -> None:
    from rich.console import Console
    from rich.table import Table

    from gezhi.base import resealing, sealed

    found = sealed.keys(again=True)
    for title, versions, current, places in (
        ("加密密钥 / sealing keys", found.sealing, found.current, _places(False)),
        ("索引密钥 / index keys", found.index, found.current_index, _places(True)),
    ):
        table = Table(title=title, title_justify="left")
        for head in ("版本 / version", "算法 / algorithm", "", "用它的 / values", "在哪里 / where"):
            table.add_column(head)
        counts = resealing.versions(places)
        total = sum(counts.values(), Counter[int]())
        for version, key in sorted(versions.items()):
            where = [f"{name} {each[version]}" for name, each in counts.items() if each[version]]
            state = "在用 / in use" if version == current else ""
            state = "待用 / waits" if version > current else state
            shown = (str(version), key.algorithm, state, str(total[version]), "\n".join(where))
            table.add_row(*shown)
        Console(soft_wrap=False).print(table)
        for version in sorted(set(total) - set(versions)):
            lost = f"{total[version]} 个值打不开 / can't be opened"
            typer.echo(f"✗ 缺第 {version} 版 / is missing: {lost}")


def _tell_closed(closed: Sequence[str]) -> None:
    """By table, column and key, or by path: never what stands there."""
    for name in closed[:_MOST_NAMED]:
        typer.echo(f"✗ 换不了 / can't be renewed: {name}")
    if len(closed) > _MOST_NAMED:
        typer.echo(f"  … {len(closed) - _MOST_NAMED}")


def _renew_all(places: "Sequence[Place]", current: int) -> tuple[int, list[str]]:
    """Pass after pass until nothing is left; what remains when passes no longer help.

    Also which of it can't be renewed, so that no pass ever will.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from gezhi.base import resealing

    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*shown) as bar:
        left = _behind(places, current)
        task = bar.add_task("重新加密 / sealing anew", total=left)
        for _each in range(_MOST_PASSES):
            closed: list[str] = []
            for name, done in resealing.renew(places):
                closed += done.closed
                bar.update(task, advance=done.values, description=name)
            # Who began to write before the change may have sealed with the old key.
            resealing.wait_for_older_writers(seconds=10)
            left = _behind(places, current)
            if left <= len(closed):
                break
    return left, closed


def _note(what: str, version: int, *, index: bool, count: int = 0) -> None:
    """On the audit's record: which key, not its bytes."""
    from django.conf import settings

    from gezhi.base import clock
    from gezhi.base.actor import system
    from gezhi.record import actions as record
    from gezhi.record.rules import AuditKind

    record.note(
        AuditKind.SECURITY,
        actor=system("command"),
        county=str(settings.COUNTY),
        about="keys:index" if index else "keys:sealing",
        data={"act": what, "version": version, "count": count},
        now=clock.now(),
    )
