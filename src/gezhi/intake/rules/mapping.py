"""A source's field map: where in what another system sends our fields stand. Pure.

The map is TOML. A path has its steps parted by dots; a number is a place in a list, `*` all of
it. What the map does not name is not taken.
"""

import base64
import binascii
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from gezhi.intake.errors import MapWrong, WrongRow
from gezhi.intake.rules.dates import read_moment
from gezhi.intake.rules.incoming import File, Incoming
from gezhi.intake.rules.messages import clean_words, count_of, digest_of
from gezhi.places.rules import Datum

MOST_MAP = 8000
MOST_AT_ONCE = 100
MOST_PHOTOS = 9
_MOST_DEPTH = 8
_MOST_NUMBER, _MOST_LABEL, _MOST_PLACE, _MOST_NAME, _MOST_PHONE = 120, 64, 200, 80, 40
_YES = frozenset({"true", "yes", "1", "是", "匿名", "保密"})
# A picture of a web page stands behind its kind: data:image/png;base64,…
_DATA = "base64,"
_AT = re.compile(r"line (\d+),? column (\d+)")


@dataclass(frozen=True)
class FieldMap:
    """Paths by the name of what stands there. `what` may be several, put together line by line.

    `items` is where the list of messages is; without it what is sent is one message.
    `categories` tells their words for a kind in our keys.
    """

    number: str
    what: tuple[str, ...]
    items: str = ""
    place: str = ""
    path: str = ""
    lon: str = ""
    lat: str = ""
    datum: str = Datum.WGS84.value
    when: str = ""
    name: str = ""
    phone: str = ""
    label: str = ""
    photos: str = ""
    secret: str = ""
    likes: str = ""
    dislikes: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)


_FIELDS = {name: each.type for name, each in FieldMap.__dataclass_fields__.items()}


def read_map(text: str, *, categories: Collection[str] | None) -> FieldMap:
    """The map, checked; a refusal says what is wrong and, where it can be told, what was meant.

    Without `categories` its kinds are not looked at.
    """
    if len(text) > MOST_MAP:
        raise MapWrong(why=_("最多 %(most)s 字") % {"most": MOST_MAP})
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise MapWrong(why=_told_where(str(error))) from error
    for name in table:
        _must_be_known(name, _FIELDS, name)
    found = {name: _checked(name, value) for name, value in table.items()}
    if missing := [name for name in ("number", "what") if name not in found]:
        raise MapWrong(why=_('缺少 %(name)s = "…"') % {"name": missing[0]})
    if ("lon" in found) != ("lat" in found):
        raise MapWrong(why=_("lon 和 lat 要一起写"))
    for key in found.get("categories", {}).values():
        if categories is not None:
            _must_be_known(key, categories, f"categories: {key}")
    _must_be_known(found.get("datum", _DATUMS[0]), _DATUMS, "datum")
    return FieldMap(**found)


_DATUMS = [each.value for each in Datum]


def _must_be_known(name: str, known: Collection[str], told: str) -> None:
    if name not in known:
        near = get_close_matches(name, known, 1)
        why = _("不认识 %(name)s，是不是 %(near)s") if near else _("不认识 %(name)s")
        raise MapWrong(why=why % {"name": told, "near": near[0] if near else ""})


def _told_where(error: str) -> str:
    """Where the TOML can't be read, of what its reader says in English."""
    at = _AT.search(error)
    if at is None:
        return _("结尾没有写完")
    return _("第 %(line)s 行第 %(sign)s 个字读不懂") % {"line": at[1], "sign": at[2]}


def _checked(name: str, value: Any) -> Any:
    if name == "categories":
        if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
            return value
        raise MapWrong(why='[categories] "…" = "…"')
    if name == "what":
        parts = [value] if isinstance(value, str) else value
        if isinstance(parts, list) and 0 < len(parts) <= 9 and all(map(_is_path, parts)):
            return tuple(parts)
    elif _is_path(value):
        return value
    raise MapWrong(why=f"{name} = {value!r}"[:120])


def _is_path(value: Any) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= 200
        and value.count(".") < _MOST_DEPTH
        and all(value.split("."))
    )


def known_alone(mapped: FieldMap, categories: Collection[str]) -> FieldMap:
    """The map without kinds that the rulebook of today has no more: their messages have none."""
    known = {word: key for word, key in mapped.categories.items() if key in categories}
    return replace(mapped, categories=known)


def messages_in(sent: Any, mapped: FieldMap) -> list[Any]:
    """The messages in what was sent; raises WrongRow where they are not where the map says."""
    if not mapped.items:
        return [sent]
    found = next(_at(sent, mapped.items.split(".")), None)
    if not isinstance(found, list):
        raise WrongRow("items_missing")
    return found


