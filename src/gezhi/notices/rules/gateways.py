"""What the settings of gateways mean: a mail server, a gateway of short messages, chat robots.

Only hosts that stand here are ever called; nothing that a person types names one.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

ROBOT_KINDS = ("wecom", "dingtalk", "feishu")
_MAIL_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_PLACES = frozenset({"phone", "words", "key"})
_PLACE = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,47}")
_SENDER = re.compile(r"[^<>@\s]+@[^<>@\s]+|[^<>\r\n]+ <[^<>@\s]+@[^<>@\s]+>")


class SettingWrong(ValueError):
    """A setting that means nothing; its words say what to write."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    user: str
    password: str
    security: str  # smtps: TLS from the start · smtp: STARTTLS · smtp+plain: neither
    sender: str
    authorities: str = ""  # a file with the certificates of who signed the server's


@dataclass(frozen=True)
class SmsGateway:
    """A gateway of short messages: any HTTP one by a template, or Aliyun's signed call."""

    kind: str
    url: str
    method: str = "POST"
    headers: Mapping[str, str] | None = None
    body: Any = None
    ok_field: str = ""
    ok_value: str = ""
    key_id: str = ""
    secret: str = ""
    sign_name: str = ""
    template: str = ""
    parameter: str = "words"


@dataclass(frozen=True)
class Robot:
    """A chat group's robot; it speaks for the unit with this code."""

    unit: str
    kind: str
    url: str
    secret: str = ""


