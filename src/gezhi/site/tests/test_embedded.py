"""The embedded PostgreSQL starts, is found running, recovers from a kill, stops."""

import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from gezhi.site.embedded import FORGETFUL, Embedded, EmbeddedFailed


@pytest.fixture
def server(tmp_path):
    server = Embedded(tmp_path / "pg", FORGETFUL)
    yield server
    server.stop()


def _pid(server: Embedded) -> int:
    return int((server.folder / "postmaster.pid").read_text().splitlines()[0])


def test_a_server_starts_once_and_stops(server):
    assert server.start()
    assert not server.start(), "the second start finds it running"
    server.ensure_database("gezhi")
    server.ensure_database("gezhi")
    with psycopg.connect(server.address()) as connection:
        assert connection.info.server_version >= 180000
        listens = connection.execute("SHOW listen_addresses").fetchone()
    assert listens == ("",), "nobody on the network may reach it"
    assert server.folder.stat().st_mode & 0o077 == 0
    server.stop()
    assert not server.is_running


def test_a_killed_server_is_started_again_with_its_data(server):
    server.start()
    server.ensure_database("kept")
    process = psutil.Process(_pid(server))
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert server.start()
    with psycopg.connect(server.address("kept")):
        pass


def test_an_old_process_number_of_another_program_is_not_taken_for_the_server(server):
    server.start()
    server.stop()
    (server.folder / "postmaster.pid").write_text(f"{os.getpid()}\n{server.folder}\n")
    assert not server.is_running
    assert server.start()


def test_a_deep_folder_gets_its_socket_elsewhere(tmp_path):
    server = Embedded(tmp_path / ("d" * 100) / "pg", FORGETFUL)
    assert len(str(server.socket_folder)) < 60
    server.start()
    try:
        with psycopg.connect(server.address("postgres")):
            pass
    finally:
        server.stop()


def test_a_folder_may_be_named_as_its_owner_likes():
    # pytest's own folders are too long for a socket to lie in them.
    with TemporaryDirectory(prefix="g ") as place:
        server = Embedded(Path(place, "格治 it's & 100%"), FORGETFUL)
        assert server.socket_folder == server.folder
        _start_and_stop(server)


def _start_and_stop(server: Embedded) -> None:
    server.start()
    try:
        server.ensure_database("gezhi")
        with psycopg.connect(server.address()):
            pass
    finally:
        server.stop()


def test_a_socket_path_is_measured_in_bytes(tmp_path):
    server = Embedded(tmp_path / ("县" * 25) / "pg", FORGETFUL)
    assert len(os.fsencode(server.socket_folder)) < 60


def test_a_cluster_of_another_version_is_refused_with_words(server):
    server.start()
    server.stop()
    (server.folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedFailed, match="was made by PostgreSQL 15"):
        server.start()
