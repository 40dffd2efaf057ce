"""What the tests of bad input share: knocking at a door, and what a refusal must be like."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils.html import escape

from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.places import reads as place_reads
from tests.cast import COUNTY, GRID, SETTING_UP, County, build_county, point_in

Login = Callable[[str], Client]
WORDS = "老槐树下的水管爆了，路上全是水"
LON, LAT = point_in(GRID)
KEYS: dict[str, str] = {}  # a key of everybody, by login
NOBODYS = "01990000-0000-7000-8000-000000000000"
HERE = {"lon": str(LON), "lat": str(LAT)}
HAN = re.compile(r"[\u4e00-\u9fff]{3}")


@contextmanager
def standing_county() -> Iterator[County]:
    """The cast's county with a key for everybody, gone again afterwards."""
    atomic = transaction.atomic()
    atomic.__enter__()
    try:
        place_reads.forget(COUNTY)
        people_reads.forget_units()
        built = build_county()
        KEYS.update(
            (name, people.make_key(account=account.id, name="x", actor=SETTING_UP).token)
            for name, account in built.accounts.items()
        )
        yield built
    finally:
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
        connection.close()
        place_reads.forget(COUNTY)
        people_reads.forget_units()
        people_reads.forget_keys()


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


_HANDLER, _STRICT = Client().handler, Client(enforce_csrf_checks=True).handler


def browser(*, is_strict: bool = False) -> Client:
    """A browser of nobody. All share their middleware, which is slow to make."""
    client = Client()
    client.handler = _STRICT if is_strict else _HANDLER
    return client


def sign_in(county: County, name: str) -> Client:
    """Such a browser, with somebody of the cast signed in."""
    client = browser()
    client.force_login(county.accounts[name], backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def ask_api(who: str, path: str, body: Any = None, *, method: str = "", **more: Any) -> Any:
    """Post a body as somebody of the cast or nobody; without a body, ask."""
    headers = {**more.pop("headers", {})}
    if who:
        headers["Authorization"] = f"Bearer {KEYS[who]}"
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    method = method or ("GET" if body is None else "POST")
    kind = more.pop("content_type", "application/json")
    return knock(browser(), f"/api/v1{path}", method=method, raw=sent, kind=kind, headers=headers)


def knock(
    client: Client,
    address: str,
    data: Any = None,
    *,
    method: str = "POST",
    raw: bytes | None = None,
    kind: str = "",
    headers: dict[str, str] | None = None,
) -> Any:
    """Send it as it is; an accident is an answer with 500, as it is outside of tests."""
    client.raise_request_exception = False
    if raw is not None:
        return client.generic(method, address, raw, kind, headers=headers)
    if method == "POST":
        return client.post(address, data or {}, headers=headers)
    return client.generic(method, address, headers=headers)


# That somebody knocked and was refused is on record, and counted.
_OF_KNOCKING = {"record_auditline", "record_burst", "record_spending", "people_session"}
_TABLES = [
    m._meta.db_table
    for m in apps.get_models()
    if m.__module__.startswith("gezhi.") and m._meta.db_table not in _OF_KNOCKING
]


def everything() -> dict[str, Any]:
    """How many rows each table has, and how far each case is."""
    counts = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in _TABLES)  # noqa: S608  # names of our own tables
    cases_ = "(SELECT string_agg(number || state || lines || holder_id, ';') FROM cases_case)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}, {cases_}")  # noqa: S608  # as above
        return dict(zip([*_TABLES, "cases"], cursor.fetchone() or (), strict=True))


@contextmanager
def nothing_stored() -> Iterator[None]:
    before = everything()
    yield
    assert everything() == before


def refused(answer: Any, *words: str, typed: str = "", status: int = 0) -> str:
    """A page: 4xx, Chinese, these words in it, and everything typed."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content.decode()[:500])
    assert not status or answer.status_code == status, answer.status_code
    text: str = answer.content.decode()
    assert HAN.search(re.sub(r"<[^>]*>", " ", text)), text[:500]
    for each in words:
        assert each in text, (each, re.sub(r"<[^>]*>|\s+", " ", text)[:1500])
    assert escape(typed) in text
    return text


def problem(answer: Any, code: str = "", status: int = 0) -> dict[str, Any]:
    """An answer of the API: problem+json, 4xx, detail in Chinese."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert not code or body["code"] == code, body
    assert not status or answer.status_code == status, body
    assert HAN.search(body["detail"]), body
    return body


def plain(answer: Any) -> str:
    text: str = answer.content.decode()
    if answer["Content-Type"].startswith("application/"):
        return json.dumps(json.loads(text), ensure_ascii=False)
    return re.sub(r"<[^>]*>", " ", text)
