"""`gezhi up` and the processes it is made of: web, live, worker."""

import os
from importlib import import_module
from typing import Annotated

import typer

from gezhi.site.commands import house
from gezhi.site.commands.starting import (
    addresses_to_open,
    console,
    end,
    name_addresses,
    prepare_all,
    refuse_taken_ports,
    refuse_unasked_publicity,
    say_slow,
)

# One for each core: with one more, each waits for its turn longer than a core would be idle.
# No more than eight, so that their connections (one for each thread) stay within what a
# database allows; two at least, so that one answers while another is started anew.
WORKERS = max(2, min(len(os.sched_getaffinity(0)), 8))
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


def register(app: typer.Typer) -> None:
    for command in (up, web, live, worker):
        app.command()(command)


def up(
    port: Annotated[int, typer.Option(help="Pages on this port, live news on the next.")] = 8000,
    host: Host = "127.0.0.1",
    public: Annotated[bool, typer.Option(help="Allow an address others can reach.")] = False,
) -> None:
    """启动全部进程，不含示范数据。 Everything against DATABASE_URL, no demo data."""
    from gezhi.site import processes

    refuse_unasked_publicity(host, public)
    place = house.home()
    with house.alone(place), processes.ended_tidily():
        refuse_taken_ports(host, port)
        name_addresses(host, port)
        server = house.prepare_environment()
        try:
            prepare_all(server)
            lines = processes.log_file(place)
            with lines.open("w", encoding="utf-8", buffering=1) as log:
                code = processes.run_together(
                    host, port, log, lambda ready: _say_ready(ready, host, port)
                )
        finally:
            if server:
                house.stop_server(server)
            console.print("已停止 / stopped.")
    raise end(code, lines)


def web(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.")] = WORKERS,
    threads: Annotated[int, typer.Option(help="Requests each works on at once.")] = 4,
) -> None:
    """网页与接口进程。 Pages and the API."""
    _serve("gezhi.site.wsgi:application", "wsgi", host, port, workers=workers, threads=threads)


def live(host: Host = "127.0.0.1", port: Port = 8001) -> None:
    """实时消息进程。 Live news by server-sent events."""
    _serve("gezhi.site.asgi:application", "asgi", host, port, workers=1, threads=1)


def worker() -> None:
    """后台进程：跟随者与任务。 Followers and jobs."""
    from gezhi.site import processes

    processes.die_with_parent()
    processes.give_way()
    with house.opened(serves=True):
        from gezhi.site import worker as process

        process.run()


def _serve(target: str, kind: str, host: str, port: int, *, workers: int, threads: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    from gezhi.site import logs, processes

    processes.die_with_parent()
    with house.opened(serves=True):
        import_module(target.split(":")[0])  # before the workers fork, so that it is loaded once
        processes.leave_loaded_alone()
        Granian(
            target,
            address=host,
            port=port,
            interface=Interfaces(kind),
            workers=workers,
            blocking_threads=threads,
            blocking_threads_idle_timeout=600,  # seconds: a thread keeps its connection
            websockets=False,
            workers_kill_timeout=5,
            respawn_failed_workers=True,
            log_dictconfig=logs.config("INFO"),
            process_name=f"gezhi {kind}",
        ).serve()


def _say_ready(ready: bool, host: str, port: int) -> None:
    if not ready:
        say_slow()
        return
    console.print()
    for address in addresses_to_open(host, port):
        console.print(f"  [bold]{address}/[/bold]")
    console.print("\n  停止 / stop: Ctrl-C\n")
