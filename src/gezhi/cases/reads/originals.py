"""What was handed on and came in here again. The room that hands on says from above of which."""

from collections.abc import Callable, Collection, Iterable, Mapping
from uuid import UUID

from gezhi.cases.rules import handed

Handed = Callable[[Collection[UUID]], Mapping[UUID, UUID]]
_known: list[Handed] = []


def tells_handed(read: Handed) -> Handed:
    """Registers a read that says of which of our cases these hand-overs were."""
    _known.append(read)
    return read


def originals(texts: Iterable[str]) -> dict[str, set[UUID]]:
    """By the words of a case: those of ours that it is a copy of. Others are left out."""
    marks = {text: found for text in texts if (found := handed.marked_in(text))}
    if not marks:
        return {}
    every = set[UUID]().union(*marks.values())
    ours = {mark: case for read in _known for mark, case in read(every).items()}
    return {text: {ours[mark] for mark in found & ours.keys()} for text, found in marks.items()}
