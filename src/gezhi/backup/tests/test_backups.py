"""Backups as the command, the worker and the administrator's page make them."""

import shutil
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
from typer.testing import CliRunner

from gezhi.backup import actions, checks, jobs, reads
from gezhi.backup.actions.files import alone_in, looked_through
from gezhi.backup.adapters import packing, tools
from gezhi.backup.errors import (
    BackupBroken,
    BackupRuns,
    FolderWrong,
    KeysTogether,
    LinkInFiles,
    NoSpace,
    ToolFailed,
    ToolsMissing,
)
from gezhi.backup.models import Run
from gezhi.backup.rules import Keep
from gezhi.backup.tests.doing import (
    COMMAND,
    databases,
    hear,
    proofs_left,
    prove,
    sign_in,
)
from gezhi.base import clock
from gezhi.base.refusal import Refusal
from gezhi.record.models import AuditLine, Line
from gezhi.site import command
from tests.cast import COUNTY, report_leak

ADDRESS = "/desk/admin/backups/"


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


def test_what_comes_and_goes_while_it_runs_is_no_fault(filled, target, monkeypatch):
    def lose(folder: Path):
        for path in [*packing_files(folder)]:
            if path.parent.parent.name == COUNTY and not lost:
                path.unlink()
                lost.append(path)
            yield path

    lost: list[Path] = []
    packing_files = packing.files_under
    monkeypatch.setattr(packing, "files_under", lose)
    real = tools.dump

    def dump(*arguments, **named):
        report_leak()
        return real(*arguments, **named)

    monkeypatch.setattr(tools, "dump", dump)
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    monkeypatch.undo()
    assert (made.manifest.gone, made.manifest.missing, made.manifest.files) == (1, 1, 3)
    assert made.manifest.tables["cases_case"] == 3, "the new one isn't in it"
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


def test_the_real_pg_dump_that_fails_is_told(db):
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


def test_what_can_not_go_well_is_refused_before_anything_is_written(
    committed, target, tmp_path, monkeypatch
):
    def is_refused(how: type[Refusal], match: str, **changed: Any) -> None:
        with pytest.raises(how, match=match):
            actions.write_now(replace(target, **changed), actor=COMMAND, heard=hear)

    disk, files = tmp_path / "disk", settings.FILES_DIR
    is_refused(FolderWrong, "disk: No such file", folder=disk / "backups")
    assert not disk.exists(), "a disk that isn't mounted"
    files.mkdir()
    is_refused(FolderWrong, "GEZHI_FILES", folder=files / "x", keys=None)
    (files / "x").rmdir()
    for inside in ("", "keys"):
        is_refused(KeysTogether, "--same-folder", keys=target.folder / inside)
    usage = shutil.disk_usage("/")._replace(free=1000)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _folder: usage)
        is_refused(NoSpace, "1.0 kB")
    (files / "linked").symlink_to(tmp_path)
    is_refused(LinkInFiles, "linked")
    (files / "linked").unlink()
    left = target.folder / "gezhi-990101-20250101T000000Z.gzb.unfinished"
    left.write_bytes(b"half")
    with alone_in(target.folder):
        assert not left.exists(), "a killed one's rest"
        is_refused(BackupRuns, "正在往")
    assert not list(target.folder.rglob("gezhi*"))
    together = replace(target, keys=target.folder, may_be_together=True)
    assert actions.write_now(together, actor=COMMAND, heard=hear).keys is not None


def test_a_server_newer_than_the_programs_is_told():
    with pytest.raises(ToolsMissing, match="99"):
        tools.find("pg_dump", least=99)


def test_memory_stays_small_however_large_a_file_is(filled, target):
    import tracemalloc

    large = settings.FILES_DIR / COUNTY / "00" / ("0" * 32)
    large.parent.mkdir(exist_ok=True)
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    tracemalloc.start()
    made = actions.write_now(target, actor=COMMAND, heard=hear)
    looked_through(made.path, secret=target.secret, moved=lambda _: None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert made.size > 64 * 1024 * 1024
    assert most < 30 * 1024 * 1024, f"{most / 1e6:.0f} MB"


# --- the worker and the page -------------------------------------------------------------------


def work() -> None:
    """What a worker does with what was asked for."""
    for run in Run.objects.filter(finished_at__isnull=True):
        jobs.run_backup(str(run.id))


def test_the_administrator_backs_up_and_proves_from_the_page(filled, target, committed):
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
    assert name in CliRunner().invoke(command.app, ["backup", "list"]).output
    assert "已有" in CliRunner().invoke(command.app, ["backup", "key"]).output
    (target.folder / name).unlink()
    page = guan.get(ADDRESS).content.decode()
    assert "一切正常" not in page, "all is well only while it lies there"
    assert "没有成功的备份" in page


def test_nobody_else_sees_backups_or_begins_one(committed, target):
    for name in ("cun", "ling", "du"):
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


def test_a_backup_written_elsewhere_is_not_tonights(filled, target, tmp_path):
    elsewhere = replace(target, folder=tmp_path / "usb", keys=None)
    night = datetime(2026, 12, 1, 19, 15, tzinfo=UTC)
    with clock.standing_at(night):
        actions.write_now(elsewhere, actor=COMMAND, heard=hear)
        assert reads.health(night).is_overdue
    with clock.standing_at(night + timedelta(hours=2)):
        jobs.look_after_backups(0)
        work()
        assert not reads.health(clock.now()).is_overdue


def test_what_else_is_looked_after_stops_no_backup(filled, target, tmp_path, settings):
    settings.BACKUP_KEYS_TO = ""
    (tmp_path / "erased" / f"{COUNTY}.txt").mkdir(parents=True)  # can't be read
    with pytest.raises(ExceptionGroup):
        jobs.look_after_backups(0)
    work()
    assert [run.is_fine for run in Run.objects.all()] == [True]


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


def test_backups_speak_to_the_server_as_the_settings_do(db):
    found = reads.address_of()
    assert found["PGDATABASE"] == connection.settings_dict["NAME"]
    with psycopg.connect(host=found["PGHOST"], dbname=found["PGDATABASE"], user=found["PGUSER"]):
        pass
    assert issubclass(BackupBroken, Refusal)
