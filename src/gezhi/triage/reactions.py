"""What triage says when the cases room asks: a kind and a place for a report that comes in."""

from gezhi.cases.actions.proposing import Proposed, proposes
from gezhi.triage import reads


@proposes
def propose(county: str, what: str, place: str, is_placed: bool) -> Proposed:
    """The likeliest kind; the place where the words settle it and nobody has given one."""
    category = reads.what(what, county=county).category
    if is_placed:
        return Proposed(category=category)
    spot = reads.whereabouts(what, place, county=county).spot
    return Proposed(category=category, path=spot.path if spot else "")
