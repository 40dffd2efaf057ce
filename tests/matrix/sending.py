"""One request of the matrix: the address filled in, and a form or body that would do."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gezhi.api.api import api as gezhi_api
from gezhi.base import clock
from gezhi.rulebook import reads as rulebook
from tests.cast import TOWN
from tests.matrix.table import Line
from tests.matrix.world import STATION, World, picture

_SCHEMA: dict[str, Any] = {}


# What a field of this name is sent with instead of this value.
Twist = Callable[[str, Any], Any]


def as_it_is(_name: str, value: Any) -> Any:
    return value


def sent(
    world: World, line: Line, who: str, *, is_nothing: bool = False, is_full: bool = False,
    twist: Twist = as_it_is,
) -> Any:  # fmt: skip
    """The answer to one cell's request; of something that doesn't exist, or with other values.

    `is_full`: an operation is sent what it could do without, too.
    """
    path = line.address
    for name in line.names:
        value = world.nothing_like(name) if is_nothing else world.value(name, who, line.situation)
        path = path.replace(f"{{{name}}}", value)
    client = world.client(who)
    if line.method == "GET":
        return client.get(path)
    if not path.startswith("/api/"):
        if line.method != "POST":
            return client.generic(line.method, path)
        return _post(client, path, _twisted(_typed(world, line, who), twist))
    data, kind = _body(world, line, who, is_full)
    data = _twisted(data, twist)
    if kind == "multipart/form-data":
        return client.post(path, data)
    return client.generic(line.method, path, json.dumps(data), content_type="application/json")


def _post(client: Client, path: str, data: dict[str, Any]) -> Any:
    """As a browser sends a form: in parts only where there are files."""
    if any(isinstance(value, SimpleUploadedFile) for value in data.values()):
        return client.post(path, data)
    kind = "application/x-www-form-urlencoded"
    return client.post(path, urlencode(data, doseq=True), content_type=kind)


# --- pages -------------------------------------------------------------------------------------

# What is heavy is sent only where it is taken.
_TAKE_PICTURES = ("/desk/cases/", "/report/", "/track/", "/me/")
_REASONS = ("refuse", "send_back", "escalate", "pause", "extend", "reopen")


def _twisted(data: Any, twist: Twist, name: str = "") -> Any:
    """The same with other values, in lists and in what lies within too."""
    if isinstance(data, dict):
        return {each: _twisted(value, twist, each) for each, value in data.items()}
    if isinstance(data, list):
        return [_twisted(value, twist, name) for value in data]
    return twist(name, data)


def _typed(world: World, line: Line, who: str) -> dict[str, Any]:
    """Every field that any form of ours asks for; a form takes its own and leaves the rest."""
    act = line.address.rstrip("/").rpartition("/")[2]
    values = _known(world, line, who, act)
    until = clock.now() + timedelta(days=1)
    values |= {
        "until": until.strftime("%Y-%m-%dT%H:%M"),
        "is_granted": "yes", "is_solved": "yes", "is_reached": "no", "is_public": "yes",
        "files": [], "leg": values["leg"] or "", "approval": values["approval"] or "",
        "number": [values["number"]], "is_head": "yes", "goes_on": "yes",
        "starts": "08:00", "ends": "12:00", "day": values["day"].isoformat(),
        "first": values["day"].isoformat(),
        "against": world.book.version,
        "since": (clock.now() - timedelta(days=2)).date().isoformat(),
        "rate_words": "办得不错", "reopen_words": "又漏水了",
        "about": values["number"], "mail": "someone@example.org",
        "last": clock.now().date().isoformat(), "once": f"once-{who}-{line.situation}",
        "service_code": "utility.lamp", "address_string": "村口",
        "service_request_id": values["number"], "update_id": f"once-{who}", "status": "OPEN",
        "updated_datetime": clock.now().isoformat(), "description": "补充一句",
    }  # fmt: skip
    if line.address.startswith(_TAKE_PICTURES):
        values |= {
            name: SimpleUploadedFile(f"{name}.jpg", picture(), "image/jpeg")
            for name in ("photo", "check")
        }
    if line.address.startswith("/desk/admin/rulebook/"):
        values["texts"] = json.dumps(rulebook.default_files())
    if act == "leaves":
        values |= {
            "starts": (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M"),
            "ends": (clock.now() + timedelta(days=31)).strftime("%Y-%m-%dT%H:%M"),
            "kind": "leave",
        }
    return {name: value for name, value in values.items() if value is not None}


def beside(world: World, line: Line, who: str) -> tuple[Any, str]:
    """What would go along with a request of this line, and as what, where its address is tried."""
    if line.address.startswith("/api/"):
        return _body(world, line, who, is_full=False)
    large = ("photo", "check", "texts")  # no page that names one thing needs them
    typed = _typed(world, line, who)
    return {name: typed[name] for name in typed if name not in large}, "multipart/form-data"


def _known(world: World, line: Line, who: str, act: str) -> dict[str, Any]:
    """Values by the name of the field they stand in, for forms and for the API."""
    situation = line.situation if line.situation != "-" else "own"
    stand = world.stand_of(who, situation)
    unit = world.county.unit(STATION if situation != "away" else "dept-water")
    if act == "hand_down":
        unit = world.county.unit("centre-990101101201")
    reported = stand.reported.get("handling")
    return {
        "what": "路灯不亮，晚上看不清路", "words": "按规定办理，情况已经写明。",
        "category": reported.case.proposed_category if reported else "",
        "unit": str(unit), "units": [str(world.county.unit("dept-cityadmin"))],
        "reason": world.reason(act) if act in _REASONS else "not_solved",
        "outcome": "solved", "answer": "水管已经修好，路面也清理了。", "size": "", "path": TOWN,
        "why": "answer", "field": "phone",
        "leg": str(stand.leg) if stand.leg else str(world.nothing_like("leg")),
        "approval": str(stand.approval) if stand.approval else str(world.nothing_like("x")),
        "main": stand.of.get("reported", ""), "stage": "done", "rating": 4,
        "number": world.value("handling", who, situation), "code": "22222222",
        "name": "测试的", "phone": "", "address": "", "login": f"new-{who}", "role": "handler",
        "language": "zh-hans", "channel": "desk", "kind": "station", "is_active": True,
        "article": str(world.value("article", who, "-")),
        "call": str(world.value("call", who, situation)), "title": "高龄津贴怎么办",
        "account": str(world.value("account", who, situation)),
        "people": [str(world.value("account", who, situation))],
        "accounts": [str(world.value("account", who, situation))],
        "shift": str(world.value("shift", who, situation)),
        "one": str(world.value("duty", who, situation)),
        "other": str(world.value("other", who, situation)),
        "day": (clock.now() + timedelta(days=3)).date(), "days": 2, "turn_days": 1, "at_once": 1,
        "weekdays": "1234567", "note": "试一试", "query": "tab=area", "text": "水管",
        "place": "村口", "attachment": str(stand.file), "wish": "correct", "wanted": "请来修水管",
    }  # fmt: skip


# --- the API -----------------------------------------------------------------------------------


def _body(world: World, line: Line, who: str, is_full: bool) -> tuple[Any, str]:
    """The smallest body the description allows, with values that are there; or all of it."""
    operation = _operation(line)
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return {}, "application/json"
    kind, described = next(iter(content.items()))
    act = line.address.rpartition("/")[2]
    known = _known(world, line, who, act)
    if act in ("areas", "units"):
        known["code"] = f"{TOWN}209" if act == "areas" else "unit-of-the-matrix"
    made = _made(described["schema"], known, act)
    if is_full:
        parts = _told(described["schema"]).get("properties", {})
        words = {name for name, each in parts.items() if each.get("type") == "string"}
        made |= {name: known.get(name) or "写几个字" for name in words - set(made)}
    return made, kind


def _operation(line: Line) -> dict[str, Any]:
    if not _SCHEMA:
        _SCHEMA.update(json.loads(json.dumps(gezhi_api.get_openapi_schema(), default=str)))
    shape = re.sub(r"{\w+}", "{}", line.address)
    for address, found in _SCHEMA["paths"].items():
        if re.sub(r"{\w+}", "{}", address) == shape and line.method.lower() in found:
            operation: dict[str, Any] = found[line.method.lower()]
            return operation
    return {}


def _told(schema: dict[str, Any]) -> dict[str, Any]:
    """What stands where a description points to."""
    found = schema
    if "$ref" in schema:
        found = _SCHEMA
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return found


def _made(schema: dict[str, Any], known: dict[str, Any], name: str) -> Any:
    schema = _told(schema)
    if "allOf" in schema or "anyOf" in schema:
        return _made((schema.get("allOf") or schema["anyOf"])[0], known, name)
    if schema.get("type") == "object":
        if name == "files":
            return rulebook.default_files()
        needed = {
            *schema.get("required", ()),
            *({"category"} & set(schema.get("properties", {}))),
        }
        return {one: _value(one, schema["properties"][one], known) for one in needed}
    return known.get(name, "x")


def _value(name: str, schema: dict[str, Any], known: dict[str, Any]) -> Any:
    now = clock.now()
    special: dict[str, Any] = {
        "where": {"path": TOWN, "place": "村口"},
        "cases": [{"ref": known["number"]}],
        "starts": (now + timedelta(days=40)).isoformat() if "format" in schema else "08:00",
        "ends": (now + timedelta(days=41)).isoformat() if "format" in schema else "12:00",
        "until": (now + timedelta(days=1)).isoformat()
        if schema.get("format") == "date-time"
        else now.date().isoformat(),
        "since": (now - timedelta(days=2)).date().isoformat(),
        "day": known["day"].isoformat(), "first": known["day"].isoformat(),
        "on": now.date().isoformat(),
        "geometry": {"type": "Polygon", "coordinates": [[[106.9, 35.6], [106.91, 35.6],
                                                         [106.91, 35.61], [106.9, 35.6]]]},
        "photos": [SimpleUploadedFile("p.jpg", picture(), "image/jpeg")],
        "file": SimpleUploadedFile("p.jpg", picture(), "image/jpeg"),
        "files": rulebook.default_files(),
    }  # fmt: skip
    if name in special:
        return special[name]
    if schema.get("type") == "boolean":
        return name != "is_reached"
    if known.get(name) not in (choices := schema.get("enum", [])) and choices:
        return choices[0]
    return known.get(name) or _made(schema, known, name)
