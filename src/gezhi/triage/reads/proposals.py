"""All that is proposed for a report that is being told: what, where, whose, the same as which."""

from dataclasses import dataclass
from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.cases import reads as cases
from gezhi.places import reads as places
from gezhi.places import rules as place_rules
from gezhi.rulebook import reads as rulebook
from gezhi.triage.reads.kinds import what
from gezhi.triage.reads.same import Alike, same_as
from gezhi.triage.reads.whereabouts import whereabouts
from gezhi.triage.rules import What, Whereabouts
from gezhi.triage.rules.matching import Spotted


@dataclass(frozen=True)
class Proposed:
    """What is proposed. `path` is where it would begin; `who` is None where no kind was found."""

    what: What
    where: Whereabouts
    path: str
    who: cases.Who | None
    same: list[Alike]


def proposed(
    text: str,
    *,
    county: str,
    place: str = "",
    path: str = "",
    near: str = "",
    point: tuple[float, float] | None = None,
    channel: str,
    actor: Actor | None,
    at: datetime,
) -> Proposed:
    """What would become of `text` if it came in by `channel`. Nothing is kept.

    A point wins over a `path`, and a path over the words, unless they name a place inside it.
    `near` is where the reporter is: it tells names apart that are there twice, and stands where
    nothing else does. Cases alike are those `actor` may see; None is a passer-by. Refuses a point
    outside the county, and a path or `near` that is no area.
    """
    path, near = (places.area_by_path(county, one).path if one else "" for one in (path, near))
    found = what(text, county=county)
    where = whereabouts(text, place, county=county, near=path or near, point=point)
    by_words = where.spot.path if where.spot else ""
    named = by_words if point or by_words.startswith(path) else path
    lies = named or near or place_rules.path_of(county)
    lon, lat = point or (None, None)
    here = Spotted(at, lies, lon, lat, found.category)
    whose = None
    if found.category:
        book = rulebook.current(county)
        is_urgent = bool(found.urgent)
        begins = book.first(category=found.category, channel=channel, is_urgent=is_urgent)
        level = cases.first_centre(begins.at, lies, county=county).level
        matter = cases.Matter(county, lies, level, channel, text, place, lon, lat, is_urgent)
        whose = cases.who(matter, book, found.category, at=at)
    return Proposed(found, where, lies, whose, same_as(text, county=county, here=here, actor=actor))
