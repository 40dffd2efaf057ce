"""What residents may see: their drafts, cases alike nearby, the progress of a case."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models import DateTimeField as Moment
from django.db.models.functions import Coalesce
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.paging import Page, page_of
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Attachment, Case, HistoryLine, Question, Report
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import Kind, measured_at
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.places import reads as places
from gezhi.places.models import Area
from gezhi.portal import adapters, rules
from gezhi.portal.rules import Draft
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage import reads as triage
from gezhi.triage.rules import MOST_ASKED, Spot, Spotted

_VILLAGE = 12  # digits of its path
_CHOSEN = ("town", "village")  # levels that are chosen from a list
_MOST_PASSED = 12  # villages of a road that are offered: all of them are known
# What stands between a report and the work on it.
_STEPS = frozenset({Kind.ACCEPT, Kind.FORWARD, Kind.SIGN})


def draft(draft_id: str) -> Draft | None:
    """The draft with this id; None if there is none, or no longer."""
    return adapters.read_draft(draft_id) if rules.is_draft_id(draft_id) else None


def photos_of(draft: Draft) -> list[str]:
    return [name for name in adapters.file_names(draft.id) if name.endswith(".photo")]


def voices_of(draft: Draft) -> list[str]:
    return [name for name in adapters.file_names(draft.id) if name.endswith(".voice")]


def draft_file(draft: Draft, name: str) -> bytes:
    """A small picture of a photo, or the voice note itself."""
    if name not in adapters.file_names(draft.id):
        raise NotFound()
    is_photo = name.endswith(".photo")
    body = adapters.read_small(draft.id, name) if is_photo else adapters.read_file(draft.id, name)
    if body is None:
        raise NotFound()
    return body


def alike(draft: Draft, *, county: str, now: datetime) -> list[triage.Alike]:
    """Open cases that may be what a draft tells, the likeliest first.

    Cases of kinds that are never public are not shown to a passer-by.
    """
    kind = triage.what(draft.what, county=county).category
    here = Spotted(now, draft.lies, draft.lon, draft.lat, kind)
    return triage.same_as(draft.what, county=county, here=here, actor=None)


def public_cases(
    *, county: str, near: tuple[float, float] | None = None, metres: int = 1500
) -> QuerySet[Case]:
    """Cases reviewed as public; around a point where one is given."""
    found = cases.public_cases(county=county)
    if near is not None:
        found = found.filter(h3__in=rules.cells_around(*near, metres))
    return found


@dataclass(frozen=True)
class PublicLine:
    """A public case, and how many of its kind, place and week it stands for, itself included."""

    case: Case
    count: int


def public_lines(found: QuerySet[Case], *, cursor: str = "", limit: int) -> Page[PublicLine]:
    """The newest case of each kind, place and week, the newest line first.

    Which case stands for the others is a question to the rows and not to the page, so
    between two pages nothing is lost or told twice.
    """
    newer = Q(opened_at__gt=OuterRef("opened_at")) | Q(
        opened_at=OuterRef("opened_at"), id__gt=OuterRef("id")
    )
    counted = _same_week(found).values("county").annotate(n=Count("pk")).values("n")
    lines = (
        _with_week(found)
        .filter(~_IS_TOLD_WITH_OTHERS | ~Exists(_same_week(found).filter(newer)))
        .annotate(count=Coalesce(Subquery(counted), 1))
    )
    page = page_of(lines, order=_NEWEST, cursor=cursor, limit=limit)
    return Page([PublicLine(case, _count_of(case)) for case in page.rows], page.cursor)


# Where nobody knows the kind or the village, one matter is not like another.
_IS_TOLD_WITH_OTHERS = ~Q(category="") & Q(path__regex=r"^[0-9]{12}")
_NEWEST = ("-opened_at", "-id")
_WEEK = timedelta(days=7)


def _with_week(found: QuerySet[Case]) -> QuerySet[Case]:
    # Not Django's TruncWeek: inside a query that is a time without a zone.
    zone = Value(timezone.get_default_timezone_name())
    week = Func(Value("week"), F("opened_at"), zone, function="date_trunc", output_field=Moment())
    return found.annotate(week=week, week_end=ExpressionWrapper(week + _WEEK, Moment()))


def _same_week(found: QuerySet[Case]) -> QuerySet[Case]:
    """Inside a query of cases with their weeks: those told together with one of them."""
    return found.order_by().filter(
        _IS_TOLD_WITH_OTHERS,
        category=OuterRef("category"),
        path=OuterRef("path"),
        opened_at__gte=OuterRef("week"),
        opened_at__lt=OuterRef("week_end"),
    )


def _count_of(line: Case) -> int:
    count: int = line.count  # type: ignore[attr-defined]  # annotated above
    return count


def told_with(found: QuerySet[Case], number: str, *, cursor: str, limit: int) -> Page[Case]:
    """All the cases one line of `found` stands for, the newest first."""
    one = _with_week(found).filter(number=number).first()
    if one is None:
        raise NotFound()
    week: datetime = one.week  # type: ignore[attr-defined]  # annotated
    like_it = _IS_TOLD_WITH_OTHERS & Q(
        category=one.category, path=one.path, opened_at__gte=week, opened_at__lt=week + _WEEK
    )
    return page_of(
        found.filter(like_it | Q(number=number)), order=_NEWEST, cursor=cursor, limit=limit
    )


def towns_and_villages(county: str) -> list[tuple[Area, list[Area]]]:
    """Every town with its villages and communities, to choose a place from a list."""
    towns: list[tuple[Area, list[Area]]] = []
    for area in places.areas_under(county, county=county).filter(level__in=_CHOSEN):
        if area.level == "town":
            towns.append((area, []))
        elif towns:
            towns[-1][1].append(area)
    return towns


def towns_of(county: str) -> QuerySet[Area]:
    """Every town, to choose one first."""
    return places.areas_under(county, county=county, level="town")


def villages_of(town: Area) -> QuerySet[Area]:
    """The villages and communities of one town."""
    return places.areas_under(town.path, county=town.county, level="village")


def chosen_area(path: str, *, county: str) -> Area | None:
    """The town or village that stands at a path of the lists; None for anything else."""
    found = places.areas_by_paths([path]).get(path) if path.isdecimal() else None
    return found if found and found.county == county and found.level in _CHOSEN else None


@dataclass(frozen=True)
class LateStep:
    """A promise on the way to the finish that is broken, for how long, and if it was passed up."""

    kind: Kind
    length: timedelta
    has_climbed: bool


@dataclass(frozen=True)
class Tracked:
    """A case as somebody may follow it. `report` is their own voice in it; None in public.

    Each of the two cases goes by the rulebook it was opened under.

    `main` is whose progress counts: the case itself unless it was merged. `late_step` is the
    first of its promises on the way to the finish that is broken.
    """

    case: Case
    main: Case
    report: Report | None
    actor: Actor
    holder: Unit
    target: Deadline | None
    late_step: LateStep | None
    lines: list[HistoryLine]
    files: list[Attachment]
    question: Question | None
    moves: tuple[case_rules.Act, ...]
    book: Book
    main_book: Book

    @property
    def is_own(self) -> bool:
        return self.report is not None

    def book_of(self, line: HistoryLine) -> Book:
        """The rulebook that a line's reasons, outcomes and stages are of."""
        return self.main_book if line.case_id == self.main.id else self.book


