"""Taking out what told of persons: by rule when its time is up, or one report on request.

The case stays as a stub that is still counted: category, area, times, holder, outcome. Of a line
of its history only the words go, the chain holds a salted digest of them (decision 0006).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, DateTimeField, F, Func, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock, rows
from gezhi.base.actor import Actor, system
from gezhi.cases import adapters, reads
from gezhi.cases.facts import CaseErased
from gezhi.cases.models import (
    Approval,
    Attachment,
    Case,
    HistoryLine,
    Leg,
    Question,
    Report,
    Visit,
)
from gezhi.cases.rules.moves import ENDED, Act
from gezhi.record import actions as record
from gezhi.record.actions import announce
from gezhi.record.keeping import Due, Kind, Over, keeps
from gezhi.record.rules import AuditKind

T = TypeVar("T")
_OfCases = dict[UUID, list[T]]
_CONTACT = "length(name) + length(phone) + length(address) > 0 OR resident_id IS NOT NULL"
_CALLED = "length(phone) + length(address) > 0"
_NO_CONTACT = {"name": "", "phone": "", "address": "", "phone_index": None, "resident": None}
_ENDED = [state.value for state in ENDED]
_SYSTEM = system("retention")


@rows.atomic()
def anonymise_report(report: UUID, *, reason: str, actor: Actor) -> None:
    """Take one person out of a case at once: contact, words, files, and what they answered.

    Where it is the report the case began with, the case's own words and point go too; what was
    said in a case that it was merged into goes there. Whoever may ask for it has been asked
    before; this writes down that it was done.
    """
    first = reads.case_of_report(report)
    held = _held({first} | reads.mains_above([first]))
    [case] = [each for each in held if each.id == first]
    own = reads.report_held(case, report)
    files = _erase_files(Attachment.objects.filter(report=own))
    whose = [f"report:{own.id}"]
    if own.resident_id:
        whose.append(f"resident:{own.resident_id}")
    said = Q(actor__in=whose) | Q(act=Act.VISIT_BACK.value, at__in=_erase_visits(own, held))
    if own.is_first:
        said |= Q(case=case, seq=1)
        _erase_case([case.id])
    emptied = _erase_lines(HistoryLine.objects.filter(said, case__in=held))
    Question.objects.filter(case__in=held, answered_by__in=whose).update(answer="")
    Report.objects.filter(pk=own.pk).update(**_NO_CONTACT, words="", rating_words="")
    _note_who_is_left([case.id])
    what = "report" if own.is_first else "follow"
    _tell(what, [case], emptied, files, report=own.id, actor=actor)
    mains = [each for each in held if each != case and each.id in emptied]
    _tell("follow", mains, emptied, {}, report=own.id, actor=actor)
    record.note(
        AuditKind.RETENTION,
        about=f"report:{own.id}",
        reason=reason,
        data={"kind": "one report", "case": case.number},
        county=case.county,
        actor=actor,
        now=clock.now(),
    )


def _held(ids: Iterable[UUID]) -> list[Case]:
    """Cases with those they were merged into, held in the order in which mergers hold them.

    The answer is the cases themselves, in that order.
    """
    ids = set(ids)
    with_mains = ids | reads.mains_above(ids)
    locked = Case.objects.select_for_update(no_key=True).filter(id__in=with_mains).defer("words")
    return [case for case in locked.order_by("id") if case.id in ids]


def _erase_case(cases: Iterable[UUID]) -> None:
    """The words and the point of cases; their area, category and times stay."""
    Case.objects.filter(id__in=list(cases)).update(
        what="", answers={}, place="", answer="", lon=None, lat=None, datum="", h3="", label="",
        words="",
    )  # fmt: skip


def _erase_lines(lines: QuerySet[HistoryLine]) -> _OfCases[int]:
    """Empties lines; which those were, by case."""
    emptied: _OfCases[int] = defaultdict(list)
    worded = lines.exclude(words="", salt="")
    for case, seq in worded.order_by("case", "seq").values_list("case", "seq"):
        emptied[case].append(seq)
    with connection.cursor() as cursor:  # the table's trigger asks whether this is meant
        cursor.execute("SET LOCAL gezhi.erasing = 'yes'")
        worded.update(words="", salt="")
        cursor.execute("SET LOCAL gezhi.erasing = 'no'")
    return emptied


def _erase_files(files: QuerySet[Attachment]) -> _OfCases[UUID]:
    """Takes the rows away; which those were, by case. Their files go by what `_tell` says."""
    gone: _OfCases[UUID] = defaultdict(list)
    for case, id in files.values_list("case", "id"):
        gone[case].append(id)
    Attachment.objects.filter(id__in=[id for ids in gone.values() for id in ids]).delete()
    return gone


def _erase_visits(own: Report, cases: Iterable[Case]) -> list[datetime]:
    """Empties what a reporter said to who called back; when those calls were.

    Whom a call reached is not kept. It was another where it counts as their vote; else it goes.
    """
    others = {row.rated_at for case in cases for row in _voices(case.id) if row != own}
    calls = Visit.objects.filter(case__in=cases, is_reached=True)
    at = [call.at for call in calls if call.at not in others]
    calls.filter(at__in=at).update(words="")
    return at


def _voices(case: UUID) -> QuerySet[Report]:
    """Who reported a case, and what was merged into it."""
    merged = [row.id for row in reads.reports_merged_into(case)]
    return Report.objects.filter(Q(case=case) | Q(id__in=merged))


def _note_who_is_left(cases: Iterable[UUID]) -> None:
    """Nobody is promised a call who can't be called: in these cases and in their main ones."""
    for case in reads.mains_above(cases).union(cases):
        voices = _voices(case)
        if not voices.extra(where=[_CALLED]).exists():  # noqa: S610  # a constant
            Case.objects.filter(pk=case).update(is_reachable=False)


