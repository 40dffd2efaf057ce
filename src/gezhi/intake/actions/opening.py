"""Opening the case of a message, whoever brought it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from gezhi.base.actor import Actor, system
from gezhi.cases import actions as cases
from gezhi.intake import rules
from gezhi.intake.errors import CONTINUATION, CONTINUED
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
            cases.note(reported.case.id, words=f"{head}{words}", actor=SYSTEM)
    return reported


def _pieces(what: str, most: int) -> Sequence[str]:
    """The words as the case and its notes hold them, each piece at most `most` signs."""
    if len(what) <= most:
        return [what]
    tail = str(CONTINUED) % {"length": len(what)}
    pieces = rules.split_words(what, most - max(len(tail), 40))
    return [pieces[0] + tail, *pieces[1:]]
