"""Opening who reported: first the reason, then the record of it, then the contact."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gezhi.base.http import actor_of
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.cases import actions, reads
from gezhi.cases.forms import OpenContact


@never_cache
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, ref: str, report: UUID) -> HttpResponse:
    """GET asks why, POST shows the contact once it is on record who asked."""
    actor = actor_of(request)
    case = reads.case_for(actor, ref)
    if not reads.may_open_contact(actor, case):
        raise NotAllowed()
    form = OpenContact(request.POST or None)
    shown = {"case": case, "report": report, "form": form}
    if request.method == "GET":
        return render(request, "cases/_open_contact.html", {**shown, "form": OpenContact()})
    if not form.is_valid():
        return render(request, "cases/_open_contact.html", shown, status=422)
    try:
        opened = actions.open_contact(
            case.id, report=report, reason=form.cleaned_data["reason"], actor=actor
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return render(request, "cases/_open_contact.html", shown, status=refusal.status)
    return render(request, "cases/_contact.html", {**shown, "opened": opened, "what": case.what})
