"""Shifts, duties and who is at work, for programs."""

from datetime import date, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from gezhi.base import clock
from gezhi.base.api import Answer, Day, Input, Moment, Paged, Paging, Shown, Text24, give, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of_list
from gezhi.people import actions, reads, rules
from gezhi.people.models import Duty, Rota, Shift
from gezhi.record.api import answer_once

router = Router(tags=["units"])
_MOST_PEOPLE = 200
People = Annotated[list[UUID], Field(max_length=_MOST_PEOPLE)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekdays = Annotated[str, StringConstraints(pattern=r"^[1-7]{1,7}$")]


class ShiftShown(Shown):
    """A named shift, by the clocks of the city: 22:00 to 06:00 ends on the next day."""

    id: UUID
    unit: UUID
    name: str
    starts: Clock
    ends: Clock
    is_active: bool
    goes_on: bool


class ShiftList(Shown):
    items: list[ShiftShown]
    next: str | None


class DutyShown(Shown):
    """One person on one shift on one day: the day on which the shift begins."""

    id: UUID
    unit: UUID
    shift: UUID
    account: UUID
    day: date


class DutyList(Shown):
    items: list[DutyShown]
    next: str | None


class DutiesShown(Shown):
    """Whole, not paged: those of one shift on one day, or the two of a swap."""

    items: list[DutyShown]


class AtWorkShown(Shown):
    """Somebody at work. `shift` is empty where the unit keeps no roster for that day."""

    account: UUID
    name: str
    roles: list[str]
    is_head: bool
    shift: str
    instead_of: str = Field(description="Whom the person stands in for, by name; or empty.")


class AtWorkList(Shown):
    """Whole, not paged: a unit is not that large."""

    items: list[AtWorkShown]


class ShiftSent(Input):
    """A new shift. Its hours never change; close it and set up another."""

    name: Text24
    starts: Clock
    ends: Clock


class DutiesAsked(Paged):
    """Which days; this week if none are given."""

    first: Day | None = None
    last: Day | None = None


class AtAsked(Input):
    """At which moment; now if none is given."""

    at: Moment | None = None


class CellSent(Input):
    """Exactly these people; nobody, if the list is empty."""

    accounts: People


class FillSent(Input):
    """People who take a shift in turn, in this order."""

    accounts: People
    first: Day
    days: Annotated[int, Field(ge=1, le=366)]
    turn_days: Annotated[int, Field(ge=1, le=31)] = 1
    at_once: Annotated[int, Field(ge=1, le=_MOST_PEOPLE)] = 1
    weekdays: Weekdays = Field(rules.ALL_WEEK, description="Days of the week, 1 is Monday.")
    goes_on: bool = Field(False, description="Fill the weeks ahead by itself.")


class FilledShown(Shown):
    duties: int


class CopySent(Input):
    """A day of the week to fill as the week before."""

    day: Day


class SwapSent(Input):
    """Two duties of one unit."""

    one: UUID
    other: UUID


class GoesOnSent(Input):
    goes_on: bool


@router.get("/units/{uuid:unit}/shifts", response=ShiftList, summary="A unit's shifts")
def list_shifts(request: HttpRequest, unit: UUID, asked: Paging) -> HttpResponse:
    """The shifts in use, for those who may read the roster."""
    found = reads.shifts_of(reads.unit_with_roster(actor_of(request), unit).id)
    page = page_of_list(found, key=_by_hours, cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, shift_shown)


def _by_hours(shift: Shift) -> str:
    return f"{shift.starts} {shift.id}"


def shift_shown(shift: Shift) -> dict[str, Any]:
    rota: Rota | None = getattr(shift, "rota", None)
    return {
        "id": shift.id,
        "unit": shift.unit_id,
        "name": shift.name,
        "starts": f"{shift.starts:%H:%M}",
        "ends": f"{shift.ends:%H:%M}",
        "is_active": shift.is_active,
        "goes_on": rota is not None and rota.goes_on,
    }


@router.post("/units/{uuid:unit}/shifts", response={201: ShiftShown}, summary="Set up a shift")
def add_shift(request: HttpRequest, unit: UUID, body: ShiftSent) -> HttpResponse:
    """Its hours are those of the city's clocks."""
    actor = actor_of(request)
    starts, ends = time.fromisoformat(body.starts), time.fromisoformat(body.ends)

    def do() -> Answer:
        made = actions.add_shift(unit=unit, name=body.name, starts=starts, ends=ends, actor=actor)
        return Answer(shift_shown(made), 201)

    return answer_once(request, do)


@router.post("/shifts/{uuid:shift}/close", response=ShiftShown, summary="Close a shift")
def close_shift(request: HttpRequest, shift: UUID) -> HttpResponse:
    """Duties that have not begun go with it, the past stays."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(shift_shown(actions.close_shift(shift, actor=actor)))
    )


@router.post("/shifts/{uuid:shift}/goes-on", response=ShiftShown, summary="Let a roster go on")
def switch_rota(request: HttpRequest, shift: UUID, body: GoesOnSent) -> HttpResponse:
    """By itself, as the pattern it was filled with says; or no more."""
    actor = actor_of(request)

    def do() -> Answer:
        rota = actions.switch_rota(shift, goes_on=body.goes_on, actor=actor)
        return Answer(shift_shown(rota.shift))

    return answer_once(request, do)


@router.get("/units/{uuid:unit}/duties", response=DutyList, summary="A unit's duties")
def list_duties(
    request: HttpRequest, unit: UUID, asked: Annotated[DutiesAsked, Query(...)]
) -> HttpResponse:
    """Who is on which shift on the days asked for, a year at most."""
    found = reads.unit_with_roster(actor_of(request), unit)
    week = rules.week_of(reads.today())
    first = asked.first or week[0]
    last = asked.last or (week[-1] if asked.first is None else first + timedelta(days=6))
    last = min(last, first + rules.LONGEST_ROSTER)
    rows = reads.duties(found.id, first=first, last=last)
    page = page_of_list(rows, key=_by_day, cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, duty_shown)


def _by_day(duty: Duty) -> str:
    return f"{duty.day} {duty.id}"


def duty_shown(duty: Duty) -> dict[str, Any]:
    return {
        "id": duty.id,
        "unit": duty.unit_id,
        "shift": duty.shift_id,
        "account": duty.account_id,
        "day": duty.day,
    }


@router.get("/units/{uuid:unit}/on-duty", response=AtWorkList, summary="Who is at work")
def list_at_work(
    request: HttpRequest, unit: UUID, asked: Annotated[AtAsked, Query(...)]
) -> HttpResponse:
    """On the roster where the unit keeps one for that day, else everybody; nobody on leave.

    Whole, not paged.
    """
    found = reads.who_is_on_duty(actor_of(request), unit, asked.at or clock.now())
    return give({"items": [one._asdict() for one in found]})


@router.put(
    "/shifts/{uuid:shift}/duties/{day}", response=DutiesShown, summary="Say who is on a shift"
)
def set_duty(request: HttpRequest, shift: UUID, day: Day, body: CellSent) -> HttpResponse:
    """On one day, in place of who was; refused once the shift is over. Whole, not paged."""
    made = actions.set_duty(shift, day=day, people=body.accounts, actor=actor_of(request))
    return give({"items": [duty_shown(duty) for duty in made]})


@router.post("/shifts/{uuid:shift}/fill", response=FilledShown, summary="Fill a shift in turn")
def fill_duties(request: HttpRequest, shift: UUID, body: FillSent) -> HttpResponse:
    """In place of what stood for it on these days."""
    actor, values = actor_of(request), body.model_dump()
    people = values.pop("accounts")

    def do() -> Answer:
        made = actions.fill_duties(shift, people=people, **values, actor=actor)
        return Answer({"duties": made})

    return answer_once(request, do)


@router.post("/units/{uuid:unit}/copy-week", response=FilledShown, summary="Copy a week")
def copy_week(request: HttpRequest, unit: UUID, body: CopySent) -> HttpResponse:
    """What is empty in a week is filled as in the week before."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer({"duties": actions.copy_week(unit, day=body.day, actor=actor)})
    )


@router.post("/duties/swap", response=DutiesShown, summary="Swap two people")
def swap_duties(request: HttpRequest, body: SwapSent) -> HttpResponse:
    """They take each other's duty."""
    actor = actor_of(request)

    def do() -> Answer:
        both = actions.swap_duties(body.one, body.other, actor=actor)
        return Answer({"items": [duty_shown(duty) for duty in both]})

    return answer_once(request, do)
