"""The pages: who subscribes, what is refused beside its field, the secret shown once, the audit."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from gezhi.api.tests.calling import is_problem
from gezhi.base import clock
from gezhi.exchange import adapters, rules
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.tests.receiving import Program, Receiver, receiver, work
from gezhi.record.models import AuditLine
from gezhi.record.tests.test_followers import read_everything
from gezhi.site.commands import checks
from tests.cast import TOWN, County, report_leak

_HOME = "/desk/admin/webhooks/"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def signed_in(committed: County, settings: Any) -> Callable[[str], Client]:
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 60 * 24 * 20_000, 24 * 20_000

    def enter(name: str) -> Client:
        client = Client()
        account = committed.accounts[name]
        client.force_login(account, backend="gezhi.site.sessions.AccountBackend")
        return client

    return enter


def read_sheet(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()


def typed(county: County, there: Receiver, **more: Any) -> dict[str, Any]:
    return {
        "name": "市级平台", "address": there.url, "areas": "",
        "account": str(county.accounts["dui"].id), **more,
    }  # fmt: skip


def test_an_administrator_subscribes_for_a_program_and_sees_the_secret_once(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    guan = signed_in("guan")
    sent_on = guan.post(f"{_HOME}new/", typed(committed, there))
    made = Subscription.objects.get()
    assert (sent_on.status_code, sent_on["Location"]) == (302, f"{_HOME}{made.id}/secret/")
    assert signed_in("xian").get(sent_on["Location"]).status_code == 403
    answer = guan.get(sent_on["Location"])
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    again = guan.get(sent_on["Location"])
    assert (again.status_code, again["Location"]) == (302, f"{_HOME}{made.id}/")
    page = guan.get(f"{_HOME}{made.id}/")
    assert secret not in page.content.decode()
    report_leak()
    work()
    assert there.received[0].is_signed_with(secret)
    assert "已送达" in guan.get(f"{_HOME}{made.id}/").content.decode()
    assert "市级平台" in guan.get(_HOME).content.decode()
    line = AuditLine.objects.get(kind="security", data__fact="webhook_made")
    assert line.actor == f"account:{committed.accounts['guan'].id}"
    assert line.data["host"] == "127.0.0.1"
    assert there.url not in str(line.data)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("address", "http://example.org/", "https://"),
        ("address", "https://user:word@example.org/", "https://"),
        ("address", "ftp://example.org/", "https://"),
        ("address", "https://10.0.0.1/", "公网"),
        ("address", "https://[::ffff:10.0.0.1]/", "公网"),
        ("areas", "999999999", "999999999"),
        ("name", "\u200b", "名字"),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(
    committed: County,
    there: Receiver,
    signed_in: Callable[[str], Client],
    field: str,
    value: str,
    words: str,
) -> None:
    body = typed(committed, there, **{field: value}, types=["gezhi.case.closed"])
    answer = signed_in("guan").post(f"{_HOME}new/", body)
    assert answer.status_code == 422
    (said,) = answer.context["form"].errors[field]
    assert words in said
    assert "gezhi.case.closed" in answer.context["form"]["types"].value()
    assert not Subscription.objects.exists()


def test_pages_and_the_api_refuse_the_same(committed: County, there: Receiver) -> None:
    program = Program(committed)
    sent = {"name": "市级平台", "address": there.url}
    for more, code in (
        ({"address": "http://example.org/"}, "webhook_address_wrong"),
        ({"address": "https://192.168.0.1/"}, "webhook_address_inside"),
        ({"types": ["case.closed"]}, "webhook_type_unknown"),
        ({"categories": ["nothing"]}, "webhook_category_unknown"),
        ({"areas": ["999999"]}, "webhook_area_elsewhere"),
        ({"account": str(committed.accounts["cun"].id)}, "webhook_account_wrong"),
        ({"name": " "}, "webhook_name_missing"),
    ):
        assert is_problem(program.post("/webhooks", {**sent, **more}), 422, code)


def test_a_person_is_no_program(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    body = typed(committed, there, account=str(committed.accounts["ling"].id))
    assert signed_in("guan").post(f"{_HOME}new/", body).status_code == 422


def test_what_is_changed_counts_from_then_on(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    webhook = Program(committed).subscribe(there, types=["gezhi.case.closed"])
    guan = signed_in("guan")
    change = f"{_HOME}{webhook.id}/change/"
    assert there.url in guan.get(change).content.decode()
    report_leak()
    work()
    body = {"name": "省级平台", "address": there.url, "areas": TOWN, "types": []}
    assert guan.post(change, body).status_code == 302
    report_leak()
    work()
    assert len(there.received) == 1
    assert f"河湾镇 {TOWN}" in guan.get(f"{_HOME}{webhook.id}/").content.decode()
    line = AuditLine.objects.get(data__fact="webhook_changed")
    assert line.data["fields"] == "name,kinds,areas"


def test_everything_can_be_done_on_the_page(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    webhook = Program(committed).subscribe(there)
    guan, own = signed_in("guan"), f"{_HOME}{webhook.id}/"
    there.answers = [400, 204]
    report_leak()
    report_leak()
    work()
    dead = guan.get(f"{own}?stage=dead").context["deliveries"]
    assert [row["is_dead"] for row in dead] == [True]
    sheet = read_sheet(guan.get(f"{own}export.xlsx?stage=dead").content)
    assert [row[6:] for row in sheet[1:]] == [[sheet[1][6], 400, ""]]
    assert len(read_sheet(guan.get(f"{own}export.xlsx").content)) == 3
    assert guan.post(f"{own}events/{dead[0]['one'].id}/again/").status_code == 302
    work()
    assert len(there.received) == 3
    guan.post(f"{own}ping/")
    assert "hx-get" in guan.get(f"{own}now/").content.decode(), "it is followed"
    work()
    assert "hx-get" not in guan.get(f"{own}now/").content.decode()
    assert there.types[-1] == "gezhi.ping"
    guan.post(f"{own}pause/")
    assert "已暂停" in guan.get(own).content.decode()
    assert guan.post(f"{own}replay/", {"since": "2020-01-01T00:00"}).status_code == 302
    guan.post(f"{own}resume/")
    assert "<progress" in guan.get(own).content.decode()
    work()
    assert "<progress" not in guan.get(own).content.decode()
    assert len(there.received) == 6
    wrong = guan.post(f"{own}replay/", {"since": "2040-01-01T00:00"})
    assert wrong.status_code == 422
    field = wrong.context["replay_form"]["since"]
    assert field.errors == ["这个时间还没有到，请填已经过去的时间。"]
    assert f'aria-describedby="{field.auto_id}_error"' in wrong.content.decode()
    assert "whsec_" in guan.post(f"{own}secret/", follow=True).content.decode()
    assert guan.post(f"{own}again/").status_code == 409
    assert guan.post(f"{own}remove/").status_code == 302
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()
    told = AuditLine.objects.filter(about=f"webhook:{webhook.id}").order_by("id")
    assert [line.data["fact"].removeprefix("webhook_") for line in told] == [
        "made", "sent_again", "paused", "replayed", "resumed", "secret_changed", "removed",
    ]  # fmt: skip


def test_a_stopped_one_is_found_among_the_notices(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    Program(committed).subscribe(there)
    there.answers = [410]
    report_leak()
    work()
    guan = signed_in("guan")
    page = guan.get("/desk/notices/")
    assert "事件推送停止" in page.content.decode()
    (row,) = page.context["rows"]
    assert guan.post(f"/desk/notices/{row.id}/")["Location"] == _HOME
    assert "410" in guan.get(_HOME).content.decode()


def test_a_stopped_one_is_told_by_the_doctor(committed: County, there: Receiver) -> None:
    Program(committed).subscribe(there)
    there.answers = [410]
    report_leak()
    assert list(checks._webhooks()) == []
    work()
    (found,) = checks._webhooks()
    assert list(found.lines()) == [
        "! 推送 / webhooks: 市级平台: gone",
        "    · /desk/admin/webhooks/",
    ]


def test_one_of_which_the_last_events_died_is_told_by_the_doctor(
    committed: County, there: Receiver
) -> None:
    Program(committed).subscribe(there)
    there.answers = [400]
    report_leak()
    work()
    (found,) = checks._webhooks()
    assert "1" in found.said
    there.answers = [200]
    report_leak()
    work()
    assert list(checks._webhooks()) == [], "the next one arrived"


def test_a_program_makes_so_many_and_all_of_them_so_many(
    committed: County, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_OF_PROGRAM", 2)
    monkeypatch.setattr(rules, "MOST_WEBHOOKS", 3)
    program, administrator = Program(committed), Program(committed, "guan")
    sent = {"name": "市级平台", "address": there.url}
    assert [program.post("/webhooks", sent).status_code for _each in range(3)] == [201, 201, 409]
    sent["account"] = str(committed.accounts["dui"].id)
    assert [administrator.post("/webhooks", sent).status_code for _each in range(2)] == [201, 409]


def test_the_list_costs_the_same_for_one_and_for_ten(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    program, guan = Program(committed), signed_in("guan")
    costs = []
    for more in (1, 9):
        for _each in range(more):
            program.subscribe(there)
        read_everything()
        guan.get(_HOME)
        with CaptureQueriesContext(connection) as asked:
            guan.get(_HOME)
            program.get("/webhooks")
        costs.append(len(asked))
    assert costs[1] <= costs[0]


def test_a_list_costs_the_same_for_one_delivery_and_for_thirty(
    committed: County,
    there: Receiver,
    signed_in: Callable[[str], Client],
    django_assert_max_num_queries: Any,
) -> None:
    webhook = Program(committed).subscribe(there)
    guan, own = signed_in("guan"), f"{_HOME}{webhook.id}/"
    guan.get(own)
    for _each in range(30):
        report_leak()
    work()
    with django_assert_max_num_queries(16):
        assert len(guan.get(own).context["deliveries"]) == 30


def test_the_page_itself_tells_how_to_check_a_signature(
    county: County, login: Callable[[str], Client]
) -> None:
    """Nobody at a browser has the files of docs/; the code it shows is tried as it stands."""
    page = login("guan").get(_HOME).content.decode()
    assert "docs/" not in page
    assert "/api/v1/docs#webhooks" in page
    shown: dict[str, Any] = {}
    code = unescape(page.partition("<code>import")[2].partition("</code>")[0])
    exec(f"import{code}", shown)  # noqa: S102 - as the page shows it
    secret, body = rules.secret_of(b"x" * 32), b'{"id": "1"}'
    headers = dict(rules.headers([secret], "1", clock.now(), body))
    assert shown["is_genuine"](secret, headers, body)
    assert not shown["is_genuine"](rules.secret_of(b"y" * 32), headers, body)
    peers = login("guan").get("/desk/admin/peers/").content.decode()
    assert "docs/" not in peers
    assert "怎样对接" in peers


def test_what_an_address_answered_is_not_said_of_the_next(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    webhook = Program(committed).subscribe(there)
    own, guan = f"{_HOME}{webhook.id}/", signed_in("guan")
    there.answers = [403, 500]
    guan.post(f"{own}ping/")
    report_leak()
    work()
    page = guan.get(own).content.decode()
    assert "测试没有送达" in page
    assert "最近失败" in page
    changed = {"name": "市级平台", "address": f"{there.url}/next", "areas": ""}
    assert guan.post(f"{own}change/", changed).status_code == 302
    page = guan.get(own).content.decode()
    assert "测试没有送达" not in page
    assert "最近失败" not in page
    assert Subscription.objects.get().pinged_at is None


@pytest.mark.parametrize("what", ["ping", "event"])
def test_nor_what_it_answers_once_another_is_there(
    committed: County, there: Receiver, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The address is changed while the old one is being called."""
    webhook = Program(committed).subscribe(there)
    hand_over, called = adapters.hand_over, []

    def slowly(address: str, headers: Any, body: bytes) -> Any:
        said = hand_over(address, headers, body)
        called.append(address)
        if len(called) == 1:
            webhook.program.patch(f"/webhooks/{webhook.id}", {"address": f"{there.url}/next"})
        return said

    monkeypatch.setattr(adapters, "hand_over", slowly)
    there.answers = [410, 200]
    webhook.post("ping") if what == "ping" else report_leak()
    work()
    found = Subscription.objects.get()
    assert (found.state, found.failed_at, found.ping_error) == ("active", None, "")
    if what == "event":
        assert called == [there.url, f"{there.url}/next"]
        assert [each["stage"] for each in webhook.deliveries()] == ["delivered"]


def test_categories_are_chosen_in_groups_that_are_closed(
    committed: County, there: Receiver, signed_in: Callable[[str], Client]
) -> None:
    guan = signed_in("guan")
    sent = typed(committed, there, categories=["env.pest", "env.noise"])
    guan.post(f"{_HOME}new/", sent)
    made = Subscription.objects.get()
    assert made.categories == ["env.noise", "env.pest"]
    form = guan.get(f"{_HOME}{made.id}/change/")
    groups = form.context["form"].category_groups()
    assert sum(group.chosen for group in groups) == 2
    boxes = [box.data["value"] for group in groups for box in group.boxes]
    assert boxes == [key for key, _name in flat(form.context["form"].fields["categories"].choices)]
    page = form.content.decode()
    assert page.count('<details class="gz-group" data-group><summary>') == len(groups) > 5
    assert page.count('name="categories"') == len(boxes)
    (chosen,) = [group for group in groups if group.chosen]
    assert f"{chosen.name} <small>已选 <b data-chosen>2</b> / {len(chosen.boxes)}</small>" in page


def flat(choices: Any) -> list[tuple[str, str]]:
    return [each for _group, inside in choices for each in inside]
