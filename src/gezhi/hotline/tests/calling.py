"""A telephone system, the articles of a county, what a caller says."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from gezhi.api.tests.calling import bearer, post
from gezhi.hotline import actions
from gezhi.hotline.models import Article
from tests.cast import County, point_in

PHONE = "13800001234"
LEAK = "柳树村村口自来水管破裂，路上全是水"
PENSION: dict[str, Any] = {
    "title": "高龄津贴怎么申请",
    "asks": "八十岁老人补贴 高龄补贴 老年津贴",
    "answer": "年满 80 周岁的户籍老人，带身份证和户口簿到村委会填表，次月起发放。",
}


class Switch:
    """The telephone system that the program `dui` stands for."""

    def __init__(self, key: Callable[[str], str], client: Client | None = None) -> None:
        self.client = client or Client()
        self.as_program = bearer(key("dui"))

    def rings(self, call_id: str = "c-1", *, agent: str = "xian", **more: Any) -> Any:
        body = {"call_id": call_id, "agent": agent, "from_number": PHONE, **more}
        return post(self.client, "/calls", body, headers=self.as_program)

    def is_over(self, call_id: str = "c-1", **more: Any) -> Any:
        return post(self.client, f"/calls/{call_id}/end", more, headers=self.as_program)

    def ask(self, call_id: str = "c-1") -> Any:
        return self.client.get(f"/api/v1/calls/{call_id}", headers=self.as_program)


def write_article(county: County, **more: Any) -> Article:
    """One that is in use, written by the county's supervisor."""
    return actions.make_article(**{**PENSION, **more}, actor=county.actor("du"))


def spot() -> dict[str, str]:
    """Where a burst pipe is, as a form sends it."""
    lon, lat = point_in("990101101201001")
    return {"lon": str(lon), "lat": str(lat), "place": "村口"}


def taken(county: County, agent: str = "xian") -> UUID:
    """A call that an agent took on a telephone that tells nobody."""
    id = uuid4()
    actions.write_down(id, actor=county.actor(agent))
    return id
