"""Two folders and a key, a county with files, a backup of it: what this room's tests stand on.

Rooms are imported inside, for this file is read before Django is ready.
"""

import os
from typing import Any

import pytest


@pytest.fixture
def target(tmp_path: Any, settings: Any) -> Any:
    """Two folders and a key, as settings name them, and a folder of files of this test's own."""
    from gezhi.backup import actions
    from gezhi.backup.adapters.keyring import make_key

    settings.BACKUP_TO, settings.BACKUP_KEYS_TO = str(tmp_path / "to"), str(tmp_path / "keys")
    settings.BACKUP_KEY = tmp_path / "backup.json"
    settings.FILES_DIR = tmp_path / "files"
    settings.GEZHI_HOME = tmp_path
    make_key(settings.BACKUP_KEY)
    return actions.target()


@pytest.fixture
def filled(committed: Any, target: Any, settings: Any) -> None:
    """Cases with a file each, and a draft."""
    from gezhi.cases import actions as cases
    from gezhi.record.tests.test_followers import read_everything
    from tests.cast import report_leak

    for number in range(3):
        reported = report_leak()
        upload = cases.Upload("note.pdf", b"%PDF-" + bytes([number]) * 5000, kind="document")
        cases.attach(reported.case.id, upload=upload, actor=committed.actor("cun"))
    read_everything()
    draft = settings.FILES_DIR / "drafts" / "ab" / "abcd" / "draft"
    draft.parent.mkdir(parents=True)
    draft.write_bytes(b"sealed")
    (draft.parent / ".draft.half").write_bytes(b"half")


@pytest.fixture
def written(filled: None, target: Any) -> Any:
    from gezhi.backup import actions
    from gezhi.backup.tests.doing import COMMAND, hear

    return actions.write_now(target, actor=COMMAND, heard=hear)


@pytest.fixture
def dropped() -> Any:
    """A database restored by name goes away again."""
    from django.db import connection

    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS restored_{os.getpid()} WITH (FORCE)")
