"""Opening the house for a command: its folder, its keys, its database, Django on top."""

import fcntl
import os
import secrets
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gezhi.site import rights
from gezhi.site.embedded import APPLICATION, Embedded, EmbeddedFailed


class Stopped(Exception):
    """The command can't go on; the words say what to do."""


def home() -> Path:
    """The folder for everything written at run time."""
    place = Path(os.environ.get("GEZHI_HOME") or Path.cwd() / ".gezhi").resolve()
    os.environ["GEZHI_HOME"] = str(place)
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Stopped(
            f"无法创建 {place}，请用 GEZHI_HOME 指定一个可写的文件夹\n"
            f"  can't make it ({error.strerror}): name a folder of yours in GEZHI_HOME."
        ) from error
    if not os.access(place, os.W_OK | os.X_OK):
        raise Stopped(
            f"没有写入 {place} 的权限 / can't write to {place}.\n"
            f'  sudo chown -R "$(id -un)" {shlex.quote(str(place))}\n'
            "  或用 GEZHI_HOME 另指定一个文件夹 / or name another folder in GEZHI_HOME."
        )
    return place


def prepare_environment() -> Embedded | None:
    """Name keys and database where the environment doesn't; the embedded server if it is used."""
    place = home()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
    if not os.environ.get("GEZHI_SECRET_KEY") and not os.environ.get("GEZHI_SECRET_KEY_FILE"):
        os.environ["GEZHI_SECRET_KEY_FILE"] = str(_secret_key(place / "keys"))
    if database_address():
        return None
    try:
        server = Embedded(place / "pg")
    except EmbeddedFailed as error:
        raise Stopped(str(error)) from error
    os.environ["DATABASE_URL"] = server.address(role=APPLICATION)
    os.environ["GEZHI_OWNER_DATABASE_URL"] = server.address()
    return server


def database_address() -> str:
    """The database that the environment names, or "" where the embedded one is meant."""
    return _named("DATABASE_URL")


def owner_address() -> str:
    """The same database as who owns its tables; the application's own address without one."""
    return _named("GEZHI_OWNER_DATABASE_URL") or database_address()


_PATIENCE = 30.0  # seconds: a server that is started again is back by then
_OWNER = ("GEZHI_OWNER_DATABASE_URL", "GEZHI_OWNER_DATABASE_URL_FILE")


def without_owner() -> dict[str, str]:
    """The environment of a process that runs as the application: it can't become the owner."""
    return {name: value for name, value in os.environ.items() if name not in _OWNER}


def _named(name: str) -> str:
    from django.core.exceptions import ImproperlyConfigured

    from gezhi.base import env

    try:
        return env.text(name, "")
    except ImproperlyConfigured as error:
        raise Stopped(str(error)) from error


def ask_database(*, to_make_tables: bool = False, patience: float = 0.0) -> None:
    """Stop with words where the database of one's own can't be used.

    With `patience` (seconds) only after so long where nobody answers there.
    """
    from gezhi.site.commands.database import trouble_with

    address = owner_address() if to_make_tables else database_address()
    until = time.monotonic() + patience
    while trouble := trouble_with(address, to_make_tables=to_make_tables):
        if not trouble.may_pass or time.monotonic() >= until:
            raise Stopped(f"数据库 / database: {trouble.said}\n  → {trouble.mend}")
        time.sleep(0.5)


def start_django() -> None:
    """Load Django and every room; make the sealing keys if there are none."""
    import django
    import psycopg
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from gezhi.base.sealed import make_key_file

    try:
        make_key_file(settings.KEY_FILE, settings.CIPHER)
        django.setup()
    except ImproperlyConfigured as error:
        raise Stopped(f"设置不对 / a setting is wrong: {error}\n  → docs/settings.md") from error
    except psycopg.ProgrammingError:  # it would show the address, and the password in it
        ask_database()
        raise


@contextmanager
def opened(
    *, with_database: bool = True, asks: bool = True, serves: bool = False
) -> Iterator[None]:
    """The house ready for one command. An embedded server that wasn't running is stopped again.

    With `asks` a database of one's own that can't be used stops the command. What `serves` others
    waits a while for one that is just started again; it knows of no owner, also by itself.
    """
    server = prepare_environment()
    started = bool(server and with_database and start_server(server))
    try:
        if with_database and asks and not server:
            ask_database(patience=_PATIENCE if serves else 0.0)
        if serves:
            for name in _OWNER:
                os.environ.pop(name, None)
        start_django()
        yield
    finally:
        if server and started and not is_running(home()):
            stop_server(server)


@contextmanager
def scratch() -> Iterator[str]:
    """A house of its own with the demo county and nothing in it, gone afterwards; its county.

    For measurements that kill and destroy. It must be the first that this process opens.
    """
    with TemporaryDirectory(prefix="gezhi-") as folder:
        os.environ["GEZHI_HOME"] = folder
        for name in ("DATABASE_URL", "GEZHI_OWNER_DATABASE_URL"):
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
        os.chmod(folder, 0o711)  # noqa: S103 - the database's own user passes through
        with opened():
            from gezhi.demo import actions
            from gezhi.demo.rules import COUNTY
            from gezhi.site import prepare

            prepare.tables()
            actions.load_county()
            yield COUNTY


def restart_server() -> None:
    """Stop the embedded server of this house, letting nobody finish, and start it again."""
    server = Embedded(home() / "pg")
    stop_server(server)
    start_server(server)


def start_server(server: Embedded) -> bool:
    """Start the embedded server, make its database and role; true if it wasn't running."""
    try:
        started = server.start()
        server.ensure_database("gezhi")
        if server.ensure_role(APPLICATION):
            rights.give(server.address(), APPLICATION)
    except EmbeddedFailed as error:
        raise Stopped(str(error)) from error
    return started


def stop_server(server: Embedded) -> None:
    """Stop the embedded server."""
    try:
        server.stop()
    except EmbeddedFailed as error:
        raise Stopped(str(error)) from error


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold the folder for one `demo` or `up`. The system lets go of it when the process ends."""
    path = place / "running.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            pid = file.read().strip() or "?"
            raise Stopped(
                f"这里已经有一个格治在运行，进程 {pid}\n"
                f"  Gezhi is already running in {place} (process {pid}).\n"
                f"  停止它 / stop it:        kill {pid}\n"
                f"  另开一个 / another one:  GEZHI_HOME=~/gezhi-2 ./gezhi demo --port 8010"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """A refusal ends the command with its words instead of a traceback."""
    from gezhi.base.refusal import Refusal

    try:
        yield
    except Refusal as refusal:
        raise Stopped(str(refusal)) from refusal


def is_running(place: Path) -> bool:
    """Whether a `demo` or `up` holds the folder."""
    try:
        with (place / "running.lock").open("a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _secret_key(folder: Path) -> Path:
    path = folder / "secret.txt"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f"secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
        draft.rename(path)
    return path
