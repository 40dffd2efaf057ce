"""A demo is its own other side: it sends to itself and to nobody else, and is its own peer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.api.tests.calling import is_problem
from gezhi.base import clock
from gezhi.base.pace import shared
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.exchange import actions as exchange
from gezhi.exchange import rules
from gezhi.exchange.models import Delivery, Handover, Peer, Subscription
from gezhi.exchange.tests.city import city, only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import hand_over, later
from gezhi.exchange.tests.receiving import Program, Receiver, Webhook, receiver, work
from gezhi.notices.models import Notice
from gezhi.people import actions as people
from gezhi.record.models import AuditLine
from gezhi.record.tests.test_followers import run_until_settled
from tests.cast import SETTING_UP, County, report_leak

_OWN = "http://127.0.0.1:8100"
_WEBHOOKS, _PEERS, _EVENTS = "/desk/admin/webhooks/", "/desk/admin/peers/", "/demo/events/"
_PLAIN = "env.pest"
ELSEWHERE = [
    "http://localhost:8100/demo/events/", "http://127.0.0.1:8101/demo/events/",
    "http://127.0.0.1/demo/events/", "https://127.0.0.1:8100/demo/events/",
    "http://127.0.0.1:8100@example.org/", "http://me@127.0.0.1:8100/demo/events/",
    "HTTP://127.0.0.1:8100/demo/events/", "http://127.0.0.1.:8100/demo/events/",
    "http://127.1:8100/demo/events/", "http://[::1]:8100/demo/events/",
    "http://127.0.0.1:81000/", "http://127.0.0.1:8100", "http://127.0.0.1:8100.example.org/",
    "http://127.0.0.1:8100\\@example.org/", "//127.0.0.1:8100/", "https://example.org/events",
    "https://10.0.0.1/",
]  # fmt: skip


@pytest.fixture
def guan(committed: County) -> Client:
    client = Client()
    client.force_login(committed.accounts["guan"], backend="gezhi.site.sessions.AccountBackend")
    return client


@pytest.fixture
def demo(settings: Any) -> Any:
    """Opened at an address where nobody is; what it lists inside opens no other way."""
    settings.DEMO, settings.ADDRESS = True, _OWN
    return settings


@pytest.fixture
def served(demo: Any, live_server: Any) -> str:
    """Opened where the tests' own server answers; nothing inside is listed."""
    demo.ADDRESS, demo.INSIDE = live_server.url, []
    return str(live_server.url)


def subscribe(committed: County, guan: Client, address: str = "") -> Webhook:
    """As a newcomer does it: the form as it comes, with a name."""
    run_until_settled()
    form = guan.get(f"{_WEBHOOKS}new/").context["form"]
    typed = {
        "name": "市级平台", "account": str(committed.accounts["dui"].id), "areas": "",
        "address": address or form["address"].value(),
    }  # fmt: skip
    answer = guan.post(f"{_WEBHOOKS}new/", typed)
    assert answer.status_code == 302, answer.context["form"].errors
    made = Subscription.objects.latest("made_at")
    return Webhook(Program(committed), str(made.id), made.secret)


def test_a_subscription_with_the_address_that_stands_there_gets_its_events(
    committed: County, served: str, guan: Client
) -> None:
    webhook = subscribe(committed, guan)
    assert webhook.now()["address"] == f"{served}{_EVENTS}"
    webhook.post("ping")
    report_leak()
    work()
    assert webhook.now()["ping"]["error"] == ""
    (one,) = webhook.deliveries()
    assert (one["stage"], one["status"]) == ("delivered", 204)
    assert webhook.post("secret").status_code == 200
    report_leak()
    work()
    assert [each["stage"] for each in webhook.deliveries()] == ["delivered", "delivered"]


