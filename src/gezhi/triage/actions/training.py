"""Training on a county's own closed cases, switching over if it is better, going back."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import BooleanField, ExpressionWrapper, Max, Q, QuerySet

from gezhi.base import clock, slices
from gezhi.base.actor import Actor, system
from gezhi.record.actions import announce
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.adapters import Fitted, fit_apart
from gezhi.triage.errors import TrainingRuns, VersionUnreadable
from gezhi.triage.facts import KindsLearned
from gezhi.triage.models import LearnedModel, Training
from gezhi.triage.reads import training as trainings
from gezhi.triage.rules import learning_scores as scores
from gezhi.triage.rules import training as rules
from gezhi.triage.rules.kinds import InForce, kind_of, said_of
from gezhi.triage.rules.learning import unpacked
from gezhi.triage.rules.learning_together import Examples, Scores
from gezhi.triage.rules.training import Parts, Result, Settled

Tell = Callable[[int, int], None]
_TOUCHES_EACH = 500  # cases, about a second
_JOB = "gezhi.triage.jobs.train_kinds"
_log = structlog.get_logger("gezhi.triage")


@transaction.atomic
def ask_training(*, county: str, actor: Actor) -> Training:
    """Write a training down and leave it to the worker."""
    made = _begin(county, actor)
    slices.queue_once(_JOB, lock=f"train_kinds:{county}", id=str(made.id))
    return made


@transaction.atomic
def _begin(county: str, actor: Actor) -> Training:
    """One at a time; one that has long said nothing lost its worker, and is over."""
    trainings.must_manage(actor, county)
    now = clock.now()
    open_ones = Training.objects.filter(county=county, finished_at__isnull=True)
    open_ones.filter(touched_at__lt=now - rules.SILENCE).update(
        result=Result.STOPPED, finished_at=now
    )
    if open_ones.exists():
        raise TrainingRuns()
    return Training.objects.create(
        county=county, actor=actor.label, began_at=now, touched_at=now
    )  # fmt: skip


def train_now(*, county: str, actor: Actor, tell: Tell) -> Training:
    """The same, here and now."""
    made = _begin(county, actor)
    train(made.id, tell=tell)
    return trainings.training_for(actor, county, made.id)


def train_at_night(county: str) -> None:
    """Ask for a training where a case was closed since the last, unless one is under way."""
    if not trainings.is_news(county):
        return
    try:
        ask_training(county=county, actor=system("triage"))
    except TrainingRuns:
        return


def train(id: UUID, *, tell: Tell = lambda done, total: None) -> None:
    """Learn, compare, and switch over if it is better. What goes wrong ends the training."""
    found = Training.objects.filter(id=id, finished_at__isnull=True).first()
    if found is None:
        return
    try:
        _train(found, tell)
    except _Stopped:
        return
    except (OperationalError, InterfaceError):
        raise  # the database, not the training
    except Exception:
        _log.exception("a training failed", training=str(id))
        _end(found, Result.FAILED)


class _Stopped(Exception):
    """Somebody said meanwhile that it had lost its worker; another may be under way."""


def _open(found: Training) -> QuerySet[Training]:
    """The training while it is under way; nothing once it has ended."""
    return Training.objects.filter(id=found.id, finished_at__isnull=True)


def _train(found: Training, tell: Tell) -> None:
    was = trainings.current(found.county)
    old = trainings.loaded(was.id) if was else None
    parts = rules.parted(
        trainings.settled_cases(found.county), seen_until=was.until if was and old else None
    )
    if parts is None:
        return _end(found, Result.TOO_FEW)
    found.cases, found.held = len(parts.learned), len(parts.held)

    def touch(done: int, total: int) -> None:
        found.done, found.total, found.touched_at = done, total, clock.now()
        if not _open(found).update(
            done=done, total=total, cases=found.cases, held=found.held, touched_at=clock.now()
        ):
            raise _Stopped()

    def heard(done: int, total: int) -> None:
        touch(done, total)
        tell(done, total)

    touch(0, 0)  # counting takes its time before the first fit is done
    book = rulebook.current(found.county)
    cases = [*parts.learned, *parts.rare]
    examples = Examples(
        texts=[case.what for case in cases],
        labels=[case.category for case in cases],
        said=list(_said_of(cases, book, heard=lambda: touch(0, 0))),
    )
    fitted = fit_apart(examples, rules.LEAST_OF_EACH, heard)
    if _is_better(found, parts, book, old, fitted):
        _switch(found, parts, was, fitted)
    else:
        _end(found, Result.KEPT)


def _said_of(
    cases: Sequence[Settled], book: Book, heard: Callable[[], None]
) -> Iterator[Scores | None]:
    """What the book's words say of each, saying now and then that somebody is at it."""
    for count, case in enumerate(cases, start=1):
        if count % _TOUCHES_EACH == 0:
            heard()
        yield said_of(case.what, book)


