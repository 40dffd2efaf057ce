"""Escalation ladders: after a broken promise, whom to tell when, one rung after the other."""

from dataclasses import dataclass

from gezhi.rulebook.rules.due import Span, When

# holder: the people of the holding unit; head: its heads; centre: supervisors of the centre in
# charge; above: supervisors of the next higher centre, each further `above` one more up; top:
# supervisors of the root's centre; leader: leaders of the root's centre.
TELLS = ("holder", "head", "centre", "above", "top", "leader")


@dataclass(frozen=True)
class Rung:
    """Whom to tell when a promise has been broken for `after`. Zero is the broken moment itself."""

    after: Span
    tell: str

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.after.text} {self.tell}"


@dataclass(frozen=True)
class LadderRow:
    """One ladder under conditions (`when.kind`: the kinds of promise it is for).

    `first` says on purpose that it goes before the rows below wherever they cross.
    """

    id: str
    when: When
    steps: tuple[Rung, ...]
    line: int
    first: bool = False

    @property
    def says(self) -> tuple[Rung, ...]:
        """What it comes to, whatever its conditions."""
        return self.steps
