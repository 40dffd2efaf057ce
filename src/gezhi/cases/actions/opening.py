"""How a case begins: a report comes in, or somebody joins one that is already there."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from gezhi.base import clock, rows
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.sealed import blind_index
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions.attaching import Upload, keep_uploads
from gezhi.cases.actions.proposing import propose
from gezhi.cases.actions.step import Step, end, open_leg, tick
from gezhi.cases.errors import (
    AnswersWrong,
    PlaceMissing,
    PlaceOutside,
    WordsMissing,
    WordsTooLong,
)
from gezhi.cases.facts import CaseFollowed, CaseReported
from gezhi.cases.models import Case, Leg, Report
from gezhi.cases.rules.moves import State
from gezhi.places import reads as places
from gezhi.places import rules as place_rules
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import ALWAYS, Answers, Book, Given, read_answers

# How many characters a standard promises to take, whatever the rulebook says of a text.
_PROMISED = {"open311": 4000}


@dataclass(frozen=True)
class Where:
    """Where it is: a point in some datum, words, an area's path; at least one of them."""

    lon: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    place: str = ""
    path: str = ""


@dataclass(frozen=True)
class Contact:
    """How to reach the reporter. All optional, all sealed."""

    name: str = ""
    phone: str = ""
    address: str = ""
    is_secret: bool = False


@dataclass(frozen=True)
class Reported:
    """The first answer to a reporter. The code is shown here and nowhere again."""

    case: Case
    report: Report
    code: str


@dataclass(frozen=True)
class _Spot:
    lon: float | None
    lat: float | None
    h3: str
    area: UUID
    path: str


@rows.atomic()
def report(
    *,
    county: str,
    what: str,
    where: Where,
    channel: str,
    contact: Contact | None = None,
    uploads: tuple[Upload, ...] = (),
    category: str = "",
    answers: Given | None = None,
    label: str = "",
    source_key: str = "",
    opened_at: datetime | None = None,
    actor: Actor,
) -> Reported:
    """Open a case for what somebody reports. Contact is optional, what and where are not.

    `category` is only proposed; the centre sets it when it accepts. `source_key`
    names the matter in another system, so that it comes in once. `opened_at` is
    for matters that came in earlier elsewhere; the promise runs from then. `answers`
    to the category's questions come from doors that ask them, None where nobody was asked; who
    named no category need not answer any.
    """
    book, contact = rulebook.current(county), contact or Contact()
    most = max(book.limits.text_max, _PROMISED.get(channel, 0))
    what = _clean(what, most, has_picture=bool(uploads))
    if category:
        book.category(category)
    found = propose(county, what, clean(where.place), is_placed=_is_placed(where))
    spot = _find_spot(where if _is_placed(where) else replace(where, path=found.path), county)
    proposed = category or found.category
    kept = _kept_answers(book, proposed, answers, must=bool(category))
    is_urgent = bool(book.urgent_words(what))
    begins = book.first(category=proposed, channel=channel, is_urgent=is_urgent)
    centre = reads.first_centre(begins.at, spot.path, county=county).id
    now = opened_at or clock.now()
    serial = reads.next_serial()
    case = Case(
        county=county,
        number=rules.format_number(timezone.localtime(now).date(), serial),
        state=State.REPORTED.value,
        channel=channel,
        what=what,
        answers=kept,
        place=clean(where.place)[:200],
        lon=spot.lon,
        lat=spot.lat,
        datum=where.datum if spot.lon is not None else "",
        h3=spot.h3,
        area_id=spot.area,
        path=spot.path,
        proposed_category=proposed,
        is_category_told=bool(category),
        size=book.category(proposed).size if proposed else "big",
        is_urgent=is_urgent,
        centre_id=centre,
        holder_id=centre,
        book=book.version,
        opened_at=now,
        changed_at=now,
        label=label,
        source_key=source_key,
        has_files=bool(uploads),
        has_asked=False,
        is_reachable=False,
        is_secret=contact.is_secret,
        words=rules.words_to_find(what, clean(where.place), is_secret=contact.is_secret),
    )
    step = Step(case, rules.Act.REPORT, _unnamed(actor), now, State.REPORTED, centre)
    code, first = _add_report(step, contact, channel, is_first=True, resident=actor.resident)
    open_leg(step, centre)
    _note_registrar(step)
    tick(step, rules.EntryKind.START)
    keep_uploads(step, uploads, report=first)
    end(step, CaseReported)
    return Reported(case, first, code)