def _is_better(
    found: Training, parts: Parts, book: Book, old: InForce | None, fitted: Fitted
) -> bool:
    """Old and new answer the same cases, which neither has seen."""
    truth = [case.category for case in parts.held]
    before, after = (
        [kind_of(case.what, book=book, in_force=by).category for case in parts.held]
        for by in (old, InForce(0, unpacked(fitted.body)))
    )
    found.before, found.after = scores.macro_f1_of(truth, before), scores.macro_f1_of(truth, after)
    return scores.is_better(truth, before, after)


@transaction.atomic
def _switch(found: Training, parts: Parts, was: LearnedModel | None, fitted: Fitted) -> None:
    """Go by what was fitted, unless another than `was` came into force while it was."""
    if not _open(found).select_for_update().exists():
        raise _Stopped()
    if _held_in_force(found.county).first() != was:
        return _end(found, Result.STOPPED)
    made = put_in_force(
        fitted, county=found.county, cases=found.cases, until=parts.until, made_by=found.actor
    )
    found.version = made.version
    _end(found, Result.SWITCHED)


@transaction.atomic
def put_in_force(
    fitted: Fitted, *, county: str, cases: int, until: datetime, made_by: str
) -> LearnedModel:
    """Keep what was fitted as the newest version, and go by it. Names of what people wrote may be
    in any: the one just left and one more stay, for whoever wants to go back.
    """
    was = _take_out(county)
    last = LearnedModel.objects.filter(county=county).aggregate(last=Max("version"))["last"]
    model = unpacked(fitted.body)
    made = LearnedModel.objects.create(
        county=county,
        version=(last or 0) + 1,
        made_at=clock.now(),
        made_by=made_by,
        cases=cases,
        classes=len(model.classes),
        until=until,
        margin=model.margin,
        scores=fitted.told,
        is_in_force=True,
        body=fitted.body,
    )
    # Somebody may have gone back to an old one: what was just left goes before what is newer.
    before = LearnedModel.objects.filter(county=county).exclude(id=made.id)
    kept = before.order_by(ExpressionWrapper(Q(version=was), BooleanField()).desc(), "-version")
    old = list(kept.values_list("id", flat=True)[rules.VERSIONS_KEPT - 1 :])
    LearnedModel.objects.filter(id__in=old).delete()
    _tell(made, was, system("triage"), by_hand=False)
    return made


def _take_out(county: str) -> int:
    """The version that was in force until now; 0 where there was none."""
    was = _held_in_force(county).first()
    if was is None:
        return 0
    LearnedModel.objects.filter(id=was.id).update(is_in_force=False)
    return was.version


def _held_in_force(county: str) -> QuerySet[LearnedModel]:
    """The version in force, without its weights, held until the transaction ends."""
    found = LearnedModel.objects.select_for_update().filter(county=county, is_in_force=True)
    return found.defer("body")


def _tell(made: LearnedModel, was: int, actor: Actor, *, by_hand: bool) -> None:
    county = made.county
    transaction.on_commit(lambda: trainings.forget(county))
    fact = KindsLearned(version=made.version, was=was, cases=made.cases, by_hand=by_hand)
    announce(fact, about="kinds", county=county, actor=actor, now=clock.now())


@transaction.atomic
def go_back(version: int, *, county: str, actor: Actor) -> LearnedModel:
    """Put a version that is kept in force again. The next better one takes its place."""
    found = trainings.model_for(actor, county, version)
    if found.is_in_force:
        return found
    if trainings.loaded(found.id) is None:
        raise VersionUnreadable()
    was = _take_out(county)
    found.is_in_force = True
    found.save(update_fields=["is_in_force"])
    _tell(found, was, actor, by_hand=True)
    return found


def _end(found: Training, result: Result) -> None:
    named = ("cases", "held", "before", "after", "version")
    told = {name: getattr(found, name) for name in named}
    if not _open(found).update(result=result.value, finished_at=clock.now(), **told):
        return
    newest = Training.objects.filter(county=found.county).order_by("-began_at")
    old = list(newest.values_list("id", flat=True)[rules.TRAININGS_KEPT :])
    Training.objects.filter(id__in=old).delete()
