"""Topics of a real board of messages, where it is there: the large matters stay whole."""

import time
from pathlib import Path

import pytest

from gezhi.site.commands.triage_topics import read_messages
from gezhi.triage.rules.topics import find_topics

BOARD = Path(__file__).parents[5] / "shared" / "data" / "messages" / "hot_topics_4326.xlsx"


@pytest.mark.slow
def test_a_year_of_messages_falls_into_topics() -> None:
    if not BOARD.exists():
        pytest.skip(f"no {BOARD.name}")
    told, _places = read_messages(BOARD)
    began = time.monotonic()
    found = find_topics(told)
    seconds = time.monotonic() - began
    sizes = sorted((len(one.members) for one in found), reverse=True)
    assert len(told) == 4326
    assert 180 <= len(found) <= 280
    assert sizes[1] >= 50  # two matters of more than fifty letters each, neither in pieces
    assert sizes[0] <= 70  # and nothing that swallows others
    assert seconds < 60  # 4 on a free core; the suite runs beside others
    assert len({one.id for each in found for one in each.members}) == sum(sizes)
