"""Words to a place, for programs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base.api import Input, Latitude, Longitude, Shown, give
from gezhi.base.http import actor_of
from gezhi.places import reads as places
from gezhi.triage import reads
from gezhi.triage.rules import Spot, Whereabouts

router = Router()


class WordsSent(Input):
    """Words of a report, words for its place, a WGS-84 point; at least one of them."""

    text: str = Field("", max_length=5000)
    place: str = Field("", max_length=200)
    near: str = Field("", max_length=15, description="The path of where the reporter is.")
    point: tuple[Longitude, Latitude] | None = None


class SpotShown(Shown):
    """A place that is named. `relation`: near, opposite, crossing, between, or at it."""

    name: str
    kind: str
    path: str
    area: str
    words: str
    relation: str
    lon: float | None
    lat: float | None
    metres: float | None


class WhereShown(Shown):
    """`sure`: the first spot is it. `asks`: the spots are the answers to one question.

    Without a spot there are more than can be offered: the village is to be asked for.
    `disagrees`: the point stands, but the words name the second spot, which is far from it.
    """

    sure: bool
    asks: bool
    disagrees: bool
    spots: list[SpotShown]


@router.post("/triage/where", response=WhereShown, summary="Where do these words say it is?")
def where(request: HttpRequest, body: WordsSent) -> HttpResponse:
    """The place that words name. A point wins and is checked against them. Nothing is kept."""
    actor_of(request).must("case.report")
    found = reads.whereabouts(
        body.text, body.place, county=settings.COUNTY, near=body.near, point=body.point
    )
    return give(where_shown(found))


def where_shown(found: Whereabouts) -> dict[str, Any]:
    """A place, or what would settle it, with the names of the areas."""
    areas = places.words_of(spot.path for spot in found.spots)
    return {
        "sure": found.is_sure,
        "asks": found.asks,
        "disagrees": found.disagrees,
        "spots": [_shown(spot, areas[spot.path]) for spot in found.spots],
    }


def _shown(spot: Spot, area: str) -> dict[str, Any]:
    names = ("name", "kind", "path", "words", "relation", "lon", "lat", "metres")
    return {"area": area, **{name: getattr(spot, name) for name in names}}
