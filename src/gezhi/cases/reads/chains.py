"""Whether histories are whole: each line follows from the one before, and the book agrees."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from gezhi.cases.models import Case, HistoryLine
from gezhi.record import reads as record
from gezhi.record import rules as record_rules

if TYPE_CHECKING:
    from gezhi.record.models import Line

_BATCH = 500


def line_values(line: HistoryLine) -> dict[str, Any]:
    """What of a history line goes into its hash."""
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
    }


def faults_in_chain(case: Case, lines: Iterable[HistoryLine]) -> Iterator[str]:
    """What does not fit in one case's history: altered, removed, added or reordered lines."""
    before, seq = b"", 0
    for line in lines:
        seq += 1
        if line.seq != seq:
            yield f"case {case.number}: line {seq} is missing, line {line.seq} stands there"
            seq = line.seq
        if line.words and line.words_digest != record_rules.words_digest(line.salt, line.words):
            yield f"case {case.number}: the words of line {line.seq} were altered"
        if bytes(line.hash) != record_rules.chain_hash(before, line_values(line)):
            yield f"case {case.number}: line {line.seq} was altered or does not follow"
        before = bytes(line.hash)
    if seq != case.lines or before != bytes(case.head):
        yield f"case {case.number}: the history ends at line {seq}, the case says {case.lines}"


def faults_in_chains(*, county: str) -> Iterator[str]:
    """Walk every case's history; say in words what does not fit. Streams, in bounded memory."""
    lines = HistoryLine.objects.filter(county=county).order_by("case_id", "seq").iterator(2000)
    waiting = next(lines, None)
    cases = Case.objects.filter(county=county).order_by("id").defer("words").iterator(1000)
    for batch in _batched(cases, _BATCH):
        facts = record.last_facts((f"case:{case.id}" for case in batch), county=county)
        for case in batch:
            own = []
            while waiting is not None and waiting.case_id <= case.id:
                if waiting.case_id == case.id:
                    own.append(waiting)
                waiting = next(lines, None)
            yield from faults_in_chain(case, own)
            yield from _faults_against_book(case, facts.get(f"case:{case.id}"))


def _batched(cases: Iterator[Case], size: int) -> Iterator[list[Case]]:
    """The cases in lists of at most `size`."""
    while batch := list(islice(cases, size)):
        yield batch


def _faults_against_book(case: Case, last: "Line | None") -> Iterator[str]:
    """The sealed book remembers how far each history went: a cut end shows there."""
    if last is None:
        yield f"case {case.number}: the book of facts does not know it"
    elif (last.data["seq"], last.data["hash"]) != (case.lines, bytes(case.head).hex()):
        yield (
            f"case {case.number}: the book of facts tells of line {last.data['seq']},"
            f" the history ends at {case.lines}"
        )
