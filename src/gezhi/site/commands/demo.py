"""`gezhi demo`: from nothing to a county that can be tried, on one command."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gezhi.site.commands import house
from gezhi.site.commands.starting import (
    addresses_to_open,
    console,
    end,
    name_addresses,
    password_for_demo,
    prepare_all,
    refuse_taken_ports,
    refuse_unasked_publicity,
    say_slow,
)

HISTORY_DAYS = 60


def register(app: typer.Typer) -> None:
    app.command()(demo)
    app.command(name="fill-history", hidden=True)(fill_history)


def demo(
    port: Annotated[int, typer.Option(help="Pages on this port, live news on the next.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    public: Annotated[bool, typer.Option(help="Allow an address others can reach.")] = False,
    days: Annotated[int, typer.Option(help="Days of history to fill in.")] = HISTORY_DAYS,
) -> None:
    """示范县：准备好一切并启动。 A fictional county, ready to try."""
    from gezhi.demo.rules import PASSWORD
    from gezhi.site import processes

    refuse_unasked_publicity(host, public)
    place = house.home()
    with house.alone(place), processes.ended_tidily():
        refuse_taken_ports(host, port)
        password = "" if _own_passwords(place).exists() else password_for_demo(host)
        name_addresses(host, port)
        os.environ["GEZHI_DEMO"] = "yes"
        # Everybody tries its accounts; a second factor can be set up, and is asked of whoever did.
        os.environ.setdefault("GEZHI_SECOND_FACTOR", "none")
        os.environ.setdefault("GEZHI_LIMIT_ACCOUNT", "0")  # many people may share one of them
        if not password and not _own_passwords(place).exists():
            # The sign-in page fills it in; where others can reach the demo it shows none.
            os.environ["GEZHI_DEMO_SIGN_IN"] = PASSWORD
        server = house.prepare_environment()
        history = _History(place, days)
        try:
            prepare_all(server, lambda: load_county(place, password), must_load=bool(password))
            lines = processes.log_file(place)
            with lines.open("w", encoding="utf-8", buffering=1) as log:
                code = processes.run_together(
                    host, port, log, lambda ready: _say_ready(ready, host, port, history)
                )
        finally:
            history.stop()
            if server:
                house.stop_server(server)
            console.print("已停止 / stopped.")
    raise end(code, lines)


def fill_history(days: int = HISTORY_DAYS) -> None:
    """Let the demo county live through its past days, by its real acts under a simulated clock.

    Before that, what it sends to itself follows it to where it is opened now.
    """
    from gezhi.site import processes

    processes.die_with_parent()
    with house.opened():
        from gezhi.demo import actions
        from gezhi.exchange import actions as exchange
        from gezhi.site import progress

        exchange.follow_demo()
        try:
            actions.fill_articles()
            actions.fill_history(
                days=days,
                tell=lambda done, total, seconds: progress.write(
                    progress.Progress(done, total, int(seconds))
                ),
            )
            actions.fill_calls()
        finally:
            progress.clear()


class _History:
    """The filling of the demo county's past: a process of its own, shown on the terminal."""

    def __init__(self, place: Path, days: int) -> None:
        self._log = place / "logs" / "history.log"
        self._days = days
        self._process: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()

    def start(self) -> None:
        """Begin or go on; quickly over when the history is complete."""
        if self._over.is_set():
            return
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                [sys.executable, "-P", "-m", "gezhi.site.command", "fill-history", "--days",
                 str(self._days)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**house.without_owner(), "GEZHI_PARENT": str(os.getpid())},
            )  # fmt: skip
        self._show()

    def stop(self) -> None:
        """End the filling; it goes on at the next start."""
        self._over.set()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def _show(self) -> None:
        from gezhi.site import progress

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("正在生成历史 / filling history", total=self._days)
            while self._process and self._process.poll() is None and not self._over.wait(1):
                if now := progress.read():
                    bar.update(task, completed=now.done, total=now.total)
        if self._process and self._process.poll() not in (None, 0) and not self._over.is_set():
            console.print(f"历史没有生成完，见 / filling the history failed, see: {self._log}")


def load_county(place: Path, password: str) -> bool:
    """Make the county if it isn't there; with a password, all its accounts get that one.

    A county that stayed on this machine until now has passwords that everybody knows.
    """
    from django.contrib.auth.hashers import make_password

    from gezhi.demo import actions

    made = actions.load_county(password_hash=make_password(password) if password else "")
    if password and not made:
        actions.set_passwords(password)
    if password:
        _own_passwords(place).touch()
    _accounts_file(place).write_text(_accounts(place), encoding="utf-8")
    return made or bool(password)


def _accounts(place: Path) -> str:
    """The accounts to try, in both languages; kept in a file for starts that load no rooms."""
    from django.utils.translation import override

    from gezhi.demo import rules

    given = _own_passwords(place).exists()
    lines = ["  账号 / login · 密码 / password"]
    for account in rules.DEMO_ACCOUNTS:
        with override("zh-hans"):
            who = str(account.who)
        with override("en"):
            who += f" / {account.who}"
        password = "（您设的 / yours）" if given else account.password
        lines.append(f"  [bold]{account.login:<9}[/bold] {password}  {who}")
    return "\n".join(lines)


def _accounts_file(place: Path) -> Path:
    return place / "demo-accounts.txt"


def _own_passwords(place: Path) -> Path:
    """Stands in a home whose demo accounts were given a password of their own."""
    return place / "demo-has-own-passwords"


def _say_ready(ready: bool, host: str, port: int, history: _History) -> None:
    if not ready:
        say_slow()
        return
    for address in addresses_to_open(host, port):
        console.print(f"\n  群众端 / residents   [bold]{address}/[/bold]")
        console.print(f"  工作台 / desk        [bold]{address}/desk/[/bold]")
        console.print(f"  接口 / API           [bold]{address}/api/v1/docs[/bold]")
    console.print()
    console.print(_accounts_file(house.home()).read_text(encoding="utf-8"), soft_wrap=True)
    console.print("\n  停止 / stop: Ctrl-C\n")
    history.start()
