"""A mail that goes on with a case: the reporter's own words, added to it; from others it waits."""

from uuid import UUID

from django.db import transaction

from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case
from gezhi.intake.actions.opening import SYSTEM, left_out_words, note_of
from gezhi.intake.errors import REPLY_NOTE
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate
from gezhi.intake.rules.mail import Mail
from gezhi.rulebook import reads as rulebook


def add_reply(row: Received, source: Source, mail: Mail) -> bool:
    """Whether the mail is about a case that is there; then `row` says what became of it.

    Only from the address that reported it: anybody can write a number into a subject.
    """
    case = reads.case_answered(source, number=mail.number, answers=mail.answers)
    if case is None:
        return False
    report = reads.report_of_sender(case, mail.sender)
    row.case = case
    if report is None or mail.is_forged:
        row.fate = Fate.WAITING.value
        row.reason = "sender_unknown" if report is None else "sender_forged"
        return True
    goal = case_reads.cases_behind([case.main_id])[0] if case.main_id else case
    if goal.state not in case_rules.OPEN:
        row.fate, row.reason, row.report = Fate.WAITING.value, "case_ended", report
        return True
    _add(goal, report, mail)
    row.fate, row.report = Fate.ADDED.value, report
    return True


def _add(case: Case, report: UUID, mail: Mail) -> None:
    """As an answer, where the case asked its reporter something; else as a note of the case.

    Both in the reporter's name: they may read it again, and it goes when they ask to be forgotten.
    """
    most = rulebook.current(case.county).limits.text_max
    words = (mail.said_now or mail.incoming.what)[: most - 40]
    left_out = [*mail.left_out, *_attach(case, report, mail)]
    if words and case_reads.open_question(case, "question") is not None:
        voice = Actor(label=f"report:{report}", kind="resident", proven=frozenset({report}))
        cases.answer(case.id, words=words, actor=voice)
    elif words:
        note_of(case.id, report, str(REPLY_NOTE % {"words": words}))
    if left_out:
        note_of(case.id, report, left_out_words(left_out))


def _attach(case: Case, report: UUID, mail: Mail) -> list[str]:
    """Keep what came along, inside; the names of what could not be kept."""
    left_out = []
    for each in mail.incoming.files:
        try:
            with transaction.atomic():
                upload = cases.Upload(each.name, each.data, each.kind)
                cases.attach(case.id, upload=upload, is_public=False, report=report, actor=SYSTEM)
        except Refusal:
            left_out.append(each.name)
    return left_out
