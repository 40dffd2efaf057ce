"""The tables of the matrix: how a line is read, which addresses there are, what is missing."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from gezhi.api.api import api as gezhi_api
from tests.matrix.world import SITUATIONS, WHO

HERE = Path(__file__).parent
SIGNS = {
    "+": "let in: shown, done, or stopped by a form or a rule (409, 412, 422) after that",
    "o": "answered with nothing: an empty list; of many things each refused, nothing changed",
    ">": "sent on to another page",
    "s": "asked to sign in (a page by a redirect or 401, the API by 401)",
    "c": "asked for number and tracking code",
    "x": "refused (403), nothing changed",
    ".": "absent (404), nothing changed, in the same bytes as what doesn't exist",
}
# What is asked about in fewer situations than own, area and away; else its line says why.
FEWER = {
    # a person's own
    frozenset({"own", "away"}): {
        "bulk",
        "filter",
        "import",
        "notice",
        "rehearsal",
        "webhook",
        "event",
        "call",
        "call_id",
    },
    # of an area, nobody's own
    frozenset({"area", "away"}): {"topic", "root"},
    # the county's
    frozenset({"-"}): {
        "version",
        "category",
        "kind",
        "hold",
        "removal",
        "run",
        "backup",
        "reply",
        "owner",
        "ground",
        "search",
        "model",
        "peer",
        "handover",
        "article",
        "source",
        "received",
    },
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Line:
    """One address asked for one kind of thing, and the answer each person must get."""

    where: str
    method: str
    address: str
    situation: str
    signs: dict[str, str]
    why: str = ""

    @property
    def names(self) -> list[str]:
        """The things its address names."""
        return re.findall(r"{(\w+)}", self.address)

    def __str__(self) -> str:
        return f"{self.where}: {self.method} {self.address} {self.situation}"


def read_tables() -> list[Line]:
    """Every line of every table, with what is wrong in it said by its place."""
    found: list[Line] = []
    for path in sorted(HERE.glob("*.txt")):
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
            if text.strip() and not text.startswith("#"):
                found.append(_line(text, f"{path.name}:{number}"))
    return found


def _line(text: str, where: str) -> Line:
    told, _hash, why = text.partition(" #")
    method, address, situation, *signs = told.replace("|", " ").split()
    assert method in METHODS, f"{where}: no method {method}"
    assert situation in ("-", *SITUATIONS), f"{where}: no situation {situation}"
    assert len(signs) == len(WHO), f"{where}: {len(signs)} signs for {len(WHO)} people"
    assert set(signs) <= set(SIGNS), f"{where}: unknown signs {set(signs) - set(SIGNS)}"
    signed = dict(zip(WHO, signs, strict=True))
    return Line(where, method, address, situation, signed, why.strip())


def routes() -> dict[str, Any]:
    """Every address there is, as Django writes it, with its view."""
    return dict(_walk(get_resolver()))


def _walk(resolver: URLResolver, prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += _walk(entry, route)
        elif isinstance(entry, URLPattern):
            found.append((route, entry.callback))
    return found


def operations_of_api() -> set[tuple[str, str]]:
    """Every operation as method and address, from the description."""
    schema = gezhi_api.get_openapi_schema()
    return {
        (method.upper(), address)
        for address, found in schema["paths"].items()
        for method in found
        if method.upper() in METHODS
    }


def line_for(method: str, address: str) -> str:
    """The line to add for an address nobody has thought about."""
    named = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)
    signs = " ".join("?" for _who in WHO)
    return f"{method} /{named.lstrip('/')} - {signs}"
