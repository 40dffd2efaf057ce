"""What lies under the cases on a map: roads, water, buildings, place names, relief."""

import math
import zlib
from collections.abc import Sequence

import numpy as np
import shapely
from django.db import transaction
from numpy.typing import NDArray

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.places import reads, rules
from gezhi.places.actions.areas import touch
from gezhi.places.errors import FeatureWrong, ReliefWrong
from gezhi.places.facts import FeaturesAdded, ReliefSet
from gezhi.places.models import Feature, Relief
from gezhi.places.rules import Datum, NewFeature
from gezhi.places.rules.outlines import is_on_earth
from gezhi.record.actions import announce


@transaction.atomic
def add_features(
    county: str,
    features: Sequence[NewFeature],
    *,
    datum: Datum = Datum.WGS84,
    replace: bool = False,
    actor: Actor,
) -> int:
    """Add features to a county's map; `replace` first takes away all of the kinds given."""
    now = clock.now()
    actor.must("area.manage", path=rules.path_of(county))
    reads.counties_to_change([county])
    rows = [_feature(number, each, county, datum) for number, each in enumerate(features, start=1)]
    kinds = tuple(sorted({row.kind for row in rows}))
    if replace:
        Feature.objects.filter(county=county, kind__in=kinds).delete()
    Feature.objects.bulk_create(rows, batch_size=1000)
    touch([county], now=now)
    fact = FeaturesAdded(county=county, kinds=kinds, count=len(rows))
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)
    return len(rows)


def _feature(number: int, new: NewFeature, county: str, datum: Datum) -> Feature:
    sound = (
        new.kind in rules.FEATURE_KINDS
        and is_on_earth(new.geometry)
        and len(new.name) <= 60
        and math.isfinite(new.height)
        and 0 <= new.rank <= 9
    )
    if not sound:
        raise FeatureWrong(number=number)
    return Feature(
        county=county,
        kind=str(new.kind),
        name=new.name,
        geometry=shapely.to_wkb(rules.to_wgs84_geometry(new.geometry, datum)),
        height=new.height,
        rank=new.rank,
    )


@transaction.atomic
def set_relief(
    county: str,
    heights: NDArray[np.float32],
    *,
    bounds: tuple[float, float, float, float],
    actor: Actor,
) -> None:
    """Keep a county's heights: rows from the north, `bounds` west, south, east, north (WGS-84)."""
    now = clock.now()
    actor.must("area.manage", path=rules.path_of(county))
    west, south, east, north = (float(value) for value in bounds)
    sound = -180 <= west < east <= 180 and -85 <= south < north <= 85
    if heights.ndim != 2 or min(heights.shape) < 2 or not sound:
        raise ReliefWrong()
    if not np.isfinite(heights).all():
        raise ReliefWrong()
    reads.counties_to_change([county])
    raw = np.ascontiguousarray(heights, dtype="<f4").tobytes()
    Relief.objects.update_or_create(
        county=county,
        defaults={
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "rows": heights.shape[0],
            "columns": heights.shape[1],
            "heights": zlib.compress(raw, 6),
        },
    )
    touch([county], now=now)
    fact = ReliefSet(county=county)
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=now)
