"""What reporters may put right: their contact by themselves, their words by who has the case.

The line of the history says what was corrected, never from what to what.
"""

from collections.abc import Iterable
from uuid import UUID

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import SignInNeeded
from gezhi.base.sealed import blind_index
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions.step import Step, begin, end
from gezhi.cases.errors import NothingCorrected, WordsMissing, WordsTooLong
from gezhi.cases.facts import ContactCorrected, WordsCorrected
from gezhi.cases.models import Case, Report
from gezhi.cases.rules.moves import State

_LONGEST = {"name": 80, "phone": 40, "address": 200}


@rows.atomic()
def correct(
    ref: reads.Ref,
    *,
    report: UUID,
    name: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    sees_contact: bool = False,
    actor: Actor,
) -> Case:
    """Put right how the reporter is reached; what is left out stays, what is empty is removed.

    Whoever has the phone reads the rest. So where another phone comes from somebody who is not
    shown the contact (`sees_contact`), whose proof is the tracking code alone, the rest goes.
    """
    step = begin(ref, rules.Act.CORRECT, actor=actor)
    if report not in actor.proven:
        raise SignInNeeded()
    own = reads.report_held(step.case, report)
    if phone is not None and clean(phone) != own.phone and not sees_contact:
        name, address = name or "", address or ""
    given = {"name": name, "phone": phone, "address": address}
    changed = [
        field
        for field, value in given.items()
        if value is not None and clean(value)[: _LONGEST[field]] != getattr(own, field)
    ]
    if not changed:
        raise NothingCorrected()
    for field in changed:
        setattr(own, field, clean(given[field] or "")[: _LONGEST[field]])
    if "phone" in changed:
        own.phone_index = blind_index(rules.phone_text(own.phone)) if own.phone else None
    step.changed.append(own)
    _note_reachable(step.case, own)
    data = {"fields": changed, "report": str(own.id)}
    return end(step, ContactCorrected, data=data, is_public=False, report=own.id)


def _note_reachable(case: Case, own: Report) -> None:
    """Whether anybody can be called about it, now that this one can be, or can't.

    What was promised when the work was done, a call or none, stands until the last word.
    """
    if case.state == State.DONE:
        return
    voices = [*reads.reports_of(case), *reads.reports_merged_into(case.id)]
    others = (each for each in voices if each.id != own.id)
    case.is_reachable = any(each.phone or each.address for each in (own, *others))
    if case.main_id and case.is_reachable:
        rows.update(Case, "id = %s", [case.main_id], is_reachable=True)


@rows.atomic()
def reword(case_id: UUID, *, report: UUID, words: str, actor: Actor) -> Case:
    """Put the corrected words in the place of what was reported.

    Whoever may grant that has been asked by the room that keeps what residents ask for.
    """
    case = reads.case_held(case_id)
    step = Step(case, rules.Act.REWORD, actor, clock.now(), State(case.state), case.holder_id)
    words = clean(words)
    most = step.book.limits.text_max
    if not words:
        raise WordsMissing()
    if len(words) > most:
        raise WordsTooLong(most=most, length=len(words))
    own = reads.report_held(case, report)
    if own.is_first:
        case.what = words
        index = rules.words_to_find(words, case.place, is_secret=case.is_secret)
        rows.update(Case, "id = %s", [case.id], words=index)  # held without it
    else:
        own.words = words
        step.changed.append(own)
    data = {"fields": ["words"], "report": str(own.id)}
    return end(step, WordsCorrected, data=data, is_public=False, report=own.id)


_AT_ONCE = 200


@rows.atomic()
def index_again() -> bool:
    """Give secret cases without an index their words, some at once; true if there may be more."""
    found = reads.secret_without_index(_AT_ONCE)
    indexed = [
        (case.id, index)
        for case in found
        if (index := rules.words_to_find(case.what, case.place, is_secret=True))
    ]
    for id, index in indexed:
        rows.update(Case, "id = %s", [id], words=index)
    return len(indexed) == _AT_ONCE


@rows.atomic()
def link_reports(
    reports: Iterable[UUID], *, by_code: bool = False, actor: Actor
) -> frozenset[UUID]:
    """Take proven reports into the account of whoever is signed in; which of them are in it now.

    `by_code`: the tracking code is all that proves them.
    """
    if actor.resident is None:
        raise SignInNeeded()
    wanted = Report.objects.filter(id__in=actor.proven & frozenset(reports))
    wanted.filter(resident=None).update(resident=actor.resident, is_taken_by_code=by_code)
    return frozenset(wanted.filter(resident=actor.resident).values_list("id", flat=True))


@rows.atomic()
def move_links(*, of: UUID, to: UUID | None) -> int:
    """What hangs on one account hangs on another, or on none; how many reports that were."""
    return Report.objects.filter(resident=of).update(resident=to)
