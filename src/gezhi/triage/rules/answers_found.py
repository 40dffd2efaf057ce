"""What a check finds in an answer: where, how weighty, and in words what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gezhi.triage.rules.answers_words import WORDS


class Level(StrEnum):
    MUST = "must"
    SHOULD = "should"


MUSTS = frozenset({"unfilled", "phone", "identity", "number", "reporter"})


@dataclass(frozen=True)
class Finding:
    """One thing in the text, from `start` to `end` (the same where it is about the whole)."""

    code: str
    start: int = 0
    end: int = 0
    found: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        return Level.MUST if self.code in MUSTS else Level.SHOULD

    @property
    def says(self) -> str:
        return str(WORDS[self.code][0]) % {"found": self.found, **self.values}

    @property
    def do(self) -> str:
        return str(WORDS[self.code][1]) % {"found": self.found, **self.values}
