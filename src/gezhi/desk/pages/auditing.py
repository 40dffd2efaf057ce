"""The audit for who audits: who did what, and whether it is whole. Never what is in a case."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.days import day
from gezhi.base.http import actor_of, file_answer
from gezhi.base.paging import page_of
from gezhi.base.slices import seconds_left
from gezhi.desk import actions, reads
from gezhi.desk.forms import AuditFilter
from gezhi.desk.models import Verification
from gezhi.desk.pages.told import about_said, names_of, told
from gezhi.desk.pages.words import about as about_seconds
from gezhi.desk.pages.words import moment
from gezhi.desk.pages.words import who as told_who
from gezhi.desk.rules import MOST_EXPORTED
from gezhi.intake.rules import write_sheet
from gezhi.record import reads as record
from gezhi.record.models import Anchor, AuditLine
from gezhi.record.rules import AUDIT_NAMES, AuditKind, Book, Fault, read_anchor

_PAGE = 50
# Sealing takes half a second; after this nobody seals.
_LATE = timedelta(minutes=5)
_ANCHOR_LATE = timedelta(hours=26)


@dataclass(frozen=True)
class Row:
    """One line as it is shown."""

    id: int
    at: str
    exactly: str
    kind: Any
    tone: str
    who: str
    unit: str
    actor: str
    number: str  # of the case it is about
    may_see: bool
    about: str
    asked: str  # what finds this and all else about it
    reason: str
    address: str
    details: list[str]


_TONES = {AuditKind.REFUSED: "late", AuditKind.SIGN_IN_FAILED: "late", AuditKind.OPENING: "soon",
          AuditKind.EXPORT: "soon"}  # fmt: skip


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The newest first, with filters in the address."""
    form, actor = AuditFilter(request.GET), actor_of(request)
    found = form.narrow(record.lines_for(actor, county=settings.COUNTY), county=settings.COUNTY)
    cursor = request.GET.get("cursor", "")
    page = page_of(found, order=("-at", "-id"), cursor=cursor, limit=_PAGE)
    query = request.GET.copy()
    query.pop("cursor", None)
    shown = {
        "filter": form,
        "rows": list(_rows(page.rows, actor)),
        "next": page.cursor,
        "query": query.urlencode(),
        "is_first": not cursor,
        "late": _late_since(),
    }
    return render(request, "desk/audit.html", shown)


@require_safe
def audit_export(request: HttpRequest) -> HttpResponse:
    """The list of this address as a file, at most twenty thousand lines; itself on the audit."""
    actor = actor_of(request)
    lines = record.lines_for(actor, county=settings.COUNTY)
    found = AuditFilter(request.GET).narrow(lines, county=settings.COUNTY)
    header = [
        _("时间"), _("种类"), _("人员"), _("机构"), _("涉及对象"), _("理由"), _("来自"), _("细节"),
        _("原始记录"),
    ]  # fmt: skip
    newest = list(found.order_by("-at", "-id")[:MOST_EXPORTED])
    data = write_sheet(_("审计"), header, _cells(newest, actor))
    return file_answer(data, f"{_('审计')}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.xlsx")


@require_safe
def anchors(request: HttpRequest) -> HttpResponse:
    """Anchors to print and publish, and the check of everything."""
    checks = list(reads.verifications(actor_of(request), settings.COUNTY)[:10])
    newest = record.anchors(settings.COUNTY)[::-1][:60]
    last = newest[0].at if newest else None
    shown = {
        "anchors": [_anchor(each) for each in newest],
        "is_late": last is not None and clock.now() - last > _ANCHOR_LATE,
        "late": _late_since(),
        "check": _check(checks[0]) if checks else None,
        "before": [_check(each) for each in checks[1:]],
    }
    return render(request, "desk/anchors.html", shown)


@require_safe
def anchor_sheet(request: HttpRequest, id: int) -> HttpResponse:
    """One anchor as a sheet to print and hang out, with its text as a QR code."""
    found = record.anchor_for(actor_of(request), id, county=settings.COUNTY)
    code: SafeString = mark_safe(  # noqa: S308 - drawn here, of hashes and numbers
        segno.make(found.text, error="m").svg_inline(scale=4, border=2)
    )
    shown = {"anchor": found, "code": code, "day": f"{found.day}"}
    return render(request, "desk/anchor_sheet.html", shown)


