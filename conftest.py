"""What every test stands on: a PostgreSQL of their own, a key file, an empty folder for files.

One embedded server in $GEZHI_HOME/test-pg is shared by all pytest processes that run at the
same time; the last one to leave stops it. A database with all migrations is kept as template
(named by their hash), and each process works in a clone of it.
"""

import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TextIO
from unittest import mock

import psutil
import psycopg
import pytest
from hypothesis import HealthCheck, settings

from gezhi.base.sealed import make_key_file
from gezhi.site.embedded import FORGETFUL, Embedded, locked

ROOT = Path(__file__).parent
HOME = Path(os.environ.get("GEZHI_HOME", ROOT / ".gezhi")).resolve()
LEASES = HOME / "test-leases"
LOCK = HOME / "test.lock"
DATABASE = f"test_{os.getpid()}"
SERVER = Embedded(HOME / "test-pg", FORGETFUL)
FILES = tempfile.TemporaryDirectory(prefix="gezhi-test-files-")
KEPT_TEMPLATES = 4

# How fast this machine is says nothing about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# Set before Django reads its settings.
os.environ["GEZHI_HOME"] = str(HOME)
os.environ["GEZHI_FILES"] = FILES.name
os.environ["GEZHI_KEYS"] = str(HOME / "test-keys" / "seal.json")
os.environ["DATABASE_URL"] = SERVER.address(DATABASE)
os.environ.pop("GEZHI_OWNER_DATABASE_URL", None)
os.environ["GEZHI_INSIDE"] = "127.0.0.1,::1"  # where the tests' own gateways stand
for _name in ("READING", "WRITING", "ACCOUNT", "KEY", "SIGN_IN"):  # tests are quicker than people
    os.environ[f"GEZHI_LIMIT_{_name}"] = "0"
os.environ["GEZHI_PUZZLE_REPORTS"] = "0"
os.environ["GEZHI_SECRET_KEY"] = "only-for-tests"
os.environ["GEZHI_SECOND_FACTOR"] = "none"  # tests of second factors ask for them themselves
os.environ["DJANGO_SETTINGS_MODULE"] = "gezhi.site.settings"


class _ToStandardError(logging.StreamHandler[TextIO]):
    """To what standard error is at the moment: pytest puts another one there for every test."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _first: TextIO) -> None: ...


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    import django
    from django.conf import settings

    # A worker of xdist inherits its parent's environment and may have read it before this file.
    settings.DATABASES["default"]["NAME"] = DATABASE
    settings.FILES_DIR = Path(FILES.name)
    make_key_file(Path(os.environ["GEZHI_KEYS"]))
    from gezhi.site import prepare

    with locked(LOCK):
        prepare.words()
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
    settings.LOGGING["handlers"]["out"] = {"()": _ToStandardError, "formatter": "json"}
    django.setup()
    if (ROOT / "tests" / "cast.py").exists():
        config.pluginmanager.import_plugin("tests.cast")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with journeys and other long tests come first: at the end all processes are busy."""
    markers = ("browser", "slow")
    long = {item.path for item in items if any(map(item.get_closest_marker, markers))}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None) -> Iterator[None]:
    """The process's own database, cloned from the template and dropped at the end."""
    with locked(LOCK):
        _take_lease()
        SERVER.start()
        template = _template()
        _sql(f'CREATE DATABASE "{DATABASE}" TEMPLATE "{template}"')
    yield
    from django.db import connections

    connections.close_all()
    with locked(LOCK):
        _sql(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')
        _give_lease_back()


@pytest.fixture
def second_database(django_db_setup: None) -> Iterator[str]:
    """The address of another database of the same server, empty, for a second house."""
    name = f"{DATABASE}_second"
    with locked(LOCK):
        _sql(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
    yield SERVER.address(name)
    _sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def _what_was_committed_is_deleted() -> None:
    """Django empties every table and tells all apps of it, which takes more than half a second."""
    from django.test import TransactionTestCase

    from tests.emptying import empty

    TransactionTestCase._fixture_teardown = lambda _self: empty()  # type: ignore[attr-defined]  # tests only


def _sql(statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(SERVER.address("postgres"), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _template() -> str:
    """The name of a migrated database; made when there is none for these migrations."""
    name = f"template_{_digest_of_migrations()}"
    found = sorted(str(row[0]) for row in _sql("SELECT datname FROM pg_database"))
    if name in found:
        return name
    for old in [each for each in found if each.startswith("template_")][:-KEPT_TEMPLATES]:
        _sql(f'DROP DATABASE "{old}" WITH (FORCE)')
    _sql('DROP DATABASE IF EXISTS "draft" WITH (FORCE)')
    _sql('CREATE DATABASE "draft"')
    made = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"],
        env={
            **os.environ,
            "DATABASE_URL": SERVER.address("draft"),
            "PYTHONPATH": str(ROOT / "src"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.exit(
            f"The migrations don't run:\n{made.stdout}\n{made.stderr[-3000:]}", returncode=1
        )
    _sql(f'ALTER DATABASE "draft" RENAME TO "{name}"')
    return name


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    for package in ("django", "procrastinate", "django-axes"):
        digest.update(f"{package} {version(package)}\n".encode())
    for path in sorted((ROOT / "src" / "gezhi").glob("*/migrations/*.py")):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _take_lease() -> None:
    LEASES.mkdir(parents=True, exist_ok=True)
    (LEASES / str(os.getpid())).touch()


def _give_lease_back() -> None:
    """The last process to leave stops the server; leases of killed processes don't count."""
    (LEASES / str(os.getpid())).unlink(missing_ok=True)
    for lease in LEASES.iterdir():
        if psutil.pid_exists(int(lease.name)):
            return
        lease.unlink(missing_ok=True)
    SERVER.stop()


@pytest.fixture(autouse=True)
def _as_a_process_begins() -> Iterator[None]:
    """No test has the language of the one before, its units and names, rolled back since, or its
    environment.

    Commands name keys and databases in the environment, for the processes that they start.
    """
    from django.conf import settings as own
    from django.utils import translation

    from gezhi.base.pace import shared
    from gezhi.people import reads as people
    from gezhi.triage import reads as triage

    shared.forget()  # nor pays for how often others asked
    translation.activate(own.LANGUAGE_CODE)
    people.forget_units()
    triage.forget_names()
    with mock.patch.dict(os.environ):
        yield
