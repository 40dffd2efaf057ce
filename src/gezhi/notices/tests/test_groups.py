"""Deliveries to chat groups, each as its house wants to be spoken to."""

import base64
import hashlib
import hmac
import json
from urllib.parse import unquote

from django.conf import LazySettings

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.notices.models import Delivery
from gezhi.notices.rules import Channel, State
from gezhi.notices.tests.sending import send, tell
from gezhi.notices.tests.telling import http_gateway
from tests.cast import County


def group_row(handled: Case, settings: LazySettings, robot: dict[str, str]) -> Delivery:
    settings.CHAT_ROBOTS = json.dumps([{"unit": "dept-water", **robot}])
    tell()
    return Delivery.objects.get(channel="chat")


def test_dingtalk_gets_its_signature_in_the_address(
    county: County, handled: Case, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"errcode": 0}')]
        robot = {"kind": "dingtalk", "url": f"{there.url}/robot?access_token=t", "secret": "SECx"}
        row = send(group_row(handled, settings, robot))
    assert row.state == State.SENT
    (call,) = there.calls
    query = dict(pair.split("=", 1) for pair in call.path.partition("?")[2].split("&"))
    assert query["access_token"] == "t"
    text = f"{query['timestamp']}\nSECx".encode()
    known = base64.b64encode(hmac.new(b"SECx", text, hashlib.sha256).digest()).decode()
    assert unquote(query["sign"]) == known
    assert call.json == {"msgtype": "text", "text": {"content": row.words}}


def test_feishu_gets_its_signature_in_the_body(
    county: County, handled: Case, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"code": 0}')]
        robot = {"kind": "feishu", "url": f"{there.url}/hook/t", "secret": "geheim"}
        row = send(group_row(handled, settings, robot))
    assert row.state == State.SENT
    body = there.calls[0].json
    key = f"{body['timestamp']}\ngeheim".encode()
    assert body["sign"] == base64.b64encode(hmac.digest(key, b"", "sha256")).decode()
    assert body["content"] == {"text": row.words}


def test_wecom_is_spoken_to_plainly_and_its_no_is_heard(
    county: County, handled: Case, settings: LazySettings
) -> None:
    with http_gateway() as there:
        there.answers = [(200, '{"errcode": 45009}'), (200, '{"errcode": 93000}')]
        row = group_row(handled, settings, {"kind": "wecom", "url": f"{there.url}/send?key=k"})
        with clock.standing_at(row.due):
            row = send(row)
        assert row.state in (State.WAITING, State.HELD)
        row = send(row, row.due)
    assert (row.state, row.tries) == (State.FAILED, 2)
    assert there.calls[0].json["text"]["content"] == row.words


def test_units_without_a_robot_hear_nothing_where_others_have_one(
    county: County, handled: Case, settings: LazySettings
) -> None:
    settings.CHAT_ROBOTS = json.dumps(
        [{"unit": "dept-transport", "kind": "wecom", "url": "https://chat.example/send"}]
    )
    tell()
    assert not Delivery.objects.filter(channel=Channel.CHAT).exists()
