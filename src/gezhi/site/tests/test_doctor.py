"""`gezhi doctor`: what is wrong is told with what to type, by the exit code too."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from gezhi.rulebook.rules import UnknownYear
from gezhi.site.commands.checks import (
    Finding,
    _fonts,
    archive_finding,
    calendar_finding,
    clock_finding,
)

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def test_on_a_new_machine_it_says_what_to_type(tmp_path):
    lister = tmp_path / "fc-list"
    lister.write_text("#!/bin/sh\n")  # a machine without any Chinese font
    lister.chmod(0o755)
    known = {name: value for name, value in os.environ.items() if not name.startswith("GEZHI_")}
    known.pop("DATABASE_URL", None)
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-P", "-m", "gezhi.site.command", "doctor"],
        env={**known, "PATH": f"{tmp_path}:{os.environ['PATH']}",
             "GEZHI_HOME": str(tmp_path / "home")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    for line in ("→ apt-get install fonts-noto-cjk", "· apt-get install fonts-noto-color-emoji",
                 "→ gezhi build", "→ gezhi migrate"):  # fmt: skip
        assert line in done.stdout
    assert "✓ 数据库 / database: PostgreSQL 18" in done.stdout
    assert not (tmp_path / "home" / "pg" / "postmaster.pid").exists(), "stopped again"


@pytest.mark.parametrize("apart", [timedelta(seconds=6), -timedelta(hours=1)])
def test_a_clock_that_goes_wrong_is_told(apart):
    assert clock_finding(NOW, NOW + apart).mend == "timedatectl set-ntp true"


@pytest.mark.parametrize(
    ("kept", "failed", "is_ill"),
    [(None, None, False), (NOW, None, False), (None, NOW, True),
     (NOW, NOW - timedelta(hours=1), False), (NOW - timedelta(hours=1), NOW, True)],
)  # fmt: skip
def test_a_log_that_is_no_longer_put_away_is_told(kept, failed, is_ill):
    assert bool(archive_finding(kept, failed, "0001").mend) is is_ill


def test_a_clock_that_is_nearly_right_is_right():
    assert clock_finding(NOW, NOW + timedelta(seconds=1)).mend == ""


@pytest.mark.parametrize(
    ("fonts", "marks"),
    [
        ({":lang=zh": "Noto Sans CJK SC", ":charset=1f6b0": "Noto Color Emoji"}, "✓"),
        ({":lang=zh": "Noto Sans CJK SC"}, "!·"),
        ({":charset=1f6b0": "Noto Color Emoji"}, "✗→"),
        ({}, "✗→·"),
    ],
)
def test_a_chinese_font_is_needed_and_one_with_emoji_is_only_named(
    tmp_path, monkeypatch, fonts, marks
):
    lister = tmp_path / "fc-list"
    known = "\n".join(f"'{pattern}') echo '{family}' ;;" for pattern, family in fonts.items())
    lister.write_text(f'#!/bin/sh\ncase "$1" in\n{known}\nesac\n')
    lister.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (finding,) = _fonts()
    assert "".join(line.strip()[0] for line in finding.lines()) == marks


@pytest.mark.parametrize(
    ("unknown", "marks", "words"),
    [
        (None, "✓", "已知到 2026 年"),
        (UnknownYear(2027, is_reached=False, is_guessed=False), "!·", "2027 年的放假安排"),
        (UnknownYear(2027, is_reached=True, is_guessed=False), "✗→", "算不出来"),
        (UnknownYear(2027, is_reached=True, is_guessed=True), "!·", "周一至周五"),
    ],
)
def test_a_year_without_official_days_is_told_with_what_to_type(unknown, marks, words):
    lines = list(calendar_finding(unknown, {2025, 2026}).lines())
    assert "".join(line.strip()[0] for line in lines) == marks
    assert words in lines[0]
    if unknown:
        assert lines[1].endswith("gezhi rulebook calendar import 2027.ics --official")


def test_what_is_only_a_hint_is_nothing_wrong():
    assert list(Finding("字体", "有", hint="apt-get install x").lines()) == [
        "! 字体: 有", "    · apt-get install x",
    ]  # fmt: skip
