"""The case: one page of its own, and the same as a part for the right side of the inbox."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases.forms import FORMS, choices
from gezhi.cases.forms.asking import asked_of
from gezhi.cases.models import Approval, Case
from gezhi.cases.pages import is_known_unreachable, sealed_of
from gezhi.cases.reads.platforms import platforms
from gezhi.cases.rules import (
    ACT_NAMES,
    CHANNEL_NAMES,
    STATE_NAMES,
    Act,
    State,
    is_by,
    is_late,
    source_number,
)
from gezhi.desk.pages import alike, ending, holding, proposal, rows, story, words
from gezhi.exchange.pages import peers
from gezhi.hotline import reads as hotline
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.reads import answers, roots

_KEYS = {
    Act.ACCEPT: "", Act.ASSIGN: "d", Act.SUPERVISE: "s", Act.ESCALATE: "e", Act.SIGN: "g",
    Act.FINISH: "f", Act.VERIFY: "v", Act.VISIT_BACK: "r",
}  # fmt: skip
# What one mostly does next stands in front; the rest is behind "more".
_IN_FRONT = (
    Act.ACCEPT, Act.ASSIGN, Act.SIGN, Act.FINISH, Act.REACH_STAGE, Act.FINISH_LEG, Act.ARRIVE,
    Act.DECIDE, Act.VISIT_BACK, Act.VERIFY, Act.ANSWER_SUPERVISION, Act.RESUME, Act.ESCALATE,
    Act.SEND_BACK, Act.SUPERVISE,
)  # fmt: skip
_MOST_IN_FRONT = 5
_NEWS_FOR = timedelta(days=7)


@require_safe
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """The case as a page: what a link in a message opens."""
    return render(request, "desk/case.html", _shown(request, ref))


@require_safe
def panel(request: HttpRequest, ref: str) -> HttpResponse:
    """The same as a part: beside a list, or (`alone`) to renew the page that it fills."""
    shown = {**_shown(request, ref), "is_page": "alone" in request.GET}
    return render(request, "desk/_case.html", shown)


def _shown(request: HttpRequest, ref: str) -> dict[str, Any]:
    actor, now = actor_of(request), clock.now()
    found = cases.case_for(actor, ref)
    book = rulebook.book(found.county, found.book)
    waiting = _waiting(found, actor, now)
    asked = [one["row"] for one in waiting["approvals"]]
    moves = _fitting(cases.moves_for(actor, found), found, waiting)
    areas = words.area_words([found.path])
    lines = list(cases.history_of(found))
    promises = story.promises(found, lines, now)
    return {
        **_facts(found, book, areas, now),
        **waiting,
        **_buttons(moves),
        "case": found,
        "handover": peers.on_case(found),
        "proposal": proposal.proposal_for(found, book, moves),
        "alike": alike.to_case(found, actor, now),
        "reporters": _reporters(found, actor, now),
        "history": story.history(lines, book, now),
        "promises": promises,
        **_next_of(promises, found),
        "clock": holding.bar_of(found, lines, asked, book, now),
        "legs": story.legs(found, now),
        "ending": ending.ending_of(found, book, now),
        "files": _files(found, actor, now),
        "point": cases.shown_point(found),
        "bounds": _bounds(found),
        "once": uuid4().hex,
        "area": areas.get(found.path, ""),
        "may_merge": Act.MERGE in moves,
        "root": roots.root_of(actor, found),
        "may_summarise": answers.may_summarise(actor, found),
        "may_propose_reply": answers.may_propose(actor, found),
        "may_answer": Act.ANSWER_SUPERVISION in moves,
        "calls": _calls(found, actor, now),
        **_related(found, actor, now),
    }


def _next_of(promises: list[story.Promised], case: Case) -> dict[str, Any]:
    """What is due next, and the unit that owes it: a helper's arrival is not the holder's."""
    first = next((one for one in promises if one.is_next), None)
    owes = people.unit(first.unit_id if first else case.holder_id)
    return {"next_kind": first.kind if first else "", "owes": owes}


def _facts(case: Case, book: Book, areas: dict[str, str], now: datetime) -> dict[str, Any]:
    units = people.units_by_ids([case.holder_id, case.centre_id])
    category = book.categories.get(case.category or case.proposed_category)
    left = words.left(case, now)
    return {
        "what": mask_text(case.what),
        "answers": [(choices.name_of(one), said) for one, said in cases.told_answers(case)],
        "where": rows.place_of(case, areas),
        "state": STATE_NAMES[State(case.state)],
        # A page calls a unit what lists call it; its full name is the title.
        "holder": units[case.holder_id],
        "platform": platforms().get(case.holder_id, ""),
        "centre": units[case.centre_id],
        "category": choices.name_of(category) if category else "",
        "is_proposed": not case.category,
        "is_sensitive": bool(category and category.sensitive),
        "is_urgent": cases.is_urgent(case, book),
        "questions_to_ask": category.questions if category and not case.category else (),
        "size": choices.SIZE_NAMES.get(case.size, ""),
        "channel": CHANNEL_NAMES.get(case.channel, case.channel),
        "opened": words.moment(case.opened_at, now),
        "source_number": source_number(case.source_key, case.channel),
        "left": left,
        "left_words": words.promise(left),
        "due": words.moment(case.due_at, now),
        "paused_until": words.moment(case.paused_until, now),
        "answer": mask_text(case.answer),
        "outcome": choices.name_of(book.outcomes[case.outcome])
        if case.outcome in book.outcomes
        else "",
    }


def _waiting(case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    """Approvals, questions, demands and visits, each with names. Four queries."""
    approvals = list(cases.approvals_of(case))
    asked = asked_of(((row, case) for row in approvals), moment=lambda at: words.moment(at, now))
    questions = list(cases.questions_of(case))
    visits = list(cases.visits_of(case))
    labels = [row.asked_by for row in questions]
    labels += [row.decided_by for row in approvals if row.decided_by]
    names = words.people_names([*labels, *(row.actor for row in visits)])
    return {
        "approvals": [
            {
                "row": row,
                "asked": one,
                "is_open": row.decided_at is None,
                "is_lapsed": _has_lapsed(row, actor, now),
                "decided_by": names.get(row.decided_by, ""),
                "may_decide": not is_by(row.asked_by, actor),
            }
            for row, one in zip(approvals, asked, strict=True)
        ],
        "questions": [
            {
                "is_demand": row.kind == "demand",
                "words": mask_text(row.words),
                "by": names[row.asked_by],
                "at": words.moment(row.asked_at, now),
                "answer_by": words.moment(row.answer_by, now),
                "is_late": row.kind == "demand" and is_late(row.answer_by, at=now),
                "answer": mask_text(row.answer),
                "is_open": row.answered_at is None,
            }
            for row in questions
        ],
        "visit_rows": [
            {"row": row, "by": names[row.actor], "at": words.moment(row.at, now),
             "words": mask_text(row.words)}
            for row in visits
        ],
    }  # fmt: skip


def _has_lapsed(row: Approval, actor: Actor, now: datetime) -> bool:
    """Whether who asked should be told, for some days, that nobody will decide it any more."""
    was_decided = row.decided_at is None or row.is_granted is not None
    return not was_decided and is_by(row.asked_by, actor) and _is_news(row.decided_at, now)


def _is_news(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < _NEWS_FOR


def _fitting(moves: tuple[Act, ...], case: Case, waiting: dict[str, Any]) -> tuple[Act, ...]:
    """The moves that have something to move: an approval to decide, a demand to answer."""
    demands = [row for row in waiting["questions"] if row["is_demand"] and row["is_open"]]
    decisions = [row for row in waiting["approvals"] if row["is_open"] and row["may_decide"]]
    joint = cases.joint_units(case) if Act.EXCUSE_LEG in moves else frozenset()
    idle = {
        Act.ANSWER_SUPERVISION: not demands,
        Act.DECIDE: not decisions,
        Act.EXCUSE_LEG: not joint,
        Act.HAND_DOWN: Act.HAND_DOWN in moves and not choices.lower_centres(case),
        Act.ESCALATE: Act.ESCALATE in moves
        and people.parent_centre(people.unit(case.centre_id)) is None,
        Act.VERIFY: case.is_verified,
        # Nobody is called before a second person has looked, or who left no number; the page
        # says so.
        Act.VISIT_BACK: case.is_reachable is False
        or cases.waits_for_check(case, rulebook.book(case.county, case.book)),
    }
    return tuple(act for act in moves if act in FORMS and not idle.get(act, False))


def _buttons(moves: tuple[Act, ...]) -> dict[str, Any]:
    front = [act for act in _IN_FRONT if act in moves][:_MOST_IN_FRONT]
    rest = [act for act in moves if act not in front]
    return {
        "front": [(act.value, ACT_NAMES[act], _KEYS.get(act, "")) for act in front],
        "rest": [(act.value, ACT_NAMES[act], _KEYS.get(act, "")) for act in rest],
    }


def _reporters(case: Case, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Every voice, masked."""
    looker = cases.looker(actor, case)
    return [
        {
            "id": row.id,
            "sealed": sealed_of(case, row, looker),
            "is_first": row.is_first,
            "is_secret": row.is_secret,
            "at": words.moment(row.at, now),
            "words": mask_text(row.words),
            "is_unreachable": is_known_unreachable(row, looker),
            "is_solved": row.is_solved,
            "rating": row.rating,
            "rating_words": mask_text(row.rating_words),
            "rated": row.rated_at is not None,
        }
        for row in cases.reports_of(case)
    ]


