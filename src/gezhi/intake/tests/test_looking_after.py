"""Looking after a source that sends: its secret changed, calls that are not its own, its end."""

import pytest
from django.test import Client

from gezhi.intake.models import Source
from gezhi.intake.tests.test_sources import made_source, only, sample, send
from gezhi.record.models import AuditLine
from tests.cast import County

HOME = "/desk/admin/sources/"


@pytest.fixture
def source(county: County) -> Source:
    return made_source(county)


def test_a_source_that_never_received_anything_can_be_removed(county, login, source):
    guan, address = login("guan"), f"{HOME}{source.id}/"
    assert "删除来源" in guan.get(address).content.decode()
    assert guan.get(f"{address}remove/").status_code == 405
    gone = guan.post(f"{address}remove/", follow=True)
    assert gone.redirect_chain == [(HOME, 302)]
    assert "已删除来源" in gone.content.decode()
    assert not Source.objects.exists()
    told = [line.data.get("what") for line in AuditLine.objects.filter(data__fact="source_changed")]
    assert told.count("removed") == 1
    assert guan.get(address).status_code == 404


def test_one_that_has_received_is_only_switched_off_and_the_page_says_so(login, source, key):
    only(send(source, sample()))
    guan, address = login("guan"), f"{HOME}{source.id}/"
    page = guan.get(address).content.decode()
    assert "删除来源" not in page
    assert "收到过消息的来源不能删除" in page
    kept = guan.post(f"{address}remove/", follow=True)
    assert "这个来源收到过消息，不能删除" in kept.content.decode()
    api = Client(headers={"authorization": f"Bearer {key('guan')}"})
    refused = api.post(f"/api/v1/sources/{source.id}/remove")
    assert (refused.status_code, refused.json()["code"]) == (409, "source_has_received")
    assert Source.objects.exists()


def test_the_api_removes_a_source_too(county, key, source):
    api = Client(headers={"authorization": f"Bearer {key('guan')}"})
    assert api.post(f"/api/v1/sources/{source.id}/remove").json() == {"id": str(source.id)}
    assert not Source.objects.exists()
