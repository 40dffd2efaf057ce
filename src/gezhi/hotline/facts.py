"""What happened on the hotline. Ids and codes, never a number that called."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class CallBegan(Fact):
    """A call rings at an agent's, or was handed over to one. `holder` is that agent's unit."""

    call: UUID
    account: UUID
    holder: UUID


@dataclass(frozen=True)
class CallEnded(Fact):
    call: UUID
    seconds: int


@dataclass(frozen=True)
class CallDone(Fact):
    """What became of it: the number of its case, or the article it was answered from."""

    call: UUID
    outcome: str
    number: str
    article: UUID | None


@dataclass(frozen=True)
class CallTakenUpAgain(Fact):
    """It was settled without a case, and is not any more."""

    call: UUID


@dataclass(frozen=True)
class ArticleChanged(Fact, audited="rules"):
    """`change` is a code of `rules.Act`; the words stand in the version of this number."""

    article: UUID
    change: str
    version: int