def read_incoming(one: Any, mapped: FieldMap, *, zone: tzinfo, now: datetime) -> Incoming:
    """One message by the map; raises WrongRow with the reason where it can't go in as it is."""
    number = "".join(_text(one, mapped.number).split())
    if not number:
        raise WrongRow("number_missing")
    if len(number) > _MOST_NUMBER:
        raise WrongRow("number_long")
    what = _whole([_text(one, path) for path in mapped.what])
    label, place = _line(one, mapped.label), _line(one, mapped.place)
    if not what:
        raise WrongRow("text_missing")
    if len(label) > _MOST_LABEL:
        raise WrongRow("label_long")
    if len(place) > _MOST_PLACE:
        raise WrongRow("place_long")
    lon, lat = _point(one, mapped)
    return Incoming(
        external=number,
        digest=digest_of(what, place, f"{lon} {lat}"),
        what=what,
        said_at=_moment(one, mapped, zone=zone, now=now),
        place=place,
        path=_line(one, mapped.path),
        lon=lon,
        lat=lat,
        datum=mapped.datum if lon is not None else "",
        name=_line(one, mapped.name)[:_MOST_NAME],
        phone=_line(one, mapped.phone)[:_MOST_PHONE],
        label=label,
        category=mapped.categories.get(label, ""),
        is_secret=_line(one, mapped.secret).lower() in _YES,
        files=tuple(_photos(one, mapped)),
        likes=count_of(_line(one, mapped.likes)),
        dislikes=count_of(_line(one, mapped.dislikes)),
    )


def words_in(one: Any, mapped: FieldMap) -> Incoming:
    """What is said and who says it, of a message that can't be taken as it is."""
    what = _whole([_text(one, path) for path in mapped.what])
    name, phone = _line(one, mapped.name), _line(one, mapped.phone)
    return Incoming(number_of(one, mapped), "", what, name=name, phone=phone)


def number_of(one: Any, mapped: FieldMap) -> str:
    """The number alone, of a message that can't be read whole; "" where there is none."""
    number = "".join(_text(one, mapped.number).split())
    return number if len(number) <= _MOST_NUMBER else ""


def _at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
    elif steps[0] == "*":
        for each in value if isinstance(value, list) else ():
            yield from _at(each, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])
    elif isinstance(value, list) and steps[0].isdecimal() and int(steps[0]) < len(value):
        yield from _at(value[int(steps[0])], steps[1:])


def _text(one: Any, path: str) -> str:
    if not path:
        return ""
    found = (each for each in _at(one, path.split(".")) if isinstance(each, str | int | float))
    return clean_words("\n".join(_plain(each) for each in found))


def _plain(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _line(one: Any, path: str) -> str:
    return " ".join(_text(one, path).split())


def _whole(parts: Sequence[str]) -> str:
    """The parts line by line, without those that a later one says again."""
    return "\n".join(
        part
        for at, part in enumerate(parts)
        if part and not any(other.startswith(part) for other in parts[at + 1 :])
    )


def _point(one: Any, mapped: FieldMap) -> tuple[float | None, float | None]:
    if not mapped.lon or not (_line(one, mapped.lon) or _line(one, mapped.lat)):
        return None, None
    try:
        lon, lat = float(_line(one, mapped.lon)), float(_line(one, mapped.lat))
    except ValueError:
        raise WrongRow("point_wrong") from None
    if lon == lat == 0:  # what many systems send for "unknown"
        return None, None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise WrongRow("point_wrong")
    return lon, lat


def _moment(one: Any, mapped: FieldMap, *, zone: tzinfo, now: datetime) -> datetime | None:
    if not mapped.when:
        return None
    found = next(_at(one, mapped.when.split(".")), None)
    if found in (None, ""):
        return None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise WrongRow("time_unreadable")
    return read_moment(found, zone=zone, now=now)


def _photos(one: Any, mapped: FieldMap) -> Iterator[File]:
    found = list(_at(one, mapped.photos.split("."))) if mapped.photos else []
    if len(found) > MOST_PHOTOS:
        raise WrongRow("photos_many")
    for at, each in enumerate(found, 1):
        if each in (None, ""):
            continue
        if not isinstance(each, str):
            raise WrongRow("photo_unreadable")
        try:
            data = base64.b64decode("".join(each.rpartition(_DATA)[2].split()), validate=True)
        except (binascii.Error, ValueError):
            raise WrongRow("photo_unreadable") from None
        yield File(f"{at}.jpg", data)
