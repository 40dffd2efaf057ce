"""Starting: keys, locks, addresses, signals and words of `demo` and `up`."""

import http.server
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gezhi.site import processes
from gezhi.site.commands import demo, house, starting
from gezhi.site.commands.house import Stopped
from gezhi.site.prepare import digest_of_package
from tests.serving import running


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GEZHI_HOME", str(tmp_path / "home"))
    for name in ("DATABASE_URL", "GEZHI_SECRET_KEY", "GEZHI_SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return house.home()


def test_the_secret_key_is_made_once_and_is_its_owners_alone(home, monkeypatch):
    house.prepare_environment()
    path = home / "keys" / "secret.txt"
    first = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.delenv("GEZHI_SECRET_KEY_FILE")
    house.prepare_environment()
    assert path.read_text() == first
    assert len(first) >= 50


def test_a_second_start_in_one_home_says_who_runs_and_what_to_type(home):
    with house.alone(home):
        assert house.is_running(home)
        with pytest.raises(Stopped, match=rf"kill {os.getpid()}"), house.alone(home):
            pass
    assert not house.is_running(home), "the lock of an ended process does not count"


def test_a_taken_port_says_which_and_what_to_type():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Stopped, match=rf"port {port} .* in use[\s\S]*--port {port + 10}"):
            starting.refuse_taken_ports("127.0.0.1", port)


def test_an_address_others_can_reach_must_be_asked_for():
    starting.refuse_unasked_publicity("127.0.0.1", False)
    with pytest.raises(Stopped, match="--public"):
        starting.refuse_unasked_publicity("0.0.0.0", False)  # noqa: S104  # refused


@pytest.mark.parametrize("password", ["", "short"])
def test_a_public_demo_without_a_good_password_does_not_start(password, monkeypatch):
    monkeypatch.setenv("GEZHI_DEMO_PASSWORD", password)
    monkeypatch.setattr(os, "isatty", lambda _: False)
    with pytest.raises(Stopped, match="GEZHI_DEMO_PASSWORD"):
        starting.password_for_demo("0.0.0.0")  # noqa: S104  # refused


def test_on_loopback_no_password_is_asked_for():
    assert starting.password_for_demo("127.0.0.1") == ""