@require_POST
def make_anchor(request: HttpRequest) -> HttpResponse:
    """An anchor of this moment; then its sheet, or the list where nothing is sealed yet."""
    made = actions.make_anchor(actor=actor_of(request))
    return redirect("desk:anchor_sheet", made.id) if made else redirect("desk:anchors")


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Begin a check; its progress is on the page it leads to."""
    actions.ask_verification(county=settings.COUNTY, actor=actor_of(request))
    return redirect("desk:anchors")


@require_safe
def verification(request: HttpRequest) -> HttpResponse:
    """The part of the page that shows how far the newest check is."""
    newest = reads.verifications(actor_of(request), settings.COUNTY).first()
    shown = {"check": _check(newest) if newest else None}
    return render(request, "desk/_verification.html", shown)


def _late_since() -> str:
    """Since when lines wait for their seal, where nobody seals."""
    now = clock.now()
    waiting = [since for book in Book if (since := record.waits_since(book))]
    return moment(min(waiting), now) if waiting and now - min(waiting) > _LATE else ""


def _anchor(anchor: Anchor) -> dict[str, Any]:
    read, now = read_anchor(anchor.text), clock.now()
    seals = {book: each.seal for book, each in read.seals.items()} if read else {}
    return {
        "id": anchor.id,
        "day": day(anchor.day, timezone.localdate(now)),
        "at": moment(anchor.at, now),
        "facts": seals.get(Book.FACTS, ""),
        "audit": seals.get(Book.AUDIT, ""),
        "hash": anchor.hash[:16],
    }


def _check(check: Verification) -> dict[str, Any]:
    left = seconds_left(total=check.total, done=check.done, pace=check.pace)
    return {
        "row": check,
        "asked": moment(check.asked_at, clock.now()),
        "is_working": check.finished_at is None,
        "left": about_seconds(left) if left else "",
        "faults": [str(Fault(each["code"], each["values"])) for each in check.faults],
    }


def _rows(lines: Iterable[AuditLine], actor: Actor) -> Iterator[Row]:
    lines = list(lines)
    names, now = names_of(lines), clock.now()
    numbers = reads.numbers_in(lines, county=settings.COUNTY)
    seen = reads.may_be_seen(numbers.values(), actor)
    for line in lines:
        kind, number = AuditKind(line.kind), numbers.get(line.id, "")
        name, unit = names.people.get(line.actor, (_others(line.actor), ""))
        known = {label: each for label, (each, _unit) in names.people.items()}
        yield Row(
            id=line.id,
            at=moment(line.at, now),
            exactly=f"{timezone.localtime(line.at):%Y-%m-%d %H:%M:%S}",
            kind=AUDIT_NAMES[kind],
            tone=_TONES.get(kind, "paused"),
            who=told_who(line.actor, line.data, {**known, line.actor: name}),
            unit=unit,
            actor=line.actor,
            number=number,
            may_see=number in seen,
            about="" if line.about == line.actor else about_said(line, names),
            asked=number or line.about,
            reason=line.reason,
            address=line.address,
            details=told(line, names),
        )


def _others(label: str) -> str:
    """Who is no account: the house itself, somebody without one."""
    if label == NOBODY.label:
        return _("没有登录的人")
    kind, _colon, name = label.partition(":")
    if kind == "system":
        return _("系统（%(name)s）") % {"name": name}
    return _("群众") if kind in ("report", "resident") else label


def _cells(lines: list[AuditLine], actor: Actor) -> Iterator[list[str | int | float | datetime]]:
    for row, line in zip(_rows(lines, actor), lines, strict=True):
        texts = (
            str(row.kind), row.who or row.actor, row.unit, row.number or row.about, row.reason,
            row.address, _("；").join(row.details),
            _raw(line),
        )  # fmt: skip
        yield [timezone.make_naive(line.at), *texts]


def _raw(line: AuditLine) -> str:
    """What is written down, without words for it: what a program or a court may ask for."""
    return " ".join(
        f"{name}={value}" for name, value in ({"about": line.about} | line.data).items()
    )
