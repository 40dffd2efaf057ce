"""The model in force, its versions, how far a training is."""

import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import structlog
from django.db.models import QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.triage.models import LearnedModel, Training
from gezhi.triage.rules.kinds import InForce
from gezhi.triage.rules.learning import Unreadable, unpacked
from gezhi.triage.rules.training import MOST_CASES, Settled

RIGHT = "rulebook.manage"
_LOOK_AGAIN = 1.0  # seconds
_log = structlog.get_logger("gezhi.triage")


@dataclass(frozen=True)
class _Known:
    id: UUID | None
    looked_at: float


_known: dict[str, _Known] = {}
_lock = threading.Lock()


def in_force(county: str) -> InForce | None:
    """The model in force. Costs a query at most once a second per process and county."""
    known = _known.get(county)
    if known is None or time.monotonic() - known.looked_at >= _LOOK_AGAIN:
        found = LearnedModel.objects.filter(county=county, is_in_force=True).values_list("id")
        first = found.first()
        known = _Known(first[0] if first else None, time.monotonic())
        with _lock:
            _known[county] = known
    return loaded(known.id) if known.id else None


def forget(county: str) -> None:
    """Look again at the next call."""
    with _lock:
        _known.pop(county, None)


@lru_cache(maxsize=2)  # some 25 MB each: the one in force, and the one before while it changes
def loaded(id: UUID) -> InForce | None:
    """A version by its id. What can't be read is no model: the book's words speak alone."""
    found = LearnedModel.objects.filter(id=id).only("version", "body").first()
    if found is None:
        return None
    try:
        return InForce(found.version, unpacked(bytes(found.body)))
    except Unreadable:
        _log.exception("a learned model can't be read", model=str(id))
        return None


def may_manage(actor: Actor, county: str) -> bool:
    """Whether somebody decides what is proposed in the whole county, as of its rulebook."""
    return actor.may(RIGHT, path=county)


def must_manage(actor: Actor, county: str) -> None:
    actor.must(RIGHT, path=county)


def models_of(actor: Actor, county: str) -> QuerySet[LearnedModel]:
    """The versions that are kept, the newest first, without their weights."""
    must_manage(actor, county)
    return LearnedModel.objects.filter(county=county).defer("body").order_by("-version")


def model_for(actor: Actor, county: str, version: int) -> LearnedModel:
    """One version."""
    found = models_of(actor, county).filter(version=version).first()
    if found is None:
        raise NotFound()
    return found


def trainings_of(actor: Actor, county: str) -> QuerySet[Training]:
    """The newest first."""
    must_manage(actor, county)
    return Training.objects.filter(county=county).order_by("-began_at", "-id")


def training_for(actor: Actor, county: str, id: UUID) -> Training:
    found = trainings_of(actor, county).filter(id=id).first()
    if found is None:
        raise NotFound()
    return found


def current(county: str) -> LearnedModel | None:
    """The version in force, without its weights."""
    return LearnedModel.objects.filter(county=county, is_in_force=True).defer("body").first()


def open_training(county: str) -> Training | None:
    """The one that is under way, if there is one."""
    return Training.objects.filter(county=county, finished_at__isnull=True).first()


def settled_cases(county: str) -> list[Settled]:
    """The newest closed cases with what was written and the category that stood at the end."""
    return [Settled(*each) for each in cases.settled(county, most=MOST_CASES)]


def is_news(county: str) -> bool:
    """Whether a case was closed since the last training began. The same cases teach the same."""
    last = Training.objects.filter(county=county).order_by("-began_at").first()
    newest = cases.settled(county, most=1)
    return bool(newest) and (last is None or newest[0][2] > last.began_at)
