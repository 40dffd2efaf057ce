"""A connection is kept; one that the server gave up is noticed before it is used."""

import gc
import threading
import time

import pytest
from django.db import connection, connections
from django.db.utils import OperationalError
from django.test.utils import CaptureQueriesContext

from gezhi.base.database.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


def _own() -> DatabaseWrapper:
    """Another connection to the same database, apart from the one tests work in."""
    own = DatabaseWrapper(connections["default"].settings_dict, "default")
    own.connect()
    return own


def _end(own: DatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [own.connection.info.backend_pid])


def test_the_house_is_connected_this_way() -> None:
    assert isinstance(connections["default"], DatabaseWrapper)
    assert connection.settings_dict["CONN_HEALTH_CHECKS"]
    assert connection.settings_dict["CONN_MAX_AGE"] is None


def test_a_sound_connection_is_kept_without_a_question() -> None:
    own = _own()
    try:
        held, before = own.connection, own.connection.info.backend_pid
        own.force_debug_cursor = True
        own.close_if_unusable_or_obsolete()
        with CaptureQueriesContext(own) as asked:
            own.close_if_health_check_failed()
        assert own.connection is held
        assert held.info.backend_pid == before
        assert len(asked) == 0
    finally:
        own.close()


def test_a_connection_the_server_has_closed_is_not_used_again() -> None:
    own = _own()
    try:
        before = own.connection.info.backend_pid
        _end(own)
        own.close_if_unusable_or_obsolete()  # as at the beginning of a request
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert own.connection.info.backend_pid != before
    finally:
        own.close()


def test_a_connection_that_failed_in_a_request_is_not_kept_for_the_next() -> None:
    own = _own()
    try:
        cursor = own.cursor()
        _end(own)
        with pytest.raises(OperationalError):
            cursor.execute("SELECT 1")
        own.close_if_unusable_or_obsolete()
        assert own.connection is None
    finally:
        own.close()


def test_threads_that_have_ended_leave_no_connection() -> None:
    """Also while the collector does not come by, as in the web processes."""
    processes: list[int] = []

    def ask() -> None:
        connection.ensure_connection()
        processes.append(connection.connection.info.backend_pid)

    gc.disable()
    try:
        for _thread in range(5):
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
        assert len(set(processes)) == 5
        for _look in range(200):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [processes]
                )
                row = cursor.fetchone()
            if row == (0,):
                break
            time.sleep(0.05)
        assert row == (0,)
    finally:
        gc.enable()