def test_the_address_says_how_it_is_answered(committed: County, served: str, guan: Client) -> None:
    expected = {
        "400": ("active", "dead"), "500": ("active", "waiting"), "410": ("stopped", "waiting"),
        "302": ("stopped", "waiting"), "nonsense": ("active", "delivered"),
        "100": ("active", "delivered"),
    }  # fmt: skip
    address = f"{served}{_EVENTS}"
    made = {each: subscribe(committed, guan, f"{address}?answer={each}") for each in expected}
    report_leak()
    work()
    for answer, webhook in made.items():
        (one,) = webhook.deliveries()
        assert (webhook.now()["state"], one["stage"]) == expected[answer], answer
    dead = made["400"]
    assert dead.deliveries()[0]["error"] == "demo_answers_as_asked"
    for language, words in (
        ("zh-hans", "这是演示：地址里写明要这样回答。"),
        ("en", "A demo: the address says that it should be answered so."),
    ):
        for path in (f"{_WEBHOOKS}{dead.id}/", _WEBHOOKS, "/desk/admin/channels/"):
            page = guan.get(path, headers={"Accept-Language": language}).content.decode()
            assert words in page, path
            assert "demo_answers" not in page, path
    [told] = Notice.objects.filter(event="webhook_dead").values_list("words", flat=True)
    assert "没有送达：HTTP 400 这是演示：地址里写明要这样回答。其他事件照常推送。" in told
    changed = dead.program.patch(f"/webhooks/{dead.id}", {"address": address})
    assert changed.status_code == 200
    dead.post("deliveries/again")
    work()
    assert [each["stage"] for each in dead.deliveries()] == ["delivered"]


def test_what_nobody_signed_is_not_taken(
    committed: County, served: str, guan: Client, client: Client
) -> None:
    webhook = subscribe(committed, guan)
    body = json.dumps({"type": "gezhi.ping"}).encode()

    def send(secret: str, sent: bytes = body, **more: str) -> int:
        told = dict(rules.headers([secret], "1-a", timezone.now(), sent))
        told |= {name.replace("_", "-"): value for name, value in more.items()}
        media = "application/cloudevents+json"
        return client.post(_EVENTS, sent, content_type=media, headers=told).status_code

    assert send(webhook.secret) == 204
    assert send(rules.secret_of(b"0" * 32)) == 401
    assert send(webhook.secret, webhook_timestamp="1") == 401
    assert send(webhook.secret, webhook_signature="v1,é") == 401
    assert send(webhook.secret, b"x" * (64 * 1024 + 1)) == 413
    assert client.post(_EVENTS, {"a": "b"}).status_code == 401
    assert client.get(_EVENTS).status_code == 405
    assert not Delivery.objects.exists()


def test_what_it_sends_itself_is_not_too_much_and_what_strangers_send_is(
    committed: County, served: str, guan: Client, client: Client, settings: Any
) -> None:
    webhook = subscribe(committed, guan)
    settings.LIMIT_WRITING = 2
    shared.forget()

    def send(secret: str) -> int:
        told = dict(rules.headers([secret], "1-a", timezone.now(), b"{}"))
        media = "application/json"
        return client.post(_EVENTS, b"{}", content_type=media, headers=told).status_code

    assert [send(webhook.secret) for _each in range(4)] == [204] * 4
    assert [send(rules.secret_of(b"0" * 32)) for _each in range(3)] == [401, 401, 429]
    shared.forget()


def test_only_a_demo_has_a_receiving_end(committed: County, client: Client, settings: Any) -> None:
    assert settings.DEMO is False
    for answer in (
        client.post(_EVENTS, "{}", content_type="application/json"),
        client.get(_EVENTS),
    ):
        assert answer.status_code == 404


def test_no_other_address_is_taken_in_a_demo(committed: County, demo: Any, guan: Client) -> None:
    said = f"演示只发给自己：请用 {_OWN}/ 开头的地址。"
    account, unit = str(committed.accounts["dui"].id), str(committed.unit("dept-transport"))
    program = Program(committed)
    for address in ELSEWHERE:
        typed = {"name": "邻县", "account": account, "unit": unit, "address": address}
        for home in (_WEBHOOKS, _PEERS):
            answer = guan.post(f"{home}new/", typed)
            assert answer.status_code == 422, address
            assert answer.context["form"].errors["address"] == [said], address
        answer = program.post("/webhooks", {"name": "市级平台", "address": address})
        assert is_problem(answer, 422, "webhook_address_elsewhere")
    assert not Subscription.objects.exists()
    assert not Peer.objects.exists()


