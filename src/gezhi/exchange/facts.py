"""What was decided about subscriptions, and what stopped one. The host, never a whole address."""

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
