"""Backups as the command, the worker and the administrator's page make them."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client, override_settings
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from gezhi.backup import actions, checks, jobs, reads, rules
from gezhi.backup.actions import running, verifying
from gezhi.backup.actions.files import looked_through
from gezhi.backup.adapters import packing, tools
from gezhi.backup.adapters.keyring import Secret, make_key
from gezhi.backup.adapters.opening import put_keys
from gezhi.backup.errors import (
    BackupBroken,
    BackupKeyWrong,
    BackupRuns,
    BackupTooNew,
    FolderWrong,
    KeysMissing,
    KeysTogether,
    LinkInFiles,
    NoSpace,
    PassphraseWrong,
    PlaceTaken,
    RestoredDiffers,
    ToolFailed,
    ToolsMissing,
)
from gezhi.backup.models import Run
from gezhi.backup.rules import Cipher, Keep, Manifest, Work
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Report
from gezhi.people.models import Resident, ResidentSession, Session
from gezhi.record.models import AuditLine, Line
from gezhi.record.tests.test_followers import read_everything
from tests.cast import COUNTY, report_leak

COMMAND = system("command")
ADDRESS = "/desk/admin/backups/"


def hear(_done: int, _total: int) -> None:
    return


@pytest.fixture
def target(tmp_path, settings) -> actions.Target:
    """Two folders and a key, as settings name them, and a folder of files of this test's own."""
    settings.BACKUP_TO, settings.BACKUP_KEYS_TO = str(tmp_path / "to"), str(tmp_path / "keys")
    settings.BACKUP_KEY = tmp_path / "backup.json"
    settings.FILES_DIR = tmp_path / "files"
    settings.GEZHI_HOME = tmp_path
    make_key(settings.BACKUP_KEY)
    return actions.target()


@pytest.fixture
def filled(committed, target) -> None:
    """Cases with a file each, and a draft."""
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
def written(filled, target):
    return actions.write_now(target, actor=COMMAND, heard=hear)


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


