"""Opening what says who reported: first the reason, then the record of it, then one thing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.masking import is_mail, mask_address, mask_name, mask_phone
from gezhi.base.refusal import NotAllowed, NotFound, Refusal
from gezhi.cases import actions, reads
from gezhi.cases.forms import OpenField
from gezhi.cases.models import Case, Report
from gezhi.cases.rules.sealed import Field, Looker, may_open

_MASKS = {Field.NAME: mask_name, Field.PHONE: mask_phone, Field.ADDRESS: mask_address}
SHOWN_FOR = 60  # seconds


@dataclass(frozen=True)
class Sealed:
    """One thing about a reporter as it stands on a page until it is opened."""

    number: str
    report: UUID
    field: Field
    masked: str
    may_open: bool

    @property
    def name(self) -> Promise:
        return _("邮箱") if is_mail(self.masked) else self.field.label


def sealed_of(case: Case, report: Report, looker: Looker) -> list[Sealed]:
    """What there is to open of one reporter.

    Of who asked for secrecy nothing shows through, not even what they left.
    """
    there = [field for field in _MASKS if getattr(report, field.value)]
    if reads.sealed_value(case, report, Field.WORDS):
        there.append(Field.WORDS)
    if report.is_first and report.case_id == case.id and reads.hides_place(case):
        there.append(Field.PLACE)
    found = []
    for field in there:
        may = may_open(field, looker, is_secret=report.is_secret, state=case.state)
        if may or not report.is_secret:
            found.append(Sealed(case.number, report.id, field, masked_of(report, field), may))
    return found


def is_known_unreachable(report: Report, looker: Looker) -> bool:
    """Whether it may be said that somebody left nothing by which to reach them, for they didn't."""
    is_told = looker.is_named or not report.is_secret
    return is_told and not any(getattr(report, field.value) for field in _MASKS)


def masked_of(report: Report, field: Field) -> str:
    """What is shown of it before it is opened."""
    if field not in _MASKS:
        return ""
    return "***" if report.is_secret else _MASKS[field](getattr(report, field.value))


@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, ref: str, report: UUID, field: str) -> HttpResponse:
    """GET asks why, POST shows one thing once it is on record who asked."""
    actor = actor_of(request)
    case, one = _found(actor, ref, report, field)
    if not one.may_open:
        raise NotAllowed()
    if request.method == "GET":
        return render(request, "cases/_open.html", {"one": one, "form": _form(one)})
    form = _form(one, request.POST)
    status = 422
    if form.is_valid():
        try:
            value = actions.open_field(
                case.id, report=report, field=one.field, reason=form.reason(), actor=actor
            )
            shown = {"one": one, "value": value, "seconds": SHOWN_FOR}
            return render(request, "cases/_opened.html", shown)
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
    return render(request, "cases/_open.html", {"one": one, "form": form}, status=status)


def _form(one: Sealed, typed: Any = None) -> OpenField:
    # Several may be asked for on one page.
    return OpenField(typed, auto_id=f"open_{one.report}_{one.field}_%s")


@never_cache
@require_safe
def masked(request: HttpRequest, ref: str, report: UUID, field: str) -> HttpResponse:
    """The same thing, closed again."""
    _case, one = _found(actor_of(request), ref, report, field)
    return render(request, "cases/_sealed.html", {"one": one})


def _found(actor: Actor, ref: str, report: UUID, field: str) -> tuple[Case, Sealed]:
    case = reads.case_for(actor, ref)
    for each in (*reads.reports_of(case), *reads.reports_merged_into(case.id)):
        if each.id == report and field in [*Field]:
            return case, _one(case, each, Field(field), reads.looker(actor, case))
    raise NotFound()


def _one(case: Case, report: Report, field: Field, looker: Looker) -> Sealed:
    for one in sealed_of(case, report, looker):
        if one.field == field:
            return one
    may = may_open(field, looker, is_secret=report.is_secret, state=case.state)
    if report.is_secret and not may:
        raise NotAllowed()  # as if it had been left
    raise NotFound()
