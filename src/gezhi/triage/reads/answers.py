"""What helps to answer a case: solved ones like it, standard replies, the check of a draft."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.cases.rules.sealed import Field
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.models import ReplyChange, ReplyUse, StandardReply
from gezhi.triage.rules import answers
from gezhi.triage.rules.answers import Draft
from gezhi.triage.rules.answers_found import Finding
from gezhi.triage.rules.answers_model import WORTH_A_SUMMARY
from gezhi.triage.rules.answers_plain import Plain, read_plain
from gezhi.triage.rules.answers_replies import Votes, likeness, pairs_of

_PLAIN = Path(__file__).parent.parent / "rules" / "plain.toml"
_NEWEST = 2000  # finished cases that are looked among, of all kinds asked for together
_LOOKED_BACK = timedelta(days=365)  # as far as examples and uses of replies say something
_COMPARED = 300  # those of them whose words are read
_LEAST_LIKE = 0.08
_GOOD = 4  # stars, where a reporter gave any
_ENDED = ("done", "closed")
_SEALED = (Field.NAME, Field.PHONE, Field.ADDRESS)


@cache
def plain() -> Plain:
    """The product's list of words that are hard to read."""
    return read_plain(_PLAIN.read_text(encoding="utf-8"))


# --- solved cases like this one -------------------------------------------------------------------


@dataclass(frozen=True)
class Solved:
    """A finished case whose reporters said that it is solved; words masked."""

    case: Case
    what: str
    answer: str
    took: timedelta
    votes: Votes
    is_same_kind: bool


def solved_like(actor: Actor, case: Case, *, most: int = 3) -> list[Solved]:
    """Of those the actor may see: the same kind, else its group; the most alike by words first.

    What was said in secrecy is no example for anybody.
    """
    book = rulebook.book(case.county, case.book)
    kind = case.category or case.proposed_category
    if kind not in book.categories:
        return []
    words = pairs_of(case.what)
    found = _best(_among(actor, case, [kind]), words, most)
    if len(found) < most:
        group = book.categories[kind].group
        near = [key for key, one in book.categories.items() if one.group == group and key != kind]
        found += _best(_among(actor, case, near), words, most - len(found))
    return [_solved(one, votes, kind) for one, votes in found]


_Voted = tuple[Case, Votes]


def _among(actor: Actor, case: Case, kinds: Collection[str]) -> list[_Voted]:
    """The newest finished cases of these kinds of which some reporter said well, and none ill.

    The newest of the county are taken before it is asked which of them the actor sees: who sees
    few would else have all there are read.
    """
    if not kinds:
        return []
    newest = cases.newest_ended(
        kinds, county=case.county, since=clock.now() - _LOOKED_BACK, most=_NEWEST // len(kinds)
    )
    voted = Q(reports__is_solved__isnull=False)
    well = Q(reports__is_solved=True)
    ill = Q(reports__is_solved=False) | Q(reports__rating__lt=_GOOD)
    found = (
        cases.visible_to(actor)
        .filter(pk__in=newest)
        .exclude(pk=case.pk)
        .exclude(answer="")
        .annotate(
            asked=Count("reports", filter=voted),
            well=Count("reports", filter=well),
            ill=Count("reports", filter=ill),
        )
        .filter(well__gt=0, ill=0)
        .order_by("-opened_at")
    )
    return [(one, Votes(one.asked, one.well)) for one in found[:_COMPARED]]


def _best(found: Iterable[_Voted], words: frozenset[str], most: int) -> list[_Voted]:
    marked = [(likeness(words, pairs_of(one.what)), one, votes) for one, votes in found]
    alike = sorted((each for each in marked if each[0] >= _LEAST_LIKE), key=lambda each: -each[0])
    return [(one, votes) for _mark, one, votes in alike[:most]]


def _solved(case: Case, votes: Votes, kind: str) -> Solved:
    began = case.accepted_at or case.opened_at
    return Solved(
        case=case,
        what=mask_text(case.what),
        answer=mask_text(case.answer),
        took=(case.finished_at or case.changed_at) - began,
        votes=votes,
        is_same_kind=case.category == kind,
    )


# --- standard replies -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """A standard reply with how often it was used, and what reporters said of those cases."""

    row: StandardReply
    uses: int
    votes: Votes


def must_manage(actor: Actor) -> None:
    """Who keeps the rules keeps the standard replies."""
    actor.must("rulebook.manage")


def may_manage(actor: Actor) -> bool:
    return actor.may("rulebook.manage")


def replies(actor: Actor, *, county: str) -> QuerySet[StandardReply]:
    """All of them, for who manages them."""
    must_manage(actor)
    return StandardReply.objects.filter(county=county).order_by("state", "category", "group", "id")


