"""Opening the house for a command: its folder, its keys, its database, Django on top."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gezhi.site.embedded import Embedded, EmbeddedFailed


class Stopped(Exception):
    """The command can't go on; the words say what to do."""


def home() -> Path:
    """The folder for everything written at run time."""
    place = Path(os.environ.get("GEZHI_HOME") or Path.cwd() / ".gezhi").resolve()
    os.environ["GEZHI_HOME"] = str(place)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stopped(f"{place} can't be made ({error.strerror}): set GEZHI_HOME.") from error
    return place


def prepare_environment() -> Embedded | None:
    """Name keys and database where the environment doesn't; the embedded server if it is used."""
    place = home()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
    if not os.environ.get("GEZHI_SECRET_KEY") and not os.environ.get("GEZHI_SECRET_KEY_FILE"):
        os.environ["GEZHI_SECRET_KEY_FILE"] = str(_secret_key(place / "keys"))
    if os.environ.get("DATABASE_URL"):
        return None
    server = Embedded(place / "pg")
    os.environ["DATABASE_URL"] = server.address()
    return server


def start_django() -> None:
    """Load Django and every room; make the sealing keys if there are none."""
    import django
    from django.conf import settings

    from gezhi.base.sealed import make_key_file

    make_key_file(settings.KEY_FILE)
    django.setup()


@contextmanager
def opened(*, with_database: bool = True) -> Iterator[None]:
    """The house ready for one command. An embedded server that wasn't running is stopped again."""
    server = prepare_environment()
    started = bool(server and with_database and start_server(server))
    start_django()
    try:
        yield
    finally:
        if server and started and not is_running(home()):
            server.stop()


def start_server(server: Embedded) -> bool:
    """Start the embedded server and make its database; true if it wasn't running."""
    try:
        started = server.start()
        server.ensure_database("gezhi")
    except EmbeddedFailed as error:
        raise Stopped(str(error)) from error
    return started


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