def _tell(
    what: str,
    cases: Iterable[Case],
    lines: _OfCases[int],
    files: _OfCases[UUID],
    *,
    cause: str = "",
    report: UUID | None = None,
    actor: Actor = _SYSTEM,
) -> None:
    now = clock.now()
    for case in cases:
        fact = CaseErased(
            case=case.id, number=case.number, what=what, lines=tuple(lines.get(case.id, ())),
            files=tuple(files.get(case.id, ())), cause=cause, report=report,
        )  # fmt: skip
        announce(fact, about=f"erased:{case.id}", county=case.county, actor=actor, now=now)


def drop_files(gone: Iterable[tuple[str, UUID]]) -> None:
    """Files whose rows went, taken from the disk; all that can be, whatever one of them does."""
    faults = []
    for county, id in gone:
        try:
            adapters.drop_file(county, id)
        except OSError as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("files could not be dropped", faults)


# --- by rule -------------------------------------------------------------------------------------


def _cases(over: Over) -> QuerySet[Case]:
    """Cases that ended before a moment, with what they were merged into, and nothing holds back."""
    ended = Coalesce("closed_at", "changed_at", output_field=DateTimeField())
    found = Case.objects.filter(county=over.county, state__in=_ENDED).annotate(ended=ended)
    found = found.filter(ended__lt=over.before).exclude(id__in=over.held.cases)
    for path in over.held.paths:
        found = found.exclude(path__startswith=path)
    still = Func(F("main"), Value(_ENDED), Value(over.before), template=_MAIN_STANDS,
                 output_field=BooleanField())  # fmt: skip
    return found.filter(Q(main=None) | ~Q(still))


_MAIN_STANDS = """EXISTS (
    WITH RECURSIVE asked (main, ended, before) AS (VALUES (%(expressions)s)), above AS (
        SELECT one.* FROM cases_case one JOIN asked ON one.id = asked.main
        UNION ALL
        SELECT next.* FROM cases_case next JOIN above ON next.id = above.main_id
    )
    SELECT 1 FROM above, asked WHERE above.state <> ALL (asked.ended::text[])
    OR COALESCE(above.closed_at, above.changed_at) >= asked.before::timestamptz
)"""


