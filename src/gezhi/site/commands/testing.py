"""`gezhi test`: its own set-up, then every check there is. What CI runs is exactly this."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import typer

from gezhi.site.commands import house
from gezhi.site.commands.house import Stopped
from gezhi.site.commands.starting import step

ROOT = Path(__file__).resolve().parents[4]
# The shell draws the same pages in half the time: it has no window of its own to keep up.
CHROMES = (
    "chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser",
    "google-chrome", "google-chrome-stable", "microsoft-edge",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    options = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(context_settings=options)(test)


def test(context: typer.Context) -> None:
    """全部检查：规范、类型、测试。 House rules, lint, types and all tests."""
    if not (ROOT / "conftest.py").exists():
        raise Stopped("`gezhi test` 要在源代码文件夹里运行 / runs in a source folder only.")
    house.prepare_environment()
    house.start_django()
    from gezhi.site import prepare

    os.environ["GEZHI_CHROMIUM"] = find_browser()
    find_gdal()
    step("编译译文 / translations", prepare.words)
    step("构建前端 / front end", prepare.front_end)
    python = [sys.executable, "-m"]
    only = list(context.args)
    checks = [] if only else [
        ("ruff check", [*python, "ruff", "check", "."]),
        ("ruff format", [*python, "ruff", "format", "--check", "."]),
        ("mypy", [*python, "mypy"]),
    ]  # fmt: skip
    # Three for two cores: browsers, killed servers and clocks let one of them wait all the time.
    parallel = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
    tests = only or [*parallel, "--durations", "10"]
    failed = [name for name, command in checks if not _passes(name, command)]
    if not _passes("pytest", [*python, "pytest", *tests]):
        failed.append("pytest")
    if failed:
        typer.echo(f"✗ 没有通过 / failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _passes(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    typer.echo(f"── {name}", err=True)
    environment = {key: value for key, value in os.environ.items() if key not in _HOUSES_OWN}
    environment["PYTHONPYCACHEPREFIX"] = str(house.home() / "pycache")
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603  # ours
    typer.echo(f"   {name}: {time.monotonic() - began:.0f} s", err=True)
    return done.returncode == 0


# conftest.py chooses the tests' own database and keys. What is compiled is kept, whatever the
# environment says: every process that a test starts would compile the house anew.
_HOUSES_OWN = (
    "DATABASE_URL", "GEZHI_OWNER_DATABASE_URL", "GEZHI_SECRET_KEY_FILE", "GEZHI_KEYS",
    "DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip


def find_browser() -> str:
    """The browser for the browser tests; root gets Debian's if there is none."""
    given = os.environ.get("GEZHI_CHROMIUM", "")
    if given and not _runs(given):
        raise Stopped(f"GEZHI_CHROMIUM={given} 不能运行 / doesn't run.")
    found = given or _find(CHROMES, "Chromium", "chromium-headless-shell", "chromium")
    if not found:
        raise Stopped(
            "没有找到浏览器 / no Chromium or Chrome found.\n"
            "  Debian: apt-get install chromium fonts-noto-cjk\n"
            "  Ubuntu: snap install chromium; apt-get install fonts-noto-cjk\n"
            "  其他系统请安装 Chrome，或用 GEZHI_CHROMIUM 指明程序 / or name one in GEZHI_CHROMIUM."
        )
    return str(shutil.which(found))


def find_gdal() -> str:
    """GDAL's programs, which read our maps in a test; root gets Debian's if there are none."""
    found = _find(("ogr2ogr",), "GDAL", "gdal-bin")
    if not found:
        raise Stopped(
            "没有找到 ogr2ogr / no ogr2ogr found.\n"
            "  Debian, Ubuntu: apt-get install gdal-bin    Fedora: dnf install gdal"
        )
    return str(shutil.which(found))


def _find(names: Iterable[str], what: str, *packages: str) -> str:
    """The first of these programs that runs; if none does, root gets the first package there is."""
    found = next(filter(_runs, names), "")
    installer = shutil.which("apt-get")
    if not found and installer and os.geteuid() == 0:
        step(f"安装 {what} / installing {what}", lambda: _install(installer, packages))
        found = next(filter(_runs, names), "")
    return found


def _runs(name: str) -> bool:
    """Ubuntu's `chromium-browser` is a note in place of a browser: it has to say its version."""
    program = shutil.which(name)
    if not program:
        return False
    said = subprocess.run(  # noqa: S603  # found on the path, or named by the user
        [program, "--version"], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return said.returncode == 0


def _install(installer: str, packages: Iterable[str]) -> bool:
    """The first of these packages that can be had, and the letters that pages are drawn with."""
    _apt(installer, "update", "-qq")  # a list that can't be fetched is no fault if they are found
    install = ("install", "-y", "-qq", "--no-install-recommends", "fonts-noto-cjk")
    for package in packages:
        done = _apt(installer, *install, package)
        if done.returncode == 0:
            return True
    raise Stopped(f"apt-get {' '.join(install)} {package} failed:\n{done.stderr[-2000:]}")


def _apt(installer: str, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(  # noqa: S603  # fixed commands
        [installer, *words], env=environment, capture_output=True, text=True, check=False
    )
