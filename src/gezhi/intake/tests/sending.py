"""A source that sends signed messages, and what it sends."""

import base64
import io
import json
import time
from typing import Any

from django.test import Client
from PIL import Image

from gezhi.intake import actions
from gezhi.intake.actions import Wanted
from gezhi.intake.models import Source
from gezhi.intake.rules.incoming import sign
from gezhi.places import rules as places
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, County, point_in

MAP = """
number = "id"
what = ["title", "text"]
place = "where.words"
lon = "where.lng"
lat = "where.lat"
datum = "gcj02"
when = "at"
name = "by.name"
phone = "by.phone"
label = "kind"
photos = "images.*.data"
secret = "hidden"
likes = "likes"

[categories]
"自来水" = "water_supply"
"""
WORDS = "柳树村村口自来水管破裂，路上全是水，已经半天没有人来管，老人小孩都不敢走"


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "gray").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def sample(number: str = "A-1", **more: Any) -> dict[str, Any]:
    lon, lat = places.from_wgs84(*point_in(GRID), places.Datum.GCJ02)
    return {
        "id": number, "title": "水管破裂", "text": WORDS, "at": int(time.time()) - 600,
        "where": {"words": "柳树村村口", "lng": str(lon), "lat": lat},
        "by": {"name": "李秀兰", "phone": "13812345678"}, "kind": "自来水",
        "images": [{"data": picture()}], "likes": 3, **more,
    }  # fmt: skip


def made_source(county: County) -> Source:
    """A webhook that is switched on, its map tried."""
    known = next(iter(known_kinds()))
    wanted = Wanted(name="城管平台", field_map=MAP.replace("water_supply", known))
    made, _secret = actions.add_source("webhook", wanted, actor=county.actor("guan"))
    actions.try_map(made.id, json.dumps(sample()), actor=county.actor("guan"))
    return actions.switch_source(made.id, is_active=True, actor=county.actor("guan"))


def known_kinds() -> Any:
    return rulebook.current(COUNTY).categories


def send(source: Source, sent: Any, *, age: int = 0, secret: str = "") -> Any:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    moment = str(int(time.time()) - age)
    good = sign(body, id="m1", timestamp=moment, secret=secret or source.secret).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": moment, "webhook-signature": good}
    return Client().post(
        f"/api/v1/sources/{source.id}/messages", body, content_type="application/json",
        headers=headers,
    )  # fmt: skip


def only(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    items: list[dict[str, Any]] = answer.json()["items"]
    assert len(items) == 1
    return items[0]
