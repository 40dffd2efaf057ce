"""Looking after a source that sends: its secret changed, calls that are not its own, its end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit
from urllib.request import Request

import pytest
from django.db import connection
from django.test import Client

from gezhi.base import clock
from gezhi.intake import actions, rules
from gezhi.intake.actions import Wanted
from gezhi.intake.models import Fault, Received, Source
from gezhi.intake.reads import sources as source_reads
from gezhi.intake.rules import SECRETS_OVERLAP
from gezhi.intake.tests.sending import made_source, only, sample, send
from gezhi.record.models import AuditLine
from tests.cast import County

HOME = "/desk/admin/sources/"


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


def test_the_secret_before_is_good_for_a_day_and_the_page_says_until_when(login, source):
    guan, address, old = login("guan"), f"{HOME}{source.id}/", source.secret
    asked = guan.get(address)
    assert "旧密钥还能用一天" in asked.content.decode()
    assert "为止还能用" not in asked.content.decode()
    mark = {"secret_mark": asked.context["secret_mark"]}
    renewed = guan.post(f"{address}secret/", mark).content.decode()
    fresh = Source.objects.get().secret
    assert fresh in renewed
    assert "为止还能用" in renewed
    for number, secret in (("1", old), ("2", fresh)):
        assert send(source, sample(number), secret=secret).status_code == 200
    until = Source.objects.get().secret_until
    assert until is not None
    assert timedelta(hours=23) < until - clock.now() <= SECRETS_OVERLAP
    Source.objects.update(secret_until=clock.now())
    assert send(source, sample("3"), secret=old).status_code == 401
    assert send(source, sample("3"), secret=fresh).status_code == 200
    assert "为止还能用" not in guan.get(address).content.decode()


def test_a_secret_that_somebody_gives_changes_over_too(county, source):
    guan, old = county.actor("guan"), source.secret
    given = "a-secret-of-24-characters"
    wanted = Wanted(name="平台", field_map=source.field_map, secret=given)
    actions.change_source(source.id, wanted, actor=guan)
    assert send(source, sample("1"), secret=old).status_code == 200
    actions.change_source(source.id, replace(wanted, secret=given[::-1]), actor=guan)
    assert send(source, sample("2"), secret=old).status_code == 401, "only the one before"
    assert send(source, sample("2"), secret=given).status_code == 200


def test_what_a_board_was_asked_with_is_nothing_to_sign_with(county):
    guan = county.actor("guan")
    asked = Wanted(name="板", url="https://board.example.org/", secret="t" * 30)
    board, _shown = actions.add_source("board", asked, actor=guan)
    actions.change_source(board.id, Wanted(name="板"), actor=guan)
    found = Source.objects.get()
    assert (found.secret_before, found.secret_until) == ("", None)


def test_calls_that_nobody_signed_are_no_fault_of_the_source(login, source, key, monkeypatch):
    only(send(source, sample()))
    monkeypatch.setattr(rules, "MOST_UNSIGNED", 4)
    for at in range(6):
        assert (
            send(source, sample(), **({"age": 1000} if at % 2 else {"secret": "x"})).status_code
            == 401
        )
    assert Fault.objects.get().count == 4, "who knows the address can't keep us writing"
    guan = login("guan")
    page = guan.get(f"{HOME}{source.id}/").content.decode()
    assert "今天有 4+ 次请求签名不对" in page
    assert "收得到" in page
    for shown in (page, guan.get(HOME).content.decode()):
        assert "有差错" not in shown
    api = Client(headers={"authorization": f"Bearer {key('guan')}"})
    (item,) = api.get("/api/v1/sources").json()["items"]
    told = item["health"], item["faults_today"], item["last_fault"], item["unsigned_today"]
    assert told == ("ok", 0, "", 4)


def test_the_page_itself_tells_how_to_sign(login, source, monkeypatch):
    """Nobody at a browser has the files of docs/; the code it shows is tried as it stands."""
    page = login("guan").get(f"{HOME}{source.id}/").content.decode()
    assert "docs/" not in page.replace("/api/v1/docs#sources", "")
    code = "import" + unescape(page.partition("<code>import")[2].partition("</code>")[0])
    sent: list[Request] = []
    monkeypatch.setattr("urllib.request.urlopen", sent.append)
    exec(code.replace("whsec_…", source.secret), {})  # noqa: S102 - as the page shows it
    (call,) = sent
    answer = Client().post(
        urlsplit(call.full_url).path, call.data, content_type="application/json",
        headers={name.lower(): value for name, value in call.header_items()},
    )  # fmt: skip
    assert only(answer)["number"] == "A-1"


@pytest.mark.parametrize("is_signed", [True, False])
def test_who_sends_while_the_source_is_removed_is_answered_as_of_one_that_is_gone(
    committed: County, monkeypatch: pytest.MonkeyPatch, is_signed: bool
) -> None:
    """It is removed by whoever saw that nothing came, after it was found by whoever sends."""
    source = made_source(committed)
    between = threading.Barrier(2)

    def meeting(do):
        def stand_between(*args, **more):
            found = do(*args, **more)
            with suppress(threading.BrokenBarrierError):
                between.wait(timeout=5)
            return found

        return stand_between

    monkeypatch.setattr(source_reads, "has_received", meeting(source_reads.has_received))
    monkeypatch.setattr(rules, "is_signed", meeting(rules.is_signed))

    def remove() -> None:
        actions.remove_source(source.id, actor=committed.actor("guan"))
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        removed = pool.submit(remove)
        answer = send(source, sample(), secret="" if is_signed else "whsec_AAAA")
        removed.result()
    assert (answer.status_code, answer.json()["code"]) == (401, "source_signature_wrong")
    left = Source.objects.count(), Received.objects.count(), Fault.objects.count()
    assert left == (0, 0, 0)
