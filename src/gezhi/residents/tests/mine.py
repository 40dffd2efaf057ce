"""The page of one's own data, as a test reads it and asks by it."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

Login = Callable[[str], Client]


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


def without_token(answer: Any) -> str:
    return re.sub(r"X-CSRFToken[^}]*", "", answer.content.decode())


def ask(client: Client, number: str, **values: str) -> int:
    return client.post(f"/me/reports/{number}/", values).status_code
