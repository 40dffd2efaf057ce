"""The plan of the house for tests/test_house.py: floors, names, and exceptions with reasons."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "gezhi"

# Lowest first. Rooms on one floor are neighbours and don't know each other.
FLOORS = [
    {"base"}, {"record"}, {"places"}, {"people"}, {"rulebook"}, {"cases"},
    {"triage"}, {"intake", "deadlines"}, {"notices", "hotline", "backup", "retention"},
    {"residents", "exchange"},
    {"portal", "desk", "api"}, {"demo", "bench"}, {"site"},
]  # fmt: skip
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
DOORS = {"portal", "desk", "api"}
ROOF = {"demo", "bench", "site"}
OPEN_ROOMS = {"base", "record"}

# Models are types here: what fetches or changes rows is held to its own room elsewhere.
SHOWN = {"actions", "reads", "rules", "facts", "errors", "models"}
SHOWN_TO_DOORS = SHOWN | {"forms", "pages", "api", "urls", "adapters"}
SHOWN_TO_ROOF = SHOWN | {
    "jobs", "followers", "adapters", "forms", "api", "simulation", "driving", "seeding",
    "breaking", "crowding", "watching", "proposing", "exporting",
}  # fmt: skip

# A file uses only files of a lower rank of its own room.
RANKS = {
    "errors": 0, "facts": 0, "rules": 1, "models": 2, "adapters": 2, "reads": 3, "actions": 4,
    "reactions": 5, "followers": 5, "jobs": 5, "checks": 5, "forms": 5, "admin": 6,
    "api": 6, "pages": 7, "urls": 8, "apps": 9,
}  # fmt: skip
FOLDERS = {"migrations", "templates", "static", "tests", "locale"}

# Names of their own, beside the eight and the extras, and why.
OWN_NAMES: dict[str, dict[str, str]] = {
    "base": {
        "actor": "who acts",
        "channels": "a way in or out, and how it is",
        "clock": "what time it is",
        "database": "how a process is connected, for Django",
        "days": "which days are taken, and when one begins",
        "disk": "files put whole, and locks",
        "env": "settings from the environment",
        "files": "sealed files",
        "fact": "what a fact is",
        "http": "who asks, from a request",
        "ids": "identifiers",
        "intervals": "shares of few, with their intervals",
        "pace": "how often something may be done", "puzzle": "proof of work by a browser",
        "outgoing": "connections to hosts outside",
        "masking": "masks over names and numbers",
        "paging": "pages of a list by key",
        "problem": "a refusal as problem+json (RFC 9457)",
        "refusal": "what a refusal is",
        "resealing": "everything sealed under the newest keys",
        "rows": "many rows in one trip",
        "sheets": "tables as files, read and written",
        "slices": "long work in slices",
        "sealed": "sealed fields",
        "unchanged": "answers for as long as nothing has changed",
        "words": "text as people typed it",
    },
    "record": {"keeping": "kinds of data whose time is up one day, as rooms register them"},
    "rulebook": {"default": "the product's own rulebook, as files"},
    "demo": {
        "county": "the generator of the fictional county: rules too large for one file",
        "simulation": "the people who live and work in it under a simulated clock",
    },
    "bench": {
        "driving": "the clients that measure over HTTP",
        "breaking": "workers killed on purpose, and what became of the steps",
        "crowding": "very many open cases, copied in the database",
        "watching": "what the watch over promises costs",
        "proposing": "what a proposal costs beside very many cases",
        "seeding": "the writer of many rows by COPY",
        "exporting": "what files of very many public cases cost",
    },
    "site": {
        "settings": "Django's", "wsgi": "the web process", "asgi": "the live process",
        "middleware": "Django's", "context": "Django's", "command": "the command",
        "commands": "its parts", "embedded": "the embedded PostgreSQL", "live": "live news",
        "worker": "the worker process", "processes": "running them together",
        "prepare": "what is made before they start",
        "auditing": "what the doors put on the audit",
        "rights": "what the application's role may do in the database",
        "progress": "how far the demo is filled",
        "logs": "the processes' logs", "static_storage": "how static files are kept",
        "frontend": "sources of scripts and styles", "tags": "Django's",
        "loading": "how templates are kept", "policy": "the headers of every answer",
        "limiting": "how much anybody may ask in a while",
        "sessions": "who is signed in, for Django", "sharing": "how web processes share callers",
    },
}  # fmt: skip

# `.objects` outside reads, actions and models: "room/file" and why.
OBJECTS_ELSEWHERE: dict[str, str] = {}

# Rows changed outside actions: "room/file" and why.
CHANGES_ELSEWHERE = {
    "record/reads": "a follower's cursor is made when it is first looked for",
    "places/reads": "a county's revision is made when it is first locked",
}

# `base.rows` outside reads and actions: "room/file" and why.
ROWS_ELSEWHERE = {
    "site/sessions": "Django asks its own backend who is signed in, before every page",
}

# Imports inside functions: "room/file" and why.
IMPORTS_INSIDE = {
    "site/commands": "a command loads Django and its rooms only when it runs",
    "site/prepare": "runs before the rooms are loaded",
    "site/embedded": "the server is started before its driver is needed",
    "site/processes": "runs before the rooms are loaded",
}

# Pages for everybody: the view, and why nobody has to sign in.
PUBLIC_PAGES = {
    "gezhi.site.pages.healthz": "asked by load balancers",
    "gezhi.site.pages.filling": "how far the demo is filled, on residents' pages too",
    "gezhi.site.pages.language": "residents choose their language",
    "gezhi.exchange.pages.receiving.receive": "in a demo alone; what is sent there is signed",
    "gezhi.places.pages.county": "a map shows land, not people",
    "gezhi.places.pages.areas": "a map shows land, not people",
    "gezhi.places.pages.feature_layer": "a map shows land, not people",
    "gezhi.places.pages.relief": "a map shows land, not people",
    "gezhi.places.pages.locate": "residents report where they stand",
    "gezhi.people.pages.entrance.sign_in": "where the login is asked for",
    "gezhi.people.pages.second.second": "for who has given the password just before",
    "gezhi.people.pages.second.second_challenge": "for who has given the password just before",
    "gezhi.people.pages.second.passkey": "signs in, as the password does",
    "gezhi.people.pages.second.passkey_challenge": "a random number, for signing in",
    "gezhi.people.pages.provider.to_provider": "leads to where people sign in",
    "gezhi.people.pages.provider.from_provider": "comes back from where people sign in",
    "gezhi.people.pages.entrance.sign_out": "signing out twice is no fault",
    "gezhi.people.pages.sessions.stay": "says that nobody is signed in any more",
    "gezhi.portal.pages.home.home": "residents have no account",
    "gezhi.portal.pages.home.letters": "large letters for whoever needs them",
    "gezhi.portal.pages.home.public_list": "cases that their category makes public",
    "gezhi.portal.pages.reporting.what": "anyone may report",
    "gezhi.portal.pages.reporting.add_files": "anyone may report, with pictures",
    "gezhi.portal.pages.reporting.draft_file": "a draft's pictures, for its own session only",
    "gezhi.portal.pages.reporting.drop_file": "a draft's pictures, for its own session only",
    "gezhi.portal.pages.reporting.where": "anyone may report",
    "gezhi.portal.pages.finding.which": "anyone may report",
    "gezhi.portal.pages.finding.village": "anyone may report",
    "gezhi.portal.pages.sending.same": "anyone may follow a public case",
    "gezhi.portal.pages.sending.send": "anyone may report",
    "gezhi.portal.pages.sending.done": "the number and code, for the session that reported",
    "gezhi.portal.pages.tracking.track": "asks for number and tracking code",
    "gezhi.portal.pages.tracking.tracking": "shown to whoever proved the code, or if public",
    "gezhi.portal.pages.tracking.answer": "for whoever proved the tracking code",
    "gezhi.portal.pages.tracking.rate": "for whoever proved the tracking code",
    "gezhi.portal.pages.tracking.reopen": "for whoever proved the tracking code",
    "gezhi.portal.pages.tracking.withdraw": "for whoever proved the tracking code",
    "gezhi.portal.pages.mine.mine": "the reports this device remembers",
    "gezhi.portal.pages.mine.forget": "the reports this device remembers",
    "gezhi.portal.pages.mine.take_in": "residents' own sign-in, which is none of the staff's",
    "gezhi.portal.pages.entering.sign_in": "where residents sign in",
    "gezhi.portal.pages.entering.code": "where residents sign in",
    "gezhi.portal.pages.entering.send_again": "where residents sign in",
    "gezhi.portal.pages.entering.prove": "asks for the residents' own sign-in",
    "gezhi.portal.pages.entering.sign_out": "signing out twice is no fault",
    "gezhi.portal.pages.own.me": "asks for the residents' own sign-in",
    "gezhi.portal.pages.own.new_phone": "asks for the residents' own sign-in",
    "gezhi.portal.pages.own.close_account": "asks for the residents' own sign-in",
    "gezhi.portal.pages.data.own_data": "asks for the residents' own sign-in",
    "gezhi.portal.pages.data.take_back": "asks for the residents' own sign-in",
    "gezhi.portal.pages.data.copy": "asks for the residents' own sign-in",
    "gezhi.portal.pages.data.copy_progress": "asks for the residents' own sign-in",
    "gezhi.portal.pages.data.copy_file": "asks for the residents' own sign-in",
    "gezhi.api.api.open311.services.discovery": "other cities' programs find the service here",
    "gezhi.api.api.open311.services.services": "what can be reported is public",
    "gezhi.api.api.open311.services.definition": "what can be reported is public",
    "gezhi.api.api.open311.requests.requests": "public cases; reporting asks for a key",
    "gezhi.api.api.open311.requests.one_request": "public cases",
    "gezhi.api.api.open311.reporting.token": "the token proves who reported",
    "gezhi.api.api.open311.updates.updates": "of public cases; telling one asks for a key",
    "gezhi.api.api.open311.pictures.picture": "the address is signed, for who reported alone",
    "gezhi.api.api.open311.bulk.bulk": "all public cases as open data",
    "gezhi.api.api.ogc.collections.landing": "programs of maps begin here",
    "gezhi.api.api.ogc.collections.api": "the description of public addresses",
    "gezhi.api.api.ogc.collections.conformance": "names of a standard",
    "gezhi.api.api.ogc.collections.collections": "areas and public cases",
    "gezhi.api.api.ogc.collections.one_collection": "areas and public cases",
    "gezhi.api.api.ogc.items.items": "areas and public cases",
    "gezhi.api.api.ogc.items.item": "areas and public cases",
    "gezhi.api.api.open311.answering.nothing": "no address",
    "gezhi.portal.pages.opendata.opendata": "open data",
    "gezhi.portal.pages.opendata.opendata_file": "open data",
    "gezhi.portal.pages.files.file": "pictures of public cases, or for whoever proved the code",
}

# Refusals that aren't a 4xx, and why.
NOT_4XX = {"accident": "the API's words for what broke inside; a 500, logged with its trace"}

# API operations for everybody: "METHOD path", and why.
PUBLIC_OPERATIONS: dict[str, str] = {}


@dataclass(frozen=True)
class Source:
    """One Python file of a room, read once."""

    path: Path

    @property
    def room(self) -> str:
        return self.path.relative_to(HOUSE).parts[0]

    @property
    def name(self) -> str:
        """`actions` for actions.py and for everything in the package actions/."""
        return self.path.relative_to(HOUSE).parts[1].removesuffix(".py")

    @property
    def place(self) -> str:
        return f"{self.room}/{self.name}"

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def rooms() -> list[str]:
    """Every room of the house."""
    return sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))


def sources(*, tests: bool = False, migrations: bool = False) -> list[Source]:
    """Every Python file of every room."""
    found = [Source(path) for path in sorted(HOUSE.glob("*/**/*.py"))]
    return [
        source
        for source in found
        if (tests or "tests" not in source.path.parts)
        and (migrations or "migrations" not in source.path.parts)
    ]


def imports(tree: ast.AST, *, types: bool = True) -> Iterator[tuple[str, str]]:
    """Every import of ours as (room, file); the file is "" for the room itself.

    Without `types`, what stands under `if TYPE_CHECKING:` is left out: it isn't there at run time.
    """
    for node in ast.walk(tree) if types else _walk_at_run_time(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _ours(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if len(parts) == 2:
                for alias in node.names:
                    yield from _ours([*parts, alias.name])
            else:
                yield from _ours(parts)


def _walk_at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        yield node
        yield from _walk_at_run_time(node)


def _ours(parts: list[str]) -> Iterator[tuple[str, str]]:
    if parts[0] == "gezhi" and len(parts) > 1:
        yield parts[1], parts[2] if len(parts) > 2 else ""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a method, with the method's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func.attr


def chain_of(node: ast.expr) -> set[str]:
    """The names along `a.b(…).c(…)`."""
    names: set[str] = set()
    while True:
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return names


def models_of_others(source: Source) -> set[str]:
    """The names under which a file imports models of other rooms."""
    return {
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and re.fullmatch(r"gezhi\.\w+\.models", node.module or "")
        and node.module != f"gezhi.{source.room}.models"
        for alias in node.names
    }