def _gezhi(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-P", "-m", "gezhi.site.command", *words],
        env={**os.environ, "GEZHI_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_serves_knows_of_no_owner_when_started_by_itself(home):
    told = (
        "from gezhi.site.commands import house\n"
        "with house.opened(with_database=False, serves=True):\n"
        "    from django.conf import settings\n"
        "    print(settings.OWNER_DATABASE)"
    )
    named = "postgresql://somebody@127.0.0.1:1/nowhere"  # asked for nothing here
    done = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", told], capture_output=True, text=True, check=True,
        env={**os.environ, "GEZHI_HOME": str(home), "DATABASE_URL": named,
             "GEZHI_OWNER_DATABASE_URL": named},
    )  # fmt: skip
    assert done.stdout.strip() == "{}"


def test_a_folder_that_can_not_be_written_to_says_what_to_type(tmp_path, monkeypatch):
    monkeypatch.setenv("GEZHI_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda place, mode: False)  # root may write anywhere
    with pytest.raises(Stopped, match=r"chown -R[\s\S]*GEZHI_HOME"):
        house.home()


def test_a_new_home_is_its_owners_alone(home):
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.parametrize(("name", "value"), [("GEZHI_DEMO", "1"), ("GEZHI_HTTPS", "maybe")])
def test_a_wrong_setting_stops_every_command_with_words(home, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    done = _gezhi("doctor", home=home)
    assert done.returncode == 1
    assert f"{name}={value!r}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_address_may_come_from_a_file(home, tmp_path, monkeypatch):
    path = tmp_path / "address"
    path.write_text("postgresql://x@127.0.0.1/y\n")
    path.chmod(0o600)
    monkeypatch.setenv("DATABASE_URL_FILE", str(path))
    assert house.prepare_environment() is None, "the embedded server is not wanted"
    assert house.database_address() == "postgresql://x@127.0.0.1/y"


@pytest.mark.parametrize("known", [signal.SIGTERM, signal.SIGHUP])
def test_kill_and_a_closed_terminal_end_a_start_as_ctrl_c_does(known):
    own = signal.signal(known, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        with pytest.raises(KeyboardInterrupt), processes.ended_tidily():
            signal.raise_signal(known)
        assert signal.getsignal(known) is signal.SIG_DFL
    finally:
        signal.signal(known, own)


def test_a_start_under_nohup_outlives_its_terminal():
    own = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with processes.ended_tidily():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, own)


def test_the_worker_gives_way_to_who_waits_at_a_page():
    asked = """
import os, pathlib
from gezhi.site import processes
group = pathlib.Path("/proc/self/autogroup")
before = os.getpriority(os.PRIO_PROCESS, 0)
processes.give_way()
print(os.getpriority(os.PRIO_PROCESS, 0) - before)
print(group.read_text().split()[-1] if group.exists() else "5")
"""
    said = subprocess.check_output([sys.executable, "-c", asked], start_new_session=True, text=True)  # noqa: S603  # its own
    assert said.split() == ["5", "5"]


def test_this_machine_is_asked_directly_whatever_the_proxy(monkeypatch):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    with running(server):
        assert processes.answers(f"http://127.0.0.1:{server.server_port}/healthz")


@pytest.mark.parametrize(
    ("host", "first"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("::1", "http://[::1]:80"), ("::", "http://[::1]:80"),
     (starting.EVERYWHERE[0], "http://127.0.0.1:80"), ("192.0.2.9", "http://192.0.2.9:80")],
)  # fmt: skip
def test_addresses_are_told_as_they_are_opened(host, first):
    assert starting.addresses_to_open(host, 80)[0] == first


def unnamed(monkeypatch):
    """Without the names that `name_addresses` sets; what it sets is taken back."""
    for name in ("GEZHI_HOSTS", "GEZHI_LIVE_URL", "GEZHI_LIVE_ORIGINS", "GEZHI_ADDRESS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("host", "given", "told"),
    [
        ("127.0.0.1", {}, "http://127.0.0.1:8000"),
        ("::1", {}, "http://[::1]:8000"),
        ("192.0.2.9", {}, "http://192.0.2.9:8000"),
        ("127.0.0.1", {"GEZHI_HOSTS": "gezhi.example,b"}, "http://gezhi.example:8000"),
        (
            starting.EVERYWHERE[0],
            {"GEZHI_HOSTS": "gezhi.example", "GEZHI_HTTPS": "yes"},
            "https://gezhi.example",
        ),
        ("127.0.0.1", {"GEZHI_ADDRESS": "https://own.example"}, "https://own.example"),
    ],
)
def test_links_in_messages_lead_where_others_reach_the_site(monkeypatch, host, given, told):
    unnamed(monkeypatch)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    starting.name_addresses(host, 8000)
    assert os.environ["GEZHI_ADDRESS"] == told


def test_links_of_who_listens_everywhere_lead_to_an_address_of_others(monkeypatch):
    unnamed(monkeypatch)
    host = starting.EVERYWHERE[0]
    starting.name_addresses(host, 8000)
    here, *others = starting.addresses_to_open(host, 8000)
    assert os.environ["GEZHI_ADDRESS"] == (others[0] if others else here)


def test_whoever_listens_everywhere_is_called_by_every_address(monkeypatch):
    unnamed(monkeypatch)
    starting.name_addresses("0.0.0.0", 8000)  # noqa: S104  # names only
    hosts = set(os.environ["GEZHI_HOSTS"].split(","))
    told = starting.addresses_to_open("0.0.0.0", 8000)  # noqa: S104  # as above
    assert {each.removeprefix("http://").rpartition(":")[0] for each in told} <= hosts
    assert {f"http://{name}:8000" for name in hosts} == set(
        os.environ["GEZHI_LIVE_ORIGINS"].split(",")
    )


def test_what_was_prepared_is_looked_at_again_when_it_must_be_loaded(home, monkeypatch):
    done = []
    monkeypatch.setattr(starting, "step", lambda words, act: done.append(words))
    server = house.prepare_environment()
    (home / "prepared").write_text(f"{digest_of_package()} demo", encoding="ascii")
    starting.prepare_all(server, lambda: True)
    assert len(done) == 1, "the database alone"
    starting.prepare_all(server, lambda: True, must_load=True)
    assert "载入示范县 / demo county" in done


def test_a_county_known_on_this_machine_gets_new_passwords_before_it_is_public(home, county, rita):
    sent = {"login": "cun", "password": "gezhi-2026"}
    demo.load_county(home, "gezhi-2026")
    assert rita.post("/desk/sign-in/", sent).status_code == 302
    rita.cookies.clear()
    assert demo.load_county(home, "only-we-know-this")
    assert rita.post("/desk/sign-in/", sent).status_code == 422
    new = rita.post("/desk/sign-in/", {**sent, "password": "only-we-know-this"})
    assert new.status_code == 302
    assert "gezhi-2026" not in (home / "demo-accounts.txt").read_text()


def test_a_process_that_stops_by_itself_is_told_with_its_last_words(tmp_path, capsys):
    log = tmp_path / "gezhi.log"
    log.write_text("first\n" * 50 + "web | [red]no such module\n")
    assert starting.end(130, log).exit_code == 0
    assert capsys.readouterr().out == ""
    assert starting.end(1, log).exit_code == 1
    said = capsys.readouterr().out
    assert "[red]no such module" in said
    assert said.count("first") < 10
