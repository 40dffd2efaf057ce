"""Running web, live and worker together in one terminal, and knowing when they answer."""

import os
import shlex
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TextIO
from urllib.error import URLError

import psutil
from honcho.manager import Manager
from honcho.printer import Printer

PATIENCE = 60.0


def address_is_free(host: str, port: int) -> bool:
    """Whether nobody listens there yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def run_together(host: str, port: int, log: TextIO, when_ready: Callable[[bool], None]) -> int:
    """Run all three until one ends or a signal comes; `when_ready` hears whether they answer."""
    manager = Manager(printer=Printer(output=log, colour=False))
    environment = {**os.environ, "GEZHI_PARENT": str(os.getpid())}
    base = [sys.executable, "-m", "gezhi.site.command"]
    commands = {
        "web": [*base, "web", "--host", host, "--port", str(port)],
        "live": [*base, "live", "--host", host, "--port", str(port + 1)],
        "worker": [*base, "worker"],
    }
    for name, command in commands.items():
        manager.add_process(name, f"exec {shlex.join(command)}", env=environment)
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(host, port, when_ready, over), daemon=True)
    watch.start()
    try:
        manager.loop()
    finally:
        over.set()
    return int(manager.returncode or 0)


def die_with_parent() -> None:
    """Stop this process when the one that started it has been killed."""
    parent = os.environ.get("GEZHI_PARENT", "")
    if not parent.isdecimal():
        return

    def look() -> None:
        while psutil.pid_exists(int(parent)):
            time.sleep(2)
        os.kill(os.getpid(), 15)

    threading.Thread(target=look, daemon=True).start()


def reachable(host: str) -> str:
    """The host under which this machine itself reaches a server bound to `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # only compared


def log_file(home: Path) -> Path:
    """Where the processes' lines go; the file of the run before is kept beside it."""
    path = home / "logs" / "gezhi.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".before.log"))
    return path


def _watch(host: str, port: int, when_ready: Callable[[bool], None], over: threading.Event) -> None:
    place = reachable(host)
    addresses = [f"http://{place}:{port}/healthz", f"http://{place}:{port + 1}/live/healthz"]
    until = time.monotonic() + PATIENCE
    while not over.wait(0.2):
        if all(_answers(address) for address in addresses):
            when_ready(True)
            return
        if time.monotonic() > until:
            when_ready(False)
            return


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  # our own
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
