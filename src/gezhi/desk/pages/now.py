"""How rows of a list stand now, for a list that is already on the screen."""

from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import ENDED
from gezhi.cases.rules.numbers import is_number
from gezhi.desk.pages import rows
from gezhi.desk.pages.inbox import View, view_of
from gezhi.desk.rules import MOST_AT_ONCE, Sort


@require_POST
def rows_now(request: HttpRequest) -> HttpResponse:
    """The rows asked for by `number` or `case`; those that left this list say so.

    The list stands in the address, the rows in the body: two hundred ids are too long for a line.
    A number that nobody may see any more is answered like one that has left. A case asked
    for by its id (news names cases so) is passed over where the actor may not see it.
    """
    view = view_of(request)
    numbers, ids = asked_for(request)
    asked = Q(number__in=numbers) | Q(pk__in=ids)
    known = list(cases.visible_to(view.actor).filter(asked, county=settings.COUNTY))
    staying = _staying(view, known)
    left = [case for case in known if case.pk not in staying]
    seen = {case.number for case in known}
    shown = {
        "rows": rows.rows_of([case for case in known if case.pk in staying], view.now),
        "more": "",
        "is_first": False,
        "left": rows.rows_of(left, view.now),
        "unseen": [number for number in numbers if number not in seen],
    }
    return render(request, "desk/_rows_now.html", shown)


def asked_for(request: HttpRequest) -> tuple[list[str], list[UUID]]:
    """The numbers and ids of cases that a list asks about."""
    numbers = list(dict.fromkeys(filter(is_number, request.POST.getlist("number"))))
    ids = [found for typed in request.POST.getlist("case")[:MOST_AT_ONCE] if (found := _id(typed))]
    return numbers[:MOST_AT_ONCE], ids


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _staying(view: View, known: list[Case]) -> set[UUID]:
    """Which of these the list shows, were it opened now."""
    listed = view.cases().filter(pk__in=[case.pk for case in known])
    if view.sort == Sort.DUE:  # what has ended is due no more
        listed = listed.exclude(state__in=[state.value for state in ENDED])
    return set(listed.values_list("pk", flat=True))
