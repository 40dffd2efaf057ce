"""What was reported and what became of it, as everybody may read it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.api import errors
from gezhi.api.api.open311.answering import (
    Given,
    More,
    asked,
    check_jurisdiction,
    format_of,
    program,
)
from gezhi.api.rules import asking
from gezhi.api.rules.asking import Args
from gezhi.api.rules.trees import Many, Tree, Written
from gezhi.base import clock
from gezhi.base.days import written
from gezhi.base.masking import mask_text
from gezhi.base.unchanged import Unchanged
from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.rules.open_data import Wanted
from gezhi.deadlines import reads as deadlines
from gezhi.exchange import reads as exchange
from gezhi.exchange.rules.opendata import status_of
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

# The names of what is told of a request, in the order of the standard.
_TOLD = (
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime",
    "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
)  # fmt: skip


def told_by(request: HttpRequest, args: Args) -> list[str]:
    """The program that asks with its key sees what it reported itself, too, by whichever key."""
    key = args.get("api_key")
    return people.labels_of_program(program(request, key)) if key else []


def requests(request: HttpRequest) -> Given | More:
    """The newest first; what a full page leads on to begins where it ended, whatever leaves."""
    args = asked(request)
    check_jurisdiction(args)
    who = told_by(request, args)
    wanted = asking.read_wanted(args, clock.now())
    # Numbers go before everything else, so all of these are meant.
    whole = asking.Part(0, asking.MOST, None)
    part = whole if wanted.numbers else asking.read_part(args, "requests")
    args.must_be_right()
    told = sorted(item for item in args.texts.items() if item[0] != "api_key")
    address = request.build_absolute_uri(request.path)
    asked_for = (address, get_language(), tuple(who), part, tuple(told))
    return _kept.get(asked_for, lambda: _page(request, args, wanted, who, part))


# Maps and programs ask for the same list again and again.
_kept: Unchanged[Given | More] = Unchanged(most=20)


def _page(
    request: HttpRequest, args: Args, wanted: Wanted, who: list[str], part: asking.Part
) -> Given | More:
    found = cases.open_cases(county=settings.COUNTY, told_by=who, wanted=wanted)
    rows = cases.newest(found, start=part.start, most=part.most, after=part.after)
    name, tree = _given(request, rows, who, is_extended=args.get("extensions") == "true")
    given = name, Written(tree, format_of(request.path))
    if len(rows) < part.most:
        return given
    return More(given, asking.cursor_behind((rows[-1].opened_at, rows[-1].id), "requests"))


def one_request(request: HttpRequest, number: str) -> Given:
    """One request, in a list of one."""
    args = asked(request)
    check_jurisdiction(args)
    who, wanted = told_by(request, args), Wanted(numbers=(number,))
    found = cases.open_cases(county=settings.COUNTY, told_by=who, wanted=wanted)
    rows = cases.newest(found, start=0, most=1)
    if not rows:
        raise errors.NoSuchThing(name="service_request_id")
    return _given(request, rows, who, is_extended=args.get("extensions") == "true")


def _given(
    request: HttpRequest, rows: list[Case], who: list[str], *, is_extended: bool
) -> tuple[str, Tree]:
    is_whole = knows_whole(rows, who)
    whole = [case for case in rows if is_whole(case)]
    told = shown(request, whole, is_extended)
    known: dict[UUID, Tree] = dict(zip((case.id for case in whole), told, strict=True))
    listed = tuple(known[case.id] if case.id in known else _bare(case) for case in rows)
    return "service_requests", Many("request", listed)


def knows_whole(rows: Iterable[Case], who: list[str]) -> Callable[[Case], bool]:
    """Of which of these cases more may be told than how they stand: for anybody, of all."""
    if not who:
        return lambda case: True
    whole = cases.told_whole(rows, county=settings.COUNTY, told_by=who)
    return lambda case: case.id in whole


def _bare(case: Case) -> Tree:
    """What its own program hears of a case that isn't for others to see by now: how it stands."""
    kind = rulebook.current(settings.COUNTY).categories.get(case.proposed_category)
    return {
        **dict.fromkeys(_TOLD),
        "service_request_id": case.number,
        "status": status_of(case.state),
        "status_notes": str(case_rules.STATE_NAMES[case_rules.State(case.state)]),
        "service_name": kind.name_in(get_language() or "") if kind else case.proposed_category,
        "service_code": case.proposed_category,
        "requested_datetime": case.opened_at,
        "updated_datetime": exchange.updated_of(case),
    }


