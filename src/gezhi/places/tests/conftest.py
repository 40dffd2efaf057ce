"""The county that tests of places are tried on.

Pytest loads this file before Django is set up, so what needs models is imported late.
"""

from typing import TYPE_CHECKING

import pytest

from gezhi.base.actor import Actor, system

if TYPE_CHECKING:
    from gezhi.places.tests.county import County


@pytest.fixture
def actor() -> Actor:
    return system("test")


@pytest.fixture
def county(db: None, actor: Actor) -> "County":
    from gezhi.places.tests.county import make_county

    return make_county(actor)
