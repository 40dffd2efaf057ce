"""Where a report is, by its words; the county's names are kept in memory.

Like the tree of boundaries: thrown away when the county's names have another revision, which a
process asks for once a second at most. Only who asks first waits until they are put together;
later the names of before serve while the new ones are built beside.
"""

import threading
import time
from dataclasses import replace
from uuid import UUID

import structlog
from django.db import connection

from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook
from gezhi.triage.rules import Gazetteer, Spot, Whereabouts, is_far, names_a_place, settle

_log = structlog.get_logger("gezhi.triage")
_kept: dict[str, Gazetteer] = {}
_drafts: dict[str, Gazetteer] = {}
_building, _building_beside = threading.Lock(), threading.Lock()
_begun: dict[str, float] = {}  # when a county's names were last built beside
_beside: list[threading.Thread] = []
REST = 3.0  # seconds between two buildings: an hour of writing names down is not one of building
_VILLAGE = 12  # digits of its path
_WIDEST = 400.0  # metres around a point that are looked at for the areas they lie in


def whereabouts(
    text: str,
    place: str,
    *,
    county: str,
    near: str = "",
    point: tuple[float, float] | None = None,
) -> Whereabouts:
    """Where a report is by the words for its place, else by its own.

    `near` is the path of where the reporter is, for names that the county has twice. A `point`
    (WGS-84) always wins; then it is said whether the words name a place far from it.
    """
    if point is not None:
        return _at_point(text, place, county, point)
    names = gazetteer_of(county)
    there, told = names.mentions(place, is_place=True), names.mentions(text, is_place=False)
    if inside := names.villages_said([*there, *told], near):
        there = names.mentions(place, is_place=True, inside=inside)
        told = names.mentions(text, is_place=False, inside=inside)
    found = settle(names, there, told, near=near, is_elsewhere=names_a_place(place))
    return replace(found, spots=tuple(_carefully(spot, county) for spot in found.spots))


def _carefully(spot: Spot, county: str) -> Spot:
    """What lies opposite a school may be another grid's: the area that holds all it may be."""
    if not spot.relation or spot.lon is None or spot.lat is None or spot.metres is None:
        return spot
    if spot.path and len(spot.path) <= len(county):
        return spot
    if spot.kind in ("town", "village", "community"):
        return replace(spot, path=spot.path[:12])
    around = places.path_around(spot.lon, spot.lat, min(spot.metres, _WIDEST), county=county)
    # On the border of two towns it is by the village of what is named, rather than nowhere.
    return replace(spot, path=around if len(around) > len(county) else spot.path[:_VILLAGE])


def _at_point(text: str, place: str, county: str, point: tuple[float, float]) -> Whereabouts:
    lon, lat = point
    here = places.place_at(lon, lat, county=county)
    path = here.exclusive_path or here.path
    spot = Spot(places.words_for(path), "point", path, "", lon, lat, 0.0)
    named = whereabouts(text, place, county=county, near=path)
    far = bool(named.spots) and all(is_far(each, path, lon, lat) for each in named.spots)
    spots = (spot, named.spots[0]) if far else (spot,)
    return Whereabouts(spots, is_sure=True, disagrees=far)


def gazetteer_of(county: str) -> Gazetteer:
    """The names of the county: of a few seconds ago, or as this transaction has changed them."""
    token = places.names_token_of(county)
    kept = _kept.get(county)
    if kept is not None and kept.token == token:
        return kept
    if places.is_draft(county):
        return _built(_drafts, county, token)  # nobody else's: it may never be committed
    if kept is None:
        return _built(_kept, county, token)
    _build_beside(county)
    return kept


def forget_names() -> None:
    """As a process begins."""
    for thread in _beside:
        thread.join()
    _kept.clear()
    _drafts.clear()
    _begun.clear()


def _built(kept: dict[str, Gazetteer], county: str, token: UUID | None) -> Gazetteer:
    with _building:
        found = kept.get(county)
        if found is None or found.token != token:
            found = kept[county] = _build(county, token)
        return found


def _build(county: str, token: UUID | None) -> Gazetteer:
    named = places.named_places(county)
    return Gazetteer(county, named, common=_words_of_reports(county), token=token)


def _build_beside(county: str) -> None:
    """Put the names together in a thread of their own, unless one does or has just done so."""
    now = time.monotonic()
    with _building_beside:
        is_busy = any(thread.is_alive() for thread in _beside)
        if is_busy or now - _begun.get(county, -REST) < REST:
            return
        _begun[county] = now
        _beside[:] = [threading.Thread(target=_renew, args=(county,), name="names", daemon=True)]
        _beside[0].start()


def _renew(county: str) -> None:
    try:
        # The token is asked for before the names are: what changes in between is found next time.
        _kept[county] = _build(county, places.names_token_of(county))
    except Exception:  # who asked goes on with the names of before, and asks again
        _log.exception("names_not_built", county=county)
    finally:
        connection.close()


def _words_of_reports(county: str) -> list[str]:
    """What the rulebook finds kinds and things by: 下水道 in a report is no shop of that name."""
    book = rulebook.current(county)
    return [*book.vocabulary.categories, *book.assets.meant]
