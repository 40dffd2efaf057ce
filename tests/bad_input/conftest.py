"""What nobody should send, sent through all three doors.

Whatever it is: the answer is a 4xx that says in Chinese what to do, never a 5xx; nothing is
stored; what was typed comes back in the page. What is only unusual (emoji, rare Han, right-to-left
marks) goes in whole. One county for a whole file; what a test does is undone after it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import pytest


@pytest.fixture(scope="module")
def stage(django_db_setup: None) -> Any:
    """The helpers. pytest may read this file before Django is set up, so they come late."""
    return import_module("tests.bad_input.stage")


@pytest.fixture(scope="module")
def world(stage: Any, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), stage.standing_county() as built:
        yield built


@pytest.fixture
def county(stage: Any, world: Any) -> Iterator[Any]:
    """The cast's county, made once; the cast's `case` and `handled` stand on it."""
    with stage.undone():
        yield world


@pytest.fixture
def api(stage: Any, county: Any) -> Callable[..., Any]:
    """`api("cun", "/cases", {...})` posts as somebody; without a body it asks."""
    return stage.ask_api


@pytest.fixture
def login(stage: Any, county: Any) -> Callable[..., Any]:
    """The cast's `login`, in a browser that shares its middleware with all others."""
    return partial(stage.sign_in, county)
