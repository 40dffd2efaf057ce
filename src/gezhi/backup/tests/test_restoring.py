"""Backups got back: what is restored, proved, refused, and left of it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from typer.testing import CliRunner

from gezhi.backup import actions, checks, jobs, reads, rules
from gezhi.backup.actions import running
from gezhi.backup.adapters import packing, tools
from gezhi.backup.adapters.keyring import Secret, make_key
from gezhi.backup.adapters.opening import put_keys
from gezhi.backup.errors import (
    BackupKeyWrong,
    BackupTooNew,
    KeysMissing,
    PassphraseWrong,
    PlaceTaken,
    RestoredDiffers,
    ToolFailed,
)
from gezhi.backup.models import Run
from gezhi.backup.rules import Cipher, Manifest, Work
from gezhi.backup.tests.doing import (
    COMMAND,
    databases,
    hear,
    place,
    proofs_left,
    prove,
    restore,
    sign_in,
)
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Report
from gezhi.people.models import Resident, ResidentSession, Session
from gezhi.record.models import AuditLine
from gezhi.site import command
from tests.cast import COUNTY, report_leak


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
    seen = []

    def slow(*_given, **_named):
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            actions.sweep()
            seen.append(reads.running(clock.now()) is not None)
            time.sleep(0.1)
        return actions.Restored(written.manifest, 0, (), migrated=False)

    monkeypatch.setattr(running, "verify", slow)
    prove(written.path)
    assert seen
    assert all(seen), "a second one could begin"
    assert [run.is_fine for run in Run.objects.filter(work="verify")] == [True]


def test_what_was_taken_for_broken_off_stays_so(written, monkeypatch):
    def paused(*_given, **_named):
        with clock.standing_at(clock.now() + timedelta(hours=2)):
            actions.sweep()
        return actions.Restored(written.manifest, 0, (), migrated=False)

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


def test_what_was_erased_stays_so_when_its_line_has_left_the_audit(county, target):
    report = report_leak().report
    cases.anonymise_report(report.id, reason="应本人要求", actor=system("erasure"))
    assert actions.keep_erasures() == 0
    with connection.cursor() as cursor:  # as `gezhi record purge` does, years later
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM record_auditline")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert actions.keep_erasures() == 0
    assert not AuditLine.objects.exists(), "nobody says that a backup was restored"


def test_a_passphrase_and_the_other_cipher_will_do(filled, target):
    sealed_with = Secret(target.secret.path, "correct horse battery")
    other = replace(target, secret=sealed_with, cipher=Cipher.SM4, keys=None)
    made = actions.write_now(other, actor=COMMAND, heard=hear)
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


def test_all_comes_back_into_an_empty_place_and_no_other(written, tmp_path, dropped):
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
    _files_are_back_byte_by_byte(where)
    with reads.turned_to(where.database):
        assert reads.state_of().heads == written.manifest.heads


def _files_are_back_byte_by_byte(where: actions.Place) -> None:
    names = {
        path.relative_to(settings.FILES_DIR) for path in packing.files_under(settings.FILES_DIR)
    }
    assert len(names) == 4
    for name in names:
        assert (where.files / name).read_bytes() == (settings.FILES_DIR / name).read_bytes()
    assert {path.relative_to(where.files) for path in packing.files_under(where.files)} == names


def test_what_a_broken_off_restore_left_is_no_house(
    written, tmp_path, dropped, settings, monkeypatch
):
    """Killed when the rows are there and nothing was compared yet."""
    where, real = place(tmp_path), tools.restore
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {where.database} TEMPLATE template0 ENCODING 'UTF8'")

    def then_broken_off(*given: Any, **named: Any) -> None:
        real(*given, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(tools, "restore", then_broken_off)
    in_place = actions.Place(where.files)
    with reads.turned_to(where.database):
        with pytest.raises(KeyboardInterrupt):
            restore(written.path, in_place)
        assert Report.objects.count() == 3
        monkeypatch.undo()
        with pytest.raises(PlaceTaken):
            restore(written.path, in_place)
    settings.FILES_DIR = where.files
    with pytest.raises(ImproperlyConfigured, match="broken off"):
        checks.must_be_whole()
    shutil.rmtree(where.files)
    checks.must_be_whole()


def test_a_restore_that_fails_before_any_row_is_there_leaves_nothing(
    written, tmp_path, dropped, monkeypatch
):
    where = place(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {where.database} TEMPLATE template0 ENCODING 'UTF8'")
    with reads.turned_to(where.database), monkeypatch.context() as within:
        within.setattr(tools, "_environment", lambda database: {**database, "PGPORT": "1"})
        with pytest.raises(ToolFailed):
            restore(written.path, actions.Place(where.files))
        assert reads.is_empty()
    assert not list(where.files.iterdir()), "nothing says that something was broken off"


def test_followers_go_on_while_a_backup_is_proved(written, monkeypatch):
    """They wait for the oldest writing transaction of the server, so a proof isn't one."""
    real, seen = tools.restore, []

    def keep_waiting(parts: Iterable[bytes]) -> Iterator[bytes]:
        [part] = parts
        yield part[:-1]
        until = time.monotonic() + 10
        while reads.is_empty() and time.monotonic() < until:
            time.sleep(0.05)
        seen.append(not reads.is_empty())
        yield part[-1:]

    def slowly(program: str, database: Any, parts: Any, **named: Any) -> None:
        real(program, database, keep_waiting(parts), **named)

    monkeypatch.setattr(tools, "restore", slowly)
    prove(written.path)
    assert seen == [True], "what is restored is committed on the way"