@dataclass(frozen=True)
class _Around:
    """What hangs on a list of cases, fetched for all of them at once."""

    book: Book
    language: str
    units: Mapping[UUID, str]
    areas: Mapping[str, str]
    targets: Mapping[UUID, datetime]
    pictures: Mapping[UUID, str]


def shown(request: HttpRequest, rows: list[Case], is_extended: bool = False) -> Iterable[Tree]:
    """Each of these cases as the standard has it, with what may be told of it and no more."""
    around = _around(request, rows)
    lines = _lines_of(case.id for case in rows) if is_extended else {}
    for case in rows:
        more = _extended(case, lines.get(case.id, [])) if is_extended else {}
        yield {**_request(case, around), **more}


def _around(request: HttpRequest, rows: list[Case]) -> _Around:
    ids = [case.id for case in rows]
    pictures = cases.public_pictures(ids)
    return _Around(
        rulebook.current(settings.COUNTY),
        get_language() or "",
        people.unit_names({case.holder_id for case in rows}),
        places.words_of(case.path for case in rows),
        deadlines.target_times(ids),
        {
            case: request.build_absolute_uri(reverse("portal:file", args=[file]))
            for case, file in pictures.items()
        },
    )


def _request(case: Case, around: _Around) -> dict[str, Tree]:
    key = case.category or case.proposed_category
    kind = around.book.categories.get(key)
    target = around.targets.get(case.id)
    point = cases.shown_point(case)
    return {
        "service_request_id": case.number,
        "status": status_of(case.state),
        "status_notes": exchange.notes_of(case),
        "service_name": kind.name_in(around.language) if kind else key,
        "service_code": key,
        "description": mask_text(case.what),
        "agency_responsible": around.units.get(case.holder_id, ""),
        "service_notice": _notice(case, target),
        "requested_datetime": case.opened_at,
        "updated_datetime": exchange.updated_of(case),
        "expected_datetime": target,
        "address": with_spot(around.areas[case.path], cases.shown_place(case)),
        "address_id": case.path,
        "zipcode": None,
        "lat": round(point[1], 6) if point else None,
        "long": round(point[0], 6) if point else None,
        "media_url": around.pictures.get(case.id),
    }


def _notice(case: Case, target: datetime | None) -> str:
    if target is None or status_of(case.state) == "closed":
        return ""
    return _("承诺 %(due)s 前办结。") % {"due": written(target)}


def _lines_of(ids: Iterable[UUID]) -> dict[UUID, list[HistoryLine]]:
    found: dict[UUID, list[HistoryLine]] = {}
    for line in cases.public_lines(ids):
        found.setdefault(line.case_id, []).append(line)
    return found


def _extended(case: Case, lines: list[HistoryLine]) -> dict[str, Tree]:
    """What `extensions=true` adds: the answers to the service's questions, and each step."""
    answers = tuple(
        {"code": one.code, "description": one.name, "value": words}
        for one, words in cases.told_answers(case)
    )
    return {
        "attributes": Many("attribute", answers),
        "notes": Many("note", tuple(_note(line) for line in lines)),
    }


def _note(line: HistoryLine) -> dict[str, Any]:
    return {
        "datetime": line.at,
        "description": str(case_rules.ACT_NAMES[case_rules.Act(line.act)]),
        "type": line.act,
    }