def _unnamed(actor: Actor) -> Actor:
    """A resident's account stands nowhere in histories: nobody puts one person's cases together."""
    return NOBODY if actor.resident else actor


def _note_registrar(step: Step) -> None:
    """Whose unit wrote down what is for others goes on seeing it, where it would not anyway."""
    case, actor = step.case, step.actor
    units = [post.unit for post in actor.posts if "case.read" in post.rights]
    if not units or case.centre_id in units or actor.may("case.read_area", path=case.path):
        return
    step.new.append(
        Leg(
            county=case.county,
            case=case,
            unit_id=units[0],
            role="register",
            opened_at=step.now,
            ended_at=step.now,
            ended_how="reported",
        )
    )


def _clean(what: str, most: int, *, has_picture: bool) -> str:
    what = clean(what)
    if not what and not has_picture:
        raise WordsMissing()
    if len(what) > most:
        raise WordsTooLong(most=most, length=len(what))
    return what


def _kept_answers(book: Book, category: str, given: Given | None, *, must: bool) -> Answers:
    if given is None:
        return {}
    asks = book.category(category).asks if category else ()
    answers, faults = read_answers((*asks, *ALWAYS), given)
    if faults := [fault for fault in faults if must or fault.code != "missing"]:
        raise AnswersWrong(faults)
    return answers


def _is_placed(where: Where) -> bool:
    return bool(where.path) or (where.lon is not None and where.lat is not None)


def _find_spot(where: Where, county: str) -> _Spot:
    """The point in WGS-84 with its grid, or the area that was named; the point wins."""
    if where.lon is not None and where.lat is not None:
        lon, lat = place_rules.to_wgs84(where.lon, where.lat, place_rules.datum_of(where.datum))
        found = places.locate(lon, lat, county=county)
        if found is None:
            raise PlaceOutside()
        # A school or hospital inside the village has a grid and staff of its own.
        grid, path = found.exclusive or found.area, found.exclusive_path or found.path
        return _Spot(lon, lat, found.h3, grid, path)
    if where.path:
        area = places.area_by_path(county, where.path)
        return _Spot(None, None, "", area.id, area.path)
    if where.place.strip():
        root = places.root(county)
        return _Spot(None, None, "", root.id, root.path)
    raise PlaceMissing()


def _add_report(
    step: Step,
    contact: Contact,
    channel: str,
    *,
    is_first: bool,
    words: str = "",
    resident: UUID | None,
) -> tuple[str, Report]:
    code = rules.make_code(secrets.choice)
    phone = clean(contact.phone)[:40]
    report = Report(
        county=step.case.county,
        case=step.case,
        at=step.now,
        channel=channel,
        is_first=is_first,
        words=words,
        code_digest=reads.code_digest(step.case.number, code),
        name=clean(contact.name)[:80],
        phone=phone,
        address=clean(contact.address)[:200],
        phone_index=blind_index(rules.phone_text(phone)) if phone else None,
        resident_id=resident,
        is_secret=contact.is_secret,
    )
    if report.phone or report.address:
        step.case.is_reachable = True
    step.new.append(report)
    return code, report


@rows.atomic()
def follow(
    ref: reads.Ref,
    *,
    channel: str,
    words: str = "",
    contact: Contact | None = None,
    uploads: tuple[Upload, ...] = (),
    county: str,
    actor: Actor,
) -> Reported:
    """Join a case that is already there: an own tracking code, an own vote, no second case.

    Anybody may follow an open case they were shown as "the same nearby".
    """
    book = rulebook.current(county)
    case = reads.case_to_follow(ref, county=county, actor=actor)
    words = _clean(words, book.limits.text_max, has_picture=True)
    told_by = _unnamed(actor)
    step = Step(case, rules.Act.FOLLOW, told_by, clock.now(), State(case.state), case.holder_id)
    code, joined = _add_report(
        step, contact or Contact(), channel, is_first=False, words=words, resident=actor.resident
    )
    keep_uploads(step, uploads, report=joined, is_public=False)
    end(step, CaseFollowed, report=joined.id)
    return Reported(case, joined, code)
