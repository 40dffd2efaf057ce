"""What a report is about."""

from gezhi.rulebook import reads as rulebook
from gezhi.triage.reads.training import in_force
from gezhi.triage.rules import What
from gezhi.triage.rules.kinds import kind_of


def what(text: str, *, county: str) -> What:
    """The kinds of matter that `text` points at, and how sure that is."""
    return kind_of(text, book=rulebook.current(county), in_force=in_force(county))
