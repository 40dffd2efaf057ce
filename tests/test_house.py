"""The rules of the house. Each failure says what to do; exceptions stand in tests/house.py."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from gezhi.base.refusal import Refusal, all_refusals
from tests import house
from tests.house import HOUSE, ROOT, Source, sources

SOURCES = sources()


def of_each(sources: Iterable[Source]) -> Callable[[Callable[[Source], None]], Callable[[], None]]:
    """One test for a rule, not one for each file; it names every file that breaks it."""

    def gathered(rule: Callable[[Source], None]) -> Callable[[], None]:
        def test() -> None:
            faults = []
            for source in sources:
                try:
                    rule(source)
                except AssertionError as fault:
                    faults.append(str(fault).partition("\n")[0])
            assert not faults, "\n".join(faults)

        test.__doc__ = rule.__doc__
        return test

    return gathered


every_source = of_each(SOURCES)


@every_source
def test_a_file_says_what_it_is_for(source):
    assert ast.get_docstring(source.tree), f"{source}: begin with a docstring of one or two lines"


@every_source
def test_a_file_is_not_too_long(source):
    lines = len(source.path.read_text("utf-8").splitlines())
    assert lines <= 450, f"{source} has {lines} lines: split it by subject"


# --- floors ------------------------------------------------------------------------------------


def _shown_to(room: str) -> set[str]:
    if room in house.DOORS:
        return house.SHOWN_TO_DOORS
    return house.SHOWN_TO_ROOF if room in house.ROOF else house.SHOWN


@every_source
def test_a_file_uses_only_what_is_below_it_and_shown_to_it(source):
    for room, file in house.imports(source.tree):
        assert room == source.room or house.FLOOR_OF[room] < house.FLOOR_OF[source.room], (
            f"{source} uses {room}.{file}: not on a lower floor"
        )
    for room, file in house.imports(source.tree, types=False):
        if room != source.room and room not in house.OPEN_ROOMS and file:
            assert file in _shown_to(source.room), (
                f"{source} uses {room}.{file}: not shown outside its room "
                "(for types alone, import it under `if TYPE_CHECKING:`)"
            )


@every_source
def test_inside_a_room_a_file_uses_only_files_of_lower_rank(source):
    if source.name not in house.RANKS:
        return
    for room, file in house.imports(source.tree, types=False):
        if room == source.room and file in house.RANKS and file != source.name:
            assert house.RANKS[file] < house.RANKS[source.name], (
                f"{source} uses {file}: the order is errors, facts ← rules ← models ← reads ← "
                "actions ← the rest"
            )


@every_source
def test_imports_stand_at_the_top(source):
    if source.place in house.IMPORTS_INSIDE or source.name == "apps":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = sorted(f"{room}.{file}" for room, file in house.imports(node))
            assert not inside, f"{source}: {node.name} imports {inside}; move it to the top"


# --- rows --------------------------------------------------------------------------------------


@every_source
def test_rows_are_fetched_in_reads_actions_and_models_only(source):
    if source.name in {"reads", "actions", "models"} or source.place in house.OBJECTS_ELSEWHERE:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"objects", "_default_manager", "_base_manager"}, (
                f"{source}:{node.lineno} fetches rows: write or use a function of reads"
            )


@every_source
def test_a_room_fetches_its_own_rows_only(source):
    """The roof fills and measures, so it may touch the rows of every room."""
    if source.room in house.ROOF:
        return
    others = house.models_of_others(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            name = getattr(node.value, "id", "")
            assert name not in others, (
                f"{source}:{node.lineno} fetches rows of another room: use a read of that room"
            )


FETCHING, WRITING = {"fetch"}, {"write", "update", "gathered", "remember"}


@every_source
def test_rows_around_the_orm_keep_the_same_rules(source):
    """`base.rows` goes past managers: its verbs stand where `.objects` may stand, on own rows."""
    if source.room == "base" or source.place in house.ROWS_ELSEWHERE:
        return
    allowed = {"reads": FETCHING, "actions": FETCHING | WRITING}.get(source.name, set())
    others = house.models_of_others(source)
    for call, method in house.calls(source.tree):
        if getattr(call.func.value, "id", "") != "rows" or method not in FETCHING | WRITING:
            continue
        assert method in allowed, (
            f"{source}:{call.lineno} uses rows.{method}(): only actions write, only reads fetch"
        )
        assert not {getattr(each, "id", "") for each in call.args} & others, (
            f"{source}:{call.lineno} touches rows of another room: use its reads or acts"
        )


SURE = {"bulk_create", "bulk_update", "update_or_create", "get_or_create", "acreate", "asave"}
ON_ROWS = {"create", "update", "delete"}
ROWS = {"objects", "filter", "exclude", "all", "select_for_update"}


def _changes_rows(call: ast.Call, method: str) -> bool:
    if method in SURE:
        return True
    if method == "save":  # pictures and workbooks are saved into something, rows are not
        return not call.args
    assert isinstance(call.func, ast.Attribute)
    return method in ON_ROWS and bool(house.chain_of(call.func.value) & ROWS)


@every_source
def test_rows_change_in_actions_only(source):
    if source.name in {"actions", "models"} or source.place in house.CHANGES_ELSEWHERE:
        return
    for call, method in house.calls(source.tree):
        assert not _changes_rows(call, method), (
            f"{source}:{call.lineno} changes rows with {method}(): make it an act"
        )


IMPURE = ("django.db", "django.conf", "gezhi.base.clock", "gezhi.base.env", "os", "random", "time")


@of_each([source for source in SOURCES if source.name == "rules"])
def test_rules_decide_from_values_alone(source):
    """No rows, no clock, no settings: time and settings come in as arguments."""
    for node in ast.walk(source.tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            wrong = [bad for bad in IMPURE if name == bad or name.startswith(f"{bad}.")]
            assert not wrong, f"{source} imports {name}: rules are given what they need"
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}:
            of = getattr(node.value, "id", "")
            assert of not in {"datetime", "date", "timezone"}, (
                f"{source}:{node.lineno} reads a clock"
            )


def _keys_between_rooms() -> list[tuple[str, models.Field]]:
    found = []
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("gezhi."):
            continue
        for field in model._meta.local_fields + model._meta.local_many_to_many:
            other = field.related_model
            if other and other is not model and other._meta.app_label != model._meta.app_label:
                found.append((f"{model._meta.label}.{field.name}", field))
    return found


@pytest.mark.parametrize(("name", "field"), _keys_between_rooms())
def test_a_key_to_another_room_does_not_open_it_from_the_other_side(name, field):
    shown = field.remote_field.related_name
    assert shown == "+", f'{name}: write related_name="+" (it is {shown!r})'


# --- migrations --------------------------------------------------------------------------------

MIGRATIONS = [
    Source(path) for path in sorted(HOUSE.glob("*/migrations/*.py")) if path.stem != "__init__"
]
# Ids and sealed fields are part of a table's shape; both are kept for as long as a migration is.
IN_MIGRATIONS = {("base", "ids"), ("base", "sealed"), ("base", "words")}


@of_each(MIGRATIONS)
def test_a_migration_has_a_name_and_carries_its_own_code(source):
    assert re.fullmatch(r"\d{4}_(?!auto_)[a-z][a-z0-9_]+", source.path.stem), (
        f"{source}: name it after what it does, `makemigrations -n …`"
    )
    ours = set(house.imports(source.tree)) - IN_MIGRATIONS
    assert not ours, f"{source} imports {sorted(ours)}: it must run as it is in ten years"


@pytest.mark.django_db
def test_models_and_migrations_agree():
    from io import StringIO

    from django.core.management import call_command

    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(f"run `gezhi manage makemigrations -n NAME`:\n{said.getvalue()}")


# --- doors -------------------------------------------------------------------------------------


def _views(resolver: URLResolver, prefix: str = "") -> list[tuple[str, str, object]]:
    found = []
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += _views(entry, address)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", entry.callback)
            name = f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"
            found.append((address, name, entry.callback))
    return found


@pytest.fixture(scope="module")
def views() -> list[tuple[str, str, object]]:
    """Every page; the API is held to its schema instead."""
    return [view for view in _views(get_resolver()) if not view[0].startswith("api/")]


def test_every_page_asks_for_a_login_or_is_public_with_a_reason(views):
    for address, name, view in views:
        if not getattr(view, "login_required", True):
            assert name in house.PUBLIC_PAGES, (
                f"/{address} ({name}) is open to all: is it meant? Then add it to PUBLIC_PAGES"
            )


def test_what_is_said_to_be_public_is(views):
    open_views = {name for _, name, view in views if not getattr(view, "login_required", True)}
    assert set(house.PUBLIC_PAGES) <= open_views, "take away from PUBLIC_PAGES what isn't there"


def _schema() -> dict[str, dict[str, dict[str, object]]]:
    from gezhi.api.api import api

    return api.get_openapi_schema()


def test_every_operation_asks_for_a_key_or_is_public_with_a_reason():
    schema = _schema()
    always = bool(schema.get("security"))
    public = set()
    assert schema["paths"]
    for address, operations in schema["paths"].items():
        for method, operation in operations.items():
            if method in {"get", "post", "put", "patch", "delete"} and not (
                always or operation.get("security")
            ):
                public.add(f"{method.upper()} {address}")
    listed = set(house.PUBLIC_OPERATIONS)
    assert public <= listed, (
        f"open to all: {sorted(public - listed)}; add PUBLIC_OPERATIONS or auth"
    )
    assert listed <= public, f"PUBLIC_OPERATIONS names {sorted(listed - public)}, which isn't open"


# --- refusals and settings ---------------------------------------------------------------------

for path in sorted(HOUSE.glob("*/errors*")):
    import_module(f"gezhi.{path.parent.name}.errors")
OURS = [kind for kind in all_refusals() if kind.__module__.startswith("gezhi.")]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_a_refusal_has_its_own_code_and_words(kind):
    assert "code" in vars(kind), f"{kind.__name__}: give it a code of its own"
    assert re.fullmatch(r"[a-z][a-z0-9_]+", kind.code)
    assert kind.code in house.NOT_4XX or 400 <= kind.status < 500, f"{kind.__name__}: not a 4xx"
    assert kind is Refusal or "message" in vars(kind), f"{kind.__name__}: say what to do"


def test_no_two_refusals_have_one_code():
    twice = [code for code, count in Counter(kind.code for kind in OURS).items() if count > 1]
    assert not twice, f"used twice: {twice}"


def test_refusals_are_told_in_the_errors_page():
    told = set(re.findall(r"^\| `([a-z0-9_]+)` \|", _page("errors"), re.M))
    codes = {kind.code for kind in OURS}
    assert codes <= told, f"run `gezhi docs`: docs/errors.md lacks {sorted(codes - told)}"
    assert told <= codes, f"run `gezhi docs`: docs/errors.md tells of {sorted(told - codes)}"


def _page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def test_settings_are_told_in_the_settings_page():
    names = re.compile(r"\b(?:GEZHI_[A-Z_]*[A-Z]|DATABASE_URL)\b")
    used: set[str] = set()
    for path in [ROOT / "gezhi", *(source.path for source in sources())]:
        used |= {name.removesuffix("_FILE") for name in names.findall(path.read_text("utf-8"))}
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", _page("settings"), re.M))
    assert used <= told, f"docs/settings.md lacks {sorted(used - told)}"
    assert told <= used, f"docs/settings.md tells of {sorted(told - used)}, which nobody reads"


def test_the_openapi_page_is_the_api():
    import json

    schema = _schema()
    if schema["paths"]:
        told = json.loads(Path(ROOT / "docs" / "openapi.json").read_text("utf-8"))
        assert told == json.loads(json.dumps(schema, default=str)), "run `gezhi docs`"
