"""What tests of backups do again and again: prove, restore, look at what is left."""

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from gezhi.backup import actions
from gezhi.backup.adapters.keyring import Secret
from gezhi.base.actor import system

COMMAND = system("command")


def hear(_done: int, _total: int) -> None:
    return


def prove(path: Path, secret: Secret | None = None) -> actions.Restored:
    return actions.verify_now(path, secret or actions.secret(), actor=COMMAND, heard=hear)


def place(tmp_path: Path, name: str = "") -> actions.Place:
    return actions.Place(tmp_path / "restored", name or f"restored_{os.getpid()}")


def restore(path: Path, where: actions.Place, **others: Any) -> actions.Restored:
    values: dict[str, Any] = {
        "secret": actions.secret(),
        "key_file": settings.KEY_FILE,
        "moved": lambda _: None,
    }
    return actions.restore(path, where, **{**values, **others})


def proofs_left(room: Path) -> list[str]:
    """What proofs that are over, or were killed, left behind."""
    ours = f"{connection.settings_dict['NAME']}_verify_"
    named = [name for name in databases() if name.startswith(ours)]
    return [*named, *(path.name for path in room.glob(".gezhi-verify-*"))]


def databases() -> set[str]:
    """Those there are, but for what other processes' tests make on the same server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        named = {str(row[0]) for row in cursor.fetchall()}
    pids = {name: re.search(r"_(\d+)(_|$)", name) for name in named}
    return {name for name, pid in pids.items() if not pid or pid[1] == str(os.getpid())}


def sign_in(county, name: str) -> Client:
    client = Client()
    client.force_login(county.accounts[name], backend="gezhi.site.sessions.AccountBackend")
    return client
