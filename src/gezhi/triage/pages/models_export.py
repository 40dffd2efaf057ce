"""The tables of what was learned as files: versions, trainings, the categories of a version."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gezhi.base import clock, sheets
from gezhi.base.http import actor_of, file_answer
from gezhi.people import reads as people
from gezhi.triage.models import LearnedModel
from gezhi.triage.pages.models import classes_of, training_shown
from gezhi.triage.reads import training as reads


@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """The versions that are kept."""
    found = list(reads.models_of(actor_of(request), settings.COUNTY))
    who = people.who_are({row.made_by for row in found})
    header = [
        _("版本"), _("时间"), _("训练人"), _("学了多少件"), _("类别"), _("准确率"),
        _("各类平均得分（macro-F1）"), _("有把握的"), _("其中对的"), _("状态"),
    ]  # fmt: skip
    lines = [
        (
            row.version, _moment(row.made_at), who.get(row.made_by, (_("系统"), ""))[0], row.cases,
            row.classes, *_scores(row), _("正在使用") if row.is_in_force else "",
        )
        for row in found
    ]  # fmt: skip
    return _file(_("分类模型各版"), header, lines)


def _scores(row: LearnedModel) -> list[float | str]:
    told = row.scores
    sure = 1 - told["abstained"] if "abstained" in told else None
    return [
        _cell(told.get("accuracy")),
        _cell(told.get("macro_f1")),
        _cell(sure),
        _cell(told.get("accuracy_when_sure")),
    ]


@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    """What trainings came to, and why."""
    actor, now = actor_of(request), clock.now()
    found = [row for row in reads.trainings_of(actor, settings.COUNTY) if row.result]
    who = people.who_are({row.actor for row in found})
    header = [
        _("时间"), _("训练人"), _("结果"), _("说明"), _("学了多少件"), _("留作检验"),
        _("原来的各类平均得分（macro-F1）"), _("新的各类平均得分（macro-F1）"), _("版本"),
    ]  # fmt: skip
    shown = [(row, training_shown(row, now, who)) for row in found]
    lines = [
        (
            _moment(row.began_at), one["by"], one["result"], one["why"], row.cases, row.held,
            _cell(row.before), _cell(row.after), row.version or "",
        )
        for row, one in shown
    ]  # fmt: skip
    return _file(_("训练记录"), header, lines)


@require_safe
def classes(request: HttpRequest, version: int) -> HttpResponse:
    """Each category of a version."""
    row = reads.model_for(actor_of(request), settings.COUNTY, version)
    header = [
        _("类别"), _("说明"), _("件数"), _("提得对的"), _("找得到的"), _("得分（F1）"),
        _("常被当成"),
    ]  # fmt: skip
    lines = [
        (
            one.name, one.note, one.n, _cell(one.precision), _cell(one.recall), _cell(one.f1),
            one.taken_for,
        )
        for one in classes_of(row)
    ]  # fmt: skip
    return _file(_("分类模型第 %(version)s 版") % {"version": version}, header, lines)


def _moment(at: datetime) -> datetime:
    return timezone.make_naive(at)


def _cell(share: float | None) -> float | str:
    return "" if share is None else round(share, 4)


def _file(name: str, header: Sequence[str], lines: Iterable[sheets.Cells]) -> HttpResponse:
    return file_answer(sheets.write_sheet("1", header, lines), f"{name}.xlsx")
