"""Acting and asking through the API as somebody of the cast."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.api.tests.calling import KeyOf, bearer, post


@pytest.fixture
def acting(key: KeyOf, rita: Client) -> Callable[..., Any]:
    """Do an act as somebody of the cast: `acting("cun", case, "accept", category=…)`."""

    def act(who: str, case: Any, name: str, *, headers: Any = None, **body: Any) -> Any:
        return post(
            rita,
            f"/cases/{case.number}/moves/{name}",
            body,
            headers={**bearer(key(who)), **(headers or {})},
        )

    return act


@pytest.fixture
def asking(key: KeyOf, rita: Client) -> Callable[..., Any]:
    """Ask as somebody of the cast: `asking("cun", "/cases?q=…")`."""
    headers: dict[str, dict[str, str]] = {}

    def ask(who: str, path: str, **more: str) -> Any:
        if who not in headers:
            headers[who] = bearer(key(who))
        return rita.get(f"/api/v1{path}", headers={**headers[who], **more})

    return ask
