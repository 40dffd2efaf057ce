"""Every address of the house answers with the headers of the policy, whoever asks and however."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from gezhi.base.http import INERT, file_answer
from gezhi.site import asgi, policy
from gezhi.site.middleware import PolicyMiddleware
from tests.cast import County

_SAMPLES = {
    "str": "x", "int": "1", "slug": "x", "path": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}  # fmt: skip


def _addresses(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = "/"
) -> Iterator[str]:
    """One address for each entry of the table of addresses."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = re.sub(r"<(?:(\w+):)?\w+>", _sample, str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _addresses(entry.url_patterns, before + route)
        else:
            yield before + route


def _sample(found: re.Match[str]) -> str:
    return _SAMPLES.get(found[1] or "str", "x")


def _is_kept(answer: Any) -> list[str]:
    """What of the policy an answer lacks."""
    wrong = [name for name in policy.ALWAYS if answer.headers.get(name) != policy.ALWAYS[name]]
    told = answer.headers.get("Content-Security-Policy", "")
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    wanted = (
        ["default-src 'none'", "script-src 'self';", "style-src 'self';", "form-action 'self'",
         "frame-ancestors 'none'", "base-uri 'none'"]
        if is_page
        else [INERT]
    )  # fmt: skip
    wrong += [each for each in wanted if each not in told]
    return [*wrong, *(each for each in ("unsafe", "*", "http:") if each in told)]


def test_every_address_keeps_the_policy_for_strangers_and_for_staff(
    county: County, login: Callable[[str], Client]
) -> None:
    addresses = sorted(set(_addresses()))
    assert len(addresses) > 150
    faults = []
    for who, client in (("stranger", Client()), ("staff", login("guan"))):
        client.raise_request_exception = False
        for address in addresses:
            if "sign-out" in address:
                continue
            for method in ("get", "post"):
                answer = getattr(client, method)(address)
                faults += [f"{who} {method} {address}: {why}" for why in _is_kept(answer)]
    assert faults == []


def test_a_host_we_are_not_called_by_is_refused_with_the_policy(client: Client) -> None:
    with override_settings(LIVE_URL=":8001/live/"):
        answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert _is_kept(answer) == []


def test_an_accident_keeps_the_policy(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_anything: object) -> HttpResponse:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("gezhi.portal.reads.towns_and_villages", break_down)
    monkeypatch.setattr("gezhi.places.reads.root", break_down)
    client.raise_request_exception = False
    answer = client.get("/track/")
    assert answer.status_code == 500
    assert _is_kept(answer) == []


def test_what_residents_sent_in_is_saved_and_runs_nothing() -> None:
    page = b"<script>alert(1)</script>"
    for media_type in ("text/html", "image/svg+xml", "application/pdf", "text/xml"):
        answer = file_answer(page, "a.html", media_type=media_type)
        assert answer["Content-Disposition"].startswith("attachment"), media_type
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    shown = file_answer(b"", "图.jpg", media_type="image/jpeg", is_shown=True)
    assert shown["Content-Disposition"].startswith("inline")
    named = file_answer(b"", 'a"\r\nSet-Cookie: x=1.jpg', media_type="image/jpeg")
    assert "\r" not in named["Content-Disposition"]
    assert "\n" not in named["Content-Disposition"]


def test_an_address_with_a_tracking_code_is_told_to_nobody(county: County, client: Client) -> None:
    assert client.get("/track/261122-000001/?code=AAAA2222")["Referrer-Policy"] == "strict-origin"
    assert client.get("/track/")["Referrer-Policy"] == "same-origin"


def test_under_https_browsers_are_told_to_stay_with_it() -> None:
    with override_settings(SECURE=True, HSTS_DAYS=365):
        assert policy.hsts() == "max-age=31536000"
    assert policy.hsts() == ""


def test_pages_may_load_tiles_and_news_from_where_the_settings_say_and_nowhere_else() -> None:
    def page(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    with override_settings(LIVE_URL=":8001/live/", TILES_ORIGIN="https://tiles.example"):
        answer = PolicyMiddleware(page)(RequestFactory().get("/"))
    told = answer["Content-Security-Policy"]
    assert "connect-src 'self' http://testserver:8001 https://tiles.example;" in told
    assert "script-src 'self';" in told


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/live/healthz", "/live/", "/nosuch"])
def test_the_live_process_keeps_the_policy(path: str) -> None:
    sent: list[dict[str, Any]] = []

    async def ask() -> None:
        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        headers = [(b"origin", b"https://evil.example"), (b"host", b"testserver")]
        scope = {"type": "http", "path": path, "method": "GET", "headers": headers}
        await asgi.application(scope, receive, send)

    asyncio.run(ask())
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    for name, value in {**policy.ALWAYS, "Content-Security-Policy": INERT}.items():
        assert headers[name.lower()] == value
    assert headers["cache-control"] == "no-store"
