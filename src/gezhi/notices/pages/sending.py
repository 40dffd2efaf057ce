"""What a move is about to send: a part that its form shows, following what is typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from gezhi.base.http import actor_of
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.notices import reads

_MOST_TYPED = 5000
_MOST_ID = 36


@require_POST
def preview(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """Sent by POST because answers are typed into these forms, and addresses are logged."""
    actor = actor_of(request)
    case = cases.case_for(actor, ref)
    if act not in reads.SHOWN_FOR:
        raise NotFound()
    typed = {name: str(value) for name, value in request.POST.items()}
    values = {name: value.replace("\x00", "")[:_MOST_TYPED] for name, value in typed.items()}
    units = [unit[:_MOST_ID] for unit in request.POST.getlist("units")]
    whole = {**values, "units": units}
    told = reads.preview(case, act, whole, actor=actor)
    shown = {
        "is_known": bool(told) or reads.is_filled_in(case, act, whole, actor=actor),
        "outside": [one for one in told if one.channel is not None],
        "inside": [one for one in told if one.channel is None],
    }
    return render(request, "notices/_will_be_told.html", shown)
