"""What the cases do once acts and changes of divisions are both in the book."""

from collections.abc import Sequence
from uuid import UUID

from gezhi.cases import actions
from gezhi.cases.facts import CaseErased
from gezhi.places.facts import DivisionsChanged
from gezhi.record.followers import follows
from gezhi.record.models import Line

_ABOUT = "case:"


@follows("paths of cases")
def settle_paths(lines: Sequence[Line]) -> None:
    """A case written beside a change of divisions, under the old path, is not lost.

    The reaction to the change rewrites the cases it can see. An act that began before, or in a
    process that knows the old paths for one more second, may still write one of them. Both
    leave a line here, and lines are read when they are committed. So whichever line is read
    second, the case and the areas as they stand today are both seen then, and the case gets
    the path of its area. Acts pay nothing for it.
    """
    cases = {UUID(line.about.removeprefix(_ABOUT)) for line in lines if _is_about_case(line)}
    changes = [line for line in lines if line.kind == DivisionsChanged.kind]
    left = {old for line in changes for old, _new in line.data["moves"]}
    actions.settle_paths(cases=cases, inside=left)


def _is_about_case(line: Line) -> bool:
    return line.about.startswith(_ABOUT)


@follows("files that went")
def drop_files(lines: Sequence[Line]) -> None:
    """A file leaves the disk once the book says its row is gone, whatever was killed between."""
    actions.drop_files(
        (line.county, UUID(id))
        for line in lines
        if line.kind == CaseErased.kind
        for id in line.data["files"]
    )
