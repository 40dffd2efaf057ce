"""A post given, or a unit added, beside a change of divisions bears the path that stands after."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from gezhi.people import actions, reads
from gezhi.people.models import Post, Unit
from gezhi.places import reads as place_reads
from gezhi.places.errors import DivisionUnknown
from tests.cast import SETTING_UP, VILLAGE, County
from tests.divisions import move_town, moved

PATIENCE = 120  # seconds


def give_post(county: County) -> Post:
    return actions.give_post(
        account=county.accounts["shui"].id,
        unit=county.units[f"centre-{VILLAGE}"].id,
        role="leader",
        actor=SETTING_UP,
    )


def waits_for_somebody(process: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [process])
        row = cursor.fetchone()
    return bool(row and row[0])


@pytest.fixture
def beside() -> Callable[[Callable[[], object]], Callable[[], None]]:
    """Run something on a connection of its own; it must come to wait for ours, then it may end."""

    def start(do: Callable[[], object]) -> Callable[[], None]:
        faults: list[BaseException] = []
        processes: list[int] = []

        def run() -> None:
            try:
                connection.ensure_connection()
                processes.append(connection.connection.info.backend_pid)
                do()
            except BaseException as fault:  # noqa: BLE001  # raised again in the test's own thread
                faults.append(fault)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        for _look in range(PATIENCE * 20):
            if not thread.is_alive() or (processes and waits_for_somebody(processes[0])):
                break
            thread.join(0.05)
        assert thread.is_alive(), f"it did not wait: {faults}"

        def is_over() -> None:
            thread.join(PATIENCE)
            assert not thread.is_alive()
            for fault in faults:
                raise fault

        return is_over

    return start


Beside = Callable[[Callable[[], object]], Callable[[], None]]


def test_a_post_given_first_is_moved_by_the_change(committed: County, beside: Beside) -> None:
    with transaction.atomic():
        post = give_post(committed)
        change_is_over = beside(move_town)
    change_is_over()
    assert Post.objects.get(pk=post.pk).path == moved(VILLAGE)


def test_a_post_given_second_bears_the_new_path(committed: County, beside: Beside) -> None:
    given: list[Post] = []
    reads.unit(committed.units[f"centre-{VILLAGE}"].id)  # known here as it stood before
    with transaction.atomic():
        move_town()
        post_is_over = beside(lambda: given.append(give_post(committed)))
    post_is_over()
    assert Post.objects.get(pk=given[0].pk).path == moved(VILLAGE)


def test_a_unit_for_a_path_that_is_leaving_is_refused(committed: County, beside: Beside) -> None:
    place_reads.area_by_path("990101", VILLAGE)  # known here as it stood before

    def add() -> None:
        actions.add_unit(
            county="990101",
            path=VILLAGE,
            code="new-station",
            kind="station",
            name="新站所",
            actor=SETTING_UP,
        )

    with transaction.atomic():
        move_town()
        unit_is_over = beside(add)
    with pytest.raises(DivisionUnknown):
        unit_is_over()
    assert not Unit.objects.filter(code="new-station").exists()
