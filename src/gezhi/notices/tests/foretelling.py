"""What a form foretells, and what is sent then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.notices import actions, reads
from gezhi.notices.models import Delivery
from gezhi.record.models import Line
from tests.cast import GRID, County, plain_reason, report_leak

Login = Callable[[str], Client]


def foretold(case: Case, act: Act, who: str, county: County, **values: Any) -> list[str]:
    """The words that the preview says will leave the house."""
    found = reads.preview(case_reads.case_for(county.actor(who), case.id), act, values,
                          actor=county.actor(who))  # fmt: skip
    return sorted(one.words for one in found if one.channel is not None)


def sent(after: int) -> list[str]:
    """The words that did, one message for each bundle."""
    lines = list(Line.objects.filter(id__gt=after).order_by("id"))
    actions.note(lines, now=clock.now())
    bundles: dict[object, list[str]] = {}
    for row in Delivery.objects.filter(account__isnull=True).order_by("made_at", "id"):
        bundles.setdefault(row.bundle, []).append(row.words)
    return sorted("\n".join(words) for words in bundles.values())


def last_line() -> int:
    return Line.objects.order_by("-id").values_list("id", flat=True).first() or 0


class Over(Exception):
    """Ends an example: nothing of it stays."""


def ready(county: County, *, until: str = "handling", at: str = GRID) -> Case:
    """A case with the water department, as far as that."""
    case = report_leak(at=at).case
    cun, shui = county.actor("cun"), county.actor("shui")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    if until == "accepted":
        return case
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    cases.sign(case.id, actor=shui)
    if until == "handling":
        return case
    cases.finish(
        case.id, outcome="cannot", reason=plain_reason("cannot"), answer="水管太旧，要换新的。",
        actor=shui,
    )  # fmt: skip
    if until == "closed":
        with clock.standing_at(clock.now() + timedelta(hours=1)):
            cases.visit_back(case.id, is_reached=True, is_solved=True, actor=county.actor("fang"))
    return case


def asked(county: County, act: Act, **values: Any) -> Case:
    """One for which leave was asked."""
    case = ready(county)
    getattr(cases, act.value)(
        case.id, reason=plain_reason(act.value), actor=county.actor("shui"), **values
    )
    return case


def later(days: int = 1) -> datetime:
    return clock.now() + timedelta(days=days)


def asking(county: County) -> Case:
    case = ready(county)
    cases.ask(case.id, words="哪一头漏？", actor=county.actor("shui"))
    return case


def demanded(county: County) -> Case:
    case = ready(county)
    cases.supervise(case.id, words="今天答复", answer_by=later(3), actor=county.actor("du"))
    return case


WATER, ROADS = "dept-water", "dept-transport"