def read_mail(address: str, sender: str, authorities: str = "") -> MailServer | None:
    """`smtp://user:password@host:587`; None where nothing is set."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in _MAIL_PORTS or not parts.hostname:
        raise SettingWrong(
            "write GEZHI_MAIL as smtps://user:password@host, smtp://… (STARTTLS) or smtp+plain://…"
        )
    if not _SENDER.fullmatch(sender):
        raise SettingWrong("GEZHI_MAIL needs GEZHI_MAIL_FROM: name@host or Words <name@host>")
    return MailServer(
        host=parts.hostname,
        port=_port(parts) or _MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=parts.scheme,
        sender=sender,
        authorities=authorities,
    )


def read_sms(text: str) -> SmsGateway | None:
    """The gateway that a JSON object describes; None where nothing is set."""
    if not text:
        return None
    values = _object(text, "GEZHI_SMS")
    kind = values.pop("kind", "http")
    read = {"http": _read_http, "aliyun": _read_aliyun}.get(kind)
    if read is None:
        raise SettingWrong('GEZHI_SMS: "kind" is "http" or "aliyun"')
    gateway = read(values)
    if values:
        raise SettingWrong(f"GEZHI_SMS: nobody reads {', '.join(sorted(values))}")
    return gateway


def _read_http(values: dict[str, Any]) -> SmsGateway:
    url = _https(_text(values, "url", "GEZHI_SMS"), "GEZHI_SMS")
    method = values.pop("method", "POST")
    headers, body, ok = values.pop("headers", {}), values.pop("body", None), values.pop("ok", {})
    if method not in ("POST", "PUT"):
        raise SettingWrong('GEZHI_SMS: "method" is "POST" or "PUT"')
    if not _all_texts(headers) or not _all_texts(ok) or set(ok) - {"field", "value"}:
        raise SettingWrong('GEZHI_SMS: "headers" are texts, "ok" has "field" and "value"')
    if not isinstance(body, dict):
        raise SettingWrong('GEZHI_SMS: "body" is an object with {phone} and {words} in its texts')
    named = set(_PLACE.findall(json.dumps(body, ensure_ascii=False)))
    if not {"phone", "words"} <= named or named - _PLACES:
        raise SettingWrong('GEZHI_SMS: "body" needs {phone} and {words}; {key} may be there too')
    return SmsGateway(
        kind="http", url=url, method=method, headers=headers, body=body,
        ok_field=ok.get("field", ""), ok_value=ok.get("value", ""),
    )  # fmt: skip


def _read_aliyun(values: dict[str, Any]) -> SmsGateway:
    url = values.pop("url", "https://dysmsapi.aliyuncs.com/")
    if not isinstance(url, str):
        raise SettingWrong('GEZHI_SMS: "url" is a text')
    return SmsGateway(
        kind="aliyun",
        url=_https(url, "GEZHI_SMS"),
        key_id=_text(values, "key_id", "GEZHI_SMS"),
        secret=_text(values, "secret", "GEZHI_SMS"),
        sign_name=_text(values, "sign_name", "GEZHI_SMS"),
        template=_text(values, "template", "GEZHI_SMS"),
        parameter=str(values.pop("parameter", "words")),
    )


def read_robots(text: str) -> dict[str, Robot]:
    """The robots of a JSON list, by the code of the unit whose group they speak in."""
    if not text:
        return {}
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise SettingWrong(f"GEZHI_CHAT is no JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingWrong('GEZHI_CHAT is a list: [{"unit": …, "kind": …, "url": …}]')
    robots: dict[str, Robot] = {}
    for row in rows:
        robot = _read_robot(dict(row))
        if robot.unit in robots:
            raise SettingWrong(f"GEZHI_CHAT names {robot.unit} twice")
        robots[robot.unit] = robot
    return robots


def _read_robot(row: dict[str, Any]) -> Robot:
    unit, kind = _text(row, "unit", "GEZHI_CHAT"), _text(row, "kind", "GEZHI_CHAT")
    url, secret = _https(_text(row, "url", "GEZHI_CHAT"), "GEZHI_CHAT"), row.pop("secret", "")
    if row:
        raise SettingWrong(f"GEZHI_CHAT: nobody reads {', '.join(sorted(row))}")
    if not _CODE.fullmatch(unit):
        raise SettingWrong(f"GEZHI_CHAT: {unit!r} is no code of a unit")
    if kind not in ROBOT_KINDS:
        raise SettingWrong(f"GEZHI_CHAT: kind is one of {', '.join(ROBOT_KINDS)}")
    if not isinstance(secret, str) or (secret and kind == "wecom"):
        raise SettingWrong("GEZHI_CHAT: a WeCom robot has no secret, the others' is a text")
    return Robot(unit, kind, url, secret)


def read_address(text: str) -> str:
    """Under which address residents reach the site, without a slash at its end."""
    parts = urlsplit(text)
    is_whole = parts.scheme in ("http", "https") and parts.netloc and not parts.query
    if text and not is_whole:
        raise SettingWrong("write GEZHI_ADDRESS as https://host")
    return text.rstrip("/")


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template's texts with {phone}, {words} and {key} in place."""
    if isinstance(template, str):
        return _PLACE.sub(lambda found: values.get(found[1], found[0]), template)
    if isinstance(template, dict):
        return {name: filled(part, values) for name, part in template.items()}
    return [filled(part, values) for part in template] if isinstance(template, list) else template


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise SettingWrong(f"{name} is no JSON: {error}") from error
    if not isinstance(values, dict):
        raise SettingWrong(f"{name} is a JSON object")
    return values


def _text(values: dict[str, Any], field: str, name: str) -> str:
    value = values.pop(field, "")
    if not isinstance(value, str) or not value:
        raise SettingWrong(f'{name} lacks "{field}"')
    return value


def _all_texts(values: Any) -> bool:
    return isinstance(values, dict) and all(isinstance(each, str) for each in values.values())


def _port(parts: Any) -> int | None:
    try:
        found: int | None = parts.port
    except ValueError as error:
        raise SettingWrong("a port is a number up to 65535") from error
    return found


def _https(url: str, name: str) -> str:
    """Encrypted, but for a gateway on this machine or in the own network, named by its number."""
    parts = urlsplit(url)
    _port(parts)
    is_fine = parts.scheme == "https" or (parts.scheme == "http" and _is_near(parts.hostname or ""))
    if not parts.hostname or not is_fine or parts.username or "{" in url:
        raise SettingWrong(f"{name}: write the gateway as https://host/…, without name or places")
    return url


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
