"""A unit's roster: a week as a grid, a cell, people in turn, shifts, the week as xlsx."""

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import xlsxwriter
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.days import FIRST, LAST
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotFound, Refusal
from gezhi.base.words import safe_cell
from gezhi.people import actions, errors, forms, reads, rules
from gezhi.people.models import Duty, Leave, Shift


@dataclass(frozen=True)
class Person:
    """One person in a cell: away, replaced by somebody, or no more of the unit."""

    duty: Duty
    is_away: bool
    substitute: str
    has_left: bool


@dataclass(frozen=True)
class Cell:
    """One shift on one day."""

    day: date
    people: list[Person]
    is_over: bool
    is_now: bool
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """One shift over the week."""

    shift: Shift
    cells: list[Cell]


class Week:
    """A unit's roster in the week of a day, as one actor may see it."""

    def __init__(self, request: HttpRequest, id: UUID) -> None:
        self.request, self.actor = request, actor_of(request)
        self.unit = reads.unit_with_roster(self.actor, id)
        self.now = clock.now()
        self.today = timezone.localdate(self.now)
        asked = {**request.GET.dict(), **request.POST.dict()}
        self.days = rules.week_of(_day(asked.get("week", "")) or self.today)
        self.chosen = (asked.get("shift", ""), _day(asked.get("day", "")))
        self.may_change = reads.may_keep_roster(self.actor, self.unit) and self.unit.is_active
        self.duties = list(reads.duties(id, first=self.days[0], last=self.days[-1]))
        self.shifts = list(reads.shifts_of(id))

    @property
    def address(self) -> str:
        """Where this week is shown."""
        return f"{reverse('entrance:duty:roster', args=[self.unit.id])}?week={self.days[0]}"

    def rows(self) -> list[Row]:
        """Shifts in use, and those closed that had people this week."""
        used = {shift.id: shift for shift in self.shifts}
        closed = {duty.shift_id: duty.shift for duty in self.duties if duty.shift_id not in used}
        shifts = sorted([*used.values(), *closed.values()], key=lambda one: (one.starts, one.name))
        by_cell: dict[tuple[UUID, date], list[Duty]] = defaultdict(list)
        for duty in self.duties:
            by_cell[duty.shift_id, duty.day].append(duty)
        leaves, staff = self._leaves(), self._staff()
        return [
            Row(
                shift,
                [
                    self._cell(shift, day, by_cell[shift.id, day], leaves, staff)
                    for day in self.days
                ],
            )
            for shift in shifts
        ]

    def people(self) -> list[tuple[UUID, str]]:
        """Who may be put on the roster."""
        names = {post.account_id: post.account.name for post in reads.staff_of(self.unit)}
        return sorted(names.items(), key=lambda person: person[1])

    def _leaves(self) -> dict[UUID, list[Leave]]:
        first, last = (
            rules.shift_window(day, datetime.min.time(), datetime.min.time(), _zone())
            for day in (self.days[0], self.days[-1])
        )
        found: dict[UUID, list[Leave]] = defaultdict(list)
        people = {duty.account_id for duty in self.duties}
        for leave in reads.leaves_between(people, first[0], last[1] + timedelta(days=1)):
            found[leave.account_id].append(leave)
        return found

    def _staff(self) -> set[UUID]:
        first, last = max(self.days[0], self.today), max(self.days[-1], self.today)
        return reads.staff_ids([self.unit.id], first=first, last=last).get(self.unit.id, set())

    def _cell(
        self,
        shift: Shift,
        day: date,
        duties: list[Duty],
        leaves: dict[UUID, list[Leave]],
        staff: set[UUID],
    ) -> Cell:
        starts, ends = rules.shift_window(day, shift.starts, shift.ends, _zone())
        people = []
        for duty in duties:
            away = next(
                (
                    leave
                    for leave in leaves.get(duty.account_id, ())
                    if leave.starts < ends and leave.ends > starts
                ),
                None,
            )
            substitute = away.substitute.name if away and away.substitute else ""
            has_left = ends > self.now and duty.account_id not in staff
            people.append(Person(duty, away is not None, substitute, has_left))
        chosen = (str(shift.id), day) == self.chosen
        return Cell(day, people, ends <= self.now, starts <= self.now < ends, chosen)


