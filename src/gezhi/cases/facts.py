"""What happened to a case, in ids and codes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class CaseFact(Fact):
    """What every fact about a case carries, so that followers need not read the case.

    `seq` and `hash` are those of the history line: the sealed book vouches for the chain.
    `was` and `state` are equal where the act left the state as it was, and so are category and
    size with what they were; `reason` is a code of the rulebook where the act asks for one.
    """

    case: UUID
    number: str
    seq: int
    hash: str
    was: str
    state: str
    holder: UUID
    holder_was: UUID
    centre: UUID
    path: str
    category: str
    category_was: str
    size: str
    size_was: str
    channel: str
    book: int
    reason: str

    @property
    def is_sorted_anew(self) -> bool:
        """Whether the act gave the case another category or size."""
        return (self.category, self.size) != (self.category_was, self.size_was)


@dataclass(frozen=True)
class CaseReported(CaseFact):
    pass


@dataclass(frozen=True)
class CaseFollowed(CaseFact):
    report: UUID


@dataclass(frozen=True)
class CaseAccepted(CaseFact):
    pass


@dataclass(frozen=True)
class CaseRefused(CaseFact):
    pass


@dataclass(frozen=True)
class CaseAssigned(CaseFact):
    """`proposed` is the unit that `rule` named (and `responsibility`, where it is laid down)."""

    leg: UUID
    rule: str
    responsibility: UUID | None
    proposed: UUID | None


@dataclass(frozen=True)
class CaseSigned(CaseFact):
    leg: UUID


@dataclass(frozen=True)
class CaseSentBack(CaseFact):
    """`proposed` is the unit that should have it, as whoever sends it back says."""

    proposed: UUID | None


@dataclass(frozen=True)
class CaseEscalated(CaseFact):
    pass


@dataclass(frozen=True)
class CaseHandedDown(CaseFact):
    pass


@dataclass(frozen=True)
class CaseWhistled(CaseFact):
    legs: tuple[UUID, ...]
    arrive_by: datetime


@dataclass(frozen=True)
class JointArrived(CaseFact):
    leg: UUID


@dataclass(frozen=True)
class JointFinished(CaseFact):
    leg: UUID


@dataclass(frozen=True)
class JointExcused(CaseFact):
    leg: UUID


@dataclass(frozen=True)
class StageReached(CaseFact):
    """A stage, by its key (`category:key`), was reached on the way to the finish."""

    stage: str


@dataclass(frozen=True)
class ReporterAsked(CaseFact):
    question: UUID
    answer_by: datetime


@dataclass(frozen=True)
class ReporterAnswered(CaseFact):
    question: UUID


@dataclass(frozen=True)
class CasePausedFact(CaseFact):
    until: datetime


@dataclass(frozen=True)
class CaseResumed(CaseFact):
    pass


@dataclass(frozen=True)
class CaseExtended(CaseFact):
    due: datetime


@dataclass(frozen=True)
class ApprovalAsked(CaseFact):
    approval: UUID
    act: str


@dataclass(frozen=True)
class ApprovalDenied(CaseFact):
    approval: UUID
    act: str


@dataclass(frozen=True)
class ApprovalLapsed(CaseFact):
    """What was asked can't be done any more, or another unit has the case: nobody decides it."""

    approval: UUID
    act: str


@dataclass(frozen=True)
class CaseSupervised(CaseFact):
    demand: UUID
    answer_by: datetime


@dataclass(frozen=True)
class SupervisionAnswered(CaseFact):
    demand: UUID


@dataclass(frozen=True)
class CaseFinished(CaseFact):
    """`is_reachable`: some reporter left a contact; without one nobody can be visited back.

    `waits_for_check`: a second person has still to look before anybody is asked about it.
    """

    outcome: str
    is_reachable: bool
    waits_for_check: bool


@dataclass(frozen=True)
class CaseVerified(CaseFact):
    """It is done, a second person says.

    `is_to_be_rated`: its reporters had to wait for that, and have still time to say so too.
    """

    is_to_be_rated: bool


@dataclass(frozen=True)
class CaseReturned(CaseFact):
    """Verification or the return visit found it not solved: back to work."""

    by: str


@dataclass(frozen=True)
class ReporterVisited(CaseFact):
    is_reached: bool


@dataclass(frozen=True)
class CaseRated(CaseFact):
    report: UUID
    is_solved: bool
    rating: int


@dataclass(frozen=True)
class CaseClosed(CaseFact):
    pass


@dataclass(frozen=True)
class CaseReopened(CaseFact):
    pass


@dataclass(frozen=True)
class CaseMerged(CaseFact):
    main: UUID


@dataclass(frozen=True)
class CaseUnmerged(CaseFact):
    main: UUID


@dataclass(frozen=True)
class CaseWithdrawn(CaseFact):
    pass


@dataclass(frozen=True)
class CaseNoted(CaseFact):
    pass


@dataclass(frozen=True)
class FileAttached(CaseFact):
    attachment: UUID
    kind_of: str


@dataclass(frozen=True)
class CaseReclassified(CaseFact):
    pass


@dataclass(frozen=True)
class CasePublished(CaseFact):
    open_to_all: bool


@dataclass(frozen=True)
class ContactCorrected(CaseFact):
    report: UUID


@dataclass(frozen=True)
class WordsCorrected(CaseFact):
    report: UUID


@dataclass(frozen=True)
class CaseErased(Fact):
    """What told of persons went from a case; about `erased:<case>`, for it is no act on the case.

    `what` is contacts, words or files, by rule; or all of one person, who began the case (report)
    or joined it (follow), and asked for it. `lines` are those of its history that lost their words:
    of any other line that has lost them nobody can say why. `files` go from the disk once this
    stands. `cause` is the removal (`removal:<id>`), empty where a person asked: theirs is `report`.
    """

    case: UUID
    number: str
    what: str
    lines: tuple[int, ...]
    files: tuple[UUID, ...]
    cause: str
    report: UUID | None = None
