"""What was learned of kinds of matter, for programs: versions, trainings, going back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from gezhi.base.api import Answer, Shown, give
from gezhi.base.http import actor_of
from gezhi.record.api import answer_once
from gezhi.triage.actions import training as actions
from gezhi.triage.models import LearnedModel, Training
from gezhi.triage.reads import training as reads

router = Router(tags=["triage"])


class ModelShown(Shown):
    """A version. Scores are of what is proposed with it, by what was learned and by the rulebook's
    words together, for cases it had not seen, by cross-validation; null where unknown."""

    version: int
    made_at: datetime
    made_by: str
    cases: int
    classes: int
    margin: float
    accuracy: float | None
    macro_f1: float | None
    abstained: float | None
    accuracy_when_sure: float | None
    is_in_force: bool


class ClassShown(Shown):
    """A category: how many cases, how well it is told, what it was most often taken for.

    Not `is_learned`: it has too few cases, the rulebook's words alone speak for it. Older
    versions don't tell, and learned all of theirs.
    """

    key: str
    n: int
    is_learned: bool
    precision: float | None
    recall: float | None
    f1: float | None
    taken_for: list[tuple[str, int]]


class ModelWithClasses(ModelShown):
    per_class: list[ClassShown]


class ModelList(Shown):
    items: list[ModelShown]


class TrainingShown(Shown):
    """`result` is empty while it is under way; before and after are macro-F1 on the same cases."""

    id: UUID
    began_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    cases: int
    held: int
    before: float | None
    after: float | None
    result: str
    version: int | None


class TrainingList(Shown):
    items: list[TrainingShown]


def _model(row: LearnedModel) -> dict[str, Any]:
    names = ("version", "made_at", "made_by", "cases", "classes", "margin", "is_in_force")
    scores = ("accuracy", "macro_f1", "abstained", "accuracy_when_sure")
    return {
        **{name: getattr(row, name) for name in names},
        **{name: row.scores.get(name) for name in scores},
    }


def _training(row: Training) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TrainingShown.model_fields}


@router.get("/triage/models", response=ModelList, summary="Versions of the model of kinds")
def list_models(request: HttpRequest) -> HttpResponse:
    """The one in force and two before it, the newest first. Not paged."""
    found = reads.models_of(actor_of(request), settings.COUNTY)
    return give({"items": [_model(row) for row in found]})


@router.get("/triage/models/{int:version}", response=ModelWithClasses, summary="One version")
def show_model(request: HttpRequest, version: int) -> HttpResponse:
    """With every category it has learned."""
    row = reads.model_for(actor_of(request), settings.COUNTY, version)
    return give({**_model(row), "per_class": row.per_class})


@router.post("/triage/models/{int:version}/use", response=ModelShown, summary="Go back")
def use_model(request: HttpRequest, version: int) -> HttpResponse:
    """It is in force until one that is better on held-out cases takes its place."""
    actor = actor_of(request)
    return answer_once(
        request,
        lambda: Answer(_model(actions.go_back(version, county=settings.COUNTY, actor=actor))),
    )


@router.get("/triage/trainings", response=TrainingList, summary="Trainings")
def list_trainings(request: HttpRequest) -> HttpResponse:
    """The last thirty, the newest first: how far one is, what the others came to. Not paged."""
    found = reads.trainings_of(actor_of(request), settings.COUNTY)
    return give({"items": [_training(row) for row in found]})


@router.post("/triage/trainings", response={202: TrainingShown}, summary="Train now")
def begin_training(request: HttpRequest) -> HttpResponse:
    """By the worker; the new version takes over only if it is better on held-out cases."""
    actor = actor_of(request)
    return answer_once(
        request,
        lambda: Answer(_training(actions.ask_training(county=settings.COUNTY, actor=actor)), 202),
    )
