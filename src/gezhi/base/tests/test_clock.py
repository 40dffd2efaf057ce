"""The clock stands only where it is told to, and settings are never guessed."""

import threading
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured

from gezhi.base import clock, env
from gezhi.base.refusal import Refusal, all_refusals

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_clock_stands_inside_its_block_and_nowhere_else() -> None:
    elsewhere: list[datetime] = []
    with clock.standing_at(THEN):
        other = threading.Thread(target=lambda: elsewhere.append(clock.now()))
        other.start()
        other.join()
        assert clock.now() == THEN
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert elsewhere[0] != THEN


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.standing_at(datetime(2026, 1, 1)):  # noqa: DTZ001 - the point
        pass


@pytest.mark.parametrize("value", ["true", "1", "", "YES"])
def test_a_flag_is_yes_or_no(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_X", value)
    with pytest.raises(ImproperlyConfigured, match="'yes' or 'no'"):
        env.flag("GEZHI_X", "no")


@pytest.mark.parametrize("kind", sorted(set(all_refusals()), key=str))
def test_every_refusal_speaks_without_its_values(kind: type[Refusal]) -> None:
    """A refusal that was raised without its values still has words, not a crash."""
    assert kind.code
    assert 400 <= kind.status < 500 or kind.code == "accident"
    assert str(kind.message)
