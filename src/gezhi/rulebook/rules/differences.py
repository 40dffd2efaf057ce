"""What changed between two books, one line for each thing, so that a person can read it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from typing import Any, Literal

from gezhi.rulebook.rules.book import Book

SECTIONS = (
    "group", "category", "due", "ladder", "route", "first", "asset", "body", "reason", "outcome",
    "limits", "hours", "days", "exceptions", "calendar", "urgent_words", "danger", "meaning",
    "blank_words", "notice", "quiet", "digest",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One difference. `field` is empty where a whole thing was added or removed."""

    section: str
    action: Literal["added", "removed", "changed"]
    key: str
    field: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~"}[self.action]
        whole = self.before or self.after
        detail = f": {whole}" if whole and not self.field else ""
        if self.field:
            detail = f" {self.field}: {self.before} → {self.after}"
        return f"{sign} {self.section} {self.key}{detail}"


def differences(old: Book, new: Book) -> list[Change]:
    """Everything that differs, in the order of `SECTIONS`."""
    before, after = _parts(old), _parts(new)
    return [
        change
        for section in SECTIONS
        for change in _compare(section, before[section], after[section])
    ]


def _parts(book: Book) -> dict[str, Mapping[str, Any]]:
    return {
        "group": book.groups,
        "category": book.categories,
        "due": {row.id: row for row in book.due_rows},
        "ladder": {row.id: row for row in book.ladder_rows},
        "route": {row.id: row for row in book.route_rows},
        "first": {row.id: row for row in book.first_rows},
        "asset": book.assets.by_key,
        "body": book.bodies,
        "reason": {
            f"{kind}.{code}": reason
            for kind, reasons in book.all_reasons.items()
            for code, reason in reasons.items()
        },
        "outcome": book.outcomes,
        "limits": {"limits": book.limits},
        "hours": {one.name: one for one in book.calendar.hours},
        "days": {str(year): _days_of(book, year) for year in sorted(book.calendar.official.years)},
        "exceptions": {
            day.isoformat(): "working" if works else "off"
            for day, works in book.calendar.exceptions.items()
        },
        "calendar": {
            "time_zone": book.calendar.zone.key,
            "unknown_years": "weekdays" if book.calendar.guess_weekdays else "refuse",
        },
        "urgent_words": {
            key: words for key, words in book.words_of_urgency.told().items() if words
        },
        "danger": {one.key: one for one in book.dangers},
        "meaning": {one.key: one for one in book.meanings},
        "blank_words": {"blank_words": book.vocabulary.blanks} if book.vocabulary.blanks else {},
        "notice": book.notices.by_key(),
        "quiet": {"quiet": book.notices.quiet} if book.notices.quiet else {},
        "digest": {"digest": book.notices.digest} if book.notices.digest else {},
    }


def _days_of(book: Book, year: int) -> Mapping[str, list[date]]:
    official = book.calendar.official
    return {
        "off": sorted(day for day in official.off if day.year == year),
        "working": sorted(day for day in official.working if day.year == year),
    }


def _compare(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    changes = [
        Change(section, "removed", key, before=_shown_whole(old[key]))
        for key in old
        if key not in new
    ]
    for key, value in new.items():
        if key not in old:
            changes.append(Change(section, "added", key, after=_shown_whole(value)))
        elif is_dataclass(value):
            changes += _compare_fields(section, key, old[key], value)
        elif old[key] != value:
            changes.append(
                Change(section, "changed", key, "value", _shown(old[key]), _shown(value))
            )
    return changes


def _compare_fields(section: str, key: str, old: Any, new: Any) -> list[Change]:
    return [
        Change(
            section,
            "changed",
            key,
            one.name,
            _shown(getattr(old, one.name)),
            _shown(getattr(new, one.name)),
        )
        for one in fields(new)
        if one.name != "line" and getattr(old, one.name) != getattr(new, one.name)
    ]


def _shown_whole(value: Any) -> str:
    """What came or went, where it is short: a thing with fields of its own is told by its key."""
    return "" if is_dataclass(value) else _shown(value)


def _shown(value: Any) -> str:
    """A value as people write it."""
    if value is None or value == () or value == frozenset():
        return "—"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items()) or "—"
    if isinstance(value, frozenset):
        return _shown(sorted(value, key=str))
    if isinstance(value, tuple | list):
        return ", ".join(_shown(one) for one in value)
    if is_dataclass(value):
        return _shown_dataclass(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def _shown_dataclass(value: Any) -> str:
    if hasattr(value, "text"):  # a Span or a Rung is what was written
        return str(value.text)
    said = ((one.name, getattr(value, one.name)) for one in fields(value))
    return ", ".join(f"{name}={_shown(one)}" for name, one in said if one) or "—"
