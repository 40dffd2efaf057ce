"""Reading categories.toml: groups with what their categories share, and the categories."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gezhi.rulebook.rules.asking import DATATYPES, LISTS, Question
from gezhi.rulebook.rules.categories import PROOFS, SERVICE_TYPES, Category, Group, Stage
from gezhi.rulebook.rules.dangers import Danger
from gezhi.rulebook.rules.due import SIZES, Asked, DueRow, Span, read_span
from gezhi.rulebook.rules.meanings import Meaning
from gezhi.rulebook.rules.tables import File, Table, note_twice

_KEY = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*){1,3}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_STAGE_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
KEYWORDS_LEAST = 5
# What a group may say once for all of its categories.
_SHARED = (
    "body", "station", "asset", "label", "proof", "public", "sensitive", "personal", "size",
    "by_grid", "oversight",
)  # fmt: skip


@dataclass(frozen=True)
class GroupRead:
    """A group and what its categories take from it unless they say otherwise."""

    group: Group
    shared: Mapping[str, Any]
    line: int


def read_groups(file: File) -> dict[str, GroupRead]:
    """The groups by key, in the order of the file."""
    found: dict[str, GroupRead] = {}
    seen: dict[str, int] = {}
    for table in file.tables("group"):
        key = table.text("key")
        group = Group(
            key=key,
            name=table.text("name"),
            name_en=table.text("name_en"),
            synonyms=table.texts("synonyms", None),
        )
        shared = {name: table.data[name] for name in _SHARED if table.has(name)}
        _check_shared(table)
        table.finish()
        if not note_twice(table, "key", key, seen):
            found[key] = GroupRead(group, shared, table.line("key"))
    return found


def _check_shared(table: Table) -> None:
    """The types of what is shared are checked where it is written."""
    for name in ("body", "station", "asset", "label"):
        table.text(name, "")
    for name in ("public", "sensitive", "personal", "by_grid", "oversight"):
        table.flag(name)
    table.choices("proof", PROOFS)
    table.choice("size", SIZES, "small")


def read_categories(
    file: File, groups: Mapping[str, GroupRead], bodies: Collection[str]
) -> dict[str, Category]:
    """The categories by key, in the order of the file."""
    found: dict[str, Category] = {}
    seen: dict[str, int] = {}
    for table in file.tables("category"):
        category = _read_category(table, groups)
        _check_bodies(table, category, bodies)
        table.finish()
        if not note_twice(table, "key", category.key, seen):
            found[category.key] = category
    for key, one in groups.items():
        if not any(category.group == key for category in found.values()):
            file.problem("group_empty", one.line, value=key)
        elif f"{key}.other" not in found:
            file.problem("other_missing", one.line, value=key)
    return found


def read_dangers(file: File, categories: Collection[str]) -> tuple[Danger, ...]:
    """What people may come to harm by, the gravest first."""
    found: list[Danger] = []
    for table in file.tables("danger"):
        key, category = table.text("key"), table.text("category")
        names = ("words", "things", "signs", "unless", "calm", "also", "call")
        words = {name: tuple(w.casefold() for w in table.texts(name)) for name in names}
        table.finish()
        if category not in categories:
            table.problem("category_unknown", "category", value=category)
        elif bool(words["things"]) != bool(words["signs"]) or not (
            words["words"] or words["things"]
        ):
            table.problem("missing", name="things, signs")
        else:
            found.append(Danger(key, category, **words))
    return tuple(found)


def read_meanings(file: File, categories: Collection[str]) -> tuple[Meaning, ...]:
    """What words say only together, the first that fits before those below it."""
    found: list[Meaning] = []
    seen: dict[str, int] = {}
    for table in file.tables("meaning"):
        key, category = table.text("key"), table.text("category")
        things, signs, unless = (
            tuple(word.casefold() for word in table.texts(name, least))
            for name, least in (("things", None), ("signs", None), ("unless", ()))
        )
        table.finish()
        if category not in categories:
            table.problem("category_unknown", "category", value=category)
        elif not note_twice(table, "key", key, seen):
            found.append(Meaning(key, category, things, signs, unless))
    return tuple(found)


def _read_category(table: Table, groups: Mapping[str, GroupRead]) -> Category:
    key = table.text("key")
    group = key.split(".")[0]
    if not _KEY.fullmatch(key):
        table.problem("bad_key", "key", value=key)
    elif group not in groups:
        table.problem("group_unknown", "key", value=group)
    shared = groups[group].shared if group in groups else {}
    category = Category(
        key=key,
        name=table.text("name"),
        name_en=table.text("name_en"),
        group=group,
        size=table.choice("size", SIZES, shared.get("size")),
        body=table.text("body", shared.get("body")),
        station=table.text("station", shared.get("station", "")) or None,
        asset=table.text("asset", shared.get("asset", "")),
        by_grid=table.flag("by_grid", default=shared.get("by_grid", False)),
        oversight=table.flag("oversight", default=shared.get("oversight", False)),
        proof=table.choices("proof", PROOFS, _listed(shared.get("proof", ()))),
        proof_metres=table.number("proof_metres", least=5, most=5000, default=0) or None,
        sensitive=table.flag("sensitive", default=shared.get("sensitive", False)),
        personal=table.flag("personal", default=shared.get("personal", False)),
        public=table.flag("public", default=shared.get("public", True)),
        urgent=table.flag("urgent"),
        fallback=table.flag("fallback") or key == f"{group}.other",
        keywords=table.texts("keywords", None),
        hints=table.texts("hints"),
        label=table.text("label", shared.get("label", "")),
        standards=table.pairs("standards"),
        stages=_read_stages(table, key),
        questions=table.texts("questions"),
        asks=_read_questions(table),
        open311=table.choice("open311", SERVICE_TYPES, ""),
        **_read_reach(table),
    )
    _check_category(table, category)
    return category


# How near one another in metres and days reports may be the same matter; the limits' own bounds.
SIMILAR = {"similar_radius_m": (10, 5000), "similar_days": (1, 365)}


def _read_reach(table: Table) -> dict[str, int | None]:
    return {
        name: table.number(name, least=least, most=most, default=0) or None
        for name, (least, most) in SIMILAR.items()
    }


def _listed(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list | tuple) else ()


def _read_stages(table: Table, category: str) -> tuple[Stage, ...]:
    """A list of tables, or one of names and spans, whose keys are then their places."""
    if isinstance(table.data.get("stages"), list):
        return _read_listed_stages(table, category)
    found: list[Stage] = []
    for place, (name, text) in enumerate(table.pairs("stages").items(), start=1):
        if span := _stage_span(table, text, found):
            found.append(Stage(name, name, f"{category}:stage{place}", span))
    return tuple(found)


def _read_listed_stages(table: Table, category: str) -> tuple[Stage, ...]:
    found: list[Stage] = []
    for one in table.tables("stages"):
        own, name, name_en = one.text("key"), one.text("name"), one.text("name_en")
        key = f"{category}:{own}"
        span = _stage_span(one, one.text("within"), found)
        one.finish()
        if one.has("key") and not _STAGE_KEY.fullmatch(own):
            one.problem("bad_stage_key", "key", value=own)
        elif any(key == other.key for other in found):
            one.problem("twice", "key", value=own, first=one.line("key"))
        elif span:
            found.append(Stage(name, name_en, key, span))
    return tuple(found)


def _read_questions(table: Table) -> tuple[Question, ...]:
    """Every `[[category.question]]`, in the order in which they are asked."""
    found: list[Question] = []
    for one in table.tables("question") if table.has("question") else ():
        asked = Question(
            name=one.text("name"),
            name_en=one.text("name_en"),
            code=one.text("code"),
            datatype=one.choice("datatype", DATATYPES, "string"),
            required=one.flag("required"),
            variable=one.flag("variable", default=True),
            note=one.text("note", ""),
            values=one.pairs("values"),
        )
        one.finish()
        if one.has("code") and not _CODE.fullmatch(asked.code):
            one.problem("bad_question_code", "code", value=asked.code)
        elif any(asked.code == other.code for other in found):
            one.problem("twice", "code", value=asked.code, first=one.line("code"))
        elif (asked.datatype in LISTS) != bool(asked.values):
            one.problem("values_of_lists", "values", value=asked.code)
        else:
            found.append(asked)
    return tuple(found)


def _stage_span(table: Table, text: str, before: list[Stage]) -> Span | None:
    """How long the stage may take, counted from the same moment as those before it."""
    span = read_span(text)
    if span is None:
        table.problem("bad_span", "stages", value=text)
    elif before and span.length <= before[-1].within.length:
        table.problem("stages_order", "stages", value=text, before=before[-1].within.text)
    return span


def check_stages(
    file: File, categories: Mapping[str, Category], due_rows: Iterable[DueRow]
) -> None:
    """A stage can't end after the whole: the finish promised for the category's own size."""
    finishing = [row for row in due_rows if row.kind == "finish"]
    for table in file.tables("category"):
        category = categories.get(str(table.data.get("key")))
        if category is None or not category.stages:
            continue
        asked = Asked(category.key, category.group, category.size, urgent=category.urgent)
        promise = next((row.within for row in finishing if row.when.fits(asked)), None)
        last = category.stages[-1].within
        if promise and last.length > promise.length:
            table.problem("stages_late", "stages", value=last.text, before=promise.text)


def _check_category(table: Table, category: Category) -> None:
    if "place" in category.proof and category.proof_metres is None:
        table.problem("metres_missing", "proof")
    if len(category.keywords) < KEYWORDS_LEAST:
        table.problem(
            "keywords_few", "keywords", least=KEYWORDS_LEAST, count=len(category.keywords)
        )
    _check_words(table, "keywords", category.keywords)
    _check_words(table, "hints", (*category.keywords, *category.hints))


def _check_words(table: Table, name: str, words: tuple[str, ...]) -> None:
    """No word twice; a hint is no keyword of the same category either."""
    for at, word in enumerate(words):
        if not word.strip() or (word in words[:at] and word in table.texts(name)):
            table.problem("twice", name, value=word, first=table.line(name))


def _check_bodies(table: Table, category: Category, bodies: Collection[str]) -> None:
    for name, code in (("body", category.body), ("station", category.station)):
        if code and code not in bodies:
            table.problem("body_unknown", name, value=code)
