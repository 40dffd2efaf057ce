"""Names change while people report: nobody waits for the names to be put together anew."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.rules import NamedPlace, NewName
from gezhi.triage import reads
from tests.cast import COUNTY, GRID, SETTING_UP, County

PATIENCE = 20.0
BESIDE = sys.modules["gezhi.triage.reads.whereabouts"]  # its name in the room is the function's


def _is_found(name: str) -> bool:
    return bool(reads.whereabouts("", name, county=COUNTY).spots)


def _add(name: str) -> None:
    places.add_name(NewName(name, "other", path=GRID), county=COUNTY, actor=SETTING_UP)


def _wait_until_found(name: str) -> None:
    until = time.monotonic() + PATIENCE
    while not _is_found(name):
        assert time.monotonic() < until, f"{name} is not found"
        time.sleep(0.05)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, list[str]]]:
    """Names are put together only once the event is set; by which threads it was begun."""
    go_on, begun = threading.Event(), []
    real = place_reads.named_places

    def named_places(county: str) -> Iterator[NamedPlace]:
        begun.append(threading.current_thread().name)
        go_on.wait(PATIENCE)
        return real(county)

    monkeypatch.setattr(place_reads, "named_places", named_places)
    yield go_on, begun
    go_on.set()


def test_who_asks_while_names_are_built_is_served_with_those_of_before(
    committed: County, held: Any
) -> None:
    go_on, begun = held
    go_on.set()
    assert _is_found("柳树村")
    go_on.clear()
    _add("老磨坊")
    started = time.monotonic()
    for _ in range(20):
        assert not _is_found("老磨坊")
        assert _is_found("柳树村")
    assert time.monotonic() - started < PATIENCE / 4, "nobody is held up"
    assert begun == ["MainThread", "names"], "one at a time, and beside"
    go_on.set()
    _wait_until_found("老磨坊")


def test_names_written_down_one_after_another_are_not_built_one_after_another(
    committed: County, held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun = held
    go_on.set()
    monkeypatch.setattr(BESIDE, "REST", PATIENCE)
    assert _is_found("柳树村")
    for name in ("老磨坊", "老油坊", "老粮站"):
        _add(name)
        _is_found(name)
    assert begun.count("names") == 1
    monkeypatch.setattr(BESIDE, "REST", 0.0)
    _wait_until_found("老粮站")
    assert begun.count("names") > 1


def test_what_fails_is_tried_again(committed: County, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _is_found("柳树村")
    real, tries = place_reads.named_places, []

    def named_places(county: str) -> Iterator[NamedPlace]:
        tries.append(county)
        if len(tries) == 1:
            raise RuntimeError("the disk is full")
        return real(county)

    monkeypatch.setattr(place_reads, "named_places", named_places)
    _add("老磨坊")
    _wait_until_found("老磨坊")
    assert len(tries) == 2


def test_names_that_are_not_committed_are_nobody_elses(committed: County) -> None:
    assert _is_found("柳树村")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        _add("老磨坊")
        assert _is_found("老磨坊")
        raise ZeroDivisionError
    assert not _is_found("老磨坊")
