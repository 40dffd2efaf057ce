"""Short messages: any HTTP gateway by a template, or Aliyun's signed call."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from gezhi.notices.adapters.calling import DeliveryFailed, Message, call, call_json, object_of
from gezhi.notices.rules import SmsGateway, filled, sign_aliyun

# Aliyun's words for "later": too many for now, or a fault on its side.
_LATER = ("isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling", "isp.RAM_PERMISSION_DENY")


class HttpSms:
    """Fills the template of the settings and looks for the word that means "taken"."""

    name = "http"

    def __init__(self, gateway: SmsGateway) -> None:
        self.gateway = gateway

    def send(self, message: Message, *, at: datetime) -> str:
        gateway = self.gateway
        values = {"phone": message.to, "words": message.words, "key": message.key}
        headers = {"Idempotency-Key": message.key, **(gateway.headers or {})}
        said, found = call_json(
            gateway.url, filled(gateway.body, values), method=gateway.method, headers=headers
        )
        if gateway.ok_field and _plain(found.get(gateway.ok_field)) != gateway.ok_value:
            raise DeliveryFailed(said)
        return said


def _plain(value: Any) -> str:
    """As a JSON answer writes it: 0 and "0" are one to whoever wrote the setting."""
    return value if isinstance(value, str) else json.dumps(value)


class AliyunSms:
    """SendSms of Aliyun's Dysmsapi 2017-05-25; the words go into one place of its template."""

    name = "aliyun"

    def __init__(self, gateway: SmsGateway) -> None:
        self.gateway = gateway

    def send(self, message: Message, *, at: datetime) -> str:
        gateway = self.gateway
        values = {
            "AccessKeyId": gateway.key_id,
            "Action": "SendSms",
            "Format": "JSON",
            "OutId": message.key,
            "PhoneNumbers": message.to,
            "RegionId": "cn-hangzhou",
            "SignName": gateway.sign_name,
            "SignatureMethod": "HMAC-SHA1",
            # A nonce is taken once: a try of its own, also where the key is the same.
            "SignatureNonce": f"{message.key}-{int(at.timestamp() * 1000)}",
            "SignatureVersion": "1.0",
            "TemplateCode": gateway.template,
            "TemplateParam": json.dumps({gateway.parameter: message.words}, ensure_ascii=False),
            "Timestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "Version": "2017-05-25",
        }
        values["Signature"] = sign_aliyun("POST", values, gateway.secret)
        said = call(
            gateway.url,
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(values).encode(),
        )
        code = str(object_of(said).get("Code", ""))
        if code != "OK":
            raise DeliveryFailed(said, is_lasting=not code.startswith(_LATER))
        return said
