"""Opening the case of a message, whoever brought it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from gezhi.base.actor import Actor, system
from gezhi.cases import actions as cases
from gezhi.intake import rules
from gezhi.intake.errors import CONTINUATION, CONTINUED, LEFT_OUT_NOTE
from gezhi.rulebook import reads as rulebook

SYSTEM = system("intake")


def open_case(
    *,
    county: str,
    what: str,
    where: cases.Where,
    channel: str,
    contact: cases.Contact,
    uploads: tuple[cases.Upload, ...] = (),
    category: str = "",
    label: str = "",
    source_key: str,
    opened_at: datetime | None,
    actor: Actor,
) -> cases.Reported:
    """Open it; what is longer than a case's words goes on in notes, so that all is there."""
    first, *more = _pieces(what, rulebook.current(county).limits.text_max)

    def opened() -> cases.Reported:
        return cases.report(
            county=county,
            what=first,
            where=where,
            channel=channel,
            contact=contact,
            uploads=uploads,
            category=category,
            label=label,
            source_key=source_key,
            opened_at=opened_at,
            actor=actor,
        )

    if not more:
        return opened()  # an act is a savepoint of its own
    with transaction.atomic():
        reported = opened()
        for at, words in enumerate(more, 2):
            head = str(CONTINUATION) % {"part": at, "parts": len(more) + 1}
            note_of(reported.case.id, reported.report.id, f"{head}{words}")
    return reported


def note_of(case: UUID, report: UUID, words: str) -> None:
    """A note that holds a reporter's words, in their name, so that it goes where those go."""
    cases.note(case, words=words, actor=Actor(label=f"report:{report}", kind="system"))


def left_out_words(names: Collection[str]) -> str:
    """What is said of files that came and could not be kept; their names may say who sent them."""
    return str(LEFT_OUT_NOTE % {"count": len(names)})


def _pieces(what: str, most: int) -> Sequence[str]:
    """The words as the case and its notes hold them, each piece at most `most` signs."""
    if len(what) <= most:
        return [what]
    tail = str(CONTINUED) % {"length": len(what)}
    pieces = rules.split_words(what, most - max(len(tail), 40))
    return [pieces[0] + tail, *pieces[1:]]
