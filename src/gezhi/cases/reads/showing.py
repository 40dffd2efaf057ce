"""What of a case a passer-by, somebody who follows it and its reporter are shown."""

from typing import Protocol

from gezhi.base.masking import mask_text
from gezhi.cases.models import Attachment, Case, Report
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import ALWAYS, Book, Question, told


class Sorted(Protocol):
    """What of a case says how much of it may be shown."""

    @property
    def is_secret(self) -> bool: ...
    @property
    def category(self) -> str: ...
    @property
    def proposed_category(self) -> str: ...
    @property
    def county(self) -> str: ...
    @property
    def book(self) -> int: ...


def is_shown_to_all(book: Book, case: Sorted) -> bool:
    """Whether the kind of the case lets a passer-by read of it at all, and follow it."""
    kind = book.categories.get(case.category or case.proposed_category)
    return kind is not None and kind.public and not kind.sensitive and not case.is_secret


def is_sensitive(book: Book, case: Sorted) -> bool:
    """Whether the exact place of the case is kept from everybody but its first reporter."""
    kind = book.categories.get(case.category or case.proposed_category)
    return case.is_secret or kind is None or kind.sensitive


class Waiting(Sorted, Protocol):
    """What of a case says whether it can wait."""

    @property
    def is_urgent(self) -> bool: ...


def is_urgent(case: Waiting, book: Book) -> bool:
    """Whether a case is one, on every page and in every notice: its words say so, or its kind.

    Before it is accepted it is as its category that is proposed.
    """
    kind = book.categories.get(case.category or case.proposed_category)
    return case.is_urgent or bool(kind and kind.urgent)


def may_see_file(file: Attachment, case: Case, own: Report | None) -> bool:
    """Own files always; the work's public pictures; other people's only in a public case."""
    if own is not None and file.report_id == own.id:
        return True
    if not file.is_public:
        return False
    if own is None or file.report_id is not None:
        return case.is_public and file.media_type == "image/jpeg"
    return True


def told_answers(case: Case, *, is_own: bool = False) -> list[tuple[Question, str]]:
    """What was answered to the questions of its category, with them.

    Masked as all words are, but for whoever said it.
    """
    if not case.answers:
        return []
    known = rulebook.book(case.county, case.book).categories.get(case.proposed_category)
    asked = (*(known.asks if known else ()), *ALWAYS)
    found = told(asked, case.answers)
    return found if is_own else [(question, mask_text(words)) for question, words in found]
