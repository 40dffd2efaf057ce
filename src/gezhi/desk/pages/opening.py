"""A case written down for somebody who calls, comes or writes, or that staff found themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases import actions
from gezhi.cases import reads as cases
from gezhi.cases.forms import PREFIX, AnswersForm, NewCase, choices, doubt_about
from gezhi.cases.pages.moves import digest_of
from gezhi.desk.pages.alike import to_typed
from gezhi.desk.pages.proposal import CONFIDENCE_NAMES
from gezhi.desk.rules import confidence
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import steps_of, with_spot
from gezhi.record.actions import once
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book, Given
from gezhi.triage import reads as triage
from gezhi.triage.rules import Whereabouts


@never_cache
@require_http_methods(["GET", "POST"])
def new_case(request: HttpRequest) -> HttpResponse:
    """The form; after it the number and, this once, the tracking code to read out."""
    actor = actor_of(request)
    actor.must("case.report")
    book = rulebook.current(settings.COUNTY)
    areas = areas_of(actor)
    if request.method == "GET":
        initial = _usual(actor, [path for path, _name in areas])
        empty = NewCase(book=book, areas=areas, initial=initial)
        return _show(request, empty, book, asks_of(request, book))
    joins = bool(request.POST.get("follows"))
    form = NewCase(request.POST, request.FILES, book=book, areas=areas, joins=joins)
    asks = asks_of(request, book, is_sent=True)
    if not (form.is_valid() and asks.is_valid()):
        return _show(request, form, book, asks, status=422)
    try:
        made = _open(request, form, asks, actor)
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(request, form, book, asks, status=refusal.status)
    return render(request, "desk/new_done.html", made, status=201)


def asks_of(
    request: HttpRequest, book: Book, *, is_sent: bool = False, chosen: str = ""
) -> AnswersForm:
    """What the category asks that was sent, else the `chosen` one; who joins is asked nothing."""
    joins = bool(request.POST.get("follows"))
    known = None if joins else book.categories.get(request.POST.get("category", chosen))
    return AnswersForm(
        request.POST if is_sent else None,
        questions=known.asks if known else (),
        language=get_language() or "",
        must=True,
    )


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """The questions of the category that was just chosen; what was typed before stays."""
    actor_of(request).must("case.report")
    asks = asks_of(request, rulebook.current(settings.COUNTY))
    show_typed(asks, answers_typed(request))
    return render(request, "desk/_asks.html", {"asks": asks})


def answers_typed(request: HttpRequest) -> Given:
    """What has been typed to the questions so far, right or not."""
    start = f"{PREFIX}-"
    return {
        name.removeprefix(start): tuple(str(text) for text in texts)
        for name, texts in request.POST.lists()
        if name.startswith(start)
    }


def show_typed(asks: AnswersForm, typed: Given) -> None:
    """Let the form show what was typed, without a word on whether it is right."""
    data = MultiValueDict({asks.add_prefix(code): list(texts) for code, texts in typed.items()})
    asks.initial = {
        code: field.widget.value_from_datadict(data, MultiValueDict(), asks.add_prefix(code))
        for code, field in asks.fields.items()
    }


def _show(
    request: HttpRequest, form: NewCase, book: Book, asks: AnswersForm, *, status: int = 200
) -> HttpResponse:
    shown = {
        "form": form,
        "asks": asks,
        "once": request.POST.get("once") or uuid4().hex,
        "suggested": suggested(book, form["what"].value() or ""),
        "chosen": form["category"].value() or "",
        "alike": to_typed(request.POST.dict(), actor_of(request)),
        "doubt": doubt_about(form["phone"].value() or ""),
    }
    return render(request, "desk/new.html", shown, status=status)


def _open(request: HttpRequest, form: NewCase, asks: AnswersForm, actor: Actor) -> dict[str, Any]:
    """Sent twice, it is opened once; the code is in the first answer only and stored nowhere."""
    made: list[actions.Reported] = []
    follows = request.POST.get("follows", "")[:16]

    def do() -> tuple[int, dict[str, Any]]:
        made.append(_join(form, follows, actor) if follows else _report(form, asks, actor))
        return 201, {"number": made[0].case.number}

    key = request.POST.get("once", "")[:64] or uuid4().hex
    kept = once(key, request=digest_of(request), do=do, actor=actor, now=clock.now())
    return done_words(kept.answer["number"], made, actor, has_joined=bool(follows)) | {
        "doubt": doubt_about(form.cleaned_data["phone"])
    }


def done_words(
    number: str, made: Sequence[actions.Reported], actor: Actor, *, has_joined: bool
) -> dict[str, Any]:
    """What is read out to the caller; the code only where it was `made` just now."""
    return {
        "number": number,
        "code": made[0].code if made else "",
        "holder": people.unit(made[0].case.holder_id).name if made else "",
        "has_joined": has_joined,
        "may_open": _may_open(actor, number),
    }


def _report(form: NewCase, asks: AnswersForm, actor: Actor) -> actions.Reported:
    values = form.cleaned_data
    return actions.report(
        county=settings.COUNTY,
        what=values["what"],
        where=form.where(),
        channel=values["channel"],
        contact=form.contact(),
        uploads=form.uploads(),
        category=values["category"],
        answers=asks.given(),
        actor=actor,
    )


def _join(form: NewCase, number: str, actor: Actor) -> actions.Reported:
    """Whoever calls about what is known already joins it, and no second case is opened."""
    values = form.cleaned_data
    return actions.follow(
        number,
        channel=values["channel"],
        words=values["what"],
        contact=form.contact(),
        uploads=form.uploads(),
        county=settings.COUNTY,
        actor=actor,
    )


def _may_open(actor: Actor, number: str) -> bool:
    try:
        cases.case_for(actor, number)
    except NotFound:
        return False
    return True


def _usual(actor: Actor, areas: Sequence[str]) -> dict[str, str]:
    """Whoever works in a grid reports from it; a centre of one village has its people come."""
    grids = [post.path for post in actor.posts if post.role == "grid_worker"]
    if grids:
        return {"channel": "patrol", "path": grids[0]}
    own = [post.path for post in actor.posts]
    inside = {area for area in areas if any(area.startswith(path) for path in own)}
    villages = [area for area in inside if len(area) == _VILLAGE]
    return {"channel": "desk", **({"path": villages[0]} if len(villages) == 1 else {})}


_VILLAGE = 12  # digits of its code


def areas_of(actor: Actor) -> choices.Choices:
    """Areas of the county down to villages, and the grids of one's own village or town."""
    paths = [post.path for post in actor.posts]
    rows = []
    for area in places.areas_under(settings.COUNTY, county=settings.COUNTY):
        near = any(len(path) >= 9 and area.path.startswith(path[:12]) for path in paths)
        if area.level != "grid" or near:
            indent = "　" * max(0, (len(area.path) - 6) // 3)
            rows.append((area.path, indent + area.short_name))
    return rows


@dataclass(frozen=True)
class Suggested:
    key: str
    name: str
    words: tuple[str, ...]
    confidence: Any
    questions: tuple[str, ...]


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """Categories that what has been typed so far points at, and open cases that may be the same.

    POST keeps it out of addresses.
    """
    actor = actor_of(request)
    actor.must("case.report")
    book = rulebook.current(settings.COUNTY)
    shown = {
        "suggested": suggested(book, request.POST.get("what", "")[:5000]),
        "chosen": request.POST.get("category", ""),
        "alike": to_typed(request.POST.dict(), actor),
    }
    return render(request, "desk/_suggested.html", shown)


@require_POST
def suggest_place(request: HttpRequest) -> HttpResponse:
    """The place that the words typed so far name. POST keeps them out of addresses."""
    actor = actor_of(request)
    actor.must("case.report")
    near = next((post.path for post in actor.posts), "")
    found = triage.whereabouts(
        request.POST.get("what", "")[:5000],
        request.POST.get("place", "")[:200],
        county=settings.COUNTY,
        near=near,
    )
    shown = {
        "spots": suggested_places([path for path, _name in areas_of(actor)], found),
        "asks": found.asks,
        "chosen_path": request.POST.get("path", ""),
    }
    return render(request, "desk/_suggested_place.html", shown)


def suggested_places(listed: Sequence[str], found: Whereabouts) -> list[tuple[str, str]]:
    """Paths that the list of areas has, and how the place is said."""
    known, said = set(listed), places.words_of(spot.path for spot in found.spots)
    shown: dict[tuple[str, str], None] = {}
    for spot in found.spots:
        path = next((step for step in reversed(steps_of(spot.path)) if step in known), "")
        if len(path) > len(settings.COUNTY):
            shown[path, with_spot(said[spot.path], spot.name)] = None
    return list(shown)


@require_POST
def check_phone(request: HttpRequest) -> HttpResponse:
    """A word where the number typed can't be right. POST keeps it out of addresses."""
    actor_of(request).must("case.report")
    doubt = doubt_about(request.POST.get("phone", "")[:24])
    return render(request, "desk/_doubt.html", {"doubt": doubt})


def suggested(book: Book, text: str) -> list[Suggested]:
    """What the words typed so far may be about, the likeliest first."""
    found = triage.what(text, county=settings.COUNTY)
    return [
        Suggested(
            one.category,
            choices.name_of(book.categories[one.category]),
            one.words,
            CONFIDENCE_NAMES[confidence(found, one.category)] if at == 0 else "",
            book.categories[one.category].questions,
        )
        for at, one in enumerate(found.options)
    ]
