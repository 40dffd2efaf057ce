"""`gezhi keys`: rotation killed in the middle goes on, and nobody misses a value meanwhile."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.models import BinaryField
from typer.testing import CliRunner

from gezhi.base import clock, disk, files, resealing, rows, sealed
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases import adapters
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Report
from gezhi.intake import adapters as imports
from gezhi.notices.models import Choice, address_key
from gezhi.notices.rules import Channel
from gezhi.people.models import Resident
from gezhi.portal import actions as portal
from gezhi.portal import adapters as drafts
from gezhi.portal.rules import Draft
from gezhi.record.models import AuditLine
from gezhi.residents import adapters as copies
from gezhi.site.commands import keys
from gezhi.site.commands.house import Stopped
from tests.cast import COUNTY, VILLAGE, County, point_in, report_leak

_MANY = 4000
_DRAFT = "ab" * 16


@pytest.fixture
def key_file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.KEY_FILE = tmp_path / "keys" / "seal.json"
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setenv("GEZHI_KEYS", str(settings.KEY_FILE))
    monkeypatch.setenv("GEZHI_FILES", str(settings.FILES_DIR))
    sealed.make_key_file(settings.KEY_FILE)
    return Path(settings.KEY_FILE)


def _gezhi(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-P", "-m", "gezhi.site.command", "keys", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ),
    )  # fmt: skip


def _said(*words: str) -> tuple[int, str]:
    """The command here and now: what it ended with and said."""
    done = CliRunner().invoke(keys.app, words)
    if isinstance(done.exception, Stopped):
        return 1, done.output + str(done.exception)
    return done.exit_code, done.output + (repr(done.exception) if done.exception else "")


def _retired(*words: str) -> tuple[int, str]:
    """`retire` an hour later."""
    with clock.standing_at(clock.now() + timedelta(hours=1, minutes=1)):
        return _said("retire", *words)


def _many_reports() -> dict[UUID, str]:
    """Thousands of voices in one case; each with a name, a phone and an address of its own."""
    first = report_leak().report
    voices = [
        Report(
            county=COUNTY, case_id=first.case_id, at=first.at, channel="portal", is_first=False,
            code_digest=os.urandom(32), name=f"名{number}", phone=f"138{number:08}",
            address=f"柳树村{number}号", phone_index=sealed.blind_index(f"phone:138{number:08}"),
        )
        for number in range(_MANY)
    ]  # fmt: skip
    Report.objects.bulk_create(voices)
    return {voice.id: voice.phone for voice in voices}


def _versions_of_phones() -> dict[int, int]:
    found = resealing.versions(resealing.sealed_places())
    return dict(found["cases_report.phone"])


class _Live(threading.Thread):
    """Somebody who goes on changing and reading phones while keys change."""

    def __init__(self, phones: dict[UUID, str]) -> None:
        super().__init__()
        self.phones, self.rounds, self.wrong = phones, 0, list[str]()
        self._over = threading.Event()

    def run(self) -> None:
        ids = list(self.phones)
        try:
            while not self._over.is_set():
                at = self.rounds % len(ids)
                chosen = ids[at]
                new = f"139{self.rounds:08}"
                Report.objects.filter(pk=chosen).update(
                    phone=new, phone_index=sealed.blind_index(f"phone:{new}")
                )
                self.phones[chosen] = new
                self._read(ids[(at * 7919) % len(ids)])
                self._read(chosen)
                self.rounds += 1
        finally:
            connections.close_all()

    def _read(self, one: UUID) -> None:
        found = Report.objects.get(pk=one)
        if found.phone != self.phones[one]:
            self.wrong.append(f"{one}: {found.phone} for {self.phones[one]}")
        indexes = sealed.blind_indexes(f"phone:{found.phone}")
        if not Report.objects.filter(pk=one, phone_index__in=indexes).exists():
            self.wrong.append(f"{one}: not found by its phone")

    def end(self) -> None:
        self._over.set()
        self.join()


@pytest.fixture
def live(committed: County, key_file: Path) -> Iterator[_Live]:
    thread = _Live(_many_reports())
    thread.start()
    yield thread
    thread.end()


def _kill_when(process: subprocess.Popen[str], is_time: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_rotation_killed_twice_goes_on_while_others_read_and_write(live: _Live) -> None:
    for least in (300, 1200):
        process = _gezhi("rotate")
        _kill_when(process, lambda least=least: _versions_of_phones().get(2, 0) >= least)  # type: ignore[misc]  # mypy takes no default in a lambda
        between = _versions_of_phones()
        assert between[1] > 0, "killed too late to show anything"
        assert between[2] >= least
    before = live.rounds
    status, said = _said("rotate")
    assert status == 0, said
    assert "2" in re.findall(r"第 (\d+) 版", said), "it goes on to the version that was begun"
    live.end()
    assert live.wrong == []
    assert live.rounds > before > 0
    assert _versions_of_phones().keys() == {2}
    assert {row.id: row.phone for row in Report.objects.filter(id__in=live.phones)} == live.phones
    assert _retired("1", "--yes")[0] == 0
    assert set(sealed.keys().sealing) == {2}
    assert {row.name for row in Report.objects.filter(id__in=live.phones)} == {
        f"名{number}" for number in range(_MANY)
    }


def test_the_index_changes_beneath_a_search_and_codes_keep_their_key(live: _Live) -> None:
    process = _gezhi("rotate", "--index")

    def is_midway() -> bool:
        found = resealing.versions(resealing.index_places())["cases_report.phone_index"]
        return found[2] >= 300

    _kill_when(process, is_midway)
    status, said = _said("rotate", "--index")
    assert status == 0, said
    live.end()
    assert live.wrong == []
    found = resealing.versions(resealing.index_places())
    assert found["cases_report.phone_index"].keys() == {2}
    reported = report_leak()
    assert (
        case_reads.report_by_code(reported.case.number, reported.code, county=COUNTY)
        == reported.report
    )
    status, said = _retired("1", "--index")
    assert status == 1
    assert "cases_report.code_digest" in said, "their codes would be lost"
    assert set(sealed.keys().index) == {1, 2}


@pytest.fixture
def everything(committed: County, key_file: Path) -> dict[str, Any]:
    """One of each thing that is sealed."""
    reported = report_leak()
    account = committed.accounts["cun"]
    Choice.objects.create(
        account=account, mail="cun@example.org", phone="13900000001",
        mail_confirmed=address_key(Channel.MAIL, "cun@example.org"),
        phone_confirmed=b"x" * 32, changed_at=clock.now(),
    )  # fmt: skip
    (Path(settings.FILES_DIR) / COUNTY / "ab").mkdir(parents=True)
    original = UUID(int=0xAB)
    adapters.keep_file(COUNTY, original, clean=b"clean", original=b"as it came")
    document = UUID(int=0xCDAB)
    adapters.keep_file(COUNTY, document, clean=b"%PDF", original=None)
    lon, lat = point_in(f"{VILLAGE}001")
    draft = Draft(id=_DRAFT, what="路灯不亮", place="村口", lon=lon, lat=lat)
    portal.keep_draft(draft)
    sent = portal.send(draft, cases.Contact(phone="13812345678"), county=COUNTY, actor=NOBODY)
    portal.keep_draft(Draft(id=_DRAFT[:-1] + "0", what="还没写完"))
    copies.keep_copy(original, b"a copy of one's data")
    imports.keep_file(COUNTY, original, b"a sheet")
    imports.keep_received(COUNTY, original, b"a mail")
    return {"reported": reported, "original": original, "draft": draft, "sent": sent}


def _is_all_there(everything: dict[str, Any]) -> None:
    report = Report.objects.get(pk=everything["reported"].report.id)
    assert (report.name, report.phone, report.address) == (
        "李秀兰", "13812345678", "柳树村三社12号",
    )  # fmt: skip
    choice = Choice.objects.get()
    assert choice.confirmed(Channel.MAIL) == "cun@example.org"
    assert choice.confirmed(Channel.SMS) == ""
    assert adapters.read_original(COUNTY, everything["original"]) == b"as it came"
    assert adapters.read_file(COUNTY, UUID(int=0xCDAB)) == b"%PDF"
    kept = drafts.read_draft(_DRAFT[:-1] + "0")
    assert kept is not None
    assert kept.what == "还没写完"
    assert copies.read_copy(everything["original"]) == b"a copy of one's data"
    assert imports.read_file(COUNTY, everything["original"]) == b"a sheet"
    assert imports.read_received(COUNTY, everything["original"]) == b"a mail"
    again = portal.send(everything["draft"], cases.Contact(), county=COUNTY, actor=NOBODY)
    assert again.code == everything["sent"].code
    assert (
        case_reads.report_by_code(again.number, again.code, county=COUNTY).case.number
        == again.number
    )


def test_everything_sealed_goes_from_aes_to_sm4_and_back(
    everything: dict[str, Any], settings: Any
) -> None:
    for version, (cipher, algorithm) in enumerate(
        [("sm4", "sm4-gcm"), ("aes", "aes-256-gcm")], start=2
    ):
        settings.CIPHER = cipher
        for words in (("rotate",), ("rotate", "--index")):
            status, said = _said(*words)
            assert status == 0, said
        known = sealed.keys()
        assert known.sealing[known.current].algorithm == algorithm
        counts = resealing.versions(resealing.sealed_places())
        assert {each for found in counts.values() for each in found} == {version}, counts
        for place in (
            "originals", "documents", "drafts", "copies", "imports", "received",
            "record_keptanswer.answer.code",
        ):  # fmt: skip
            assert counts[place][version] > 0, f"nothing of {place} was tried"
        _is_all_there(everything)
        assert _retired(str(version - 1), "--yes")[0] == 0
        _is_all_there(everything)
    acts = [(line.about, line.data["act"]) for line in AuditLine.objects.filter(kind="security")]
    assert ("keys:sealing", "rotate") in acts
    assert ("keys:index", "rotated") in acts
    assert ("keys:sealing", "retire") in acts


def test_a_key_in_use_or_needed_is_not_retired(everything: dict[str, Any]) -> None:
    sealed.add_key("aes")
    sealed.use_newest()
    status, said = _retired("1")
    assert status == 1
    assert "cases_report.phone" in said
    assert _retired("2")[0] == 1
    assert _retired("9")[0] == 1
    assert set(sealed.keys().sealing) == {1, 2}
    _is_all_there(everything)


def test_a_key_is_not_retired_before_every_machine_has_the_file(
    everything: dict[str, Any],
) -> None:
    status, said = _said("rotate")
    assert status == 0, said
    assert "several machines" in said
    with clock.standing_at(clock.now() + timedelta(hours=2)):
        asked = CliRunner().invoke(keys.app, ["retire", "1"], input="n\n")
        assert asked.exit_code == 1
        assert "every machine" in asked.output
        assert set(sealed.keys().sealing) == {1, 2}
        assert CliRunner().invoke(keys.app, ["retire", "1"], input="y\n").exit_code == 0
    assert set(sealed.keys().sealing) == {2}


@pytest.mark.parametrize("words", [[], ["--index"]])
def test_a_key_is_not_retired_within_an_hour_of_its_last_use(
    key_file: Path, transactional_db: None, words: list[str]
) -> None:
    """An act that is slow: its value is sealed, and the database knows of no transaction yet."""
    with rows.atomic():
        digest = sealed.blind_index("resident:13812345678")
        slow = Resident(county=COUNTY, phone="13812345678", phone_index=digest, made_at=clock.now())
        rows.write(new=[slow])
        _in_another_thread("rotate", *words)
        status, said = _in_another_thread("retire", "1", "--yes", *words)
        assert (status, "60 minutes" in said) == (1, True), said
    assert Resident.objects.get(pk=slow.id).phone == "13812345678"
    assert digest in sealed.blind_indexes("resident:13812345678")
    status, said = _retired("1", "--yes", *words)
    assert (status, "people_resident.phone" in said) == (1, True), said
    with clock.standing_at(clock.now() + timedelta(hours=2)):
        assert _said("rotate", *words)[0] == 0
        assert _said("retire", "1", "--yes", *words)[0] == 1, "this was its last use"
    with clock.standing_at(clock.now() + timedelta(hours=3)):
        assert _said("retire", "1", "--yes", *words)[0] == 0
    assert Resident.objects.get(pk=slow.id).phone == "13812345678"


def _in_another_thread(*words: str) -> tuple[int, str]:
    """With a connection of its own."""
    said: list[tuple[int, str]] = []

    def say() -> None:
        try:
            said.append(_said(*words))
        finally:
            connections.close_all()

    thread = threading.Thread(target=say)
    thread.start()
    thread.join()
    return said[0]


def test_no_file_lies_in_two_places(everything: dict[str, Any]) -> None:
    """What two rooms took for theirs would be opened with the wrong room's words, and never."""
    seen: dict[Path, str] = {}
    for place in resealing.sealed_places():
        for path in place._all() if isinstance(place, resealing._Files) else ():
            assert path not in seen, f"{path}: {seen[path]} and {place.name}"
            seen[path] = place.name
    assert set(seen.values()) == {
        "originals", "documents", "drafts", "copies", "imports", "received",
    }  # fmt: skip
    sealed_there = {
        path for path in Path(settings.FILES_DIR).rglob("*")
        if path.is_file() and not disk.is_draft(path) and path.name != original_clean()
    }  # fmt: skip
    assert set(seen) == sealed_there, "a sealed file that no rotation finds"