@require_safe
def roster(request: HttpRequest, id: UUID) -> HttpResponse:
    """A unit's week; the week and the chosen cell stand in the address."""
    return _page(Week(request, id))


@require_safe
def roster_sheet(request: HttpRequest, id: UUID) -> FileResponse:
    """The week that the page shows, as xlsx: shifts down, days across."""
    week = Week(request, id)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
    book = xlsxwriter.Workbook(
        file, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet(_("值班表"))
    bold = book.add_format({"bold": True, "bg_color": "#e8eef5", "border": 1})
    cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 7, 16)
    sheet.write_string(0, 0, _("班次"), bold)
    for at, day in enumerate(week.days, 1):
        name = str(forms.WEEKDAY_NAMES[at - 1])
        sheet.write_string(0, at, f"{formats.date_format(day, 'Y-m-d')} {name}", bold)
    for line, row in enumerate(week.rows(), 1):
        sheet.write_string(line, 0, safe_cell(f"{row.shift.name} {hours(row.shift)}"), cell)
        for at, one in enumerate(row.cells, 1):
            words = "\n".join(_words(person) for person in one.people)
            sheet.write_string(line, at, safe_cell(words), cell)
    book.close()
    file.seek(0)
    name = f"{week.unit.label}-{_('值班表')}-{week.days[0]}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


