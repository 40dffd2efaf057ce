"""Reading tables of TOML with types, noting every problem and going on."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from gezhi.rulebook.errors import Problem
from gezhi.rulebook.rules.lines import Lines

_TOML_LINE = re.compile(r"\(at line (\d+)")


class Table:
    """One table of a file. What is asked for and is not there, or not so, becomes a problem."""

    def __init__(
        self,
        file: "File",
        data: Mapping[str, Any],
        name: str,
        index: int = 0,
        inside: str | None = None,
    ) -> None:
        self.file, self.data, self.name, self.index = file, data, name, index
        self._inside = inside  # the key of the outer table that holds this one
        self._asked: set[str] = set()

    def line(self, key: str | None = None) -> int:
        return self.file.lines.find(self.name, self.index, self._inside or key)

    def problem(self, code: str, key: str | None = None, **values: Any) -> None:
        """Note that something is wrong here."""
        self.file.problem(code, self.line(key), **values)

    def has(self, key: str) -> bool:
        return key in self.data

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.data:
            if default is None:
                self.problem("missing", name=key)
                return kind()
            return default
        value = self.data[key]
        # bool is an int in Python, not in TOML
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem("wrong_type", key, name=key, wanted=kind.__name__)
            return default if default is not None else kind()
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value: str = self._get(key, str, default)
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        value: bool = self._get(key, bool, default)
        return value

    def number(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        value: int = self._get(key, int, default)
        if key in self.data and not least <= value <= most:
            self.problem("out_of_range", key, name=key, least=least, most=most)
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of texts; one text alone stands for a list of one."""
        self._asked.add(key)
        value = self.data.get(key)
        if isinstance(value, str):
            return (value,)
        listed = self._get(key, list, list(default) if default is not None else None)
        if not all(isinstance(one, str) for one in listed):
            self.problem("wrong_type", key, name=key, wanted="list of str")
            return ()
        return tuple(listed)

    def steps(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list in which each is a text, or a list of texts that are equals."""
        self._asked.add(key)
        value = self.data.get(key)
        listed = [value] if isinstance(value, str) else self._get(key, list, None)
        found = [[one] if isinstance(one, str) else one for one in listed]
        for one in found:
            if not isinstance(one, list) or not all(isinstance(each, str) for each in one):
                self.problem("wrong_type", key, name=key, wanted="list of str or lists of str")
                return ()
        return tuple(tuple(one) for one in found if one)

    def numbers(self, key: str, *, least: int, most: int) -> tuple[int, ...]:
        listed = self._get(key, list, None)
        if not all(isinstance(one, int) and least <= one <= most for one in listed):
            self.problem("out_of_range", key, name=key, least=least, most=most)
            return ()
        return tuple(listed)

    def dates(self, key: str) -> tuple[date, ...]:
        """A list of dates; one date alone stands for a list of one."""
        self._asked.add(key)
        value = self.data.get(key)
        listed = [value] if isinstance(value, date) else self._get(key, list, None)
        if not all(type(one) is date for one in listed):
            self.problem("wrong_type", key, name=key, wanted="YYYY-MM-DD")
            return ()
        return tuple(listed)

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if key in self.data and value not in allowed:
            self._refuse_value(key, value, allowed)
        return value

    def choices(
        self, key: str, allowed: Collection[str], default: tuple[str, ...] | None = ()
    ) -> frozenset[str]:
        values = self.texts(key, default)
        for value in values:
            if value not in allowed:
                self._refuse_value(key, value, allowed)
        return frozenset(values)

    def _refuse_value(self, key: str, value: str, allowed: Collection[str]) -> None:
        self.problem("not_one_of", key, name=key, value=value, allowed=", ".join(allowed))

    def tables(self, key: str) -> Iterator["Table"]:
        """The small tables of a list, each told by the line of the list."""
        listed = self._get(key, list, None)
        if not all(isinstance(one, dict) for one in listed):
            self.problem("wrong_type", key, name=key, wanted="list of tables")
            return
        for one in listed:
            yield Table(self.file, one, self.name, self.index, key)

    def pairs(self, key: str) -> dict[str, str]:
        """A small table of texts."""
        value = self._get(key, dict, {})
        if not all(isinstance(one, str) for one in value.values()):
            self.problem("wrong_type", key, name=key, wanted="table of str")
            return {}
        return dict(value)

    def finish(self) -> None:
        """Refuse what nobody asked for: a misspelt key must not pass silently."""
        for key in self.data:
            if key not in self._asked:
                self.problem("key_unknown", key, name=key)


class File:
    """One file of a rulebook, read as TOML, with the problems found in it."""

    def __init__(self, name: str, text: str, problems: list[Problem]) -> None:
        self.name, self.lines, self._problems = name, Lines(text), problems
        self.data: Mapping[str, Any] = {}
        self.is_readable = True
        self._asked: set[str] = set()
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            at = _TOML_LINE.search(str(error))
            self.is_readable = False
            self.problem("not_toml", int(at[1]) if at else text.count("\n") + 1, why=str(error))

    def problem(self, code: str, line: int, **values: Any) -> None:
        self._problems.append(Problem(self.name, line, code, values))

    def root(self) -> Table:
        """The keys before the first table."""
        plain = {
            key: value
            for key, value in self.data.items()
            if not isinstance(value, dict)
            and not (isinstance(value, list) and value and isinstance(value[0], dict))
        }
        self._asked.update(plain)
        return Table(self, plain, "")

    def table(self, name: str) -> Table:
        """`[name]`; absent is a problem of every key asked from it."""
        self._asked.add(name)
        value = self.data.get(name, {})
        return Table(self, value if isinstance(value, dict) else {}, name)

    def tables(self, name: str) -> Iterator[Table]:
        """Every `[[name]]`."""
        self._asked.add(name)
        value = self.data.get(name, [])
        if not isinstance(value, list):
            self.problem("wrong_type", self.lines.find(name), name=name, wanted=f"[[{name}]]")
            return
        for index, one in enumerate(value):
            if isinstance(one, dict):
                yield Table(self, one, name, index)

    def finish(self) -> None:
        """Refuse tables that nobody asked for."""
        for name in self.data:
            if name not in self._asked:
                self.problem("table_unknown", self.lines.find(name), name=name)


def note_twice(table: Table, key: str, value: str, seen: dict[str, int]) -> bool:
    """Whether `value` was there before; a problem then."""
    if value in seen:
        table.problem("twice", key, value=value, first=seen[value])
        return True
    seen[value] = table.line(key)
    return False