def original_clean() -> str:
    """The clean copy of a picture, which is not sealed."""
    return UUID(int=0xAB).hex


def test_what_cannot_be_opened_is_named_and_ends_nothing(everything: dict[str, Any]) -> None:
    report = everything["reported"].report
    broken = Path(settings.FILES_DIR) / COUNTY / "ab" / f"{everything['original'].hex}.sealed"
    body = bytearray(broken.read_bytes())
    body[-1] ^= 1
    broken.write_bytes(body)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_report SET address = set_byte(address, length(address) - 1,"
            " 255 - get_byte(address, length(address) - 1)), name = set_byte(name, 0, 9)"
            " WHERE id = %s",
            [report.id],
        )
    for words in (["rotate", "--new"], ["rotate"]):
        status, said = _said(*words)
        assert status == 1
        for name in (f"cases_report.address {report.id}", f"cases_report.name {report.id}", broken):
            assert str(name) in said.replace("\n", ""), said
        assert "3 个值换不了" in said
        assert "李秀兰" not in said
    counts = resealing.versions(resealing.sealed_places())
    for place in ("cases_report.phone", "drafts", "copies", "record_keptanswer.answer.code"):
        assert counts[place].keys() == {2}, f"{place} was not reached"
    assert set(sealed.keys().sealing) == {1, 2}, "a second run goes on, it begins no third key"
    status, said = _retired("1", "--yes")
    assert (status, "cases_report.address: 1" in said) == (1, True), said
    line = AuditLine.objects.filter(kind="security").latest("id")
    acts = [(each.data["act"], each.data["count"])
            for each in AuditLine.objects.filter(kind="security")]  # fmt: skip
    assert ("rotated_but", 3) in acts
    assert line.data["act"] == "retire_refused"


