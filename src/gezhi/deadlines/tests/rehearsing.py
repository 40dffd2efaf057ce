"""What tests of rehearsals share: a case worked through, a rehearsal asked for and run."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.deadlines import jobs
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.models import Rehearsal
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, report_leak

ROOT = "/desk/admin/rulebook/rehearsals/"
Login = Callable[[str], Client]
DAY = timedelta(days=1)


def files_with(*changes: tuple[str, str, str]) -> dict[str, str]:
    """The files in force, changed."""
    files = rulebook.default_files()
    for name, old, new in changes:
        assert old in files[name], old
        files[name] = files[name].replace(old, new)
    return files


# The leak is urgent: to be signed in 15 minutes, and its category goes to the water department.
QUICKER = ("deadlines.toml", 'within = "15 minutes"', 'within = "1 minute"')


def worked_case(county: County) -> Case:
    """Accepted after 2, sent after 4 and signed after 9 minutes; finished in two hours."""
    with clock.standing_at(TUESDAY):
        case = report_leak().case
    for minutes, step in (
        (2, lambda: cases.accept(
            case.id, category=case.proposed_category, actor=county.actor("cun"))),
        (4, lambda: cases.assign(
            case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))),
        (9, lambda: cases.sign(case.id, actor=county.actor("shui"))),
        (120, lambda: cases.finish(
            case.id, outcome="cannot", reason=next(iter(_reasons())),
            answer="管道属于小区物业，已经告知。", actor=county.actor("shui"))),
    ):  # fmt: skip
        with clock.standing_at(TUESDAY + timedelta(minutes=minutes)):
            step()
    return case


def _reasons() -> Any:
    return rulebook.current(COUNTY).reasons("cannot")


def begin(county: County, *changes: tuple[str, str, str], who: str = "guan") -> Rehearsal:
    day = timezone.localtime(TUESDAY).date()
    return actions.start_rehearsal(
        files_with(*changes),
        since=day,
        until=day + DAY,
        key=uuid4().hex,
        county=COUNTY,
        actor=county.actor(who),
    )


def through(found: Rehearsal) -> Rehearsal:
    """As the worker would do it."""
    jobs.run_rehearsal(str(found.id))
    found.refresh_from_db()
    return found


def waiting_jobs() -> list[str]:
    found = ProcrastinateJob.objects.filter(
        task_name="gezhi.deadlines.jobs.run_rehearsal", status="todo"
    )
    return [job.args["id"] for job in found]


def form_of(answer: Any) -> dict[str, str]:
    """What the form of a page would send."""
    form = answer.context["form"]
    return {name: str(form[name].value()) for name in form.fields}
