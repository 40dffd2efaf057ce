"""Speaking to the API as its tests do. No models here: conftest.py is read before Django stands."""

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

KeyOf = Callable[[str], str]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def post(client: Client, path: str, body: Any, **more: Any) -> Any:
    return client.post(f"/api/v1{path}", json.dumps(body), "application/json", **more)


def is_problem(answer: Any, status: int, code: str) -> bool:
    assert answer["Content-Type"] == "application/problem+json", answer.content[:300]
    body = answer.json()
    assert answer.status_code == body["status"] == status, body
    assert set(body) >= {"type", "title", "status", "detail", "code", "field", "allowed"}
    assert body["type"].endswith(f"#{body['code']}")
    return bool(body["code"] == code)
