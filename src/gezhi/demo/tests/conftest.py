"""The county is drawn once for all tests of this room: it takes some ten seconds."""

import pytest

from gezhi.demo.county import County, draw_county
from gezhi.demo.rules import SEED


@pytest.fixture(scope="session")
def drawn() -> County:
    return draw_county(SEED)
