"""What a finished case still waits for, in words: a second person's look, the reporter's word."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import State
from gezhi.desk.pages import words
from gezhi.people import reads as people
from gezhi.rulebook.rules import Book


def ending_of(case: Case, book: Book, now: datetime) -> dict[str, str]:
    """`check`: who waits for whose look; `closing`: when and how it closes without a call."""
    found = {"check": "", "closing": ""}
    if case.state != State.DONE:
        return found
    waits = cases.waits_for_check(case, book)
    if waits:
        found["check"] = check_words(case)
    if case.is_reachable is False:
        found["closing"] = _closing_words(case, book, now, waits=waits)
    return found


def check_words(case: Case) -> str:
    """Who may look, and what waits for it."""
    unit = people.unit(case.centre_id).label
    return _(
        "这类事项办结以后，要由办结人以外的人到现场核查，核查以后才能回访、结案。"
        "%(unit)s和上级中心的受理员、督办员，当地的网格员都可以核查。"
    ) % {"unit": unit}


def _closing_words(case: Case, book: Book, now: datetime, *, waits: bool) -> str:
    days = book.limits.rate_days
    ends = case.finished_at + timedelta(days=days) if case.finished_at else now
    said = ngettext(
        "诉求人没有留联系方式，不用回访；%(days)s 天内没有评价就自动结案：%(moment)s。",
        "诉求人没有留联系方式，不用回访；%(days)s 天内没有评价就自动结案：%(moment)s。",
        days,
    ) % {"days": days, "moment": words.moment(ends, now)}
    return f"{said}{_('结案以前先要核查。')}" if waits else said
