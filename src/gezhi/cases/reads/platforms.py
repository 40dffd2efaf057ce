"""Units whose work is done on another platform. The room that knows which says so from above."""

from collections.abc import Callable, Mapping
from uuid import UUID

Platforms = Callable[[], Mapping[UUID, str]]
_known: list[Platforms] = []


def tells_platforms(read: Platforms) -> Platforms:
    """Registers a read that says which units these are, and what their platforms are called."""
    _known.append(read)
    return read


def platforms() -> dict[UUID, str]:
    """What each unit's platform is called; a unit that works here is left out."""
    return {unit: name for read in _known for unit, name in read().items()}
