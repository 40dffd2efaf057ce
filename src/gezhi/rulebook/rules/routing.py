"""Who should take a case: bodies by code pattern, rows of rules, the first that fits wins."""

from dataclasses import dataclass

from gezhi.rulebook.rules.due import Asked, When
from gezhi.rulebook.rules.naming import Named

AREA_KINDS = ("county", "town", "village", "community", "grid", "exclusive")
BODY_KINDS = ("centre", "grid", "department", "station", "committee", "company")


@dataclass(frozen=True)
class Body(Named):
    """A kind of unit that cases may go to. `code` is a unit code, or a pattern with `{town}`."""

    code: str
    kind: str


@dataclass(frozen=True)
class RouteRow:
    """One rule of routing. `to` holds body codes and the words `{body}` and `{station}`."""

    id: str
    when: When
    area_kind: frozenset[str]
    by_grid: bool | None
    to: tuple[str, ...]
    why: str
    line: int


@dataclass(frozen=True)
class Route:
    """The bodies proposed, the best first, with the rule that says so and its words."""

    bodies: tuple[str, ...]
    rule: str
    why: str


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
    for row in rows:
        if (
            row.when.fits(asked)
            and (not row.area_kind or area_kind in row.area_kind)
            and row.by_grid in (None, by_grid)
        ):
            filled = ({"{body}": body, "{station}": station}.get(one, one) for one in row.to)
            return Route(tuple(dict.fromkeys(one for one in filled if one)), row.id, row.why)
    return Route((body,), "category", "")


def resolve_body(pattern: str, *, town: str | None, grid: str | None) -> str | None:
    """The unit code a pattern means at a place, or None where the place has no such part."""
    if pattern == "grid":
        return f"grid-{grid}" if grid else None
    if "{town}" in pattern:
        return pattern.replace("{town}", town) if town else None
    return pattern