def reply_to_change(actor: Actor, id: UUID, *, county: str) -> StandardReply:
    """One of them, held until the transaction ends."""
    found = replies(actor, county=county).select_for_update().filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def reply_for(actor: Actor, id: UUID, *, county: str) -> StandardReply:
    """One of them."""
    found = replies(actor, county=county).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def changes_of(actor: Actor, reply: StandardReply) -> list[ReplyChange]:
    """Who changed it, the newest first."""
    must_manage(actor)
    return list(ReplyChange.objects.filter(county=reply.county, reply=reply).order_by("-id")[:50])


def fitting(case: Case, *, most: int = 6) -> list[Reply]:
    """Standard replies for an answer to this case: of its category, its group, of everything."""
    book = rulebook.book(case.county, case.book)
    key = case.category or case.proposed_category
    group = book.categories[key].group if key in book.categories else ""
    fits = Q(category=key) if key else Q(pk__in=[])
    fits |= Q(category="", group="") | (Q(group=group) if group else Q(pk__in=[]))
    found = counted(StandardReply.objects.filter(fits, county=case.county, state="in_use"))
    return sorted(found, key=lambda one: (not one.row.category, not one.row.group, -one.uses))[
        :most
    ]


def counted(found: Iterable[StandardReply]) -> list[Reply]:
    """The same with their uses and votes of the last year, one question for all of them."""
    rows = list(found)
    lately = ReplyUse.objects.filter(
        county__in={row.county for row in rows},
        reply__in=[row.pk for row in rows],
        at__gte=clock.now() - _LOOKED_BACK,
    )
    uses = lately.values("reply").annotate(
        used=Count("case", distinct=True),
        asked=Count("case__reports", filter=Q(case__reports__is_solved__isnull=False)),
        solved=Count("case__reports", filter=Q(case__reports__is_solved=True)),
    )  # fmt: skip
    by_reply = {row["reply"]: row for row in uses}
    none = {"used": 0, "asked": 0, "solved": 0}
    told = [(row, by_reply.get(row.pk, none)) for row in rows]
    return [Reply(row, one["used"], Votes(one["asked"], one["solved"])) for row, one in told]


def in_use(county: str) -> list[StandardReply]:
    """Those that answers may have been made from."""
    return list(StandardReply.objects.filter(county=county, state="in_use"))


# --- the check of a draft -------------------------------------------------------------------------


def may_answer(actor: Actor, case: Case) -> bool:
    """Whether this actor writes the answer: who may finish the case now."""
    return Act.FINISH in cases.moves_for(actor, case)


def case_to_answer(actor: Actor, ref: cases.Ref) -> Case:
    """The case, if the actor may see it and is the one who answers it."""
    case = cases.case_for(actor, ref)
    if not may_answer(actor, case):
        raise NotFound()
    return case


def findings(
    actor: Actor, case: Case, *, answer: str, outcome: str, now: datetime
) -> list[Finding]:
    """What is to be looked at in a draft of the answer to this case."""
    book = rulebook.book(case.county, case.book)
    draft = Draft(
        text=answer,
        asked=case.what,
        now=now,
        due=case.finish_by or case.due_at,
        calendar=book.calendar,
        is_solved=_claims(book, outcome),
        persons=known_of_reporters(actor, case),
    )
    return answers.check(draft, plain())


def _claims(book: Book, outcome: str) -> bool | None:
    """Whether the outcome says that it is solved; None of what says both, or nothing yet."""
    known = book.outcomes.get(outcome)
    if known is None or outcome == "partly":
        return None
    return known.is_solved


def known_of_reporters(actor: Actor, case: Case) -> list[str]:
    """What the answer must not repeat, so far as the actor may open it anyway.

    Nobody may find out who reported by typing names until one is recognised.
    """
    return [
        cases.sealed_value(case, row, field)
        for row in cases.reports_of(case)
        for field in _SEALED
        if cases.may_open(actor, case, row, field)
    ]


def all_of_reporters(case: Case) -> list[str]:
    """Every name, number and address that its reporters left, for what must not leave the house."""
    return [
        cases.sealed_value(case, row, field) for row in cases.reports_of(case) for field in _SEALED
    ]


# --- the model ------------------------------------------------------------------------------------


def may_ask_model(case: Case) -> bool:
    """Whether a model is set up, and nothing in this case was said in secrecy or is sensitive."""
    return bool(settings.MODEL_URL) and not _is_kept_close(case)


def may_summarise(actor: Actor, case: Case) -> bool:
    """Whether a report is so long that one line of it helps whoever works on it."""
    is_long = len(case.what) >= WORTH_A_SUMMARY
    return is_long and actor.may("case.note") and may_ask_model(case)


def may_propose(actor: Actor, case: Case) -> bool:
    """Whether the actor may propose this case's answer as a standard reply: who works on cases."""
    is_answered = bool(case.answer) and case.state in _ENDED
    return is_answered and actor.may("case.note") and not _is_kept_close(case)


def _is_kept_close(case: Case) -> bool:
    """Whether anybody spoke in secrecy, who began it or joined it, or its kind is sensitive."""
    if case.is_secret or cases.is_sensitive(rulebook.book(case.county, case.book), case):
        return True
    return any(row.is_secret for row in cases.reports_of(case))
