"""What somebody asks leave for, in words: who, when, why, and what would change."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from gezhi.base.days import written
from gezhi.base.masking import mask_text
from gezhi.cases.forms.choices import name_of
from gezhi.cases.models import Approval, Case
from gezhi.cases.rules import ACT_NAMES, Act
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_ACCOUNT = "account:"


def not_now(acts: Iterable[Act]) -> str:
    """Why leave for these acts can't be granted while the clock stands."""
    names = "、".join(str(ACT_NAMES[act]) for act in acts)
    return _("工单挂起期间不能同意%(acts)s，要等恢复办理；不同意现在就可以。") % {"acts": names}


@dataclass(frozen=True)
class Asked:
    """One wish as whoever decides has to see it; `change` is the moment beside the present one."""

    act: str
    by: str
    at: str
    reason: str
    change: str
    words: str
    is_refusal: bool


def asked_of(
    wishes: Iterable[tuple[Approval, Case]], *, moment: Callable[[datetime], str] = written
) -> list[Asked]:
    """Wishes, each of its case. One query."""
    found = list(wishes)
    ids = [UUID(row.asked_by[8:]) for row, _case in found if row.asked_by.startswith(_ACCOUNT)]
    names = {f"{_ACCOUNT}{id}": name for id, name in people.account_names(ids).items()}
    return [
        Asked(
            act=str(ACT_NAMES[Act(row.act)]),
            by=names.get(row.asked_by) or _("其他系统"),
            at=moment(row.asked_at),
            reason=reason_name(row, rulebook.book(case.county, case.book)),
            change=change_words(row, case, moment),
            words=mask_text(row.words),
            is_refusal=row.act == Act.REFUSE,
        )
        for row, case in found
    ]


def reason_name(row: Approval, book: Book) -> str:
    """The reason by its name in the rulebook."""
    known, code = book.reasons(row.act), row.values.get("reason", "")
    return name_of(known[code]) if code in known else ""


def change_words(row: Approval, case: Case, moment: Callable[[datetime], str] = written) -> str:
    """由 12月18日 17:30 改到 12月25日 17:30, 挂起到 …; nothing where no moment is asked."""
    typed: Any = row.values.get("until")
    until = parse_datetime(typed) if typed else None
    if until is None:
        return ""
    if row.act == Act.PAUSE:
        return _("挂起到 %(until)s") % {"until": moment(until)}
    if case.finish_by is None:
        return _("办结期限改到 %(until)s") % {"until": moment(until)}
    said = {"due": moment(case.finish_by), "until": moment(until)}
    return _("办结期限由 %(due)s 改到 %(until)s") % said
