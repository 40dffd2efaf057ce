"""The small county as a fixture."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from gezhi.people.tests.county import House

# Imports stand inside: pytest may read this file before Django is ready.


@pytest.fixture
def house(db: None) -> "House":
    from gezhi.people.tests import county

    return county.build()


@pytest.fixture
def signed_in(house: "House") -> "Callable[[str], Client]":
    from gezhi.people.tests import county

    return county.sign_in
