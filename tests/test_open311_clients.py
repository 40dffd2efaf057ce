"""Other people's programs against the running server: georeport and three, as they come.

`three` was written for Python 2 and asks itertools for `ifilter`; that is put there for it.
"""

import importlib
import io
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from georeport import GeoReport
from PIL import Image
from requests import HTTPError

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case
from gezhi.rulebook import actions as rulebook_actions
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, SETTING_UP, County, point_in, report_leak

LON, LAT = point_in(GRID)


@pytest.fixture
def address(committed: County, live_server: Any) -> str:
    return f"{live_server.url}/open311/v2"


@pytest.fixture
def public(committed: County) -> Callable[[], Case]:
    """A case that was taken up and reviewed as public, a minute after the one before."""

    def make() -> Case:
        case = report_leak().case
        cases.accept(case.id, category="utility.water.pipe", actor=committed.actor("cun"))
        return cases.publish(case.id, is_public=True, actor=committed.actor("du"))

    return make


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_everything(address: str, public: Callable[[], Case], form: str) -> None:
    client = GeoReport(address, jurisdiction=COUNTY, output_format=form)
    first, second = public(), public()
    listed = client.get_service_list()
    assert "utility.lamp" in {each["service_code"] for each in listed}
    definition = client.get_service_definition("utility.lamp")
    attributes = definition["attributes"]
    codes = attributes["attribute"] if form == "xml" else attributes
    assert [each["code"] for each in codes] == ["pole", "fault"]
    both = client.get_service_requests(status="open", service_code="utility.water.pipe")
    assert [each["service_request_id"] for each in both] == [second.number, first.number]
    named = client.get_service_requests(service_request_id=f"{first.number},{second.number}")
    assert len(named) == 2
    now = clock.now()
    none = client.get_service_requests(
        start_date=f"{now - timedelta(days=60):%Y-%m-%dT%H:%M:%SZ}",
        end_date=f"{now - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
    ) if form == "json" else []  # fmt: skip
    assert none == []
    one = client.get_service_request(first.number)
    assert one["service_request_id"] == first.number
    assert one["expected_datetime"].endswith("Z")
    with pytest.raises(HTTPError, match="404"):
        client.get_service_request("200101-000001")


@pytest.fixture
def three(address: str, committed: County, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client with the integrator's key."""
    from gezhi.people import actions as people

    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    core = importlib.import_module("three.core")
    account = committed.accounts["dui"].id
    key = people.make_key(account=account, name="three", actor=SETTING_UP).token
    return core.Three(address, api_key=key, jurisdiction=COUNTY)


def test_three_discovers_reports_with_a_photo_and_reads_it(three: Any, committed: County) -> None:
    found = three.discovery()
    assert found["endpoints"][0]["url"] == three.endpoint.rstrip("/")
    assert three.services("utility.lamp")["attributes"][0]["code"] == "pole"
    photo = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(photo, "JPEG")
    photo.name = "现场.jpg"
    photo.seek(0)
    answers = {"attribute[pole]": "A-3", "attribute[fault][]": ["off", "day"]}
    [made] = three.post(
        "utility.lamp", lat=LAT, long=LON, name="Xiulan Li", phone="13812345678",
        description="路灯坏了三天 😀", media=photo, **answers,
    )  # fmt: skip
    case = Case.objects.get(number=made["service_request_id"])
    assert case.answers == {"pole": "A-3", "fault": ["off", "day"]}
    assert Attachment.objects.get().media_type == "image/jpeg"
    assert three.request(case.number)[0]["code"] == 404  # nobody has reviewed it yet
    cases.accept(case.id, category="utility.lamp", actor=committed.actor("cun"))
    cases.publish(case.id, is_public=True, actor=committed.actor("du"))
    [read] = three.request(case.number)
    assert read["description"] == "路灯坏了三天 😀"
    assert read["media_url"].startswith("http")
    today = f"{clock.now() + timedelta(days=1):%m-%d-%Y}"
    month = f"{clock.now() - timedelta(days=30):%m-%d-%Y}"
    assert [each["service_request_id"] for each in three.requests(start=month, end=today)] == [
        case.number
    ]
    assert three.requests("utility.manhole") == []


def test_three_is_told_what_is_wrong(three: Any) -> None:
    [error] = three.post("env.noise", address="村口", description="吵")
    assert "when" in error["description"]
    [error] = three.post("utility.lamp", address="村口", api_key="gz_x")
    assert error["code"] == 403
    assert not Case.objects.exists()


def test_three_waits_with_a_token(three: Any, committed: County) -> None:
    files = rulebook.default_files()
    files["categories.toml"] = files["categories.toml"].replace(
        'key = "utility.lamp"\n', 'key = "utility.lamp"\nopen311 = "batch"\n', 1
    )
    rulebook_actions.apply_book(files, county=COUNTY, actor=SETTING_UP)
    rulebook.forget(COUNTY)
    [made] = three.post("utility.lamp", address="村口", description="灯不亮")
    assert three.token(made["token"]) == [{"service_request_id": None, "token": made["token"]}]
    case = Case.objects.get()
    cases.accept(case.id, category="utility.lamp", actor=committed.actor("xian"))
    assert three.token(made["token"])[0]["service_request_id"] == case.number


def test_three_loses_nothing_while_it_turns_pages(three: Any, public: Callable[[], Case]) -> None:
    made = {public().number for _time in range(5)}
    seen: list[str] = []
    for page in range(1, 6):
        seen += [each["service_request_id"] for each in three.requests(count=2, page=page)]
        made.add(public().number) if page == 1 else None
    assert len(made - set(seen)) == 1  # what came in after its page was read
    assert made >= set(seen)
