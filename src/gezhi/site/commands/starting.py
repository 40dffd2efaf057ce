"""What `demo` and `up` do before the processes start, each step told on the terminal."""

import ipaddress
import os
import socket
import time
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

import psutil
import typer
from rich.console import Console

from gezhi.site.commands import house
from gezhi.site.commands.house import Stopped
from gezhi.site.embedded import Embedded

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # only compared with
SHORTEST_PASSWORD = 10
LINES_OF_LOG = 8

console = Console(highlight=False)


def step(words: str, act: Callable[[], bool]) -> None:
    """Do one step; a line is printed only if there was something to do."""
    from gezhi.site.prepare import PreparingFailed

    began = time.monotonic()
    try:
        with console.status(f"{words} …"):
            done = act()
    except PreparingFailed as failed:
        raise Stopped(str(failed)) from failed
    if done:
        console.print(f"  ✓ {words}  [dim]{time.monotonic() - began:.1f} s[/dim]")


def prepare_all(
    server: Embedded | None, load: Callable[[], bool] | None = None, *, must_load: bool = False
) -> None:
    """Database, words, front end, static files, tables, demo county: whatever isn't there yet.

    With the embedded server nothing else changes what was prepared, so for the same sources a
    later start looks no further (and doesn't load Django to do so), unless it `must_load`.
    """
    if server:
        step("启动数据库 / database", lambda: house.start_server(server))
    else:
        house.ask_database(to_make_tables=True)
    from gezhi.site import prepare

    stamp, digest = house.home() / "prepared", prepare.digest_of_package()
    wanted = f"{digest} {'demo' if load else ''}".strip()
    was = stamp.read_text(encoding="ascii") if stamp.exists() else ""
    if server and was.startswith(wanted) and not must_load:
        return
    house.start_django()
    step("编译译文 / translations", prepare.words)
    step("构建前端 / front end", prepare.front_end)
    _use_new_folders()
    step("收集静态文件 / static files", prepare.static_files)
    step("更新数据表 / tables", prepare.tables)
    if load:
        step("载入示范县 / demo county", load)
    stamp.write_text(wanted, encoding="ascii")


def _use_new_folders() -> None:
    """The build's folder may have been made after the settings were read."""
    from django.conf import settings

    if settings.BUILD_DIR.exists() and settings.BUILD_DIR not in settings.STATICFILES_DIRS:
        settings.STATICFILES_DIRS.append(settings.BUILD_DIR)


def refuse_taken_ports(host: str, port: int) -> None:
    """Pages and live news need two ports beside each other."""
    from gezhi.site import processes

    for each in (port, port + 1):
        if not processes.address_is_free(host, each):
            raise Stopped(
                f"端口 {each} 已被占用 / port {each} on {host} is in use.\n"
                f"  换一个端口 / take another:  --port {port + 10}"
            )


def refuse_unasked_publicity(host: str, public: bool) -> None:
    """Anything but loopback must be asked for twice."""
    if host not in LOOPBACK and not public:
        raise Stopped(
            f"{host} 可以被其他机器访问 / others can reach {host}.\n"
            "  确实要公开，请加上 --public / if you mean it, add --public."
        )


def name_addresses(host: str, port: int) -> None:
    """Tell the processes under which names they are called, unless the environment does."""
    from gezhi.site import processes

    named = os.environ.get("GEZHI_HOSTS", "").split(",")[0].strip()
    names = {"127.0.0.1", "localhost", "[::1]"}
    if host in EVERYWHERE:
        names |= _own_names()
    elif host not in LOOPBACK:
        names.add(processes.in_address(host))
    os.environ.setdefault("GEZHI_HOSTS", ",".join(sorted(names)))
    hosts = os.environ["GEZHI_HOSTS"].split(",")
    os.environ.setdefault("GEZHI_LIVE_URL", f":{port + 1}/live/")
    os.environ.setdefault("GEZHI_LIVE_ORIGINS", ",".join(f"http://{name}:{port}" for name in hosts))
    os.environ.setdefault("GEZHI_ADDRESS", _address_in_links(host, port, named))


def _address_in_links(host: str, port: int, named: str) -> str:
    """Where links in messages lead: by the name that was given, else as others reach it."""
    if named:
        is_behind_proxy = os.environ.get("GEZHI_HTTPS") == "yes"
        return f"https://{named}" if is_behind_proxy else f"http://{named}:{port}"
    here, *others = addresses_to_open(host, port)
    return others[0] if others else here


def addresses_to_open(host: str, port: int) -> list[str]:
    """Where the site is found: from this machine first, then as others call it."""
    from gezhi.site import processes

    names = [processes.reachable(host)]
    if host in EVERYWHERE:
        names += sorted(_own_addresses(host))
    return [f"http://{name}:{port}" for name in names]


def _own_names() -> set[str]:
    return {socket.gethostname(), socket.getfqdn(), *_own_addresses("::")}


def _own_addresses(host: str) -> set[str]:
    """This machine's addresses that others may use, as they are written in a link."""
    from gezhi.site import processes

    kinds = {socket.AF_INET, socket.AF_INET6} if host == "::" else {socket.AF_INET}
    found = {
        ipaddress.ip_address(each.address.partition("%")[0])
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family in kinds
    }
    return {
        processes.in_address(str(each))
        for each in found
        if not each.is_loopback and not each.is_link_local
    }


def password_for_demo(host: str) -> str:
    """A new password for all demo accounts where others can reach them; "" on loopback."""
    if host in LOOPBACK:
        return ""
    given = os.environ.get("GEZHI_DEMO_PASSWORD", "")
    if not given and os.isatty(0):
        given = getpass("示范账号的新密码 / new password for the demo accounts: ")
        if given != getpass("再输入一次 / once more: "):
            raise Stopped("两次输入不一样，请重来 / the two differ: start again.")
    if len(given) < SHORTEST_PASSWORD:
        raise Stopped(
            f"公开的示范县需要新密码，至少 {SHORTEST_PASSWORD} 个字符。\n"
            f"  A public demo needs a new password of {SHORTEST_PASSWORD} characters or more: type "
            "it on a terminal, or set GEZHI_DEMO_PASSWORD."
        )
    return given


def say_slow() -> None:
    """A start that takes long is told; it goes on."""
    log = house.home() / "logs" / "gezhi.log"
    console.print(
        f"[yellow]一分钟还没有应答，继续等待 / no answer for a minute, waiting on:[/yellow] {log}"
    )


def end(code: int, log: Path) -> typer.Exit:
    """Stopping by Ctrl-C or SIGTERM is a good end; a process that ended by itself is not."""
    if code in (0, 130, 143):
        return typer.Exit(0)
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_LOG:]
    console.print("\n".join(tail), markup=False)
    console.print(f"[red]有进程意外停止 / a process stopped by itself, see:[/red] {log}")
    return typer.Exit(code)
