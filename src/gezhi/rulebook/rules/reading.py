"""From the text of the files to a book, or to every problem in them at once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gezhi.rulebook.errors import LATER_FAULTS, BrokenRulebook, Problem
from gezhi.rulebook.rules.book import (
    REASON_KINDS,
    TOLD_REASONS,
    Book,
    Limits,
    Outcome,
    Reason,
)
from gezhi.rulebook.rules.calendars import OfficialDays
from gezhi.rulebook.rules.categories import Urgency, make_vocabulary, make_words
from gezhi.rulebook.rules.reading_calendar import read_calendar
from gezhi.rulebook.rules.reading_categories import (
    SIMILAR,
    check_stages,
    read_categories,
    read_dangers,
    read_groups,
    read_meanings,
)
from gezhi.rulebook.rules.reading_ladders import read_ladders
from gezhi.rulebook.rules.reading_notices import read_notices
from gezhi.rulebook.rules.reading_rows import (
    check_assets,
    read_assets,
    read_bodies,
    read_due_rows,
    read_first_rows,
    read_route_rows,
)
from gezhi.rulebook.rules.tables import File, Table, note_twice

# The files a book must have, and those that the product's own stand for when they are left out.
FILES = ("categories.toml", "deadlines.toml", "routing.toml", "calendar.toml", "reasons.toml")
OPTIONAL_FILES = ("notices.toml",)
_ALL = FILES + OPTIONAL_FILES
_PLACE = {name: place for place, name in enumerate(_ALL)}


def digest_of(files: Mapping[str, str]) -> str:
    """What tells two sets of files apart: SHA-256 over names and texts, line ends made equal."""
    plain = {name: text.replace("\r\n", "\n") for name, text in files.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def read_book(
    files: Mapping[str, str],
    *,
    official: OfficialDays,
    defaults: Mapping[str, str],
    version: int = 0,
    stored: bool = False,
) -> Book:
    """The book these files are, or `BrokenRulebook` with all that is wrong in them.

    `defaults` are the product's own: what they say of ladders and notices holds where the files
    say nothing. `stored`: they were in force once, and what is only looked for since then is not
    held against them.
    """
    problems = [
        Problem(name, 0, "file_unknown", {"allowed": ", ".join(_ALL)})
        for name in sorted(set(files) - set(_ALL))
    ]
    problems += [Problem(name, 0, "file_missing") for name in FILES if name not in files]
    left_out = {name: defaults[name] for name in OPTIONAL_FILES if name not in files}
    texts = {name: text for name, text in files.items() if name in _ALL} | left_out
    opened = {name: File(name, texts.get(name, ""), problems) for name in _ALL}
    if any(one.code in {"file_missing", "not_toml"} for one in problems):
        raise BrokenRulebook(problems)
    older = _Older(
        ladders=_saying(opened["deadlines.toml"], "ladder", defaults, problems),
        assets=_saying(opened["routing.toml"], "asset", defaults, problems),
        firsts=_saying(opened["routing.toml"], "first", defaults, problems),
        words=File("notices.toml", defaults["notices.toml"], problems),
    )
    book = _assemble(opened, older, digest_of(files), official, version)
    for file in opened.values():
        file.finish()
    problems = [one for one in problems if not (stored and one.code in LATER_FAULTS)]
    if problems:
        raise BrokenRulebook(sorted(problems, key=_place))
    return book


def _place(problem: Problem) -> tuple[int, int]:
    """Problems stand in the order of the files; those of files nobody knows come last."""
    return _PLACE.get(problem.file, len(_ALL)), problem.line


@dataclass(frozen=True)
class _Older:
    """Where it is read what files from before say nothing of: in them, or in the product's own.

    `words` are the product's own notices.
    """

    ladders: File
    assets: File
    firsts: File
    words: File


def _saying(file: File, table: str, defaults: Mapping[str, str], problems: list[Problem]) -> File:
    return file if table in file.data else File(file.name, defaults[file.name], problems)


def _assemble(
    opened: Mapping[str, File],
    older: _Older,
    digest: str,
    official: OfficialDays,
    version: int,
) -> Book:
    bodies = read_bodies(opened["routing.toml"])
    kinds = opened["categories.toml"]
    groups = read_groups(kinds)
    categories = read_categories(kinds, groups, bodies)
    root = kinds.root()
    blanks = root.texts("blank_words")
    urgency = _read_urgency(root)
    root.finish()
    due_rows = read_due_rows(opened["deadlines.toml"], categories)
    check_stages(kinds, categories, due_rows)
    assets = read_assets(older.assets)
    check_assets(kinds, categories, assets)
    return Book(
        version=version,
        digest=digest,
        groups={key: one.group for key, one in groups.items()},
        categories=categories,
        calendar=read_calendar(opened["calendar.toml"], official),
        due_rows=due_rows,
        ladder_rows=read_ladders(older.ladders, categories),
        route_rows=read_route_rows(opened["routing.toml"], categories, bodies, assets),
        first_rows=read_first_rows(older.firsts, categories),
        assets=assets,
        bodies=bodies,
        all_reasons=_read_reasons(opened["reasons.toml"]),
        outcomes=_read_outcomes(opened["reasons.toml"]),
        limits=_read_limits(opened["deadlines.toml"]),
        vocabulary=make_vocabulary(
            categories.values(), (one.group for one in groups.values()), blanks
        ),
        words_of_urgency=urgency,
        dangers=read_dangers(kinds, categories),
        meanings=read_meanings(kinds, categories),
        notices=read_notices(opened["notices.toml"], categories).with_newer(
            read_notices(older.words, categories)
        ),
    )


def _read_urgency(root: Table) -> Urgency:
    calm = root.texts("calm_words")
    return Urgency(
        words=make_words([*root.texts("urgent_words", None), *calm]),
        calm=frozenset(calm),
        outages=make_words(root.texts("outage_words")),
        frail=make_words(root.texts("frail_words")),
    )


def _read_reasons(file: File) -> dict[str, dict[str, Reason]]:
    found: dict[str, dict[str, Reason]] = {kind: {} for kind in REASON_KINDS}
    for kind in REASON_KINDS:
        seen: dict[str, int] = {}
        for table in file.tables(kind):
            reason = Reason(
                code=table.text("code"),
                name=table.text("name"),
                name_en=table.text("name_en"),
                needs_words=table.flag("needs_words"),
            )
            table.finish()
            if not note_twice(table, "code", reason.code, seen):
                found[kind][reason.code] = reason
        if not found[kind]:
            file.problem("reason_missing", 0, kind=kind)
        for told in TOLD_REASONS.get(kind, ()):
            found[kind][told.code] = replace(found[kind].get(told.code, told), is_told=True)
    return found


def _read_outcomes(file: File) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    seen: dict[str, int] = {}
    for table in file.tables("outcome"):
        outcome = Outcome(
            code=table.text("code"),
            name=table.text("name"),
            name_en=table.text("name_en"),
            is_solved=table.flag("is_solved"),
            needs_reason=table.flag("needs_reason"),
        )
        table.finish()
        if not note_twice(table, "code", outcome.code, seen):
            found[outcome.code] = outcome
    if not found:
        file.problem("reason_missing", 0, kind="outcome")
    return found


_BOUNDS: Mapping[str, tuple[int, int]] = {
    "pause_days_max": (1, 365),
    "pause_times_max": (0, 20),
    "extend_days_max": (1, 365),
    "extend_times_max": (0, 20),
    "reopen_days": (0, 365),
    "rate_days": (1, 365),
    "visit_tries": (1, 20),
    "visit_gap_hours": (0, 240),
    "answer_days": (1, 90),
    **SIMILAR,
    "text_max": (100, 20000),
    "photo_mb_max": (1, 50),
    "photos_max": (1, 30),
}


def _read_limits(file: File) -> Limits:
    table = file.table("limits")
    numbers = {
        name: table.number(name, least=least, most=most) for name, (least, most) in _BOUNDS.items()
    }
    limits = Limits(**numbers, remind_percent=table.numbers("remind_percent", least=1, most=99))
    table.finish()
    return limits
