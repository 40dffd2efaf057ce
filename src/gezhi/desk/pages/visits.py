"""Two working lists: whom to call back, and what waits for a decision."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases.forms import FORMS, choices
from gezhi.cases.forms.asking import asked_of, not_now
from gezhi.cases.models import Approval, Case
from gezhi.cases.pages import sealed_of
from gezhi.cases.rules import Act, waits_for_clock
from gezhi.cases.rules.sealed import Field
from gezhi.desk import reads as desk
from gezhi.desk.pages import ending, rows, words
from gezhi.desk.rules import left_of
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_MOST = 30
_TO_CALL = (Field.NAME, Field.PHONE)


@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """Whom to call, what was promised and done, how often it was tried; the answer in the row."""
    actor, now = actor_of(request), clock.now()
    actor.must("case.visit_back")
    now_due, later = desk.to_visit(actor, county=settings.COUNTY)
    calls = list(now_due.prefetch_related("reports")[: _MOST + 1])
    # However many there are to call, those that wait for a check are seen behind them.
    unchecked = list(later.prefetch_related("reports")[: _MOST + 1])
    found = [*calls[:_MOST], *unchecked[:_MOST]]
    silent = list(cases.to_hear(actor).filter(county=settings.COUNTY)[: _MOST + 1])
    books = _books_of([*found, *silent])
    entries = [
        {
            "row": row,
            "case": case,
            "tries": case.tries,  # type: ignore[attr-defined]  # to_visit counts them
            "answer": mask_text(case.answer),
            "most_tries": books[case.book].limits.visit_tries,
            "outcome": _outcome(case.outcome, books[case.book]),
            "finished": words.moment(case.finished_at, now),
            "reporter": _reporter(case, actor),
            "check": _check(case, books[case.book]),
            "form": FORMS[Act.VISIT_BACK](case=case, actor=actor, auto_id=f"v{case.number}_%s"),
            "once": uuid4().hex,
        }
        for case, row in zip(found, rows.rows_of(found, now), strict=True)
    ]
    shown = {
        "entries": entries,
        "has_more": len(calls) > _MOST,
        "has_more_unchecked": len(unchecked) > _MOST,
        "silent": _silent(silent[:_MOST], books, now),
        "has_more_silent": len(silent) > _MOST,
        "most_tries": rulebook.current(settings.COUNTY).limits.visit_tries,
        "verb": _("记录回访"),
    }
    return render(request, "desk/visits.html", shown)


def _books_of(found: list[Case]) -> dict[int, Book]:
    """The rulebooks they were opened under, each asked for once."""
    versions = {case.book for case in found}
    return {version: rulebook.book(settings.COUNTY, version) for version in versions}


def _silent(found: list[Case], books: dict[int, Book], now: datetime) -> list[dict[str, Any]]:
    """Whom nobody can call; until when they may still say a word by number and tracking code."""
    return [
        {
            "row": row,
            "finished": words.moment(case.finished_at, now),
            "until": words.moment(_after(case.finished_at, books[case.book].limits.rate_days), now),
        }
        for case, row in zip(found, rows.rows_of(found, now), strict=True)
    ]


def _check(case: Case, book: Book) -> str:
    """Why nobody is called yet."""
    return ending.check_words(case) if cases.waits_for_check(case, book) else ""


def _after(at: datetime | None, days: int) -> datetime | None:
    return at + timedelta(days=days) if at else None


def _reporter(case: Case, actor: Actor) -> dict[str, Any] | None:
    first = cases.who_is_called(case.reports.all())
    if first is None:
        return None
    looker = cases.looker(actor, case)
    found = [one for one in sealed_of(case, first, looker) if one.field in _TO_CALL]
    return {"is_secret": first.is_secret, "sealed": found}


def _outcome(code: str, book: Book) -> str:
    return choices.name_of(book.outcomes[code]) if code in book.outcomes else ""


@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What somebody asks leave for; each can be granted or denied in its row."""
    actor, now = actor_of(request), clock.now()
    actor.must("case.approve")
    found = list(cases.approvals_for(actor).filter(county=settings.COUNTY)[:_MOST])
    units = people.unit_names(row.unit_id for row in found if row.unit_id)
    listed = rows.rows_of([row.case for row in found], now)
    wishes = asked_of(((row, row.case) for row in found), moment=lambda at: words.moment(at, now))
    entries = [
        {
            "row": listed[at],
            "case": asked.case,
            "approval": asked,
            "asked": wishes[at],
            "unit": units.get(asked.unit_id, "") if asked.unit_id else "",
            "finish": words.moment(asked.case.finish_by, now),
            "left": _left(asked.case, now),
            "not_now": _not_now(asked),
            "once": uuid4().hex,
        }
        for at, asked in enumerate(found)
    ]
    return render(request, "desk/approvals.html", {"entries": entries})


def _not_now(asked: Approval) -> str:
    """Why it can't be granted as the case stands; "" where it can."""
    act, is_paused = Act(asked.act), asked.case.paused_until is not None
    return not_now([act]) if waits_for_clock(act, is_paused=is_paused) else ""


def _left(case: Case, now: datetime) -> str:
    """How long the whole has still, whatever else is due before."""
    if case.finish_by is None:
        return ""
    left = left_of(
        start=case.opened_at,
        due=case.finish_by,
        paused_until=case.paused_until,
        paused_at=case.paused_at,
        now=now,
    )
    return words.promise(left)
