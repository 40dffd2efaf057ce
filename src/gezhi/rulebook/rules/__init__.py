"""What the rulebook decides, as pure values: no database, no clock, no settings."""

from gezhi.rulebook.errors import BrokenRulebook, Problem
from gezhi.rulebook.rules.asking import ALWAYS, Answers, Fault, Given, Question, read_answers, told
from gezhi.rulebook.rules.book import REASON_KINDS, Book, Limits, Outcome, Reason
from gezhi.rulebook.rules.calendar_text import NewDays, sort_days, write_into
from gezhi.rulebook.rules.calendars import (
    Calendar,
    Hours,
    OfficialDays,
    add_natural,
    add_working_days,
    add_working_time,
    subtract_working_time,
    working_minutes_between,
)
from gezhi.rulebook.rules.categories import PROOFS, Category, Group, Stage, Suggestion
from gezhi.rulebook.rules.differences import Change, differences
from gezhi.rulebook.rules.due import KINDS, LEVELS, SIZES, Due, Span, When, add_span, read_span
from gezhi.rulebook.rules.ladders import TELLS, LadderRow, Rung
from gezhi.rulebook.rules.marked_days import MOST_BYTES as MOST_CALENDAR_BYTES
from gezhi.rulebook.rules.marked_days import MarkedDay, read_days, write_days
from gezhi.rulebook.rules.naming import KIND_NAMES, ZONE_NAMES, Named
from gezhi.rulebook.rules.notices import (
    AUDIENCES,
    EVENTS,
    PLACES,
    SAID_PLACES,
    WAYS,
    Digest,
    Notices,
    Quiet,
    Template,
)
from gezhi.rulebook.rules.reach import UnknownYear, find_unknown_year
from gezhi.rulebook.rules.reading import FILES, OPTIONAL_FILES, digest_of, read_book
from gezhi.rulebook.rules.routing import (
    HIGHEST,
    LOWEST,
    Asset,
    Body,
    FirstRow,
    Route,
    RouteRow,
    codes_meant,
    resolve_body,
)
from gezhi.rulebook.rules.uploads import MOST_BYTES, MOST_FILES, add_texts, texts_of

__all__ = [
    "ALWAYS",
    "Answers",
    "Fault",
    "Given",
    "Question",
    "read_answers",
    "told",
    "AUDIENCES",
    "EVENTS",
    "FILES",
    "HIGHEST",
    "KINDS",
    "KIND_NAMES",
    "LEVELS",
    "LOWEST",
    "MOST_BYTES",
    "MOST_CALENDAR_BYTES",
    "MOST_FILES",
    "OPTIONAL_FILES",
    "PLACES",
    "PROOFS",
    "REASON_KINDS",
    "SAID_PLACES",
    "SIZES",
    "TELLS",
    "WAYS",
    "ZONE_NAMES",
    "Asset",
    "Body",
    "Book",
    "BrokenRulebook",
    "Calendar",
    "Category",
    "Change",
    "Digest",
    "Due",
    "FirstRow",
    "Group",
    "Hours",
    "LadderRow",
    "Limits",
    "MarkedDay",
    "Named",
    "NewDays",
    "Notices",
    "OfficialDays",
    "Outcome",
    "Problem",
    "Quiet",
    "Reason",
    "Route",
    "RouteRow",
    "Rung",
    "Span",
    "Stage",
    "Suggestion",
    "Template",
    "UnknownYear",
    "When",
    "add_natural",
    "add_span",
    "add_texts",
    "add_working_days",
    "add_working_time",
    "codes_meant",
    "differences",
    "digest_of",
    "find_unknown_year",
    "read_book",
    "read_days",
    "read_span",
    "resolve_body",
    "sort_days",
    "subtract_working_time",
    "working_minutes_between",
    "texts_of",
    "write_days",
    "write_into",
]
