"""The administrator's page: what was learned of kinds of matter, training now, going back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.days import moment
from gezhi.base.http import actor_of
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.triage.actions import training as actions
from gezhi.triage.errors import TrainingRuns, VersionUnreadable
from gezhi.triage.models import LearnedModel, Training
from gezhi.triage.pages.naming import category_names
from gezhi.triage.reads import training as reads
from gezhi.triage.rules.training import (
    LEAST_CASES,
    LEAST_OF_EACH,
    RESULT_NAMES,
    Result,
    minutes_left,
)

_TONES = {
    Result.SWITCHED: "on-time",
    Result.KEPT: "paused",
    Result.TOO_FEW: "paused",
    Result.STOPPED: "soon",
    Result.FAILED: "late",
}


@dataclass(frozen=True)
class Class:
    """A category of a version: how many cases, how well it is told, what it was taken for."""

    name: str
    note: str
    n: int
    precision: float | None
    recall: float | None
    f1: float | None
    taken_for: str

    @property
    def shares(self) -> list[tuple[Any, str]]:
        """Each share by its name, as it is read."""
        named = (
            (_("提得对的"), self.precision),
            (_("找得到的"), self.recall),
            (_("得分"), self.f1),
        )
        return [(name, _percent(share) or "–") for name, share in named]


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The versions that are kept, what trainings came to, and how far one is."""
    actor, now = actor_of(request), clock.now()
    found = list(reads.models_of(actor, settings.COUNTY))
    trainings = list(reads.trainings_of(actor, settings.COUNTY))
    who = people.who_are({row.made_by for row in found} | {row.actor for row in trainings})
    shown = {
        "models": [_model(row, now, who) for row in found],
        "is_read": reads.in_force(settings.COUNTY) is not None,
        "trainings": [training_shown(row, now, who) for row in trainings if row.result],
        "least": LEAST_CASES,
        "least_of_each": LEAST_OF_EACH,
        **_running(),
    }
    return render(request, "triage/models.html", shown)


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The part of the page that tells how far a training is; once it is over, the page anew."""
    reads.must_manage(actor_of(request), settings.COUNTY)
    shown = _running()
    answer = render(request, "triage/_training.html", shown)
    if shown["running"] is None:
        answer["HX-Refresh"] = "true"
    return answer


def _running() -> dict[str, Any]:
    running = reads.open_training(settings.COUNTY)
    if running is None:
        return {"running": None, "left": None}
    taken = clock.now() - running.began_at
    return {"running": running, "left": minutes_left(running.done, running.total, taken)}


@require_POST
def train(request: HttpRequest) -> HttpResponse:
    """Leave a training to the worker."""
    try:
        actions.ask_training(county=settings.COUNTY, actor=actor_of(request))
    except TrainingRuns as refusal:
        messages.info(request, str(refusal))
    return redirect("triage:models")


@require_safe
def model(request: HttpRequest, version: int) -> HttpResponse:
    """One version: each category, how well it is told, what it was most often taken for."""
    row = reads.model_for(actor_of(request), settings.COUNTY, version)
    who = people.who_are({row.made_by})
    shown = {
        "found": _model(row, clock.now(), who),
        "classes": classes_of(row),
        "is_read": reads.in_force(settings.COUNTY) is not None,
    }
    return render(request, "triage/model.html", shown)


def classes_of(row: LearnedModel) -> list[Class]:
    """Each category that was asked about, the hardest to tell first."""
    known = rulebook.current(settings.COUNTY).categories
    told = row.per_class
    names = category_names(
        {each["key"] for each in told} | {key for each in told for key, _n in each["taken_for"]}
    )
    classes = [
        Class(
            name=names[each["key"]],
            note=_note(is_gone=each["key"] not in known, is_learned=each["is_learned"]),
            n=each["n"],
            precision=each["precision"],
            recall=each["recall"],
            f1=each["f1"],
            taken_for="、".join(f"{names[key]} {n}" for key, n in each["taken_for"]),
        )
        for each in told
    ]
    return sorted(classes, key=lambda each: (each.f1 or 0, each.name))


def _note(*, is_gone: bool, is_learned: bool) -> str:
    if is_gone:
        return _("规则册里已没有，不再提议")
    return "" if is_learned else _("件数不够，只靠关键词")


@require_POST
def go_back(request: HttpRequest, version: int) -> HttpResponse:
    """Put an older version in force."""
    try:
        actions.go_back(version, county=settings.COUNTY, actor=actor_of(request))
    except VersionUnreadable as refusal:
        messages.error(request, str(refusal))
        return redirect("triage:models")
    messages.success(request, _("已改用第 %(version)s 版。") % {"version": version})
    return redirect("triage:models")


def _model(row: LearnedModel, now: datetime, who: dict[str, tuple[str, str]]) -> dict[str, Any]:
    scores = row.scores
    return {
        "row": row,
        "made": moment(row.made_at, now),
        "by": who.get(row.made_by, (_("系统"), ""))[0],
        "accuracy": _percent(scores.get("accuracy")),
        "macro_f1": _percent(scores.get("macro_f1")),
        "sure": _percent(1 - scores["abstained"]) if "abstained" in scores else "",
        "when_sure": _percent(scores.get("accuracy_when_sure")),
    }


def training_shown(row: Training, now: datetime, who: dict[str, tuple[str, str]]) -> dict[str, Any]:
    result = Result(row.result)
    return {
        "row": row,
        "began": moment(row.began_at, now),
        "by": who.get(row.actor, (_("系统"), ""))[0],
        "result": str(RESULT_NAMES[result]),
        "why": _why(row, result),
        "tone": _TONES[result],
        "before": _percent(row.before),
        "after": _percent(row.after),
    }


def _why(row: Training, result: Result) -> str:
    """Why the figures beside it did not decide."""
    if row.before is None or row.after is None:
        return ""
    if result == Result.STOPPED:
        return _("训练期间已改用另一版，没有和它比过")
    if result != Result.KEPT:
        return ""
    if row.after > row.before:
        said = _("用 %(held)s 件没见过的工单比，差别可能只是偶然")
    else:
        said = _("用 %(held)s 件没见过的工单比，新的没有更准")
    return said % {"held": row.held}


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
