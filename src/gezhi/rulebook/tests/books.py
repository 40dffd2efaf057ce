"""Books to test with: the product's own, and the same with some text changed."""

from functools import cache

from gezhi.rulebook import reads
from gezhi.rulebook.errors import BrokenRulebook, Problem
from gezhi.rulebook.rules import Book


@cache
def default_book() -> Book:
    return reads.read_files(reads.default_files(), version=1)


def files_with(name: str, old: str, new: str, *, count: int = 1) -> dict[str, str]:
    """The default files with `old` replaced in one of them."""
    files = reads.default_files()
    assert old in files[name], f"{name} holds no {old!r}"
    return files | {name: files[name].replace(old, new, count)}


def problems_of(files: dict[str, str]) -> list[Problem]:
    """What is wrong with the files; nothing for good ones."""
    try:
        reads.read_files(files)
    except BrokenRulebook as broken:
        return list(broken.problems)
    return []


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds `part`."""
    return next(at for at, line in enumerate(text.splitlines(), start=1) if part in line)
