"""Open data: what a row of it is, how its files are called, and how programs are told. Pure.

The columns are those of GeoReport Bulk. The package is described as Frictionless Data has it
(datapackage.json with a Table Schema), the GeoJSON by a JSON Schema.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.days import in_utc
from gezhi.cases.rules.moves import OPEN, State

Value = str | float | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Column:
    """One field of a row, in every form of the data."""

    name: str
    title: Promise
    type: str = "string"
    limits: tuple[tuple[str, Any], ...] = ()


_ALWAYS = (("required", True),)
COLUMNS = (
    Column("service_request_id", _("编号"), limits=(*_ALWAYS, ("unique", True))),
    Column("requested_datetime", _("上报时间"), "datetime", _ALWAYS),
    Column("updated_datetime", _("最近变动"), "datetime", _ALWAYS),
    Column("closed_date", _("办结时间"), "datetime"),
    Column(
        "status_description", _("状态"), limits=(*_ALWAYS, ("enum", ("open", "closed")))
    ),
    Column("status_notes", _("办理情况")),
    Column("source", _("来源渠道"), limits=_ALWAYS),
    Column("service_name", _("类别")),
    Column("service_subtype", _("类别代码")),
    Column("description", _("内容")),
    Column("agency_responsible", _("承办单位")),
    Column("address", _("地点")),
    Column("lat", _("纬度"), "number", (("minimum", -90), ("maximum", 90))),
    Column("long", _("经度"), "number", (("minimum", -180), ("maximum", 180))),
)  # fmt: skip
NAMES = tuple(column.name for column in COLUMNS)
# What was merged is told by its main case alone, so that nothing is counted twice.
TOLD_STATES = frozenset(state for state in State if state != State.MERGED)

PACKAGE, TABLE_SCHEMA, FEATURE_SCHEMA = (
    "datapackage.json", "table-schema.json", "geojson-schema.json",
)  # fmt: skip
LATEST = "latest"
LATEST_IS = timedelta(days=30)
MEDIA_TYPES = {"csv": "text/csv", "geojson": "application/geo+json", "json": "application/json"}
_FILE = re.compile(r"cases-(\d{4}-\d{2}|latest)\.(csv|geojson)", re.ASCII)


def file_name(part: str, kind: str) -> str:
    """The file of a month, `2026-11`, or of the latest ones."""
    return f"cases-{part}.{kind}"


def media_type_of(name: str) -> str | None:
    """What a file of this name holds; None where no file of open data is called so."""
    known = name in (PACKAGE, TABLE_SCHEMA, FEATURE_SCHEMA) or _FILE.fullmatch(name)
    return MEDIA_TYPES[name.rpartition(".")[2]] if known else None


@dataclass(frozen=True)
class File:
    """One file as it was written."""

    part: str
    kind: str
    size: int
    rows: int
    sha256: str

    @property
    def name(self) -> str:
        return file_name(self.part, self.kind)


def status_of(state: str) -> str:
    """`open` or `closed`, as GeoReport has it; `status_notes` say more."""
    return "open" if state in OPEN else "closed"


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def feature(row: Row) -> dict[str, Any]:
    """A row as GeoJSON (RFC 7946), at its point."""
    lat, lon = row["lat"], row["long"]
    return {
        "type": "Feature",
        "id": row["service_request_id"],
        "geometry": None if lon is None else {"type": "Point", "coordinates": [lon, lat]},
        "properties": {name: row[name] for name in _told_names()},
    }


def _told_names() -> Sequence[str]:
    return [name for name in NAMES if name not in ("lat", "long")]


def table_schema() -> dict[str, Any]:
    """Frictionless' Table Schema of the csv files."""
    return {
        "fields": [
            {
                "name": column.name,
                "title": str(column.title),
                "type": column.type,
                **({"constraints": dict(column.limits)} if column.limits else {}),
            }
            for column in COLUMNS
        ],
        "primaryKey": "service_request_id",
        "missingValues": [""],
    }


def feature_schema() -> dict[str, Any]:
    """JSON Schema of the GeoJSON files."""
    told = {column.name: _json_type(column) for column in COLUMNS if column.type != "number"}
    places = [{"type": "number", "minimum": -90 * at, "maximum": 90 * at} for at in (2, 1)]
    point = {
        "type": "object",
        "required": ["type", "coordinates"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": "Point"},
            "coordinates": {"type": "array", "prefixItems": places, "minItems": 2, "maxItems": 2},
        },
    }
    one = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"anyOf": [point, {"type": "null"}]},
            "properties": {
                "type": "object",
                "required": list(told),
                "additionalProperties": False,
                "properties": told,
            },
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["type", "features"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": one},
        },
    }


def _json_type(column: Column) -> dict[str, Any]:
    limits = dict(column.limits)
    kind: dict[str, Any] = {"title": str(column.title)}
    kind["type"] = "string" if limits.get("required") else ["string", "null"]
    if column.type == "datetime":
        kind["format"] = "date-time"
    if "enum" in limits:
        kind["enum"] = list(limits["enum"])
    return kind


def licence(text: str) -> dict[str, str]:
    """A name, an address, or both, as the setting has them."""
    name, _blank, path = text.strip().rpartition(" ")
    if not path.startswith(("https://", "http://")):
        name, path = text.strip(), ""
    return {key: value for key, value in (("name", name.strip()), ("path", path)) if value}


def package(
    files: Iterable[File], *, county: str, title: str, at: datetime, licence_text: str
) -> dict[str, Any]:
    """The datapackage.json of these files."""
    found = licence(licence_text)
    return {
        "profile": "data-package",
        "name": f"gezhi-{county}-cases",
        "title": title,
        "created": in_utc(at),
        **({"licenses": [found]} if found else {}),
        "resources": [_resource(file) for file in files],
    }


def _resource(file: File) -> dict[str, Any]:
    is_table = file.kind == "csv"
    schema = {"schema": TABLE_SCHEMA} if is_table else {"jsonSchema": FEATURE_SCHEMA}
    return {
        "name": f"cases-{file.part}-{file.kind}",
        "path": file.name,
        "profile": "tabular-data-resource" if is_table else "data-resource",
        "format": file.kind,
        "mediatype": MEDIA_TYPES[file.kind],
        "encoding": "utf-8",
        **schema,
        "rows": file.rows,
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }


def files_of(described: Mapping[str, Any]) -> list[File]:
    """The files that a datapackage.json tells of."""
    return [
        File(
            part=each["name"].removeprefix("cases-").removesuffix(f"-{each['format']}"),
            kind=each["format"],
            size=each["bytes"],
            rows=each["rows"],
            sha256=each["hash"].removeprefix("sha256:"),
        )
        for each in described["resources"]
    ]
