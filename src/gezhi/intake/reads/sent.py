"""Mails that the house sent. The room that sends them says so from above."""

from collections.abc import Callable
from uuid import UUID

Sent = Callable[[UUID], bool]
_known: list[Sent] = []


def knows_sent(read: Sent) -> Sent:
    """Registers a read that says whether a mail of this key is out and nobody has it back yet."""
    _known.append(read)
    return read


def was_sent(mail: UUID) -> bool:
    """Whether it is a mail of the house, of which it is not known yet that it came back."""
    return any(read(mail) for read in _known)
