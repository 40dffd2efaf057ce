"""The keys of what is sealed: their versions, and how much still lies under each. Never a key."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gezhi.base import resealing, sealed
from gezhi.base.actor import Actor


@dataclass(frozen=True)
class Version:
    """One version of a kind of key; `where` says how many values lie where, once counted."""

    number: int
    algorithm: str
    state: str
    where: Sequence[tuple[str, int]]

    @property
    def count(self) -> int:
        return sum(many for _name, many in self.where)


@dataclass(frozen=True)
class KeyKind:
    """All versions of the sealing keys, or of the index keys, the newest first."""

    is_index: bool
    versions: Sequence[Version]


def key_kinds(actor: Actor, *, is_counted: bool) -> list[KeyKind]:
    """Both kinds. Counting reads every sealed column and file, so only where it is asked for."""
    actor.must("security.manage")
    found = sealed.keys(again=True)
    return [
        _kind(found.sealing, found.current, resealing.sealed_places(), is_counted),
        _kind(found.index, found.current_index, resealing.index_places(), is_counted, True),
    ]


def _kind(
    keys: Mapping[int, sealed.Key],
    current: int,
    places: Sequence[resealing.Place],
    is_counted: bool,
    is_index: bool = False,
) -> KeyKind:
    counts = resealing.versions(places) if is_counted else {}
    used = sum(counts.values(), Counter[int]())
    numbers = sorted(set(keys) | set(used), reverse=True)
    return KeyKind(
        is_index,
        [
            Version(
                number,
                keys[number].algorithm if number in keys else "",
                _state(number, keys, current),
                [(name, each[number]) for name, each in counts.items() if each[number]],
            )
            for number in numbers
        ],
    )


def _state(number: int, keys: Mapping[int, sealed.Key], current: int) -> str:
    if number not in keys:
        return "missing"
    if number == current:
        return "current"
    return "waits" if number > current else "old"
