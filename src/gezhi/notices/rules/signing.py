"""Signatures that gateways ask for, each as its maker describes it. Pure: time comes in."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, quote_plus


def dingtalk(secret: str, at: datetime) -> dict[str, str]:
    """HMAC-SHA256 under the secret over "milliseconds, line break, secret", base64, for the query.

    Source: open.dingtalk.com, custom robots, "加签".
    """
    stamp = str(int(at.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": quote_plus(base64.b64encode(digest))}


def feishu(secret: str, at: datetime) -> dict[str, str]:
    """HMAC-SHA256 of nothing under "seconds, line break, secret", base64, for the body.

    Source: open.feishu.cn, custom robots, "签名校验".
    """
    stamp = str(int(at.timestamp()))
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def aliyun(method: str, values: Mapping[str, str], secret: str) -> str:
    """HMAC-SHA1 over the sorted query, as Aliyun's RPC interfaces ask (signature version 1.0)."""
    query = "&".join(f"{_percent(name)}={_percent(values[name])}" for name in sorted(values))
    signed = f"{method}&{_percent('/')}&{_percent(query)}"
    digest = hmac.new(f"{secret}&".encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _percent(text: str) -> str:
    return quote(text, safe="-_.~")
