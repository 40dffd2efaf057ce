"""Who should take a case, and where it begins: rows of rules, the first that fits wins."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain

from gezhi.base.intervals import Share
from gezhi.rulebook.rules.categories import Words
from gezhi.rulebook.rules.due import Asked, When
from gezhi.rulebook.rules.naming import Named

AREA_KINDS = ("county", "town", "village", "community", "grid", "exclusive")
BODY_KINDS = ("centre", "grid", "department", "station", "committee", "company")
# Which centre has a report first: the lowest there is, the highest, or the one of a level.
LOWEST, HIGHEST = "lowest", "highest"
FIRST_AT = (LOWEST, HIGHEST, "county", "town", "village")
_MANY = "*"  # at the end of a body's code: every unit whose code begins so


@dataclass(frozen=True)
class Body(Named):
    """A kind of unit that cases may go to. `code` is a unit code, or a pattern with `{town}`."""

    code: str
    kind: str


@dataclass(frozen=True)
class Asset(Named):
    """A kind of thing that somebody keeps up: a road, a lamp. `words` are those that mean it."""

    key: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Assets:
    """The kinds of things of a book, and the words that name them."""

    by_key: Mapping[str, Asset]
    words: Words
    meant: Mapping[str, str]

    def named_in(self, text: str) -> str:
        """The kind of thing that the text names first; "" where it names none."""
        found = self.words.find(text.casefold())
        first = min(found, key=lambda word: (min(found[word]), -len(word)), default="")
        return self.meant.get(first, "")


@dataclass(frozen=True)
class FirstRow:
    """Where reports of some channel or kind begin. `name` is the id where the file gives none."""

    id: str
    name: str
    when: When
    at: str
    why: str
    line: int


@dataclass(frozen=True)
class RouteRow:
    """One rule of routing.

    `to` holds steps, the best first: body codes and the words `{body}` and `{station}`. Several
    in one step are equals, of which the one at work with the least in hand is taken. `name` is
    the id where the file gives none.
    """

    id: str
    name: str
    when: When
    area_kind: frozenset[str]
    by_grid: bool | None
    to: tuple[tuple[str, ...], ...]
    why: str
    line: int


@dataclass(frozen=True)
class Route:
    """The bodies proposed, step by step, the best first, with the rule that says so, its words.

    `rule` is the row's id, `name` what people call it.
    """

    steps: tuple[tuple[str, ...], ...]
    rule: str
    name: str
    why: str

    @property
    def bodies(self) -> tuple[str, ...]:
        """All of them, the best first."""
        return tuple(dict.fromkeys(chain.from_iterable(self.steps)))


# Fewer that came back are chance: one of one says nothing of a rule.
_BACK_LEAST = 3


@dataclass(frozen=True)
class CameBack:
    """How many of those sent as a row said came back; `is_high`: more than elsewhere, surely."""

    share: Share
    is_high: bool


def came_back(share: Share, *, of_all: float) -> CameBack:
    """`of_all` is the part that came back of all that were sent as any rule said."""
    return CameBack(share, share.count >= _BACK_LEAST and share.low > of_all)


def find_route(
    rows: tuple[RouteRow, ...],
    asked: Asked,
    *,
    area_kind: str,
    by_grid: bool,
    body: str,
    station: str | None,
) -> Route:
    """The first row that fits, with the category's own bodies filled in."""
    own = {"{body}": body, "{station}": station or ""}
    for row in rows:
        if (
            row.when.fits(asked)
            and (not row.area_kind or area_kind in row.area_kind)
            and row.by_grid in (None, by_grid)
        ):
            filled = (tuple(filter(None, (own.get(one, one) for one in step))) for step in row.to)
            return Route(tuple(dict.fromkeys(filter(None, filled))), row.id, row.name, row.why)
    return Route(((body,),), "category", "", "")


def resolve_body(pattern: str, *, town: str | None, grid: str | None) -> str | None:
    """The unit code a pattern means at a place, or None where the place has no such part."""
    if pattern == "grid":
        return f"grid-{grid}" if grid else None
    if "{town}" in pattern:
        return pattern.replace("{town}", town) if town else None
    return pattern


def codes_meant(code: str, known: Collection[str]) -> list[str]:
    """The codes of units that a resolved body means: itself, or all that begin as it does."""
    if not code.endswith(_MANY):
        return [code]
    return sorted(one for one in known if one.startswith(code.removesuffix(_MANY)))
