"""Cases whose category promises stages, and what is done with them."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.cases.tests.test_waiting_files import picture
from gezhi.deadlines import jobs
from gezhi.deadlines.models import Deadline
from gezhi.rulebook.tests.test_calendars import city
from tests.cast import COUNTY, TUESDAY, County, report_leak

Login = Callable[[str], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ILLEGAL, OTHER = "build.illegal", "build.property"
STOPPED, FINED = f"{ILLEGAL}:stop", f"{ILLEGAL}:fine"
# Reported on Tuesday at nine: four working hours, seven and twenty working days.
STOP, FINE = city("2026-11-17T15:00"), city("2026-11-26T17:30")
WHOLE = city("2026-12-15T17:30")
SAID = "施工已经停了，机械已经封存。"


def accepted(county: County, category: str = ILLEGAL, at: datetime = TUESDAY) -> Case:
    """Reported and accepted on Tuesday at nine."""
    with clock.standing_at(at):
        case = report_leak().case
        return actions.accept(case.id, category=category, actor=county.actor("cun"))


def begun(county: County, category: str = ILLEGAL, at: datetime = TUESDAY) -> Case:
    """And in the hands of the water department."""
    case = accepted(county, category, at)
    with clock.standing_at(at):
        unit = county.unit("dept-water")
        actions.assign(case.id, unit=unit, actor=county.actor("cun"))
        return actions.sign(case.id, actor=county.actor("shui"))


def row_of(case: Case, stage: str) -> Deadline:
    """The newest of this stage."""
    return Deadline.objects.filter(case=case, stage=stage).latest("id")


def standing(case: Case) -> dict[str, datetime]:
    """The stages that are promised now, and until when."""
    found = Deadline.objects.filter(case=case, kind="stage", met_at=None, dropped_at=None)
    return {row.stage: row.due for row in found.order_by("due")}


def finish_of(case: Case) -> Deadline:
    return Deadline.objects.filter(case=case, kind="finish").latest("starts")


def reach(case: Case, stage: str, county: County, who: str = "shui") -> None:
    actions.reach_stage(case.id, stage=stage, words=SAID, actor=county.actor(who))


def finish(case: Case, county: County) -> None:
    shui = county.actor("shui")
    actions.attach(case.id, upload=actions.Upload("a.jpg", picture(), "after"), actor=shui)
    actions.finish(case.id, outcome="solved", answer="违建已经拆完，场地清了", actor=shui)


def close(case: Case, county: County) -> None:
    seen = actions.Upload("b.jpg", picture("green"), "check")
    actions.attach(case.id, upload=seen, actor=county.actor("du"))
    actions.verify(case.id, is_solved=True, words="看过了", actor=county.actor("du"))
    actions.visit_back(
        case.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
    )


def watch(moment: datetime) -> None:
    with clock.standing_at(moment):
        while jobs.watch(COUNTY):
            pass
