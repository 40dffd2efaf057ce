"""Running web, live and worker together in one terminal, and knowing when they answer."""

import gc
import os
import shlex
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

import psutil
from honcho.manager import Manager
from honcho.printer import Printer

from gezhi.site.commands import house

PATIENCE = 60.0  # seconds after which a slow start is told; the waiting goes on
# A third of the share of the processes that answer, while there is too little for all.
_NICENESS = 5
# Not through the proxy that the environment may name: this machine asks itself.
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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
    """Run all three until one ends or a signal comes.

    `when_ready` hears True once they answer, and False before if that takes long.
    """
    manager = Manager(printer=Printer(output=log, colour=False))
    environment = {**house.without_owner(), "GEZHI_PARENT": str(os.getpid())}
    base = [sys.executable, "-P", "-m", "gezhi.site.command"]
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
    except KeyError:  # asked to stop before the manager had heard of every process's start
        _end_children()
    finally:
        over.set()
    return int(manager.returncode or 0)


def _end_children() -> None:
    children = psutil.Process().children(recursive=True)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.terminate()
    for child in psutil.wait_procs(children, timeout=10)[1]:
        with suppress(psutil.NoSuchProcess):
            child.kill()


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


def give_way() -> None:
    """Let others on this machine go first: people wait at pages, nobody waits at the worker.

    Linux may share the processors between sessions first; niceness counts within one alone, and
    this process, started by `run_together`, is one by itself.
    """
    os.nice(_NICENESS)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # no such sharing here
            Path("/proc/self/autogroup").write_text(str(_NICENESS))


@contextmanager
def ended_tidily() -> Iterator[None]:
    """Let `kill` and a closed terminal end this command as Ctrl-C does, leaving nothing behind."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def end_as_if_killed(number: int, frame: FrameType | None) -> None:
        os.kill(os.getpid(), signal.SIGTERM)  # while processes run it is their manager's

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGTERM, end)
    if before[signal.SIGHUP] is not signal.SIG_IGN:  # `nohup` asked for it to be ignored
        signal.signal(signal.SIGHUP, end_as_if_killed)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def in_address(host: str) -> str:
    """A host as it is written in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def leave_loaded_alone() -> None:
    """Let the garbage collector pass over what is loaded now and look less often at the rest.

    A page makes some ten thousand objects and drops them; with the usual threshold the
    collector walked through the whole house several times for each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def reachable(host: str) -> str:
    """The host under which this machine itself reaches a server bound to `host`."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # only compared
    return in_address(own.get(host, host))


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
    late = time.monotonic() + PATIENCE
    while not over.wait(0.2):
        if all(answers(address) for address in addresses):
            when_ready(True)
            return
        if time.monotonic() > late:
            late = float("inf")
            when_ready(False)


def answers(address: str) -> bool:
    """Whether this machine gets a good answer from itself."""
    try:
        with _DIRECTLY.open(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
