"""What `demo` and `up` do before the processes start, each step told on the terminal."""

import os
import socket
import time
from collections.abc import Callable
from getpass import getpass

import psutil
import typer
from rich.console import Console

from gezhi.site.commands import house
from gezhi.site.commands.house import Stopped
from gezhi.site.embedded import Embedded

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # only compared with
SHORTEST_PASSWORD = 10

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


def prepare_all(server: Embedded | None, load: Callable[[], bool] | None = None) -> None:
    """Database, words, front end, static files, tables, demo county: whatever isn't there yet.

    With the embedded server nothing else changes what was prepared, so for the same sources a
    later start looks no further (and doesn't load Django to do so).
    """
    if server:
        step("启动数据库 / database", lambda: house.start_server(server))
    from gezhi.site import prepare

    stamp, digest = house.home() / "prepared", prepare.digest_of_package()
    wanted = f"{digest} {'demo' if load else ''}".strip()
    if server and stamp.exists() and stamp.read_text(encoding="ascii").startswith(wanted):
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
    names = {"127.0.0.1", "localhost", "[::1]"}
    if host in EVERYWHERE:
        names |= _own_names()
    elif host not in LOOPBACK:
        names.add(host)
    os.environ.setdefault("GEZHI_HOSTS", ",".join(sorted(names)))
    hosts = os.environ["GEZHI_HOSTS"].split(",")
    os.environ.setdefault("GEZHI_LIVE_URL", f":{port + 1}/live/")
    os.environ.setdefault("GEZHI_LIVE_ORIGINS", ",".join(f"http://{name}:{port}" for name in hosts))


def _own_names() -> set[str]:
    found = {socket.gethostname(), socket.getfqdn()}
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family == socket.AF_INET:
                found.add(address.address)
    return found


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


def end(code: int) -> typer.Exit:
    """Stopping by Ctrl-C or SIGTERM is a good end."""
    return typer.Exit(0 if code in (0, 130, 143) else code)
