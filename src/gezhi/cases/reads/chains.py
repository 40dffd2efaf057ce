"""Whether histories are whole: each line follows from the one before, and the book agrees."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from gezhi.base import rows
from gezhi.cases.facts import CaseErased
from gezhi.cases.models import Case, HistoryLine
from gezhi.record import reads as record
from gezhi.record import rules as record_rules
from gezhi.record.rules import Fault, Walked

if TYPE_CHECKING:
    from gezhi.record.models import Line

_END = str(UUID(int=2**128 - 1))
_ABOUT = "case:"


def line_values(line: HistoryLine) -> dict[str, Any]:
    """What of a history line goes into its hash. Lines from before had no `public` in it."""
    return {
        "case": line.case_id,
        "seq": line.seq,
        "at": line.at.isoformat(),
        "act": line.act,
        "actor": line.actor,
        "unit": line.unit_id,
        "was": line.was,
        "state": line.state,
        "holder": line.holder_id,
        "reason": line.reason,
        "data": line.data,
        "words": line.words_digest,
        "public": line.is_public,
    }


def faults_in_chain(case: Case, lines: Iterable[HistoryLine]) -> Iterator[Fault]:
    """What does not fit in one case's history: altered, removed, added or reordered lines."""
    before, seq = b"", 0
    for line in lines:
        seq += 1
        if line.seq != seq:
            yield _fault("history_gap", case, line=seq, there=line.seq)
            seq = line.seq
        if line.words and line.words_digest != record_rules.words_digest(line.salt, line.words):
            yield _fault("history_words", case, line=line.seq)
        own = bytes(line.hash)
        if not record_rules.follows(own, before, line_values(line), added="public"):
            yield _fault("history_altered", case, line=line.seq)
        before = own
    if seq != case.lines or before != bytes(case.head):
        yield _fault("history_end", case, line=seq, lines=case.lines)


def faults_in_chains(*, county: str) -> Iterator[Fault]:
    """Walk every case's history; say what does not fit. In bounded memory."""
    walked = check_histories(county=county)
    while walked is not None:
        yield from walked.faults
        walked = check_histories(county=county, after=walked.last)


def check_histories(*, county: str, after: str = "", most: int = 500) -> Walked | None:
    """Check the histories of the cases that follow one; None after the last.

    The house is at work meanwhile: what doesn't fit at first sight is looked at once more, alone
    and held. What the book tells of between two cases has to be there as well.
    """
    if after == _END:
        return None
    cases = Case.objects.filter(county=county).order_by("id").defer("words")
    found = list((cases.filter(id__gt=after) if after else cases)[: most + 1])
    batch = found[:most]
    last = str(batch[-1].id) if len(found) > most else _END
    lines = _lines_of(batch, county)
    facts = record.last_facts(_ABOUT, after, last, county=county)
    erased = _erased_on_record(batch, lines, county)
    there = {f"{_ABOUT}{after}", *(f"{_ABOUT}{case.id}" for case in batch)}
    faults: list[Fault] = []
    for case in batch:
        if any(_faults_of(case, lines[case.id], facts, erased[case.id])):
            faults += _faults_held(case.id, county)
    faults += _removed(fact for about, fact in facts.items() if about not in there)
    return Walked(last, len(batch), tuple(faults))


def _lines_of(cases: Iterable[Case], county: str) -> dict[UUID, list[HistoryLine]]:
    lines: dict[UUID, list[HistoryLine]] = defaultdict(list)
    for line in HistoryLine.objects.filter(county=county, case__in=cases).order_by("seq"):
        lines[line.case_id].append(line)
    return lines


def _erased_on_record(
    cases: Iterable[Case], lines: Mapping[UUID, Iterable[HistoryLine]], county: str
) -> dict[UUID, set[int]]:
    """The lines of each history whose words the book says were erased; asked where some are."""
    erased: dict[UUID, set[int]] = defaultdict(set)
    asked = {
        f"erased:{case.id}": case.id for case in cases if any(map(_is_emptied, lines[case.id]))
    }
    if asked:
        for fact in record.facts_about(*asked, county=county).filter(kind=CaseErased.kind):
            erased[asked[fact.about]].update(fact.data["lines"])
    return erased


def _is_emptied(line: HistoryLine) -> bool:
    return bool(line.words_digest and not line.words)


def _faults_of(
    case: Case,
    lines: Collection[HistoryLine],
    facts: Mapping[str, "Line"],
    erased: Collection[int],
) -> Iterator[Fault]:
    yield from faults_in_chain(case, lines)
    yield from _faults_against_book(case, facts.get(f"{_ABOUT}{case.id}"))
    for line in lines:
        if _is_emptied(line) and line.seq not in erased:
            yield _fault("history_words_gone", case, line=line.seq)


@transaction.atomic
def _faults_held(id: UUID, county: str) -> list[Fault]:
    """The same of one case while nobody can act on it."""
    held = rows.fetch(Case, "id = %s FOR SHARE", [id], without=("words",))
    facts = record.last_facts(_ABOUT, str(id), str(id), county=county)
    lines = _lines_of(held, county)
    erased = _erased_on_record(held, lines, county)
    return [fault for case in held for fault in _faults_of(case, lines[id], facts, erased[id])]


def _removed(facts: Iterable["Line"]) -> list[Fault]:
    """The book has them, and the case with all that hung on it isn't there any more."""
    by_case = {UUID(fact.about.removeprefix(_ABOUT)): fact for fact in facts}
    if not by_case:
        return []
    there = set(Case.objects.filter(id__in=by_case).values_list("id", flat=True))
    return [
        Fault("case_removed", {"number": str(fact.data.get("number", "")), "line": fact.id})
        for id, fact in by_case.items()
        if id not in there
    ]


def count_of_histories(*, county: str) -> int:
    """How many histories a check of all will walk."""
    return Case.objects.filter(county=county).count()


def _fault(code: str, case: Case, **values: int) -> Fault:
    return Fault(code, {"number": case.number, **values})


def _faults_against_book(case: Case, last: "Line | None") -> Iterator[Fault]:
    """The sealed book remembers how far each history went: a cut end shows there."""
    if last is None:
        yield _fault("history_unknown", case)
    elif (last.data["seq"], last.data["hash"]) != (case.lines, bytes(case.head).hex()):
        yield _fault("history_book", case, told=int(last.data["seq"]), lines=case.lines)
