"""The simulation: same seed, same history, all of it valid; goes on where it was stopped."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import override_settings

from gezhi.base import clock
from gezhi.cases import reads as cases
from gezhi.cases.models import Case, HistoryLine, Leg
from gezhi.deadlines.models import Deadline
from gezhi.demo import actions
from gezhi.demo.county import County
from gezhi.demo.simulation import Tell, Told, running, simulate
from gezhi.demo.simulation.matters import MATTERS
from gezhi.people import reads as people

COUNTY = "990101"
START = datetime(2026, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


class _Back(Exception):
    pass


@contextmanager
def _rolled_back() -> Iterator[None]:
    with suppress(_Back), transaction.atomic():
        yield
        raise _Back


def _live(days: float, *, seed: int = 3, rate: float = 7) -> Told:
    until = START + timedelta(days=days)
    return simulate(start=START, until=until, rate=rate, seed=seed, county=COUNTY)


def _history_digest() -> str:
    """What the history says, without ids, serials and codes that are new each time."""
    units = {unit.id: unit.code for unit in people.units_under(COUNTY, county=COUNTY)}
    said = hashlib.sha256()
    for case in Case.objects.order_by("opened_at", "source_key"):
        said.update(repr((case.what, case.channel, case.category, case.path, case.state)).encode())
        for line in cases.history_of(case):
            told = (line.act, line.at.isoformat(), line.was, line.state, line.reason, line.words)
            said.update(repr((told, units[line.holder_id])).encode())
    return said.hexdigest()


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_history_and_another_seed_another(drawn: County) -> None:
    actions.load_county(drawn)
    digests = []
    for seed in (3, 3, 4):
        with _rolled_back():
            told = _live(2, seed=seed)
            assert told.cases >= 8
            assert not told.refused
            digests.append(_history_digest())
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.django_db
def test_what_it_writes_is_valid_and_of_all_kinds(drawn: County) -> None:
    actions.load_county(drawn)
    told = _live(9, rate=6)
    assert told.cases == Case.objects.count()
    assert not told.refused
    assert not list(cases.faults_in_chains(county=COUNTY))
    acts = Counter(HistoryLine.objects.values_list("act", flat=True))
    assert {"report", "accept", "assign", "sign", "finish", "attach", "close"} <= set(acts)
    assert len(acts) >= 14
    for case in Case.objects.exclude(state__in=["closed", "refused", "merged", "withdrawn"]):
        assert Leg.objects.filter(case=case, role="lead", ended_at=None).count() == 1
    last = HistoryLine.objects.order_by("-at")[0].at
    assert START < last < START + timedelta(days=9)


@pytest.mark.django_db
def test_stages_are_reached_on_the_way(drawn: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything reported is an illegal building: it is stopped and fined before it is gone."""
    illegal = next(one for one in MATTERS if one.category == "build.illegal")
    monkeypatch.setattr(running, "choose_matter", lambda **_asked: illegal)
    actions.load_county(drawn)
    assert not _live(8, rate=3).refused
    reached = HistoryLine.objects.filter(act="reach_stage").select_related("case")
    assert {line.data["stage"] for line in reached} == {
        "build.illegal:stop", "build.illegal:fine",
    }  # fmt: skip
    for line in reached:
        assert line.data["stage"] in line.case.stages
        met = Deadline.objects.get(case=line.case, stage=line.data["stage"], met_at=line.at)
        assert met.starts == line.case.opened_at


@pytest.mark.django_db
def test_an_interrupted_history_goes_on_and_a_complete_one_stays(
    drawn: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.load_county(drawn)
    monkeypatch.setattr(running, "_TELL_EVERY", 0)
    with override_settings(GEZHI_HOME=tmp_path), clock.standing_at(START + timedelta(days=2)):
        with pytest.raises(KeyboardInterrupt):
            actions.fill_history(days=2, rate=5, tell=_stop_at(4))
        before = set(Case.objects.values_list("id", flat=True))
        assert before
        told = actions.fill_history(days=2, rate=5)
        assert told is not None
        assert not told.refused
        assert before < set(Case.objects.values_list("id", flat=True))
        assert Case.objects.count() == told.cases
        assert actions.fill_history(days=2, rate=5) is None
    assert json.loads((tmp_path / "history.json").read_text())["is_complete"]


def _stop_at(most: int) -> Tell:
    def tell(done: int, total: int, seconds: float) -> None:
        if Case.objects.count() >= most:
            raise KeyboardInterrupt

    return tell
