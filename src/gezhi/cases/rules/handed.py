"""How a case that was handed on to another system is known by its own words. Pure.

They end with the number it has here and a mark: letters alone, which no mask takes for a number.
"""

import re
from uuid import UUID

_LETTERS = 28  # as many as an id needs
_MARK = re.compile(rf"\bgz([a-z]{{{_LETTERS}}})\b")
_ENDS = re.compile(rf"\[\d{{6}}-\d{{6,}}(?: ← [^\[\]]{{1,100}})? gz[a-z]{{{_LETTERS}}}\]")


def mark_of(id: UUID) -> str:
    """Letters that name a hand-over and nothing else."""
    rest, letters = id.int, ""
    for _each in range(_LETTERS):
        rest, digit = divmod(rest, 26)
        letters += chr(ord("a") + digit)
    return f"gz{letters}"


def marked_in(text: str) -> set[UUID]:
    """The hand-overs whose marks a text holds."""
    found = set()
    for mark in _MARK.finditer(text):
        number = 0
        for letter in reversed(mark[1]):
            number = number * 26 + ord(letter) - ord("a")
        if number < 1 << 128:
            found.add(UUID(int=number))
    return found


def end_of(number: str, before: str, mark: str) -> str:
    """What the words end with: our number, the other's own before if it was there; the mark."""
    return f"\n\n[{number}{f' ← {before}' if before else ''} {mark}]"


def without_end(what: str) -> str:
    """The words alone, for lists and for residents."""
    return _ENDS.sub("", what).rstrip()
