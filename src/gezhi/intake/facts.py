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