def test_a_file_that_is_empty_is_named_and_needs_no_key(everything: dict[str, Any]) -> None:
    """As a power cut leaves one whose bytes were not on the disk yet."""
    empty = Path(settings.FILES_DIR) / COUNTY / "ab" / f"{everything['original'].hex}.sealed"
    empty.write_bytes(b"")
    status, said = _said("rotate")
    assert status == 1
    assert str(empty) in said.replace("\n", "")
    assert "缺第 0 版" in _said()[1]
    status, said = _retired("1", "--yes")
    assert status == 0, said


def test_an_index_that_may_not_go_is_named_and_ends_nothing(
    key_file: Path, transactional_db: None
) -> None:
    """What is nobody's digest has nothing in its place, and this table takes no nothing."""
    ours = [
        Resident(
            county=COUNTY, phone=f"1380000000{each}", made_at=clock.now(),
            phone_index=sealed.blind_index(f"resident:1380000000{each if each != 1 else 7}"),
        )
        for each in range(3)
    ]  # fmt: skip
    Resident.objects.bulk_create(ours)
    for words in (["rotate", "--index", "--new"], ["rotate", "--index"]):
        status, said = _said(*words)
        assert status == 1
        assert f"people_resident.phone_index {ours[1].id}" in said, said
        assert "1 个值换不了" in said
        assert "13800000001" not in said
    found = resealing.versions(resealing.index_places())["people_resident.phone_index"]
    assert found == {2: 2, 1: 1}, "all others are under it"


