"""`gezhi rulebook rehearse` on the command line."""

import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gezhi.deadlines.models import Rehearsal
from gezhi.deadlines.tests.rehearsing import QUICKER, files_with, worked_case
from gezhi.site.commands.house import Stopped
from gezhi.site.commands.rulebook import app
from tests.cast import County

DAYS = ["--from", "2026-11-17", "--to", "2026-11-18"]


def folder(place: Path, files: dict[str, str]) -> str:
    place.mkdir()
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    return str(place)


def test_a_folder_or_a_zip_is_rehearsed_and_nothing_is_kept(county: County, tmp_path: Path) -> None:
    numbers = [worked_case(county).number for _each in range(3)]
    files = files_with(QUICKER)
    new, packed = folder(tmp_path / "new", files), tmp_path / "new.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"in/{name}", text)
    for place in (new, str(packed)):
        told = CliRunner().invoke(app, ["rehearse", place, *DAYS])
        assert told.exit_code == 0, told.output
        assert "against version 1" in told.stdout
        assert "3 件 / cases" in told.stdout
        assert "sign" in told.stdout
    said = CliRunner().invoke(app, ["rehearse", new, *DAYS, "--json"])
    whole = json.loads(said.stdout)
    late = [one for one in whole["differences"] if one["verdict"] == "late"]
    assert sorted(one["number"] for one in late if one["kind"] == "sign") == numbers
    assert (whole["cases"], whole["sums"]["kind"]["sign"]["late"]) == (3, 3)
    part = CliRunner().invoke(app, ["rehearse", new, *DAYS, "--json", "--limit", "2"])
    assert json.loads(part.stdout)["cases"] == 2
    none = CliRunner().invoke(
        app, ["rehearse", new, "--from", "2020-01-01", "--to", "2020-02-01", "--json"]
    )
    assert json.loads(none.stdout)["differences"] == []
    assert not Rehearsal.objects.exists()


@pytest.mark.parametrize("packed", [False, True])
def test_what_cannot_be_read_is_refused_with_file_line_and_reason(
    county: County, tmp_path: Path, packed: bool
) -> None:
    files = files_with(("deadlines.toml", 'within = "1 hour"', 'within = "soon"'))
    line = files["deadlines.toml"].splitlines().index('within = "soon"') + 1
    place = folder(tmp_path / "bad", files)
    if packed:
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        place = str(tmp_path / "bad.zip")
    bad = CliRunner().invoke(app, ["rehearse", place, *DAYS])
    assert isinstance(bad.exception, Stopped)
    assert f"deadlines.toml:{line}: " in bad.stderr
    (tmp_path / "no.zip").write_bytes(b"no zip")
    none = CliRunner().invoke(app, ["rehearse", str(tmp_path / "no.zip"), *DAYS])
    assert isinstance(none.exception, Stopped)
    back = CliRunner().invoke(
        app, ["rehearse", place, "--from", "2026-11-18", "--to", "2026-11-01"]
    )
    assert isinstance(back.exception, Stopped)