def _related(case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    """The main case this one went into, and those that went into it, if the actor may see them."""
    seen = cases.visible_to(actor)
    mains = list(seen.filter(pk=case.main_id)) if case.main_id else []
    merged = list(seen.filter(main=case)[:20])
    rowed = rows.rows_of([*mains, *merged], now) if mains or merged else []
    return {"main": rowed[0] if mains else None, "merged": rowed[len(mains) :]}


def _calls(case: Case, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The calls it came in by, for who answers calls or looks over them; never a number."""
    if not hotline.is_for_calls(actor):
        return []
    return [
        {"row": row, "by": row.account.name, "at": words.moment(row.began_at, now)}
        for row in hotline.calls_of_case(case.id)
    ]


def _files(case: Case, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "kind": choices.ATTACHMENT_NAMES.get(row.kind, row.kind),
            "is_picture": row.media_type.startswith("image/"),
            "at": words.moment(row.at, now),
            "taken": words.moment(row.taken_at, now),
            # What a resident's phone calls a file may say who they are.
            "name": row.name if row.report_id is None else "",
        }
        for row in cases.attachments_of(case)
        if cases.knows_voice(actor, row)
    ]


def _bounds(case: Case) -> str:
    """Where the map looks when the case has no point: its area (without one, the county)."""
    if cases.shown_point(case):
        return ""
    shape = places.outline(case.area_id)
    return ",".join(f"{value:.5f}" for value in shape.bounds) if shape else ""
