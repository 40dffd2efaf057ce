"""What was decided about subscriptions and peers, and what left. The host, never an address."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class WebhookMade(Fact, audited="security"):
    webhook: UUID
    account: UUID
    host: str


@dataclass(frozen=True)
class WebhookChanged(Fact, audited="security"):
    webhook: UUID
    fields: tuple[str, ...]
    host: str


@dataclass(frozen=True)
class WebhookPaused(Fact, audited="security"):
    webhook: UUID


@dataclass(frozen=True)
class WebhookResumed(Fact, audited="security"):
    webhook: UUID


@dataclass(frozen=True)
class WebhookStopped(Fact, audited="security"):
    """It stopped by itself; `why` is a code of `rules.Why`."""

    webhook: UUID
    why: str


@dataclass(frozen=True)
class WebhookSecretChanged(Fact, audited="security"):
    webhook: UUID
    until: datetime


@dataclass(frozen=True)
class WebhookReplayed(Fact, audited="security"):
    """It is told again of what stands after this line."""

    webhook: UUID
    line: int


@dataclass(frozen=True)
class WebhookSentAgain(Fact, audited="security"):
    webhook: UUID
    count: int


@dataclass(frozen=True)
class WebhookRemoved(Fact, audited="security"):
    webhook: UUID
    host: str


@dataclass(frozen=True)
class PeerMade(Fact, audited="security"):
    peer: UUID
    unit: UUID
    host: str


@dataclass(frozen=True)
class PeerChanged(Fact, audited="security"):
    peer: UUID
    fields: tuple[str, ...]
    host: str


@dataclass(frozen=True)
class PeerPaused(Fact, audited="security"):
    peer: UUID


@dataclass(frozen=True)
class PeerResumed(Fact, audited="security"):
    peer: UUID


@dataclass(frozen=True)
class PeerRemoved(Fact, audited="security"):
    peer: UUID
    host: str


@dataclass(frozen=True)
class CaseSentToPeer(Fact, audited="security"):
    """A case left the house for another city; `handover` names the stretch of work there."""

    peer: UUID
    handover: UUID
    number: str
    host: str


@dataclass(frozen=True)
class HandoverSentAgain(Fact, audited="security"):
    """Somebody had a hand-over that stopped sent once more, or gave the number it has there."""

    peer: UUID
    handover: UUID
    number: str