def _held_still(over: Over, ids: Iterable[UUID]) -> list[Case]:
    """Those of these cases that are over still now that nobody else can change them.

    A supervisor may have reopened one meanwhile, or its main case.
    """
    held = {case.id: case for case in _held(ids)}
    return [held[id] for id in _cases(over).filter(id__in=held).values_list("id", flat=True)]


def _contacts(over: Over) -> QuerySet[Report]:
    reports = Report.objects.filter(county=over.county, case__in=_cases(over).values("id"))
    return reports.extra(where=[_CONTACT])  # noqa: S610  # a constant


def _contacts_due(over: Over) -> Due:
    found = _contacts(over)
    return Due(found.count(), found.aggregate(oldest=Min("at"))["oldest"])


@rows.atomic()
def _erase_contacts(over: Over, most: int) -> int:
    cases = _held_still(over, _contacts(over).order_by("at").values_list("case", flat=True)[:most])
    found = Report.objects.filter(case__in=cases).extra(where=[_CONTACT])  # noqa: S610  # a constant
    gone = Report.objects.filter(id__in=list(found.values_list("id", flat=True)))
    count = gone.update(**_NO_CONTACT)
    _note_who_is_left([case.id for case in cases])
    _tell("contacts", cases, {}, {}, cause=over.cause)
    return count


def _worded(over: Over) -> QuerySet[Case]:
    """Cases of which anything that somebody wrote is left."""
    lines = HistoryLine.objects.filter(county=over.county).exclude(words="").values("case")
    reports = Report.objects.filter(county=over.county).exclude(words="", rating_words="")
    left = ~Q(what="") | ~Q(answers={}) | ~Q(place="") | ~Q(answer="") | Q(lon__isnull=False)
    left |= Q(id__in=lines) | Q(id__in=reports.values("case"))
    return _cases(over).filter(left)


def _words_due(over: Over) -> Due:
    found = _worded(over)
    return Due(found.count(), found.aggregate(oldest=Min("opened_at"))["oldest"])


@rows.atomic()
def _erase_words(over: Over, most: int) -> int:
    cases = _held_still(
        over, _worded(over).order_by("opened_at").values_list("id", flat=True)[:most]
    )
    ids = [case.id for case in cases]
    _erase_case(ids)
    emptied = _erase_lines(HistoryLine.objects.filter(county=over.county, case__in=ids))
    Report.objects.filter(case__in=ids).update(words="", rating_words="")
    Question.objects.filter(case__in=ids).update(words="", answer="")
    Approval.objects.filter(case__in=ids).update(words="", decision="")
    Visit.objects.filter(case__in=ids).update(words="")
    Leg.objects.filter(case__in=ids).update(result="")
    _tell("words", cases, emptied, {}, cause=over.cause)
    return len(ids)


def _files(over: Over) -> QuerySet[Attachment]:
    return Attachment.objects.filter(county=over.county, case__in=_cases(over).values("id"))


def _files_due(over: Over) -> Due:
    found = _files(over)
    return Due(found.count(), found.aggregate(oldest=Min("at"))["oldest"])


@rows.atomic()
def _erase_old_files(over: Over, most: int) -> int:
    cases = _held_still(over, _files(over).order_by("at").values_list("case", flat=True)[:most])
    files = _erase_files(Attachment.objects.filter(case__in=cases))
    _tell("files", cases, {}, files, cause=over.cause)
    return sum(len(ids) for ids in files.values())


keeps(Kind(
    "contacts", _("诉求人的联系方式"),
    _("姓名、电话、住址被清除，账号不再关联；工单本身不变。从工单结束之日算起。"),
    730, 180, _contacts_due, _erase_contacts,
))  # fmt: skip
keeps(Kind(
    "words", _("工单里的文字"),
    _("诉求、答复、办理经过、回访和评价的文字，以及具体地点被清除；类别、区划、时间、结果保留，仍计入统计。"),
    1825, 365, _words_due, _erase_words,
))  # fmt: skip
keeps(Kind(
    "files", _("照片和附件"),
    _("照片、录音、文件和密封的原件被删除；办理经过里仍写着当时有附件。"),
    1825, 365, _files_due, _erase_old_files,
))  # fmt: skip
