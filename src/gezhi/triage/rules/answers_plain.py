"""The list of words that are hard to read, and what of it stands in a text. Pure."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

KINDS = ("stiff", "filler", "empty", "short")


@dataclass(frozen=True)
class Plain:
    """Words by kind, each with what to say instead ("" where it may just go)."""

    words: Mapping[str, Mapping[str, str]]
    patterns: Mapping[str, re.Pattern[str]]
    common: frozenset[str]

    def find(self, kind: str, text: str) -> Iterator[tuple[re.Match[str], str]]:
        """Each word of a kind that stands in the text, and its plain one."""
        for found in self.patterns[kind].finditer(text):
            yield found, self.words[kind][found[0]]


def read_plain(text: str) -> Plain:
    """The list from its file. A row without its word, or a kind nobody knows, stops the start."""
    data = tomllib.loads(text)
    common = frozenset(data.pop("common"))
    if unknown := set(data) - set(KINDS):
        raise ValueError(f"plain.toml: nobody knows {sorted(unknown)}; write {', '.join(KINDS)}")
    words = {kind: {row["word"]: row.get("plain", "") for row in data[kind]} for kind in KINDS}
    return Plain(words, {kind: _any_of(words[kind]) for kind in KINDS}, common)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """The longest that fits at a place, so that a word inside a longer one does not count."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
