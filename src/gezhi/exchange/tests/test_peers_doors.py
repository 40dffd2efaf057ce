"""Peers through pages and API: set up, what is refused, paused, removed, seen by nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.exchange import actions
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.tests.city import City, city, only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import acts_of, hand_over, later, report
from gezhi.people import actions as people
from gezhi.record.models import AuditLine
from tests.cast import SETTING_UP, County

_HOME = "/desk/admin/peers/"


@pytest.fixture
def there() -> Iterator[City]:
    with city(asks=("depth",)) as found:
        yield found


@pytest.fixture
def guan(committed: County) -> Client:
    client = Client()
    client.force_login(committed.accounts["guan"], backend="gezhi.site.sessions.AccountBackend")
    return client


class Key:
    """The administrator by the API."""

    def __init__(self, county: County, login: str = "guan") -> None:
        made = people.make_key(account=county.accounts[login].id, name="peers", actor=SETTING_UP)
        self.client, self.headers = Client(), bearer(str(made.token))

    def post(self, path: str, body: Any = None) -> Any:
        return post(self.client, path, body or {}, headers=self.headers)

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(
            f"/api/v1{path}", body, content_type="application/json", headers=self.headers
        )


def test_a_program_sets_a_peer_up_and_sees_its_cases(committed: County, there: City) -> None:
    key = Key(committed)
    sent = {
        "name": "邻县", "unit": str(committed.unit("dept-transport")), "address": there.url,
        "key": "k-9",
    }  # fmt: skip
    made = key.post("/peers", sent)
    assert made.status_code == 201, made.content
    assert "k-9" not in made.content.decode()
    path = f"/peers/{made.json()['id']}"
    assert (made.json()["form"], made.json()["has_key"]) == ("", True)
    assert is_problem(key.patch(path, {"others": "S1"}), 422, "peer_service_unknown")
    work_for_peers()
    assert key.get(f"{path}/services").json()["items"][0] == {
        "code": "S1", "name": "Street", "group": "G", "has_questions": True, "type": "realtime",
    }  # fmt: skip
    assert is_problem(
        key.patch(path, {"services": {"no.such": "S1"}}), 422, "peer_category_unknown"
    )
    assert key.patch(path, {"services": {"env.noise": "S1"}}).json()["services"] == {
        "env.noise": "S1"
    }
    case = hand_over(committed)
    hand_over(committed, category="env.pest")
    work_for_peers()
    items = key.get(f"{path}/handovers").json()["items"]
    assert [(each["reach"], each["why"]) for each in items] == [
        ("dead", "service"), ("followed", ""),
    ]  # fmt: skip
    assert (items[1]["number"], items[1]["request"]) == (case.number, "A-1")
    [dead] = key.get(f"{path}/handovers?reach=dead").json()["items"]
    key.patch(path, {"others": "S1"})
    again = key.post(f"{path}/handovers/{dead['id']}/again")
    assert again.status_code == 202, again.content
    assert is_problem(
        key.post(f"{path}/handovers/{items[1]['id']}/again"), 409, "peer_handover_wrong"
    )
    work_for_peers()
    assert key.get(path).json()["open"] == 2
    assert is_problem(key.post(f"{path}/remove"), 409, "peer_has_cases")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": " "}, "peer_name_missing"),
        ({"address": "http://example.org/v2"}, "webhook_address_wrong"),
        ({"address": "https://10.0.0.8/v2"}, "webhook_address_inside"),
        ({"address": "https://u:p@example.org/v2"}, "webhook_address_wrong"),
        ({"unit": "centre-990101"}, "peer_unit_wrong"),
        ({"unit": "grid-990101101201001"}, "peer_unit_wrong"),
        ({"unit": "dept-water"}, "peer_unit_taken"),
    ],
)
def test_what_will_not_do_is_refused_by_page_and_api_alike(
    committed: County, guan: Client, there: City, changed: dict[str, str], code: str
) -> None:
    peer_at(committed, there.url, unit="dept-water")
    sent = {"name": "邻县", "unit": "dept-transport", "address": there.url, **changed}
    sent["unit"] = str(committed.unit(sent["unit"]))
    assert is_problem(Key(committed).post("/peers", sent), 422, code)
    page = guan.post(f"{_HOME}new/", sent)
    assert page.status_code == 422
    assert Peer.objects.count() == 1


def test_a_paused_peer_is_sent_nothing_and_asked_nothing(
    committed: County, guan: Client, there: City
) -> None:
    peer = peer_at(committed, there.url)
    case = hand_over(committed)
    work_for_peers()
    guan.post(f"{_HOME}{peer.id}/pause/")
    asked = len(there.asked)
    hand_over(committed)
    work_for_peers(later(hours=3))
    assert len(there.asked) == asked
    assert Handover.objects.count() == 1, "what comes meanwhile stays with the unit"
    there.say("in_progress", "已派人去看")
    guan.post(f"{_HOME}{peer.id}/resume/")
    work_for_peers(later(hours=3))
    assert acts_of(case)[-1] == "note"
    assert guan.post(f"{_HOME}{peer.id}/resume/").status_code == 409


def test_only_what_the_service_asks_is_told_and_masked(committed: County, there: City) -> None:
    there.asks = ("fault", "pole")
    peer_at(committed, there.url)
    case = report()
    case.answers = {"fault": ["off", "day"], "pole": "13812345678", "name": "李秀兰"}
    case.save(update_fields=["answers"])
    hand_over(committed, case, category="utility.lamp")
    work_for_peers()
    [sent] = there.posts
    assert sent["attribute[fault][]"] == ["off", "day"]
    assert sent["attribute[pole]"] == ["138****5678"]
    assert "李秀兰" not in repr(sent)


def test_the_page_shows_no_key_and_the_audit_no_address(
    committed: County, guan: Client, there: City
) -> None:
    peer = peer_at(committed, there.url, key="very-secret-key")
    hand_over(committed, report())
    work_for_peers()
    for path in ("", f"{peer.id}/", f"{peer.id}/change/", f"{peer.id}/services/"):
        shown = guan.get(f"{_HOME}{path}")
        assert shown.status_code == 200
        assert "very-secret-key" not in shown.content.decode()
    lines = [str(line.data) for line in AuditLine.objects.all()]
    assert any("peer_made" in line for line in lines)
    assert not any("very-secret-key" in line or "/v2" in line for line in lines)


def test_one_that_stopped_is_sent_again_or_followed_by_a_number_from_the_page(
    committed: County, guan: Client, there: City
) -> None:
    there.refuses = 400
    peer = peer_at(committed, there.url)
    case = hand_over(committed)
    work_for_peers()
    desk = Client()
    desk.force_login(committed.accounts["xian"], backend="gezhi.site.sessions.AccountBackend")
    assert "对方不收" in desk.get(f"/desk/cases/{case.number}/").content.decode()
    again = f"{_HOME}{peer.id}/cases/{only_handover().id}/again/"
    assert guan.post(again, {"request": "B-7"}).status_code == 302
    assert (only_handover().reach, only_handover().request) == ("followed", "B-7")
    assert guan.post(again).status_code == 409


def test_a_list_costs_the_same_for_one_peer_and_for_three(
    committed: County, guan: Client, there: City
) -> None:
    peer_at(committed, there.url)
    guan.get(_HOME)
    with CaptureQueriesContext(connection) as one:
        guan.get(_HOME)
    for unit in ("dept-water", "dept-cityadmin"):
        peer_at(committed, there.url, unit=unit)
    guan.get(_HOME)
    with CaptureQueriesContext(connection) as three:
        guan.get(_HOME)
    assert len(three) == len(one)


def test_the_page_says_what_is_stuck_whatever_was_said_after_it(
    committed: County, guan: Client, there: City
) -> None:
    peer = peer_at(committed, there.url)
    hand_over(committed, category="utility.lamp")  # asks for a picture
    work_for_peers()
    there.say("fixed", "灯亮了")
    work_for_peers(later(minutes=6))
    stuck = Heard.objects.get().error
    there.say("in_progress", "谢谢反映", later=60)
    work_for_peers(later(minutes=12))
    assert stuck
    assert stuck in guan.get(f"{_HOME}{peer.id}/").content.decode()


def test_a_long_number_is_kept_whole_and_one_too_long_sends_nothing(
    committed: County, guan: Client, there: City
) -> None:
    there.refuses = 400
    peer = peer_at(committed, there.url)
    hand_over(committed)
    work_for_peers()
    again = f"{_HOME}{peer.id}/cases/{only_handover().id}/again/"
    guan.post(again, {"request": "B" * 101})
    assert only_handover().reach == "dead"
    guan.post(again, {"request": "B" * 100})
    assert only_handover().request == "B" * 100


def test_links_to_pictures_that_nobody_saw_are_told_nobody(committed: County, there: City) -> None:
    there.asks = ("fault", "media_url")
    peer_at(committed, there.url)
    case = report()
    case.answers = {"fault": "off", "media_url": "https://example.org/who.jpg"}
    case.save(update_fields=["answers"])
    hand_over(committed, case)
    work_for_peers()
    [sent] = there.posts
    assert sent["attribute[fault]"] == ["off"]
    assert "who.jpg" not in repr(sent)


def test_a_look_counts_whatever_else_was_changed_meanwhile(committed: County, there: City) -> None:
    guan = committed.actor("guan")
    peer = actions.make_peer(
        name="邻县", unit=committed.unit("dept-transport"), address=there.url, actor=guan
    )
    there.at_services = lambda: actions.change_peer(peer.id, name="东邻县", actor=guan)
    work_for_peers()
    peer.refresh_from_db()
    assert (peer.name, peer.form, peer.looked_at is None) == ("东邻县", "json", False)


def test_a_key_that_is_not_accepted_is_said_and_tells_nothing_of_updates(
    committed: County, guan: Client, there: City
) -> None:
    there.only_key = "k-1"
    peer = peer_at(committed, there.url)
    home, well = f"{_HOME}{peer.id}/", peer.well_at
    assert "对接中" in guan.get(home).content.decode()
    actions.change_peer(peer.id, key="k-2", actor=committed.actor("guan"))
    work_for_peers()
    peer.refresh_from_db()
    assert (peer.form, peer.has_updates, peer.well_at) == ("json", True, well)
    for page in (home, _HOME):
        told = guan.get(page).content.decode()
        assert "密钥不对" in told
        assert "对方不接受这个密钥，请核对。 HTTP 403 not allowed" in told
        assert "没有连上" not in told
        assert "对接中" not in told
    actions.change_peer(peer.id, key="k-1", actor=committed.actor("guan"))
    work_for_peers()
    told = guan.get(home).content.decode()
    assert "密钥不对" not in told
    assert "会告诉每一步进展" in told


def test_who_does_not_answer_has_not_given_up_updates(committed: County, there: City) -> None:
    peer = peer_at(committed, there.url)
    there.at_services = lambda: setattr(there, "is_cut", True)
    actions.ask_look(peer.id, actor=committed.actor("guan"))
    work_for_peers()
    peer.refresh_from_db()
    assert peer.has_updates
    assert peer.failed_at is not None
