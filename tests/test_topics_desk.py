"""Topics and root-cause cases in a browser: large and small, by axe, under the pages' policy."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from gezhi.base import clock
from gezhi.places import reads as places
from gezhi.triage import actions
from gezhi.triage.actions import topics
from gezhi.triage.models import Topic
from gezhi.triage.tests.board import ROAD, WATER, tell, tell_all
from gezhi.triage.tests.test_roots import solve
from tests.browser import DESK, PHONE, Window
from tests.cast import COUNTY, FAR_VILLAGE, GRID, PASSWORD, VILLAGE, County

pytest_plugins = ["tests.browser"]

_KIND = "utility.water.quality"


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_topics_are_read_at_the_desk_and_on_a_phone(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    now = clock.now()
    tell_all(WATER, at=GRID, now=now, category=_KIND)
    tell_all(ROAD, at=f"{FAR_VILLAGE}001", now=now, category="traffic.road.collapse")
    for at in (GRID, f"{FAR_VILLAGE}001"):
        for ago in range(6):
            lamp = f"{ago + 1}组路灯不亮"
            tell(lamp, at=at, opened_at=now - timedelta(days=ago, hours=1), category="utility.lamp")
    solve(6, now=now, kind="traffic.road.broken")
    topics.run_hourly(COUNTY)
    topic = Topic.objects.get(category=_KIND)
    root = actions.open_root(
        path=VILLAGE,
        category=_KIND,
        owner=committed.unit("dept-water"),
        target=places.today() + timedelta(days=90),
        words="柳树村供水管锈蚀，请水务局整段更换",
        county=COUNTY,
        actor=committed.actor("du"),
    )
    du = window("topics", size)
    du.sign_in("du", PASSWORD)
    for name, path in (
        ("list", "/desk/topics/"),
        ("topic", f"/desk/topics/{topic.id}/"),
        ("roots", "/desk/roots/"),
        ("root", f"/desk/roots/{root.id}/"),
        ("new", f"/desk/roots/new/?path={VILLAGE}&category={_KIND}"),
    ):
        page = du.go(path)
        expect(page.locator("h1")).to_be_visible()
        du.shoot(f"{size['width']}-{name}")
        assert du.faults_seen_by_axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert du.problems == []
    assert du.refused == []
