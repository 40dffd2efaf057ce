"""What tests of deliveries share: a short message that waits, and the worker that sends it."""

from datetime import UTC, datetime

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.notices import actions, jobs
from gezhi.notices.models import Delivery
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, report_leak

NIGHT = datetime(2026, 11, 17, 15, 30, tzinfo=UTC)  # 23:30 in the city
MORNING = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)  # 07:30 on the next day


def ordinary() -> str:
    """A category that is not urgent."""
    return next(key for key, one in rulebook.current(COUNTY).categories.items() if not one.urgent)


def accepted(county: County, at: datetime | None = None, *, is_calm: bool = True) -> Delivery:
    """The short message to somebody whose case was accepted at this moment, else by daylight."""
    with clock.standing_at(at or TUESDAY):
        case = report_leak().case
        category = case.proposed_category
        if is_calm:
            Case.objects.filter(pk=case.pk).update(is_urgent=False)
            category = ordinary()
        cases.accept(case.id, category=category, actor=county.actor("cun"))
        tell()
    return Delivery.objects.get(notice__event="accepted", channel="sms")


def tell() -> None:
    actions.note(list(Line.objects.order_by("id")), now=clock.now())


def send(row: Delivery, at: datetime | None = None) -> Delivery:
    """What the worker does with its job, at this moment, else when it is due."""
    with clock.standing_at(at or row.due):
        jobs.send(str(row.bundle))
    row.refresh_from_db()
    return row