@pytest.fixture
def dropped():
    """A database restored by name goes away again."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS restored_{os.getpid()} WITH (FORCE)")


def proofs_left(room: Path) -> list[str]:
    """What proofs that are over, or were killed, left behind."""
    ours = f"{connection.settings_dict['NAME']}_verify_"
    named = [name for name in databases() if name.startswith(ours)]
    return [*named, *(path.name for path in room.glob(".gezhi-verify-*"))]


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {row[0] for row in cursor.fetchall()}


def test_a_backup_holds_everything_and_is_proved_by_restoring_it(written, tmp_path):
    before = databases()
    held = written.manifest
    assert held.tables["cases_case"] == held.tables["cases_attachment"] == 3
    assert held.tables["record_line"] == Line.objects.count()
    assert not set(held.tables) & set(reads.WITHOUT), "who was signed in isn't signed in again"
    assert set(held.heads) == {"books", "anchors", "histories"}
    assert held.files == 4, "three attachments and a draft; what is half written is left out"
    assert written.path.stat().st_mode & 0o777 == 0o600
    body = written.path.read_bytes()
    assert b"cases_case" not in body
    assert b"%PDF-" not in body
    found = prove(written.path)
    assert found.rows == sum(held.tables.values())
    assert databases() == before, "and removed again"
    assert not proofs_left(tmp_path)
    runs = list(Run.objects.order_by("began_at"))
    assert [(run.work, run.is_fine) for run in runs] == [("write", True), ("verify", True)]
    lines = AuditLine.objects.filter(kind="backup").order_by("id")
    assert [line.data["work"] for line in lines] == ["write", "verify"]
    assert lines[0].data["keys"] is True


# Tables of secrets that somebody comes in by, and why they are saved all the same.
_COMES_BACK = {
    "people_apikey": "a program's key is state, like a post: who ended one since ends it again",
    "people_passwordbefore": "passwords nobody may take again",
    "people_recoverycode": "second factors are state; used ones are told as used",
    "axes_accesslog": "what lock-out counted; a hash, no session",
}


def test_no_table_signs_anybody_in_again():
    for model in apps.get_models():
        table = model._meta.db_table
        columns = {field.column for field in model._meta.local_concrete_fields}
        is_one = "session" in table or any("session" in str(column) for column in columns)
        is_one |= "digest" in columns and table.startswith(("people_", "residents_"))
        assert not is_one or (table in reads.WITHOUT) is not (table in _COMES_BACK), table
        for field in model._meta.local_concrete_fields:
            other = field.related_model
            is_left_out = other is not None and other._meta.db_table in reads.WITHOUT
            assert not is_left_out, f"{table}.{field.column} would point to nothing"
    assert set(reads.WITHOUT) <= {model._meta.db_table for model in apps.get_models()}


def test_restoring_signs_nobody_in(committed, filled, target, tmp_path, dropped):
    sign_in(committed, "guan")
    now, resident = clock.now(), Resident.objects.create(
        county=COUNTY, phone="13812345678", phone_index=os.urandom(32), made_at=clock.now()
    )  # fmt: skip
    ResidentSession.objects.create(
        resident=resident, digest=os.urandom(32), made_at=now, proven_at=now,
        ends_at=now + timedelta(days=90),
    )  # fmt: skip
    assert Session.objects.exists()
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    where = place(tmp_path)
    restore(made.path, where)
    with reads.turned_to(where.database):
        assert Resident.objects.exists()
        assert not Session.objects.exists()
        assert not ResidentSession.objects.exists()


def test_a_killed_proof_leaves_nothing(written, tmp_path, monkeypatch):
    for name, value in (("GEZHI_HOME", tmp_path), ("GEZHI_KEYS", settings.KEY_FILE),
                        ("GEZHI_BACKUP_KEY", settings.BACKUP_KEY)):  # fmt: skip
        monkeypatch.setenv(name, str(value))
    words = [sys.executable, "-P", "-m", "gezhi.site.command", "backup", "verify", written.path]
    process = subprocess.Popen(  # noqa: S603 - ours
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    until = time.monotonic() + 120
    while len(proofs_left(tmp_path)) < 2:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.01)
    jobs.look_after_backups(0)
    assert len(proofs_left(tmp_path)) == 2, "a proof at work is let be"
    process.kill()
    process.communicate()
    while proofs_left(tmp_path):  # the server sees a moment later that nobody holds it
        jobs.look_after_backups(0)
        assert time.monotonic() < until
        time.sleep(0.1)
    line = AuditLine.objects.get(kind="backup", about="proofs")
    assert (line.data["databases"], line.data["folders"]) == (1, 1)


def test_a_long_proof_is_not_taken_for_broken_off(written, monkeypatch):
    """Nothing moves the meter for longer than silence lasts; it says so itself meanwhile."""
    monkeypatch.setattr(running, "_BEATS_EVERY", 0.02)
    monkeypatch.setattr(rules, "SILENT_FOR", timedelta(seconds=0.5))
    real, seen = verifying.verify, []

    def slow(*given, **named):
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            actions.sweep()
            seen.append(reads.running(clock.now()) is not None)
            time.sleep(0.1)
        return real(*given, **named)

    monkeypatch.setattr(running, "verify", slow)
    prove(written.path)
    assert seen
    assert all(seen), "a second one could begin"
    assert [run.is_fine for run in Run.objects.filter(work="verify")] == [True]


def test_what_was_taken_for_broken_off_stays_so(written, monkeypatch):
    real = verifying.verify

    def paused(*given, **named):
        with clock.standing_at(clock.now() + timedelta(hours=2)):
            actions.sweep()
        return real(*given, **named)

    monkeypatch.setattr(running, "verify", paused)
    prove(written.path)
    run = Run.objects.get(work="verify")
    assert (run.is_fine, "中断" in run.fault) == (False, True)
    lines = AuditLine.objects.filter(kind="backup", data__work="verify")
    assert [line.data["fine"] for line in lines] == [False], "one end, told once"


def test_what_was_erased_on_request_is_erased_again_after_restoring(
    written, target, tmp_path, dropped, settings
):
    one, other = Report.objects.order_by("at")[:2]
    late = report_leak().report  # the backup knows nothing of it
    for report in (one, late):
        actor = system("erasure")
        cases.anonymise_report(report.id, reason="应本人要求", actor=actor)
    jobs.look_after_backups(0)
    noted = (tmp_path / "erased" / f"{COUNTY}.txt").read_text().split()
    assert set(noted) == {str(one.id), str(late.id)}
    older = shutil.copy(written.path, tmp_path)  # of one day the newest alone is kept
    later = actions.write_now(target, actor=COMMAND, heard=hear)
    assert later.keys is not None
    shutil.rmtree(tmp_path / "erased")  # another machine, which has last night's keys
    put_keys(later.keys, secret=target.secret, home=tmp_path, key_file=settings.KEY_FILE,
             secret_file=None)  # fmt: skip
    where = place(tmp_path)
    restore(Path(older), where)
    settings.FILES_DIR = where.files
    with reads.turned_to(where.database):
        assert Report.objects.get(pk=one.id).phone == "13812345678", "the restore undid it"
        assert actions.keep_erasures() == 1
        assert Report.objects.get(pk=one.id).phone == ""
        assert Report.objects.get(pk=other.id).phone == "13812345678"
        assert actions.keep_erasures() == 0, "and once only"
        assert not list(case_reads.faults_in_chains(county=COUNTY))
    assert set((tmp_path / "erased" / f"{COUNTY}.txt").read_text().split()) == set(noted)


def test_files_come_back_byte_by_byte(written, tmp_path, dropped):
    where = place(tmp_path)
    restore(written.path, where)
    names = {
        path.relative_to(settings.FILES_DIR) for path in packing.files_under(settings.FILES_DIR)
    }
    assert len(names) == 4
    for name in names:
        assert (where.files / name).read_bytes() == (settings.FILES_DIR / name).read_bytes()
    assert {path.relative_to(where.files) for path in packing.files_under(where.files)} == names
    with reads.turned_to(where.database):
        assert reads.state_of().heads == written.manifest.heads


@pytest.mark.parametrize("cipher", list(Cipher))
def test_a_passphrase_and_either_cipher_will_do(filled, target, cipher):
    sealed_with = Secret(target.secret.path, "correct horse battery")
    made = actions.write_now(
        replace(target, secret=sealed_with, cipher=cipher), actor=COMMAND, heard=hear
    )
    prove(made.path, sealed_with)
    with pytest.raises(PassphraseWrong):
        prove(made.path, Secret(target.secret.path, "correct horse batterz"))


def test_a_backup_with_any_byte_changed_is_refused_and_changes_nothing(written, tmp_path):
    body, before = written.path.read_bytes(), databases()
    broken = tmp_path / "broken.gzb"

    @hypothesis(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, len(body) - 1), st.integers(1, 255))
    @example(0, 1)
    @example(len(body) - 1, 128)
    def change_one(at: int, by: int) -> None:
        broken.write_bytes(body[:at] + bytes([body[at] ^ by]) + body[at + 1 :])
        with pytest.raises(Refusal):
            restore(broken, place(tmp_path))

    change_one()
    for end in (len(body) - 1, len(body) // 2, 60, 0):
        broken.write_bytes(body[:end])
        with pytest.raises(Refusal):
            restore(broken, place(tmp_path))
    assert databases() == before
    assert not (tmp_path / "restored").exists()


def test_only_an_empty_place_is_restored_into(written, tmp_path, dropped):
    with pytest.raises(PlaceTaken, match=str(connection.settings_dict["NAME"])):
        restore(written.path, actions.Place(tmp_path / "restored"))
    where = place(tmp_path)
    where.files.mkdir()
    (where.files / "something").write_bytes(b"of somebody")
    with pytest.raises(PlaceTaken, match="restored"):
        restore(written.path, where)
    assert where.database not in databases()
    (where.files / "something").unlink()
    restore(written.path, where)
    with pytest.raises(PlaceTaken, match=where.database):
        restore(written.path, replace(where, files=tmp_path / "elsewhere"))


def test_without_the_keys_nothing_is_restored(written, tmp_path):
    with pytest.raises(KeysMissing, match="--keys"):
        restore(written.path, place(tmp_path), key_file=tmp_path / "none.json")
    shutil.copy(settings.KEY_FILE, tmp_path / "other.json")
    body = (tmp_path / "other.json").read_text()
    (tmp_path / "other.json").write_text(body.replace("0", "1"))
    with pytest.raises(KeysMissing):
        restore(written.path, place(tmp_path), key_file=tmp_path / "other.json")


def test_keys_lie_apart_and_come_back(written, tmp_path, target):
    assert written.keys is not None
    assert written.keys.parent != written.path.parent
    key = settings.KEY_FILE.read_bytes()
    assert key not in written.keys.read_bytes()
    new, secret_file = tmp_path / "new" / "seal.json", tmp_path / "new" / "secret.txt"
    values = {"secret": target.secret, "home": tmp_path / "new", "key_file": new,
              "secret_file": secret_file}  # fmt: skip
    put_keys(written.keys, **values)
    assert new.read_bytes() == key
    assert secret_file.read_text() == settings.SECRET_KEY
    assert new.stat().st_mode & 0o777 == 0o600
    put_keys(written.keys, **values)  # the same again does no harm
    new.write_bytes(b'{"another": 1}')
    with pytest.raises(Refusal, match="seal.json"):
        put_keys(written.keys, **values)
    assert new.read_bytes() == b'{"another": 1}'
    with pytest.raises(Refusal):
        prove(written.keys)


@pytest.mark.parametrize("inside", ["", "keys"])
def test_keys_are_not_put_beside_the_backup_unless_that_is_said(committed, target, inside):
    together = replace(target, keys=target.folder / inside)
    with pytest.raises(KeysTogether, match="--same-folder"):
        actions.write_now(together, actor=COMMAND, heard=hear)
    made = actions.write_now(replace(together, may_be_together=True), actor=COMMAND, heard=hear)
    assert made.keys is not None


def test_another_backup_key_opens_nothing(written, tmp_path):
    make_key(tmp_path / "other.json")
    with pytest.raises(BackupKeyWrong):
        prove(written.path, Secret(tmp_path / "other.json"))
    failed = Run.objects.get(work=Work.VERIFY.value)
    assert failed.is_fine is False
    assert "备份密钥" in failed.fault


def test_what_was_taken_away_meanwhile_is_counted_and_no_fault(filled, target, monkeypatch):
    def lose(folder: Path):
        for path in [*packing_files(folder)]:
            if path.parent.parent.name == COUNTY and not lost:
                path.unlink()
                lost.append(path)
            yield path

    lost: list[Path] = []
    packing_files = packing.files_under
    monkeypatch.setattr(packing, "files_under", lose)
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    monkeypatch.undo()
    assert (made.manifest.gone, made.manifest.missing, made.manifest.files) == (1, 1, 3)
    prove(made.path)


def test_rows_written_while_it_runs_are_not_in_it(filled, target, monkeypatch):
    real = tools.dump

    def dump(*arguments, **named):
        report_leak()
        return real(*arguments, **named)

    monkeypatch.setattr(tools, "dump", dump)
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    assert made.manifest.tables["cases_case"] == 3
    prove(made.path)


def test_a_dump_that_fails_leaves_no_file_and_takes_nothing_away(written, target, monkeypatch):
    def dump(*_arguments, **_named):
        yield b"half"
        raise ToolFailed(program="pg_dump", said="server closed the connection")

    monkeypatch.setattr(tools, "dump", dump)
    with pytest.raises(ToolFailed):
        actions.write_now(replace(target, keep=Keep(1, 0, 0)), actor=COMMAND, heard=hear)
    assert [path.name for path in target.folder.glob("gezhi*")] == [written.path.name]
    last = Run.objects.latest("began_at")
    assert (last.is_fine, "server closed" in last.fault) == (False, True)


def test_the_real_pg_dump_that_fails_is_told(filled):
    program, _ = tools.find("pg_dump", least=reads.server_version())
    with pytest.raises(ToolFailed, match="nosuch"):
        list(tools.dump(program, {**reads.address_of(), "PGDATABASE": "nosuch"},
                        snapshot="1", without=()))  # fmt: skip


def test_what_is_older_than_the_rule_goes_and_files_of_others_stay(written, target):
    old = [target.folder / f"gezhi-{COUNTY}-2025{month:02}01T000000Z.gzb" for month in range(1, 6)]
    other = target.folder / "gezhi-990102-20250101T000000Z.gzb"
    for path in [*old, other, target.folder / "notes.txt"]:
        path.write_bytes(b"x")
    with clock.standing_at(clock.now() + timedelta(days=1)):
        made = actions.write_now(replace(target, keep=Keep(2, 0, 3)), actor=COMMAND, heard=hear)
    left = {path.name for path in target.folder.iterdir() if path.suffix == ".gzb"}
    assert made.path.name in left
    assert written.path.name in left
    assert other.name in left
    assert len(left) == 5 or len(left) == 4, "two days, the last of three months, the other's"
    assert old[0].name in made.removed
    assert (target.folder / "notes.txt").exists()


def test_two_at_once_into_one_folder_are_refused_and_a_killed_ones_rest_goes(filled, target):
    from gezhi.backup.actions.files import alone_in

    target.folder.mkdir()
    left = target.folder / "gezhi-990101-20250101T000000Z.gzb.unfinished"
    left.write_bytes(b"half")
    with alone_in(target.folder):
        assert not left.exists()
        with pytest.raises(BackupRuns):
            actions.write_now(target, actor=COMMAND, heard=hear)


def test_a_full_disk_is_told_before_anything_is_written(filled, target, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(NoSpace, match="1.0 kB"):
        actions.write_now(target, actor=COMMAND, heard=hear)
    assert not list(target.folder.glob("gezhi*"))


def test_a_folder_among_the_files_and_a_link_in_them_are_refused(filled, target, tmp_path):
    with pytest.raises(FolderWrong):
        actions.write_now(
            replace(target, folder=settings.FILES_DIR / "x", keys=None), actor=COMMAND, heard=hear
        )
    (settings.FILES_DIR / "x").rmdir()
    (settings.FILES_DIR / "linked").symlink_to(tmp_path)
    with pytest.raises(LinkInFiles, match="linked"):
        actions.write_now(target, actor=COMMAND, heard=hear)


def test_a_server_newer_than_the_programs_is_told(committed):
    with pytest.raises(ToolsMissing, match="99"):
        tools.find("pg_dump", least=99)


def _told_otherwise(monkeypatch, **changed: Any) -> None:
    """Let backups say something else of themselves than what is in them."""
    real = Manifest.to_bytes
    tables = changed.pop("tables", {})

    def to_bytes(self: Manifest) -> bytes:
        return real(replace(self, tables={**self.tables, **tables}, **changed))

    monkeypatch.setattr(Manifest, "to_bytes", to_bytes)


def test_a_restored_place_that_differs_is_refused_and_removed(
    filled, target, monkeypatch, tmp_path
):
    before = databases()
    _told_otherwise(monkeypatch, tables={"cases_case": 4})
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    monkeypatch.undo()
    with pytest.raises(RestoredDiffers, match="cases_case: 4 → 3"):
        restore(made.path, place(tmp_path))
    assert databases() == before


def test_a_backup_of_a_later_version_is_refused(filled, target, monkeypatch, tmp_path):
    _told_otherwise(monkeypatch, migrations=("record.9999_later",))
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    with pytest.raises(BackupTooNew, match="9999_later"):
        restore(made.path, place(tmp_path))


def test_a_history_that_was_changed_before_the_backup_is_named(filled, target, tmp_path):
    with connection.cursor() as cursor:
        # Past the triggers, as only a superuser can.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE cases_historyline SET state = 'closed' WHERE seq = 1")
        cursor.execute("RESET session_replication_role")
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    with pytest.raises(RestoredDiffers, match="第 1 行被改动"):
        prove(made.path)


def test_memory_stays_small_however_large_a_file_is(filled, target):
    import tracemalloc

    large = settings.FILES_DIR / COUNTY / "00" / ("0" * 32)
    large.parent.mkdir(exist_ok=True)
    with large.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    tracemalloc.start()
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    looked_through(made.path, secret=target.secret, moved=lambda _: None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made.size > 200 * 1024 * 1024
    assert most < 60 * 1024 * 1024, f"{most / 1e6:.0f} MB"


# --- the worker and the page -------------------------------------------------------------------


def sign_in(county, name: str) -> Client:
    client = Client()
    client.force_login(county.accounts[name], backend="gezhi.site.sessions.AccountBackend")
    return client


def work() -> None:
    """What a worker does with what was asked for."""
    for run in Run.objects.filter(finished_at__isnull=True):
        jobs.run_backup(str(run.id))


def test_the_administrator_backs_up_and_proves_from_the_page(filled, committed):
    guan = sign_in(committed, "guan")
    assert "没有成功的备份" in guan.get(ADDRESS).content.decode()
    assert guan.post(f"{ADDRESS}now/").status_code == 302
    page = guan.get(ADDRESS).content.decode()
    assert "正在做" in page
    assert f'action="{ADDRESS}now/"' not in page, "one at a time"
    assert guan.post(f"{ADDRESS}now/").status_code == 409
    part = f"{ADDRESS}runs/{Run.objects.get().id}/progress/"
    assert "HX-Refresh" not in guan.get(part).headers
    work()
    assert guan.get(part).headers["HX-Refresh"] == "true"
    name = Run.objects.get().name
    page = guan.get(ADDRESS).content.decode()
    assert name in page
    assert "还没有验证" in page
    assert guan.post(f"{ADDRESS}{name}/verify/").status_code == 302
    work()
    page = guan.get(ADDRESS).content.decode()
    assert "能恢复" in page
    assert "一切正常" in page
    assert guan.post(f"{ADDRESS}gezhi-990101-nosuch.gzb/verify/").status_code == 404


@pytest.mark.parametrize("name", ["cun", "ling", "du"])
def test_nobody_else_sees_backups_or_begins_one(committed, target, name):
    client = sign_in(committed, name)
    assert client.get(ADDRESS).status_code == 403
    assert client.post(f"{ADDRESS}now/").status_code == 403
    assert not Run.objects.exists()
    assert Client().get(ADDRESS).status_code == 302


def test_at_night_one_is_made_and_proved_once_a_week(filled, target):
    night = datetime(2026, 12, 1, 19, 10, tzinfo=UTC)
    with clock.standing_at(night - timedelta(minutes=1)):
        jobs.look_after_backups(0)
        work()  # yesterday's was never made
    with clock.standing_at(night + timedelta(minutes=1)):
        jobs.look_after_backups(0)
        work()
        jobs.look_after_backups(0)
        work()
        jobs.look_after_backups(0)
    runs = [(run.work, run.is_fine) for run in Run.objects.order_by("began_at", "id")]
    assert runs == [("write", True), ("write", True), ("verify", True)]


def test_what_was_broken_off_has_failed_and_is_tried_again(filled, target):
    night = datetime(2026, 12, 1, 19, 10, tzinfo=UTC)
    with clock.standing_at(night):
        jobs.look_after_backups(0)
    with clock.standing_at(night + timedelta(minutes=30)):
        jobs.look_after_backups(0)
    assert Run.objects.count() == 1, "it may still be at it"
    with clock.standing_at(night + timedelta(minutes=90)):
        jobs.look_after_backups(0)
    first, second = Run.objects.order_by("began_at")
    assert first.is_fine is False
    assert "中断" in first.fault
    assert second.finished_at is None


def test_a_failed_backup_shows_on_the_page_and_in_the_audit(filled, target, committed):
    target.secret.path.unlink()
    with clock.standing_at(datetime(2026, 12, 1, 19, 10, tzinfo=UTC)):
        jobs.look_after_backups(0)
        work()
    page = sign_in(committed, "guan").get(ADDRESS).content.decode()
    assert "最近一次备份失败" in page
    assert "gezhi backup key" in page
    assert AuditLine.objects.get(kind="backup").data["fine"] is False


@pytest.mark.parametrize(
    ("name", "value", "id"),
    [
        ("BACKUP_AT", "25:10", "gezhi.backup.E001"),
        ("BACKUP_KEEP", "7,4", "gezhi.backup.E002"),
        ("BACKUP_CIPHER", "rot13", "gezhi.backup.E003"),
        ("BACKUP_KEYS_TO", "/srv/backups", "gezhi.backup.E004"),
    ],
)
def test_a_setting_that_means_nothing_stops_the_start(name, value, id):
    with override_settings(**{"BACKUP_TO": "/srv/backups", name: value}):
        assert [each.id for each in checks.backups_make_sense()] == [id]
        with pytest.raises(ImproperlyConfigured, match="GEZHI_BACKUP"):
            checks.must_make_sense()


def test_backups_speak_to_the_server_as_the_settings_do(committed):
    found = reads.address_of()
    assert found["PGDATABASE"] == connection.settings_dict["NAME"]
    with psycopg.connect(host=found["PGHOST"], dbname=found["PGDATABASE"], user=found["PGUSER"]):
        pass
    assert issubclass(BackupBroken, Refusal)