def tracked(number: str, actor: Actor, *, county: str) -> Tracked:
    """The case with this number: the reporter's own view, else the public one, else NotFound."""
    try:
        case = cases.case_for(actor, number)
    except NotFound:
        return _public(number, actor, county)
    proven = [each for each in cases.reports_of(case) if each.id in actor.proven]
    if not proven:
        return _public(number, actor, county)
    own = proven[-1]
    voice = Actor(label=f"report:{own.id}", kind="resident", proven=frozenset({own.id}))
    main = case.main or case
    lines = list(cases.history_of(case))
    if main != case:
        lines += [line for line in cases.history_of(main) if line.at > lines[-1].at]
    return Tracked(
        case=case,
        main=main,
        report=own,
        actor=voice,
        holder=people.unit(main.holder_id),
        target=deadlines.target(case),
        late_step=_late_step(main),
        lines=[line for line in lines if line.is_public or line.actor == voice.label],
        files=[each for each in _files_of(case, main) if cases.may_see_file(each, case, own)],
        question=cases.open_question(case, "question"),
        moves=cases.moves_for(voice, case),
        book=rulebook.book(case.county, case.book),
        main_book=rulebook.book(main.county, main.book),
    )


def _public(number: str, actor: Actor, county: str) -> Tracked:
    case = cases.public_cases(county=county).filter(number=number).first()
    if case is None or (case.main is not None and not case.main.is_public):
        raise NotFound()
    main = case.main or case
    return Tracked(
        case=case,
        main=main,
        report=None,
        actor=actor,
        holder=people.unit(main.holder_id),
        target=deadlines.target(case),
        late_step=_late_step(main),
        lines=[line for line in cases.history_of(case) if line.is_public],
        files=[each for each in _files_of(case, main) if cases.may_see_file(each, case, None)],
        question=None,
        moves=(),
        book=rulebook.book(case.county, case.book),
        main_book=rulebook.book(main.county, main.book),
    )


