"""Training on closed cases: what is learned from, switching over, going back, who may."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.ids import new_id
from gezhi.base.refusal import NotAllowed
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.record.models import AuditLine
from gezhi.triage import jobs, reads
from gezhi.triage.actions import training
from gezhi.triage.adapters import Fitted, FittingFailed, fit_apart
from gezhi.triage.errors import TrainingRuns
from gezhi.triage.models import LearnedModel, Training
from gezhi.triage.reads import training as trainings
from gezhi.triage.rules import Source
from gezhi.triage.rules.learning import packed
from gezhi.triage.rules.learning_fit import learn
from gezhi.triage.rules.learning_together import Examples
from gezhi.triage.rules.training import SILENCE, Result, Settled, parted
from gezhi.triage.tests.learned import close_many, settled
from tests.cast import COUNTY, TUESDAY

TEXT = "菜市场旁边家里的自来水又发黄发浑了，没法喝"


@pytest.fixture(autouse=True)
def _nothing_known():
    trainings.forget(COUNTY)
    yield
    trainings.forget(COUNTY)


@pytest.fixture
def closed(county, handled):
    """Four hundred closed cases beside one that is open."""
    close_many(handled, settled(clock.now()))
    return handled


def gain(found: Training) -> float:
    """By how much the new model was better on what was held out."""
    assert found.before is not None
    assert found.after is not None
    return found.after - found.before


def train() -> Training:
    trainings.forget(COUNTY)
    return training.train_now(county=COUNTY, actor=system("tests"), tell=lambda done, total: None)


# --- which cases -------------------------------------------------------------------------------


def test_the_newest_tenth_is_held_out_and_nothing_like_it_is_learned():
    found = settled(TUESDAY)
    parts = parted(found, seen_until=None)
    assert parts is not None
    assert min(case.closed_at for case in parts.held) > parts.until
    assert parts.until == max(case.closed_at for case in parts.learned)
    twin = [Settled(found[200].what, found[200].category, TUESDAY + timedelta(hours=1))]
    again = parted(twin + found, seen_until=None)
    assert again is not None
    assert twin[0] not in again.held


@pytest.mark.parametrize(
    ("many", "seen", "enough"),
    [
        (400, None, True),
        (349, None, False),  # 299 to learn from
        (400, timedelta(hours=60), True),
        (400, timedelta(hours=20), False),  # twenty new ones judge nothing
    ],
)
def test_too_few_cases_teach_nothing(many, seen, enough):
    parts = parted(settled(TUESDAY, many), seen_until=TUESDAY - seen if seen else None)
    assert (parts is not None) is enough


def test_a_category_with_few_cases_is_left_to_the_keywords():
    found = settled(TUESDAY)
    rare = [Settled(f"{case.what}甲乙", "env.dust", case.closed_at) for case in found[-14:]]
    parts = parted([*found[:-14], *rare], seen_until=None)
    assert parts is not None
    assert "env.dust" not in {case.category for case in parts.learned}


def test_what_was_written_by_whoever_stays_unknown_is_not_learned(closed):
    assert len(cases.settled(COUNTY, most=1000)) == 400
    Case.objects.filter(state="closed", category="env.noise").update(is_secret=True)
    assert {kind for _what, kind, _at in cases.settled(COUNTY, most=1000)} == {
        "traffic.bus", "utility.water.quality",
    }  # fmt: skip
    Case.objects.filter(state="closed", category="traffic.bus").update(what="")
    assert {kind for _what, kind, _at in cases.settled(COUNTY, most=1000)} == {
        "utility.water.quality"
    }


# --- switching over ----------------------------------------------------------------------------


def test_the_first_model_takes_over_where_it_beats_the_keywords(closed):
    assert reads.what(TEXT, county=COUNTY).source != Source.MODEL
    found = train()
    assert (found.result, found.version) == (Result.SWITCHED, 1)
    assert gain(found) > 0
    model = LearnedModel.objects.get()
    assert (model.version, model.is_in_force, model.classes) == (1, True, 3)
    assert model.cases == found.cases >= 300
    trainings.forget(COUNTY)
    told = reads.what(TEXT, county=COUNTY)
    assert (told.category, told.source, told.model) == ("utility.water.quality", Source.MODEL, 1)
    line = AuditLine.objects.filter(about="kinds").get()
    assert line.kind == "rules"
    assert TEXT[:3] not in str(line.data)


def test_nothing_new_changes_nothing(closed):
    train()
    training.train_at_night(COUNTY)
    assert Training.objects.count() == 1
    assert train().result == Result.KEPT  # somebody wants to see it
    assert LearnedModel.objects.count() == 1


def misled(examples, least, tell):
    """A fit that was given each text with the label of another."""
    labels = [*examples.labels[1:], examples.labels[0]]
    model, told = learn(replace(examples, labels=labels), least=least)
    return Fitted(packed(model), told)


def fitted(examples, least):
    model, told = learn(examples, least=least)
    return Fitted(packed(model), told)


def test_a_worse_model_stays_out_and_a_better_one_takes_over(closed, monkeypatch):
    """The same closed cases: only what was made of them differs."""
    with monkeypatch.context() as outside:
        outside.setattr(training, "fit_apart", misled)
        worse = train()
    assert worse.result == Result.KEPT
    assert gain(worse) < 0
    assert not LearnedModel.objects.exists()

    found = settled(TUESDAY)
    wrong = ["env.noise" if at % 2 else "traffic.bus" for at in range(len(found))]
    bad = learn(Examples([one.what for one in found], wrong))[0]
    LearnedModel.objects.create(
        county=COUNTY, version=1, made_at=TUESDAY, made_by="system:tests", cases=400, classes=2,
        until=clock.now() - timedelta(hours=200), margin=0.1, scores={}, is_in_force=True,
        body=packed(bad),
    )  # fmt: skip
    better = train()
    assert (better.result, better.version) == (Result.SWITCHED, 2)
    assert gain(better) > 0
    assert [model.version for model in LearnedModel.objects.filter(is_in_force=True)] == [2]


def test_somebody_who_may_goes_back_to_a_version_that_is_kept(closed, county):
    train()
    first = LearnedModel.objects.get()
    for version in range(2, 7):
        first.pk, first.version, first.is_in_force = new_id(), version, False
        first.save(force_insert=True)
    LearnedModel.objects.filter(version=1).update(until=TUESDAY - timedelta(days=3000))
    LearnedModel.objects.filter(version=6).update(body=b"")  # nobody reads one out of force
    with pytest.raises(NotAllowed):
        training.go_back(3, county=COUNTY, actor=county.actor("xian"))
    training.go_back(3, county=COUNTY, actor=county.actor("guan"))
    assert [model.version for model in LearnedModel.objects.filter(is_in_force=True)] == [3]
    line = AuditLine.objects.filter(about="kinds").latest("id")
    assert (line.data["version"], line.data["was"], line.data["by_hand"]) == (3, 1, True)


def test_one_that_somebody_went_back_to_is_kept_when_the_next_takes_over(closed, county):
    train()
    first = LearnedModel.objects.get()
    for version in range(2, 7):
        first.pk, first.version, first.is_in_force = new_id(), version, False
        first.save(force_insert=True)
    found = Fitted(bytes(first.body), {})
    training.put_in_force(found, county=COUNTY, cases=1, until=TUESDAY, made_by="system:tests")
    assert set(LearnedModel.objects.values_list("version", flat=True)) == {1, 6, 7}
    training.put_in_force(found, county=COUNTY, cases=1, until=TUESDAY, made_by="system:tests")
    assert set(LearnedModel.objects.values_list("version", flat=True)) == {6, 7, 8}


def test_a_training_that_was_declared_stopped_stops(closed, county, monkeypatch):
    asked = training.ask_training(county=COUNTY, actor=county.actor("guan"))

    def slow(examples, least, tell):
        Training.objects.update(result=Result.STOPPED, finished_at=clock.now())
        return fitted(examples, least)

    monkeypatch.setattr(training, "fit_apart", slow)
    training.train(asked.id)
    asked.refresh_from_db()
    assert asked.result == Result.STOPPED
    assert not LearnedModel.objects.exists()


def test_a_training_ends_where_another_version_came_into_force_meanwhile(
    closed, county, monkeypatch
):
    """It was better than what parted the cases, not than what somebody went back to since."""
    bad = learn(
        Examples([one.what for one in settled(TUESDAY)], ["traffic.bus", "env.noise"] * 200)
    )
    for version, is_in_force in ((1, False), (2, True)):
        LearnedModel.objects.create(
            county=COUNTY, version=version, made_at=TUESDAY, made_by="system:tests", cases=400,
            classes=2, until=clock.now() - timedelta(hours=200), margin=0.1, scores={},
            is_in_force=is_in_force, body=packed(bad[0]),
        )  # fmt: skip

    def slow(examples, least, tell):
        training.go_back(1, county=COUNTY, actor=county.actor("guan"))
        return fitted(examples, least)

    monkeypatch.setattr(training, "fit_apart", slow)
    found = train()
    assert (found.result, found.version) == (Result.STOPPED, None)
    assert gain(found) > 0
    assert LearnedModel.objects.get(is_in_force=True).version == 1


def test_a_version_that_cannot_be_read_leaves_the_words_alone(closed, login):
    train()
    for body in (b"", b"PK\x03\x04 no zip", packed_without_margin()):
        LearnedModel.objects.update(body=body, id=new_id())
        trainings.forget(COUNTY)
        assert reads.what(TEXT, county=COUNTY).source == Source.WORDS
        assert login("guan").get("/desk/admin/triage/").status_code == 200
    assert train().result == Result.SWITCHED  # it holds no case back from being asked


def packed_without_margin() -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, classes=np.zeros(1), numbers=np.array([0.2, 0.5]))
    return out.getvalue()


def test_a_model_in_force_is_kept_in_memory_and_let_go_when_it_changes(
    closed, django_assert_max_num_queries
):
    train()
    trainings.forget(COUNTY)
    trainings.in_force(COUNTY)
    with django_assert_max_num_queries(1):  # a second may have passed
        for _time in range(50):
            assert trainings.in_force(COUNTY) is not None
    LearnedModel.objects.update(is_in_force=False)
    trainings.forget(COUNTY)
    assert reads.what(TEXT, county=COUNTY).source != Source.MODEL


# --- a training's way --------------------------------------------------------------------------


def test_one_training_at_a_time_and_a_silent_one_is_over(closed, county):
    guan = county.actor("guan")
    first = training.ask_training(county=COUNTY, actor=guan)
    with pytest.raises(TrainingRuns):
        training.ask_training(county=COUNTY, actor=guan)
    training.train_at_night(COUNTY)  # leaves it alone
    assert Training.objects.count() == 1
    Training.objects.update(touched_at=clock.now() - SILENCE - timedelta(seconds=1))
    training.ask_training(county=COUNTY, actor=guan)
    first.refresh_from_db()
    assert first.result == Result.STOPPED


def test_the_worker_does_what_was_asked_and_says_how_far_it_is(closed, county):
    asked = training.ask_training(county=COUNTY, actor=county.actor("guan"))
    heard = []
    training.train(asked.id, tell=lambda done, total: heard.append((done, total)))
    assert heard[-1][0] == heard[-1][1] == len(heard) > 3
    asked.refresh_from_db()
    assert (asked.result, asked.done) == (Result.SWITCHED, asked.total)
    jobs.train_kinds(str(asked.id))  # done twice, it is done once
    assert LearnedModel.objects.count() == 1


def test_what_goes_wrong_ends_the_training(closed, monkeypatch):
    def broken(examples, least, tell):
        raise FittingFailed("no")

    monkeypatch.setattr(training, "fit_apart", broken)
    assert train().result == Result.FAILED


def test_a_fitting_program_that_dies_says_so():
    with pytest.raises(FittingFailed):
        fit_apart(Examples(["甲", "乙"], ["a"]), 1, lambda done, total: None)


@pytest.mark.parametrize(("hour", "trains"), [(2, True), (3, False), (10, False)])
def test_it_trains_at_night_by_the_clocks_of_the_city(closed, monkeypatch, hour, trains):
    monkeypatch.setattr(clock, "now", lambda: TUESDAY.replace(hour=(hour - 8) % 24, minute=40))
    jobs.train_at_night(0)
    assert Training.objects.exists() is trains


# --- how it is built ---------------------------------------------------------------------------


def test_a_web_process_has_no_scikit_learn():
    """What a page needs for a proposal is imported in a fresh process."""
    program = (
        "import django, sys; django.setup();"
        "import gezhi.triage.reads, gezhi.triage.jobs, gezhi.triage.urls, gezhi.desk.urls;"
        "print('sklearn' in sys.modules)"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "gezhi.site.settings"}
    said = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-c", program], capture_output=True, text=True, env=env, check=True
    )
    assert said.stdout.strip().endswith("False")