@require_POST
def set_cell(request: HttpRequest, id: UUID) -> HttpResponse:
    """Who is on one shift on one day."""
    week = _to_change(request, id)
    form = forms.Cell(request.POST, people=week.people())
    if form.is_valid():
        values = form.cleaned_data
        try:
            actions.set_duty(
                values["shift"], day=values["day"], people=values["people"], actor=week.actor
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _done(week, _("值班已经排好。"))
    return _page(week, cell_form=form)


@require_POST
def fill(request: HttpRequest, id: UUID) -> HttpResponse:
    """People take a shift in turn."""
    week = _to_change(request, id)
    form = _fill_form(week, request.POST)
    if form.is_valid():
        values = form.values()
        try:
            made = actions.fill_duties(values.pop("shift"), **values, actor=week.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _done(week, _("排了 %(count)s 个班。") % {"count": made})
    return _page(week, fill_form=form)


@require_POST
def copy(request: HttpRequest, id: UUID) -> HttpResponse:
    """As in the week before."""
    week = _to_change(request, id)
    try:
        made = actions.copy_week(id, day=week.days[0], actor=week.actor)
    except (errors.NothingToCopy, errors.DutyTooFar) as refusal:
        messages.error(request, str(refusal))
        return redirect(week.address)
    return _done(week, _("排了 %(count)s 个班。") % {"count": made})


@require_POST
def swap(request: HttpRequest, id: UUID) -> HttpResponse:
    """Two people change places."""
    week = _to_change(request, id)
    form = _swap_form(week, request.POST)
    if form.is_valid():
        try:
            actions.swap_duties(**form.cleaned_data, actor=week.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _done(week, _("已经对调。"))
    return _page(week, swap_form=form)


@require_POST
def add_shift(request: HttpRequest, id: UUID) -> HttpResponse:
    week = _to_change(request, id)
    form = forms.NewShift(request.POST)
    if form.is_valid():
        try:
            actions.add_shift(unit=id, **form.cleaned_data, actor=week.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _done(week, _("班次已经设好。"))
    return _page(week, shift_form=form)


@require_POST
def close_shift(request: HttpRequest, id: UUID) -> HttpResponse:
    shift = actions.close_shift(id, actor=actor_of(request))
    messages.success(request, _("班次已经停用。"))
    return redirect("entrance:duty:roster", id=shift.unit_id)


@require_POST
def switch_rota(request: HttpRequest, id: UUID) -> HttpResponse:
    """Let a shift's roster go on by itself, or no more."""
    goes_on = request.POST.get("goes_on") == "yes"
    rota = actions.switch_rota(id, goes_on=goes_on, actor=actor_of(request))
    said = _("这个班次会自动往后排。") if goes_on else _("这个班次不再自动往后排。")
    messages.success(request, said)
    return redirect("entrance:duty:roster", id=rota.shift.unit_id)


def hours(shift: Shift) -> str:
    """The hours of a shift as people write them: 22:00–次日06:00."""
    starts, ends = f"{shift.starts:%H:%M}", f"{shift.ends:%H:%M}"
    if shift.ends > shift.starts:
        return f"{starts}–{ends}"
    return _("%(starts)s–次日%(ends)s") % {"starts": starts, "ends": ends}


def _to_change(request: HttpRequest, id: UUID) -> Week:
    week = Week(request, id)
    if not reads.may_keep_roster(week.actor, week.unit):
        raise NotFound(unit=id)
    return week


def _page(
    week: Week,
    *,
    cell_form: forms.Cell | None = None,
    fill_form: forms.Fill | None = None,
    swap_form: forms.Swap | None = None,
    shift_form: forms.NewShift | None = None,
) -> HttpResponse:
    rows = week.rows()
    chosen = next(((row, cell) for row in rows for cell in row.cells if cell.is_chosen), None)
    typed = (cell_form, fill_form, swap_form, shift_form)
    context: dict[str, Any] = {
        "week": week,
        "rows": [(row, hours(row.shift)) for row in rows],
        "heads": list(zip(week.days, forms.WEEKDAY_NAMES, strict=True)),
        "before": week.days[0] - timedelta(days=7),
        "after": week.days[0] + timedelta(days=7),
        "at_work": reads.who_is_on_duty(week.actor, week.unit.id, week.now),
    }
    if week.may_change:
        context |= {
            "fill_form": fill_form or _fill_form(week),
            "shift_form": shift_form or forms.NewShift(auto_id="id_shift_%s"),
            "rotas": [(shift, hours(shift), _turns(shift, week)) for shift in week.shifts],
        }
        if chosen:
            context |= _chosen(week, *chosen, cell_form=cell_form, swap_form=swap_form)
    status = 422 if any(form is not None and form.errors for form in typed) else 200
    return render(week.request, "people/roster.html", context, status=status)


def _chosen(
    week: Week,
    row: Row,
    cell: Cell,
    *,
    cell_form: forms.Cell | None,
    swap_form: forms.Swap | None,
) -> dict[str, Any]:
    initial = {
        "shift": row.shift.id,
        "day": cell.day,
        "people": [person.duty.account_id for person in cell.people],
    }
    return {
        "chosen": cell,
        "chosen_shift": row.shift,
        "chosen_hours": hours(row.shift),
        "cell_form": cell_form
        or forms.Cell(people=week.people(), initial=initial, auto_id="id_cell_%s"),
        "swap_form": swap_form or _swap_form(week),
    }


def _fill_form(week: Week, typed: Any = None) -> forms.Fill:
    shifts = [(shift.id, f"{shift.name} {hours(shift)}") for shift in week.shifts]
    first = max(week.days[0], week.today + timedelta(days=1))
    return forms.Fill(
        typed, shifts=shifts, people=week.people(), initial={"first": first}, auto_id="id_fill_%s"
    )


def _swap_form(week: Week, typed: Any = None) -> forms.Swap:
    """The chosen cell's duties, and those of the week that aren't over and not in it."""
    shift, day = week.chosen
    ones, others = [], []
    for duty in week.duties:
        if rules.shift_window(duty.day, duty.shift.starts, duty.shift.ends, _zone())[1] <= week.now:
            continue
        weekday = forms.WEEKDAY_NAMES[duty.day.weekday()]
        if (str(duty.shift_id), duty.day) == (shift, day):
            ones.append((duty.id, duty.account.name))
        else:
            others.append((duty.id, f"{weekday} {duty.shift.name} {duty.account.name}"))
    return forms.Swap(typed, ones=ones, others=others, auto_id="id_swap_%s")


def _turns(shift: Shift, week: Week) -> list[str]:
    """Who takes a shift in turn, by name."""
    rota = getattr(shift, "rota", None)
    names = dict(week.people())
    return [names[id] for id in rota.people if id in names] if rota else []


def _words(person: Person) -> str:
    name = person.duty.account.name
    if person.has_left:
        return _("%(name)s（已不在岗）") % {"name": name}
    if person.substitute:
        return _("%(name)s（请假，%(other)s 替）") % {"name": name, "other": person.substitute}
    return _("%(name)s（请假）") % {"name": name} if person.is_away else name


def _done(week: Week, said: str) -> HttpResponse:
    messages.success(week.request, said)
    return redirect(week.address)


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:  # written like a day, and none: 2026-02-30
        return None
    return found if found and FIRST <= found <= LAST else None


def _zone() -> Any:
    return timezone.get_current_timezone()