def test_an_index_of_what_cannot_be_opened_is_named_too(everything: dict[str, Any]) -> None:
    report = everything["reported"].report
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_report SET phone = set_byte(phone, 20, 255 - get_byte("
                       "phone, 20)) WHERE id = %s", [report.id])  # fmt: skip
    status, said = _said("rotate", "--index")
    assert status == 1
    assert f"cases_report.phone_index {report.id}" in said
    assert "1 个值换不了" in said


def test_a_key_that_waits_is_shown_and_is_the_one_that_rotate_takes(
    everything: dict[str, Any],
) -> None:
    assert _said("add")[0] == 0
    status, said = _said()
    assert status == 0, said
    assert "waits" in said
    assert _said("rotate")[0] == 0
    assert set(sealed.keys().sealing) == {1, 2}


def test_a_process_that_knows_only_the_old_keys_reads_the_new_ones(
    committed: County, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = sealed.keys()
    sealed.add_key("aes")
    sealed.use_newest()
    value = sealed.seal_bytes(b"x", "a")
    # As if the file looked the same: only the version of the value is a surprise.
    stamp = sealed._known[str(key_file)][0]
    sealed._known[str(key_file)] = (stamp, old)
    assert sealed.open_bytes(value, "a") == b"x"


def test_a_value_changed_between_reading_and_sealing_anew_keeps_the_change(
    committed: County, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_leak().report
    sealed.add_key("aes")
    sealed.use_newest()
    change = resealing._Column._change

    def overtaken(self: Any, changes: Any) -> None:
        if self.name == "cases_report.phone":
            Report.objects.filter(pk=report.id).update(phone="13700000000")
        change(self, changes)

    monkeypatch.setattr(resealing._Column, "_change", overtaken)
    list(resealing.renew(resealing.sealed_places()))
    assert Report.objects.get(pk=report.id).phone == "13700000000"


def test_a_file_written_or_dropped_meanwhile_is_left_to_its_writer(
    key_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "files" / "one"
    path.parent.mkdir()
    files.write(path, b"old", "a")
    seal = sealed.seal_bytes

    def overtaken(plain: bytes, about: str) -> bytes:
        monkeypatch.setattr(sealed, "seal_bytes", seal)
        files.write(path, b"new", "a")
        return seal(plain, about)

    monkeypatch.setattr(sealed, "seal_bytes", overtaken)
    assert files.seal_anew(path, "a") is False
    assert files.read(path, "a") == b"new"

    def dropped(plain: bytes, about: str) -> bytes:
        monkeypatch.setattr(sealed, "seal_bytes", seal)
        files.drop(path)
        return seal(plain, about)

    monkeypatch.setattr(sealed, "seal_bytes", dropped)
    assert files.seal_anew(path, "a") is False
    assert [each.name for each in path.parent.iterdir()] == [".sealing"]


def test_every_index_of_a_sealed_column_is_known_to_rotation() -> None:
    """A digest column that nobody names would lose its value when its key is retired."""
    known = {place.name for place in resealing.index_places()}
    # Digests of random secrets and of chains have no key.
    other = {"cases_case.head", "cases_historyline.hash"}
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            name = f"{model._meta.db_table}.{field.column}"
            is_digest = type(field) is BinaryField and field.max_length == 32
            is_digest = is_digest and not name.startswith("record_") and field.column != "digest"
            assert not is_digest or name in known | other, f"{name}: resealing.indexed()?"
