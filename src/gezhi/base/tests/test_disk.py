"""Files that are whole or not there, and nothing that goes through somebody's link."""

import os
import secrets
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gezhi.base import disk, files, sealed
from gezhi.cases import adapters
from tests.cast import COUNTY


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """What somebody with the folder would like root to write to, or to give away."""
    path = tmp_path / "theirs"
    path.write_text("root's")
    path.chmod(0o600)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the application's; its user is another where root runs the tests."""
    path = tmp_path / "folder"
    path.mkdir()
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
    return path


def _is_untouched(theirs: Path) -> bool:
    return theirs.read_text() == "root's" and theirs.stat().st_uid == os.geteuid()


def test_a_lock_that_is_a_link_is_not_followed(folder: Path, theirs: Path) -> None:
    (folder / "seal.lock").symlink_to(theirs)
    with pytest.raises(OSError, match="symbolic links"), disk.held(folder / "seal.lock"):
        pass
    assert _is_untouched(theirs)


def test_a_lock_that_is_there_is_not_given_away(folder: Path, theirs: Path) -> None:
    (folder / "seal.lock").hardlink_to(theirs)
    with disk.held(folder / "seal.lock"):
        pass
    assert _is_untouched(theirs)


def test_a_draft_is_not_written_through_a_link(
    folder: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _bytes: "guessed")
    (folder / ".one.guessed").symlink_to(theirs)
    with pytest.raises(FileExistsError):
        disk.put(folder / "one", b"x")
    (folder / "one").write_bytes(b"before")
    with pytest.raises(FileExistsError):
        disk.change(folder / "one", b"x", (folder / "one").stat())
    assert _is_untouched(theirs)


def test_what_has_taken_a_files_place_is_not_changed(folder: Path, theirs: Path) -> None:
    path = folder / "one"
    path.write_bytes(b"before")
    before = path.stat()
    path.unlink()
    path.symlink_to(theirs)
    assert disk.change(path, b"x", before) is False
    assert path.is_symlink()
    assert _is_untouched(theirs)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        disk.change(path, b"x", before)
    assert list(folder.iterdir()) == [], "no draft is left"


def test_a_file_has_the_mode_that_is_asked_for(folder: Path) -> None:
    disk.put(folder / "one", b"x", 0o400)
    assert stat.S_IMODE((folder / "one").stat().st_mode) == 0o400
    disk.put(folder / "one", b"y", 0o600)
    assert (folder / "one").read_bytes() == b"y"
    assert stat.S_IMODE((folder / "one").stat().st_mode) == 0o600


def _write(path: Path) -> None:
    files.write(path, b"y", "a")


def _seal_anew(path: Path) -> None:
    assert files.seal_anew(path, "a")


def _keep_picture(path: Path) -> None:
    adapters.keep_file(COUNTY, UUID(int=1), clean=b"clean", original=b"as it came")


@pytest.mark.parametrize(("act", "many"), [(_write, 1), (_seal_anew, 1), (_keep_picture, 2)])
def test_a_file_is_on_the_disk_before_it_has_its_name_and_the_name_after(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Path], None], many: int,
) -> None:  # fmt: skip
    """A power cut then leaves the old one or the new one, never one of length 0."""
    settings.FILES_DIR = tmp_path
    path = tmp_path / "one"
    _write(path)
    seen: list[str] = []
    sync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def named(*given: Any, **more: Any) -> None:
        seen.append("name")
        replace(*given, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", named)
    act(path)
    assert seen == ["file", "name", "folder"] * many


def test_who_waits_for_writers_waits_for_one_who_has_sealed_already(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    assert files.wait_for_writers(seconds=0), "nobody has written yet"
    settings.FILES_DIR.mkdir()
    is_sealed, goes_on = threading.Event(), threading.Event()
    seal = sealed.seal_bytes

    def slowly(plain: bytes, about: str) -> bytes:
        body = seal(plain, about)
        is_sealed.set()
        goes_on.wait(10)
        return body

    monkeypatch.setattr(sealed, "seal_bytes", slowly)
    writer = threading.Thread(target=_write, args=(settings.FILES_DIR / "one",))
    writer.start()
    assert is_sealed.wait(10)
    assert not files.wait_for_writers(seconds=0.1)
    goes_on.set()
    assert files.wait_for_writers(seconds=10)
    assert files.read(settings.FILES_DIR / "one", "a") == b"y"
    writer.join()