def _late_step(main: Case) -> LateStep | None:
    """Asked only of a case that owes something late; what was when its clock stopped, is still."""
    now = clock.now()
    if main.due_at is None or main.due_at >= now:
        return None
    steps = [
        LateStep(Kind(row.kind), _measured_at(row, main, now) - row.due, row.rung > 0)
        for row in deadlines.open_of(main.id)
        if row.kind in _STEPS
    ]
    late = [step for step in steps if step.length > timedelta()]
    return max(late, key=lambda step: step.length, default=None)


def _measured_at(row: Deadline, case: Case, now: datetime) -> datetime:
    return measured_at(
        row.kind, row.due, paused_until=case.paused_until, paused_at=case.paused_at, now=now
    )


def _files_of(case: Case, main: Case) -> list[Attachment]:
    files = list(cases.attachments_of(case))
    if main != case:
        files += [each for each in cases.attachments_of(main) if each.report_id is None]
    return files


def file_for(actor: Actor, file_id: UUID) -> tuple[Attachment, bytes]:
    """A file this resident may see, with its bytes."""
    for own in cases.reports_proven(actor):
        main = own.case.main or own.case
        for file in _files_of(own.case, main):
            if file.id == file_id and cases.may_see_file(file, own.case, own):
                return file, cases.file_bytes(file)
    found = cases.public_attachment(file_id)
    return found, cases.file_bytes(found)


def point_words(draft: Draft, *, county: str) -> str:
    """In which village and grid the draft's point lies; empty without one."""
    if draft.lon is None or draft.lat is None:
        return ""
    place = places.locate(draft.lon, draft.lat, county=county)
    return places.words_for(place.path) if place else ""


@dataclass(frozen=True)
class Meant:
    """What a draft's words say of its place: `path`, or the few `answers` to one question.

    With neither the village is to be asked for; `is_many`: because too many places are meant.
    """

    path: str = ""
    answers: tuple[Spot, ...] = ()
    is_many: bool = False


def meant_by(draft: Draft, *, county: str) -> Meant | None:
    """None where nothing is to be asked: a point or a village was chosen, or a town and no more."""
    if draft.lon is not None or not draft.place or len(draft.path) >= _VILLAGE:
        return None
    found = triage.whereabouts(draft.what, draft.place, county=county, near=draft.path)
    inside = draft.path or county
    spots = _along(found.spots[0], inside) if len(found.spots) == 1 else list(found.spots)
    spots = [each for each in spots if each.path.startswith(inside) or inside.startswith(each.path)]
    is_open = any(inside.startswith(spot.path) for spot in spots)  # all of it, and no part
    most = MOST_ASKED if len(found.spots) > 1 else _MOST_PASSED
    if spots and not is_open and len(spots) <= most:
        is_settled = found.is_certain and len(spots) == 1
        return Meant(spots[0].path) if is_settled else Meant(answers=tuple(spots))
    is_many = len(spots) > most or (found.asks and not found.spots)
    return None if draft.path and not is_many else Meant(is_many=is_many)


def _along(spot: Spot, inside: str) -> list[Spot]:
    """A road through several villages is in each of them."""
    passed = [path for path in spot.passes if path.startswith(inside)]
    return [replace(spot, path=path, passes=()) for path in passed] or [spot]


def inside_of(draft: Draft, path: str, *, county: str) -> str:
    """Where the draft's words lie in the area that was chosen: the one clinic of a village."""
    found = triage.whereabouts(draft.what, draft.place, county=county, near=path)
    spot = found.spot
    return spot.path if spot is not None and spot.path.startswith(path) else path


def words_far_from_point(draft: Draft, *, county: str) -> str:
    """What the words name that lies far from the draft's point; empty where they agree."""
    if draft.lon is None or draft.lat is None or not draft.place:
        return ""
    point = (draft.lon, draft.lat)
    if places.locate(*point, county=county) is None:
        return ""
    found = triage.whereabouts("", draft.place, county=county, point=point)
    return found.spots[-1].name if found.disagrees else ""