def test_without_the_keys_nothing_is_restored(written, tmp_path):
    with pytest.raises(KeysMissing, match="--keys"):
        restore(written.path, place(tmp_path), key_file=tmp_path / "none.json")
    shutil.copy(settings.KEY_FILE, tmp_path / "other.json")
    body = (tmp_path / "other.json").read_text()
    (tmp_path / "other.json").write_text(body.replace("0", "1"))
    with pytest.raises(KeysMissing):
        restore(written.path, place(tmp_path), key_file=tmp_path / "other.json")
    make_key(tmp_path / "another.json")
    with pytest.raises(BackupKeyWrong):
        prove(written.path, Secret(tmp_path / "another.json"))
    failed = Run.objects.get(work=Work.VERIFY.value)
    assert failed.is_fine is False
    assert "备份密钥" in failed.fault


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


def test_a_line_altered_before_the_backup_is_named_and_all_comes_back(
    committed, filled, target, tmp_path, dropped
):
    with connection.cursor() as cursor:
        # Past the triggers, as only a superuser can.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE cases_historyline SET state = 'closed' WHERE seq = 1")
        cursor.execute(
            "UPDATE record_line SET actor = 'x' WHERE id IN (SELECT min(id) FROM record_line)"
        )
        cursor.execute("RESET session_replication_role")
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    erased = Report.objects.order_by("at")[0]
    cases.anonymise_report(erased.id, reason="应本人要求", actor=system("erasure"))
    jobs.look_after_backups(0)
    where = place(tmp_path)
    done = CliRunner().invoke(command.app, ["restore", str(made.path), "--into", where.database])
    assert done.exit_code == 1, "whoever looks only at how it ended is told too"
    assert "工单" in done.output
    assert "事实册第" in done.output
    assert "再次删除" in done.output, "what comes after restoring is done"
    with reads.turned_to(where.database):
        assert Report.objects.exclude(phone="").count() == 2
    prove(made.path)
    run = Run.objects.filter(work="verify").latest("began_at")
    assert (run.is_fine, "第 1 行被改动" in run.fault) == (False, True)
    page = sign_in(committed, "guan").get("/desk/admin/backups/").content.decode()
    assert "最近一次验证没有通过" in page
