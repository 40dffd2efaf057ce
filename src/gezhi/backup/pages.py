"""The system administrator's page: what lies there, how old, when proved; "back up now".

Nothing of a backup can be fetched through the web.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.backup import actions, reads, rules
from gezhi.backup.adapters import keyring
from gezhi.backup.models import Run
from gezhi.backup.reads import Health, Lying
from gezhi.backup.rules import Keep, Work
from gezhi.base import clock
from gezhi.base.days import moment
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.base.slices import seconds_left

_RUNS = 15


@dataclass(frozen=True)
class Sign:
    """One thing the page says at the top: well or not, and what to do."""

    tone: str
    words: str


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Backups in their folder, the newest first, and what was tried."""
    actor, now = actor_of(request), clock.now()
    runs = reads.newest_runs(actor)[:_RUNS]
    lying = reads.lying_in(Path(settings.BACKUP_TO)) if settings.BACKUP_TO else []
    running = reads.running(now)
    shown = {
        "signs": _signs(reads.health(now), now),
        "folder": settings.BACKUP_TO,
        "keys_folder": settings.BACKUP_KEYS_TO,
        "at": settings.BACKUP_AT,
        "keep": Keep.read(settings.BACKUP_KEEP),
        "lying": [_row(each, now) for each in lying],
        "total": rules.in_words(sum(each.size for each in lying)),
        "runs": [_told(run, now) for run in runs],
        "running": _told(running, now) if running else None,
    }
    return render(request, "backup/overview.html", shown)


@require_POST
def write_now(request: HttpRequest) -> HttpResponse:
    """Ask the worker for a backup."""
    actions.ask_for(Work.WRITE, actor=actor_of(request))
    return redirect("backup:overview")


@require_POST
def verify(request: HttpRequest, name: str) -> HttpResponse:
    """Ask the worker to prove a backup by restoring it."""
    actions.ask_for(Work.VERIFY, name=name, actor=actor_of(request))
    return redirect("backup:overview")


@require_safe
def progress(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """How far a run is; when it is over the whole page is read again."""
    run = reads.run_for(actor_of(request), run_id)
    answer = render(request, "backup/_running.html", {"running": _told(run, clock.now())})
    if run.finished_at is not None:
        answer["HX-Refresh"] = "true"
    return answer


def _signs(health: Health, now: datetime) -> list[Sign]:
    """What is wrong first; one line that all is well where nothing is."""
    found = list(_troubles(health, now))
    if not found and health.last_fine:
        age = _age(now - health.last_fine.began_at)
        words = _("一切正常：最近一次备份在%(age)s，并且验证过能恢复。") % {"age": age}
        found.append(Sign("on-time", words))
    return found


def _troubles(health: Health, now: datetime) -> Any:
    if not settings.BACKUP_TO:
        yield Sign("late", _("没有设置备份放在哪里（GEZHI_BACKUP_TO），不会自动备份。"))
        return
    try:
        if not settings.BACKUP_PASSPHRASE:
            keyring.number_at(settings.BACKUP_KEY)
    except Refusal as refusal:
        yield Sign("late", str(refusal))
    yield from _failures(health)
    if health.is_overdue:
        yield Sign("late", _("已经超过一天没有成功的备份。"))
    elif health.is_unproved:
        yield Sign("soon", _("最近一周没有验证过备份：没有恢复过的备份，不能算数。"))
    if not settings.BACKUP_KEYS_TO:
        words = _("密钥没有另外备份（GEZHI_BACKUP_KEYS_TO）。没有密钥，备份里的姓名和电话打不开。")
        yield Sign("soon", words)


def _failures(health: Health) -> Any:
    if health.has_failed and health.last:
        yield Sign("late", _("最近一次备份失败：%(why)s") % {"why": health.last.fault})
    if health.proof_has_failed and health.last_proof:
        why = health.last_proof.fault
        yield Sign("late", _("最近一次验证没有通过：%(why)s") % {"why": why})


def _row(each: Lying, now: datetime) -> dict[str, Any]:
    return {
        "name": each.name,
        "made": moment(each.made_at, now),
        "age": _age(now - each.made_at),
        "size": rules.in_words(each.size),
        "is_readable": each.header is not None,
        "key": each.header.key if each.header else "",
        "cipher": each.header.cipher.upper() if each.header else "",
        "has_keys": each.has_keys,
        "verified": moment(each.verified_at, now),
    }


def _told(run: Run, now: datetime) -> dict[str, Any]:
    seconds = (run.touched_at - run.began_at).total_seconds()
    pace = run.done / seconds if seconds > 0 else 0.0
    left = seconds_left(total=run.total, done=run.done, pace=pace)
    return {
        "run": run,
        "work": _("验证") if run.work == Work.VERIFY else _("备份"),
        "began": moment(run.began_at, now),
        "took": _lasting(seconds),
        "size": rules.in_words(run.size) if run.size else "",
        "done": rules.in_words(run.done),
        "left": _lasting(left) if left is not None else "",
        "is_broken_off": run.finished_at is None and now - run.touched_at > rules.SILENT_FOR,
    }


def _age(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return _("刚刚")
    if age < timedelta(days=2):
        hours = int(age.total_seconds() // 3600)
        return _("%(count)s 小时前") % {"count": hours}
    return _("%(count)s 天前") % {"count": age.days}


def _lasting(seconds: float) -> str:
    if seconds < 90:
        return _("%(count)s 秒") % {"count": max(round(seconds), 1)}
    return _("%(count)s 分钟") % {"count": round(seconds / 60)}
