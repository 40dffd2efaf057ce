"""Texts that are nearly the same, so that none is asked of a model that has read its twin."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gezhi.triage.rules.sameness import Sketch, bands, grams, shared, sketch

_ALIKE = 0.6  # of their grams
_ERA = 0  # all of one: nothing here grows with the years


class _Seen:
    """Sketches that were met, found again by their bands."""

    def __init__(self) -> None:
        self.sketches: list[Sketch] = []
        self.in_band: dict[tuple[int, int], int] = {}

    def twins(self, found: Sketch) -> list[int]:
        """Those nearly the same as this one; of many in one band the first stands for all."""
        near = {
            self.in_band[band] for band in enumerate(bands(found, _ERA)) if band in self.in_band
        }
        return [at for at in sorted(near) if shared(found, self.sketches[at][None, :])[0] >= _ALIKE]

    def add(self, found: Sketch) -> None:
        for band in enumerate(bands(found, _ERA)):
            self.in_band.setdefault(band, len(self.sketches))
        self.sketches.append(found)


def groups_of(texts: Sequence[str]) -> NDArray[np.intp]:
    """One number for all texts that are nearly the same as another of their group."""
    seen, groups = _Seen(), np.arange(len(texts), dtype=np.intp)
    members: dict[int, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        found = sketch(grams(text))
        members[at].append(at)
        for group in {int(groups[twin]) for twin in seen.twins(found)}:
            members[at] += members.pop(group)
        groups[members[at]] = at
        seen.add(found)
    return groups


def not_seen(texts: Sequence[str], before: Sequence[str]) -> list[bool]:
    """Of each text whether none of those before is nearly the same."""
    seen = _Seen()
    for text in before:
        seen.add(sketch(grams(text)))
    return [not seen.twins(sketch(grams(text))) for text in texts]
