"""Starting: keys, locks and words of `demo` and `up`."""

import os
import socket
import stat

import pytest

from gezhi.site.commands import house, starting
from gezhi.site.commands.house import Stopped


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