def test_nor_is_one_changed_to_another(committed: County, demo: Any, guan: Client) -> None:
    webhook = subscribe(committed, guan)
    sent = {"address": "https://example.org/"}
    answer = webhook.program.patch(f"/webhooks/{webhook.id}", sent)
    assert is_problem(answer, 422, "webhook_address_elsewhere")


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def test_what_was_stored_with_another_address_is_not_called(
    committed: County, there: Receiver, guan: Client, settings: Any
) -> None:
    """As in a demo that was opened at another port."""
    webhook = Program(committed).subscribe(there)
    settings.DEMO, settings.ADDRESS, settings.INSIDE = True, _OWN, []
    report_leak()
    webhook.post("ping")
    work()
    assert there.received == []
    assert webhook.now()["state"] == "stopped"
    assert "不是演示自己的" in guan.get(f"{_WEBHOOKS}{webhook.id}/").content.decode()


def test_nor_is_a_peer_or_a_picture(committed: County, settings: Any) -> None:
    with city() as there:
        peer = peer_at(committed, there.url)
        asked = len(there.asked)
        settings.DEMO, settings.ADDRESS, settings.INSIDE = True, _OWN, []
        hand_over(committed)
        work_for_peers()
        assert len(there.asked) == asked
    assert only_handover().reach == "dead"
    assert f"a demo calls nobody but itself, {_OWN}/" in only_handover().error
    assert peer.pk == only_handover().peer_id


def test_a_demo_is_its_own_peer_and_goes_round_once(
    committed: County, served: str, guan: Client
) -> None:
    """A case goes out, comes in as another, and its steps are written into the first."""
    form = guan.get(f"{_PEERS}new/").context["form"]
    address = form["address"].value()
    assert address == f"{served}/open311/v2"
    key = people.make_key(account=committed.accounts["dui"].id, name="own", actor=SETTING_UP).token
    peer = peer_at(committed, address, key=str(key), others=_PLAIN)
    assert (peer.form, peer.has_updates) == ("json", True)
    here = hand_over(committed)
    work_for_peers()
    there = Case.objects.exclude(pk=here.pk).get()
    assert only_handover().request == there.number
    cases.accept(there.id, category=_PLAIN, actor=SETTING_UP)
    # Whoever gives the copy to the same unit: there it stops.
    cases.assign(there.id, unit=committed.unit("dept-transport"), actor=SETTING_UP)
    work_for_peers()
    copy = Handover.objects.get(case=there)
    assert (copy.reach, copy.why) == ("dead", "loop")
    assert Case.objects.count() == 2
    with clock.standing_at(peer.made_at - timedelta(days=3)):  # the demo's past is filled in
        assert not Handover.objects.filter(case=hand_over(committed)).exists()
    cases.sign(there.id, actor=SETTING_UP)
    work_for_peers(later(minutes=6))
    cases.finish(there.id, outcome="solved", answer="已经劝止，不再播放", actor=SETTING_UP)
    work_for_peers(later(minutes=12))
    here.refresh_from_db()
    assert (here.state, here.answer) == ("done", "邻县：已经劝止，不再播放")
    assert Case.objects.count() == 3


def test_a_demo_that_is_opened_at_another_port_goes_on(
    committed: County, served: str, guan: Client, settings: Any
) -> None:
    """What leads to its own doors is rewritten at start-up, stopped or not; what doesn't stays."""
    settings.ADDRESS = "http://localhost:1"
    doors = ["demo/events/?answer=500", "demo/events/", "elsewhere/"]
    first, stopped, other = (subscribe(committed, guan, f"http://localhost:1/{d}") for d in doors)
    Subscription.objects.filter(pk=stopped.id).update(state="stopped", why="elsewhere")
    peer = peer_at(committed, "http://localhost:1/open311/v2", others="")
    settings.ADDRESS = served
    exchange.follow_demo()
    assert first.now()["address"] == f"{served}/demo/events/?answer=500"
    assert (stopped.now()["address"], stopped.now()["state"]) == (f"{served}{_EVENTS}", "active")
    assert other.now()["address"] == "http://localhost:1/elsewhere/"
    peer.refresh_from_db()
    assert peer.address == f"{served}/open311/v2"
    report_leak()
    work()
    assert [each["stage"] for each in stopped.deliveries()] == ["delivered"]
    work_for_peers()
    peer.refresh_from_db()
    assert peer.form == "json"
    changed = AuditLine.objects.filter(data__fact="webhook_changed").count()
    exchange.follow_demo()
    settings.DEMO, settings.ADDRESS = False, "http://localhost:2"
    exchange.follow_demo()
    assert AuditLine.objects.filter(data__fact="webhook_changed").count() == changed == 2
