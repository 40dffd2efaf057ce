"""How every channel is, in a browser: large and small, by axe and by keyboard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from gezhi.base import clock
from gezhi.exchange import actions as exchange
from gezhi.exchange.models import Delivery, Subscription
from gezhi.intake import actions as intake
from gezhi.intake.actions import Wanted
from gezhi.intake.models import Fault, Source
from tests.browser import DESK, PHONE, Window
from tests.cast import COUNTY, PASSWORD, County, report_leak

pytest_plugins = ["tests.browser"]


def fill(county: County) -> None:
    """Reports, a mailbox that can't be reached, and somebody who was told and died of it."""
    for channel in ("portal", "portal", "hotline", "patrol"):
        report_leak(channel=channel)
    now, guan = clock.now(), county.actor("guan")
    intake.add_source(
        "mailbox", Wanted(name="书记信箱", channel="mailbox", host="mail.example.org", user="sj"),
        actor=guan,
    )  # fmt: skip
    source = Source.objects.get()
    Source.objects.update(is_active=True, received_at=now - timedelta(hours=9))
    Fault.objects.create(
        county=COUNTY, source=source, day=now.date(), code="login", count=7, last_at=now
    )
    exchange.subscribe(
        name="市数据平台", address="https://example.org/hook",
        account=county.accounts["dui"].id, actor=guan,
    )  # fmt: skip
    Subscription.objects.update(
        failed_at=now,
        error="对方回答 503：Service Unavailable",
        delivered_at=now - timedelta(days=1),
    )
    Delivery.objects.create(
        county=COUNTY, subscription=Subscription.objects.get(), xid=1, line=1, kind="case_opened",
        at=now - timedelta(hours=20),
    )  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_channel_is_on_one_page(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    fill(committed)
    guan = window("channels", size)
    page = guan.page
    guan.sign_in("guan", PASSWORD)
    guan.go("/desk/admin/channels/")
    expect(page.locator("h1")).to_contain_text("渠道状况")
    guan.shoot(f"{size['width']}-zh")
    assert guan.faults_seen_by_axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    guan.context.add_cookies([
        {"name": "django_language", "value": "en", "url": guan.address}
    ])  # fmt: skip
    guan.go("/desk/admin/channels/")
    guan.shoot(f"{size['width']}-en")
    link = page.get_by_role("link", name="书记信箱")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("书记信箱")
    assert guan.problems == []
    assert guan.refused == []
