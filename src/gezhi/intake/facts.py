"""What happens to an import."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class ImportStarted(Fact):
    """Somebody confirmed the columns; rows go in from here on."""

    import_id: UUID
    channel: str
    rows: int


@dataclass(frozen=True)
class ImportStopped(Fact):
    """It stands still, by somebody's wish or because it can't go on (`reason`)."""

    import_id: UUID
    done: int
    reason: str


@dataclass(frozen=True)
class ImportFinished(Fact):
    """Every row is in, known or reported: added + known + failed is rows."""

    import_id: UUID
    rows: int
    added: int
    known: int
    failed: int


@dataclass(frozen=True)
class SourceChanged(Fact, audited="security"):
    """A source was made, changed, switched on or off, removed, or got another secret (`what`)."""

    source_id: UUID
    what: str


@dataclass(frozen=True)
class MessageReceived(Fact):
    """A source brought a message that went in, or into a case that was there."""

    source_id: UUID
    received_id: UUID
    fate: str
    case: UUID


@dataclass(frozen=True)
class MailReturned(Fact):
    """A mail of the house came back and will not arrive: its key, and why, as RFC 3463 counts."""

    mail: UUID
    status: str
