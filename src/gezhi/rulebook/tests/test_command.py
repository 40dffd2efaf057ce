"""`gezhi rulebook …` on the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gezhi.rulebook import reads
from gezhi.rulebook.tests.books import files_with, line_of
from gezhi.site.commands.house import Stopped
from gezhi.site.commands.rulebook import app

COUNTY = "990101"


def write(folder: Path, files: dict[str, str]) -> str:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_check_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    good = CliRunner().invoke(app, ["check"])
    assert good.exit_code == 0
    assert "12 groups" in good.stdout
    files = files_with("deadlines.toml", 'within = "1 hour"', 'within = "soon"')
    bad = CliRunner().invoke(app, ["check", write(tmp_path / "bad", files)])
    assert isinstance(bad.exception, Stopped)
    line = line_of(files["deadlines.toml"], 'within = "soon"')
    assert f"deadlines.toml:{line}: " in bad.stderr


HOLIDAY = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n"
    "DTSTART;VALUE=DATE:20261123\r\nSUMMARY:县庆放假\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.django_db
def test_a_calendar_goes_out_and_comes_in_after_a_yes(tmp_path: Path) -> None:
    reads.forget(COUNTY)
    runner = CliRunner()
    runner.invoke(app, ["apply", write(tmp_path / "first", reads.default_files())])
    file = tmp_path / "days.ics"
    file.write_bytes(HOLIDAY.encode())
    no = runner.invoke(app, ["calendar", "import", str(file)], input="n\n")
    assert "+ exceptions 2026-11-23" in no.stdout
    assert "version 2" not in no.stdout
    done = runner.invoke(app, ["calendar", "import", str(file), "--yes"])
    assert "version 2" in done.stdout
    out = tmp_path / "out.ics"
    assert runner.invoke(app, ["calendar", "export", str(out), "--from", "2026"]).exit_code == 0
    assert b"UID:20261123-off-local@990101" in out.read_bytes()
    same = runner.invoke(app, ["calendar", "import", str(out)])
    assert "0 处不同" in same.stdout
    file.write_bytes(HOLIDAY.replace("SUMMARY:县庆放假", "SUMMARY:团建").encode())
    bad = runner.invoke(app, ["calendar", "import", str(file)])
    assert isinstance(bad.exception, Stopped)
    assert "days.ics:4: " in bad.stderr
    reads.forget(COUNTY)


@pytest.mark.django_db
def test_diff_apply_and_export(tmp_path: Path) -> None:
    reads.forget(COUNTY)
    runner = CliRunner()
    first = write(tmp_path / "first", reads.default_files())
    second = write(
        tmp_path / "second",
        files_with("deadlines.toml", 'within = "1 hour"', 'within = "30 minutes"'),
    )
    missing = runner.invoke(app, ["diff", first])
    assert isinstance(missing.exception, Stopped), "nothing is in force yet"
    assert "version 1" in runner.invoke(app, ["apply", first]).stdout
    shown = runner.invoke(app, ["diff", second])
    assert "~ due forward within: 1 hour → 30 minutes" in shown.stdout
    assert "1 处不同" in shown.stdout
    assert "version 2" in runner.invoke(app, ["apply", second, "--note", "加快"]).stdout
    out = tmp_path / "out"
    assert "version 1" in runner.invoke(app, ["export", str(out), "--version", "1"]).stdout
    assert reads.files_in(out) == reads.default_files()
    reads.forget(COUNTY)
