"""On which line of a TOML file a table or a key stands (tomllib forgets it)."""

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')


def top_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that begin outside of multi-line strings and arrays, numbered from 1."""
    depth, fence = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if line.count(fence) % 2 else fence
            continue
        if depth == 0:
            yield number, line
        bare = line
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                fence, bare = mark, line.split(mark)[0]
        bare = _QUOTED.sub("", bare).split("#")[0]
        if depth or not _HEADER.match(line):
            depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")


def header_of(line: str) -> str | None:
    """The name of the table that begins on this line."""
    header = _HEADER.match(line)
    return header[2] if header else None


class Lines:
    """The lines of one file: `find("category", 3, "size")` is where the fourth's size is."""

    def __init__(self, text: str) -> None:
        self._tables: dict[tuple[str, int], int] = {("", 0): 1}
        self._keys: dict[tuple[str, int, str], int] = {}
        seen: dict[str, int] = {}
        table, index = "", 0
        for number, line in top_lines(text):
            if header := _HEADER.match(line):
                table = header[2]
                index = seen[table] = seen.get(table, -1) + 1
                self._tables[table, index] = number
            elif key := _KEY.match(line):
                self._keys.setdefault((table, index, key[1]), number)

    def find(self, table: str, index: int = 0, key: str | None = None) -> int:
        """The key's line; without the key, the table's; without that, 0."""
        if key is not None and (table, index, key) in self._keys:
            return self._keys[table, index, key]
        return self._tables.get((table, index), 0)
