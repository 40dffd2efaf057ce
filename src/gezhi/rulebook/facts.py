"""What happens to a county's rulebook."""

from dataclasses import dataclass

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class RulebookApplied(Fact, audited="rules"):
    """A version became the one in force."""

    version: int
    digest: str
