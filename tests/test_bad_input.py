"""What nobody should send, sent through all three doors.

Whatever it is: the answer is a 4xx that says in Chinese what to do, never a 5xx; nothing is
stored; what was typed comes back in the page. What is only unusual (emoji, rare Han, right-to-left
marks) goes in whole. One county for the whole file; what a test does is undone after it.
"""

import io
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.html import escape
from PIL import Image

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.forms import FORMS
from gezhi.cases.forms.working import WORKING
from gezhi.cases.models import Attachment, Case, HistoryLine
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.places import reads as place_reads
from gezhi.site import urls as site_urls
from tests.cast import (
    COUNTY,
    GRID,
    SETTING_UP,
    County,
    build_county,
    point_in,
    report_leak,
    voice_of,
)

Login = Callable[[str], Client]
WORDS = "老槐树下的水管爆了，路上全是水"
LON, LAT = point_in(GRID)
KEYS: dict[str, str] = {}  # a key of everybody, by login
NOBODYS = "01990000-0000-7000-8000-000000000000"
_HAN = re.compile(r"[\u4e00-\u9fff]{3}")


# --- the stage -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[County]:
    with django_db_blocker.unblock():
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


@pytest.fixture
def county(world: County) -> Iterator[County]:
    """The cast's county, made once; `login`, `case` and `handled` stand on it."""
    with undone():
        yield world


@pytest.fixture
def api(county: County) -> Callable[..., Any]:
    """`api("cun", "/cases", {...})` posts as somebody; without a body it asks."""

    def send(who: str, path: str, body: Any = None, *, method: str = "", **more: Any) -> Any:
        headers = {**more.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {KEYS[who]}"
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        method = method or ("GET" if body is None else "POST")
        kind = more.pop("content_type", "application/json")
        return knock(
            browser(), f"/api/v1{path}", method=method, raw=sent, kind=kind, headers=headers
        )

    return send


_HANDLER, _STRICT = Client().handler, Client(enforce_csrf_checks=True).handler


def browser(*, is_strict: bool = False) -> Client:
    """A browser of nobody. All share their middleware, which is slow to make."""
    client = Client()
    client.handler = _STRICT if is_strict else _HANDLER
    return client


@pytest.fixture
def login(county: County) -> Login:
    """The cast's `login`, in such a browser."""

    def sign_in(name: str) -> Client:
        client = browser()
        client.force_login(
            county.accounts[name], backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return sign_in


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


_TABLES = [m._meta.db_table for m in apps.get_models() if m.__module__.startswith("gezhi.")]


def _everything() -> dict[str, Any]:
    """How many rows each table has, and how far each case is."""
    counts = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in _TABLES)  # noqa: S608  # names of our own tables
    cases_ = "(SELECT string_agg(number || state || lines || holder_id, ';') FROM cases_case)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}, {cases_}")  # noqa: S608  # as above
        return dict(zip([*_TABLES, "cases"], cursor.fetchone() or (), strict=True))


@contextmanager
def nothing_stored() -> Iterator[None]:
    before = _everything()
    yield
    assert _everything() == before


def refused(answer: Any, *words: str, typed: str = "", status: int = 0) -> str:
    """A page: 4xx, Chinese, these words in it, and everything typed."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content.decode()[:500])
    assert not status or answer.status_code == status, answer.status_code
    text: str = answer.content.decode()
    assert _HAN.search(re.sub(r"<[^>]*>", " ", text)), text[:500]
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
    assert _HAN.search(body["detail"]), body
    return body


# --- reporting: what and where --------------------------------------------------------------

HERE = {"lon": str(LON), "lat": str(LAT)}
# Where it is, and the words that say what is wrong with it, at the portal.
WRONG_PLACES = {
    "nothing": ({}, "请说明在哪里"),
    "blanks": ({"place": "  \t "}, "请说明在哪里"),
    "half a point": ({"lon": str(LON)}, "请说明在哪里"),
    "outside": ({"lon": "116.4", "lat": "39.9"}, "不在"),
    "sea": ({"lon": "0", "lat": "0"}, "不在"),
    "nan": ({"lon": "nan", "lat": "nan"}, ""),
    "infinite": ({"lon": "inf", "lat": "-inf"}, ""),
    "huge": ({"lon": "1e308", "lat": "1e308"}, ""),
    "beyond the pole": ({"lon": str(LON), "lat": "91"}, ""),
    "words as numbers": ({"lon": "东", "lat": "北"}, ""),
    "unknown path": ({"path": "999999"}, ""),
    "path of letters": ({"path": "../../etc"}, ""),
    "path with zero byte": ({"path": "9901\x0001"}, ""),
    "long place": ({"place": "长" * 201}, "200"),
}


@pytest.mark.parametrize("name", WRONG_PLACES)
def test_a_wrong_place_is_refused_at_every_door(county: County, login: Login, api: Any, name: str):
    where, words = WRONG_PLACES[name]
    rita = browser()
    knock(rita, "/report/", {"what": WORDS})
    with nothing_stored():
        answer = knock(rita, "/report/where/", where)
        refused(answer, words, typed=where.get("place", "").strip(), status=422)
        assert WORDS in rita.get("/report/").content.decode()
        typed = {"channel": "desk", "what": WORDS, "name": "赵大爷", **where}
        refused(knock(login("cun"), "/desk/cases/new/", typed), "赵大爷", typed=WORDS, status=422)
        problem(api("", "/cases", {"what": WORDS, "where": where}))


@pytest.mark.parametrize(
    "where",
    ['{"lon": NaN, "lat": 1}', '{"lon": Infinity, "lat": 1}', '{"lon": 1e999, "lat": 1}',
     '{"lon": "东", "lat": "北"}', '{"lon": [106.9], "lat": {}}', '{"lon": true, "lat": null}',
     '{"place": 7}', '{"place": null}', '{"path": "x"}', '{"datum": "mars", "place": "x"}', "[]",
     "null", '"村口"'],
)  # fmt: skip
def test_no_such_where_in_json(county: County, api: Any, where: str) -> None:
    with nothing_stored():
        problem(api("", "/cases", f'{{"what": "水管", "where": {where}}}'.encode()))


UNREADABLE = {
    "no json": (b"what=1", "application/json", 400),
    "half": (b'{"what": "', "application/json", 400),
    "empty": (b"", "application/json", 422),
    "latin": ('{"what": "路灯"}'.encode("gb18030"), "application/json", 400),
    "deep": (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "application/json", 400),
    "deep lists": (b"[" * 100_000, "application/json", 400),
    "text": (b'{"what": "x"}', "text/plain", 415),
    "form": (b"what=x", "application/x-www-form-urlencoded", 415),
    "xml": (b"<what/>", "application/xml", 415),
    "no type": (b'{"what": "x"}', "", 415),
    "large": (b'"' + b"x" * 5_000_000 + b'"', "application/json", 413),
    "zero": (b'{"what": "a\\u0000", "where": {"place": "x"}}', "application/json", 422),
    "surrogate": (b'{"what": "\\udfff", "where": {"place": "x"}}', "application/json", 422),
    "unknown name": (b'{"wat": "a"}', "application/json", 422),
    "nothing": (b"{}", "application/json", 422),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_json_of_ours_is_refused(county: County, api: Any, name: str) -> None:
    body, kind, status = UNREADABLE[name]
    with nothing_stored():
        problem(api("", "/cases", body, content_type=kind), status=status)
        for path in ("/cases/x/moves/accept", "/track", "/rulebook/check", "/units"):
            problem(api("du", path, body, content_type=kind))


@pytest.mark.parametrize("what", ["", "   ", "\u200b\u202e\u200f", "\x00\x00", "水" * 5000])
def test_no_words_and_too_many_are_refused_at_every_door(
    county: County, login: Login, api: Any, what: str
) -> None:
    with nothing_stored():
        kept = what.strip() if len(what) > 100 else ""
        refused(knock(browser(), "/report/", {"what": what}), typed=kept, status=422)
        typed = {"channel": "desk", "what": what, "name": "赵大爷", **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), "赵大爷", typed=kept, status=422)
        problem(api("", "/cases", {"what": what, "where": {"lon": LON, "lat": LAT}}), status=422)


UNUSUAL = [
    "👨‍👩‍👧‍👦🇨🇳 楼下漏水 🚰",
    "𠮷家的𪚥墙倒了，𬭎工说的",
    "\u202eabc 路灯坏了\u202c \u200fשלום",
    "e\u0301\u0301\u0301 Z̸̢͎a̴l̶g̷o 下水道",
    "<script>alert(1)</script>{{ 7*7 }}{% now %} 墙倒了",
    "'; DROP TABLE cases_case; -- \\ %s %(x)s 垃圾",
    "=1+1 垃圾没人收\n\n第二行\t有制表符\x07\x1b[31m",
]


@pytest.mark.parametrize("text", UNUSUAL)
def test_what_is_only_unusual_goes_in_whole_and_is_shown(
    county: County, login: Login, api: Any, text: str
) -> None:
    rita, staff = browser(), login("xian")
    knock(rita, "/report/", {"what": text})
    knock(rita, "/report/where/", {**HERE, "place": text})
    assert knock(rita, "/report/send/", {"name": text[:40]}).status_code == 302
    desk = knock(staff, "/desk/cases/new/", {"channel": "desk", "what": text, **HERE})
    assert desk.status_code == 201
    sent = {"what": text, "where": {"lon": LON, "lat": LAT, "place": text[:200]}}
    assert api("", "/cases", sent).status_code == 201
    made = list(Case.objects.order_by("number"))
    assert [case.what for case in made] == [text.strip()] * 3
    number = made[0].number
    assert escape(text.split("\n")[0]) in rita.get(f"/track/{number}/").content.decode()
    for address in (f"/desk/cases/{number}/", "/desk/?tab=area", "/desk/points.geojson?tab=area"):
        assert knock(staff, address, method="GET").status_code == 200
    assert knock(staff, "/desk/export.xlsx?tab=area", method="GET").status_code == 200
    for query in (text, text[:3], text[::-1]):
        found = staff.get("/desk/rows/", {"tab": "area", "q": query})
        assert found.status_code == 200
        assert api("xian", f"/cases?{_query(q=query[:200])}").status_code == 200


def _query(**values: str) -> str:
    from urllib.parse import urlencode

    return urlencode(values)


# --- files ----------------------------------------------------------------------------------


def _png(width: int, height: int) -> bytes:
    """A small file that says it is this large."""

    def part(kind: bytes, body: bytes) -> bytes:
        sealed = kind + body
        return struct.pack(">I", len(body)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((200, 150), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


JPEG = _jpeg()
NO_PHOTOS: dict[str, bytes] = {
    "text": b"this is no photo",
    "nothing": b"",
    "half a jpeg": JPEG[: len(JPEG) // 2],
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "bomb": _png(30_000, 30_000),
    "wide bomb": _png(2**31 - 1, 1),
    "png without picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "zip": b"PK\x03\x04" + bytes(100),
    "script": b"#!/bin/sh\nrm -rf /",
    "30 MB": JPEG + bytes(30 * 1024 * 1024),
}


def _photo(data: bytes = JPEG, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


@pytest.mark.parametrize("name", NO_PHOTOS)
def test_a_photo_that_is_none_is_refused_at_every_door(
    county: County, login: Login, handled: Case, name: str
) -> None:
    data = NO_PHOTOS[name]
    moves = f"/desk/cases/{handled.number}/moves"
    done = {"outcome": "solved", "answer": WORDS, "after": _photo(data)}
    with nothing_stored():
        refused(knock(browser(), "/report/files/", {"photos": _photo(data)}), status=422)
        refused(
            knock(browser(), "/report/", {"what": WORDS, "photos": _photo(data)}),
            typed=WORDS, status=422,
        )  # fmt: skip
        typed = {"channel": "desk", "what": WORDS, "photos": _photo(data), **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), typed=WORDS, status=422)
        attach = {"photo": _photo(data), "is_public": "yes"}
        refused(knock(login("shui"), f"{moves}/attach/", attach), "photo.jpg", status=422)
        refused(knock(login("shui"), f"{moves}/finish/", done), typed=WORDS, status=422)
        header = {"Authorization": f"Bearer {KEYS['shui']}"}
        for path, field in (
            (f"/cases/{handled.number}/attachments", "file"),
            ("/cases/with-files", "photos"),
        ):
            sent = {"what": WORDS, "kind": "photo", "place": "村口", field: _photo(data)}
            problem(knock(browser(), f"/api/v1{path}", sent, headers=header), status=422)
    assert not Attachment.objects.exists()


def test_forty_photos_are_too_many_at_every_door(
    county: County, login: Login, handled: Case
) -> None:
    small = io.BytesIO()
    Image.new("RGB", (2, 2)).save(small, "JPEG")

    def forty() -> list[SimpleUploadedFile]:
        return [_photo(small.getvalue(), f"{at}.jpg") for at in range(40)]

    with nothing_stored():
        refused(knock(browser(), "/report/files/", {"photos": forty()}), "最多上传")
        refused(knock(browser(), "/report/", {"what": WORDS, "photos": forty()}), typed=WORDS)
        typed = {"channel": "desk", "what": WORDS, "photos": forty(), **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), "最多上传", typed=WORDS)
        sent = {"what": WORDS, "place": "村口", "photos": forty()}
        problem(knock(browser(), "/api/v1/cases/with-files", sent), "case_too_many_files")
    address = f"/desk/cases/{handled.number}/moves/attach/"
    refused(knock(login("shui"), address, {"photo": forty(), "is_public": "yes"}), "最多上传")
    assert Attachment.objects.count() <= 27


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd.jpg", "..\\..\\boot.jpg", "a\x00b.jpg", "长" * 300 + ".jpg", ".", "..jpg",
     "\u202egpj.exe", "a\r\nContent-Type: text/html.jpg", '"><script>.jpg', "CON", "👨‍👩‍👧.jpg"],
)  # fmt: skip
def test_a_wrong_file_name_becomes_a_name_and_no_more(
    county: County, login: Login, handled: Case, name: str
) -> None:
    doors = [
        (login("shui"), f"/desk/cases/{handled.number}/moves/attach/", "photo", {}),
        (
            browser(), f"/api/v1/cases/{handled.number}/attachments", "file",
            {"Authorization": f"Bearer {KEYS['shui']}"},
        ),
    ]  # fmt: skip
    for client, address, field, headers in doors:
        body = (
            b'--x\r\nContent-Disposition: form-data; name="is_public"\r\n\r\nyes\r\n--x\r\n'
            b'Content-Disposition: form-data; name="%s"; filename="%s"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n%s\r\n--x--\r\n"
        ) % (field.encode(), name.replace('"', '\\"').encode(), JPEG)
        answer = knock(
            client, address, raw=body, kind="multipart/form-data; boundary=x", headers=headers
        )
        if answer.status_code >= 400:  # the server found no file in it at all
            assert answer.status_code < 500
            assert _HAN.search(answer.content.decode())
    for kept in Attachment.objects.all():
        assert re.fullmatch(r"[\w.\- ]{1,85}", kept.name), kept.name
        assert kept.name.endswith(".jpg")
        shown = knock(login("shui"), f"/desk/cases/files/{kept.id}/", method="GET")
        assert shown.status_code == 200
        assert "\n" not in shown["Content-Disposition"]


# --- once, stale, expired -------------------------------------------------------------------


def test_sent_twice_is_done_once_at_every_door(
    county: County, login: Login, api: Any, handled: Case
) -> None:
    rita, staff = browser(), login("cun")
    knock(rita, "/report/", {"what": WORDS})
    knock(rita, "/report/where/", HERE)
    typed = {"channel": "desk", "what": WORDS, "once": "abc", **HERE}
    note = {"words": WORDS, "once": "def", "revision": handled.lines}
    key = {"Idempotency-Key": "0123456789abcdef0123"}
    sent = {"what": WORDS, "where": {"place": "村口"}}
    answers = []
    for _at in range(2):
        assert knock(rita, "/report/send/", {"name": "李"}).status_code == 302
        assert knock(staff, "/desk/cases/new/", typed).status_code == 201
        address = f"/desk/cases/{handled.number}/moves/note/"
        assert knock(login("shui"), address, note).status_code == 200
        answers.append(api("", "/cases", sent, headers=key))
    assert answers[0].content == answers[1].content
    assert Case.objects.filter(what=WORDS).count() == 3
    assert HistoryLine.objects.filter(case=handled, act="note").count() == 1


def test_the_same_key_with_other_words_is_refused_and_they_come_back(
    county: County, login: Login, api: Any, handled: Case
) -> None:
    key = {"Idempotency-Key": "0123456789abcdef0123"}
    assert api("", "/cases", {"what": "一", "where": {"place": "村口"}}, headers=key)
    knock(login("cun"), "/desk/cases/new/", {"channel": "desk", "what": "一", "once": "a", **HERE})
    note = f"/desk/cases/{handled.number}/moves/note/"
    knock(login("shui"), note, {"words": "一", "once": "b"})
    with nothing_stored():
        body = {"what": WORDS, "where": {"place": "村口"}}
        problem(api("", "/cases", body, headers=key), "idempotency_key_reused", 422)
        typed = {"channel": "desk", "what": WORDS, "once": "a", **HERE}
        refused(knock(login("cun"), "/desk/cases/new/", typed), typed=WORDS)
        refused(knock(login("shui"), note, {"words": WORDS, "once": "b"}), typed=WORDS)


@pytest.mark.parametrize("once", ["\x00", "a\x00b", "长" * 500, "' OR 1=1", "\n"])
def test_an_odd_key_never_breaks_a_form(
    county: County, login: Login, handled: Case, once: str
) -> None:
    staff, number = login("shui"), handled.number
    for address, typed in (
        (f"/desk/cases/{number}/moves/note/", {"words": WORDS}),
        ("/desk/cases/new/", {"channel": "desk", "what": WORDS, **HERE}),
        (f"/desk/cases/{number}/take/", {"category": handled.category}),
        ("/desk/bulk/supervise/do/", {"number": number, "words": WORDS}),
    ):
        client = login("xian") if "moves" not in address else staff
        answer = knock(client, address, {**typed, "once": once})
        assert answer.status_code < 500, (address, answer.status_code)


@pytest.mark.parametrize("key", ["", "x" * 129, "kurz", "\x01" * 20, "\x85" * 20])
def test_an_odd_idempotency_key_is_refused_in_words(county: County, api: Any, key: str) -> None:
    sent = {"what": WORDS, "where": {"place": "村口"}}
    with nothing_stored():
        problem(api("", "/cases", sent, headers={"Idempotency-Key": key}), status=422)


@pytest.mark.parametrize("revision", ["1", "0", "-1", "999999999999", "x", "1.5", "\x00", "²"])
def test_who_read_something_else_is_told_and_keeps_the_words(
    county: County, login: Login, api: Any, handled: Case, revision: str
) -> None:
    number = handled.number
    with nothing_stored():
        answer = knock(
            login("shui"), f"/desk/cases/{number}/moves/note/",
            {"words": WORDS, "revision": revision},
        )  # fmt: skip
        refused(answer, "刚被别人改动过", typed=WORDS, status=412)
        stale = {"If-Match": f'"{revision}"' if revision != "\x00" else "nonsense"}
        body = {"words": WORDS}
        answer = api("shui", f"/cases/{number}/moves/note", body, headers=stale)
        problem(answer, "case_changed", 412)


def test_a_resident_whose_cookie_is_gone_loses_no_word(county: County, login: Login) -> None:
    """Every step's form carries what the steps before it gathered."""
    rita = browser()
    knock(rita, "/report/", {"what": WORDS})
    page = rita.get("/report/where/").content.decode()
    rita.cookies.clear()
    knock(rita, "/report/where/", {**_hidden(page), **HERE, "place": "老槐树"})
    assert WORDS in rita.get("/report/").content.decode()
    page = rita.get("/report/send/").content.decode()
    rita.cookies.clear()
    answer = knock(rita, "/report/send/", {**_hidden(page), "phone": "不是电话"})
    refused(answer, "电话", typed="老槐树", status=422)
    rita.cookies.clear()
    sent = knock(rita, "/report/send/", {**_hidden(answer.content.decode()), "name": "李秀兰"})
    assert sent["Location"] == "/report/done/"
    assert (Case.objects.get().what, Case.objects.get().place) == (WORDS, "老槐树")


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([a-z_]+)"[^>]* value="([^"]*)"', page)
    texts = re.findall(r'<textarea[^>]*name="([a-z_]+)"[^>]*hidden[^>]*>\n?([^<]*)<', page)
    return {name: value for name, value in [*found, *texts] if name != "csrfmiddlewaretoken"}


def _forms_of_staff(case: Case) -> dict[str, tuple[str, str, dict[str, str]]]:
    moves = f"/desk/cases/{case.number}/moves"
    return {
        "new case": ("cun", "/desk/cases/new/", {"channel": "desk", "what": WORDS}),
        "note": ("shui", f"{moves}/note/", {"words": WORDS, "once": "x", "revision": "4"}),
        "finish": ("shui", f"{moves}/finish/", {"outcome": "solved", "answer": WORDS}),
        "bulk": ("du", "/desk/bulk/supervise/do/", {"number": case.number, "words": WORDS}),
        "unit": ("guan", "/desk/admin/units/new/", {"name": WORDS, "code": "dept-x"}),
        "filter": ("zhen", "/desk/filters/", {"name": WORDS, "query": "tab=late"}),
        "rulebook": ("guan", "/desk/admin/rulebook/apply/", {"note": WORDS, "texts": "{}"}),
    }


@pytest.mark.parametrize("is_part", [False, True], ids=["page", "part"])
def test_staff_whose_session_ended_in_the_middle_get_everything_back(
    county: County, login: Login, handled: Case, is_part: bool
) -> None:
    headers = {"HX-Request": "true"} if is_part else {}
    for who, address, typed in _forms_of_staff(handled).values():
        client = login(who)
        Session.objects.all().delete()
        with nothing_stored():
            text = refused(
                knock(client, address, typed, headers=headers),
                "/desk/sign-in/", "登录已经过期", typed=WORDS, status=401,
            )  # fmt: skip
        assert f'action="{address}"' in text
        for name, value in typed.items():
            assert f'name="{name}"' in text
            assert escape(value) in text


@pytest.mark.parametrize("token", ["", "x", "a" * 64])
def test_a_wrong_token_gives_everything_back(
    county: County, login: Login, handled: Case, token: str
) -> None:
    forms = [(login(who), address, typed) for who, address, typed in
             _forms_of_staff(handled).values()]  # fmt: skip
    forms += [
        (browser(), "/report/", {"what": WORDS}),
        (browser(), "/report/where/", {**HERE, "place": WORDS}),
        (browser(), "/report/send/", {"what": WORDS, "place": "x", "name": "李"}),
        (browser(), f"/track/{handled.number}/rate/", {"rate_words": WORDS, "rating": "5"}),
    ]
    for client, address, typed in forms:
        strict = browser(is_strict=True)
        strict.cookies = client.cookies
        with nothing_stored():
            answer = knock(strict, address, {**typed, "csrfmiddlewaretoken": token})
            refused(answer, "一个字也没有丢", typed=WORDS, status=403)


# --- acts -----------------------------------------------------------------------------------

PAST, FAR, NEVER = "2020-01-01T08:00", "9999-12-31T23:59", "2026-99-99T99:99"
# act: who, what is typed, the field that is wrong and its values. {water} {higher} are units.
WRONG_FIELDS: list[tuple[str, str, str, dict[str, Any], str, list[Any]]] = [
    ("reported", "cun", "accept", {}, "category", ["", "no.such", "\x00", "x" * 5000, "water"]),
    ("reported", "cun", "accept", {"category": "{category}"}, "size", ["giant", "SMALL", "\x00"]),
    ("reported", "cun", "accept", {"category": "{category}"}, "path", ["999999", "x", "990101102"]),
    ("reported", "cun", "refuse", {"words": WORDS}, "reason", ["", "because", "\x00"]),
    ("accepted", "cun", "assign", {}, "unit",
     ["", "x", NOBODYS, "{higher}", "{far}", "\x00", "-1", "null"]),
    ("accepted", "cun", "assign", {"unit": "{water}"}, "size", ["giant"]),
    ("accepted", "cun", "merge", {}, "main", ["", "x", "261122-999999", "{number}", "\x00"]),
    ("handling", "shui", "pause", {"reason": "parts", "words": WORDS}, "until",
     ["", "morgen", PAST, FAR, NEVER, "0001-01-01T00:00", "\x00", "1e9"]),
    ("handling", "shui", "extend", {"reason": "{extend}", "words": WORDS}, "until",
     ["", "morgen", PAST, FAR, NEVER, "0001-01-01T00:00"]),
    ("handling", "shui", "extend", {"until": "{tomorrow}", "words": WORDS}, "reason", ["", "x"]),
    ("handling", "du", "supervise", {"words": WORDS}, "answer_by", ["bald", PAST, FAR, NEVER]),
    ("handling", "du", "supervise", {}, "words", ["", "   ", "\u200b", "水" * 5001]),
    ("handling", "shui", "whistle", {"words": WORDS}, "units", ["", "x", NOBODYS, "{higher}"]),
    ("handling", "shui", "whistle", {"units": "{roads}", "words": WORDS}, "arrive_by",
     ["bald", PAST, FAR, NEVER]),
    ("handling", "shui", "send_back", {"reason": "not_here", "words": WORDS}, "unit",
     ["x", NOBODYS]),
    ("handling", "shui", "finish", {"answer": WORDS}, "outcome", ["", "fixed", "\x00"]),
    ("handling", "shui", "finish", {"outcome": "withdrawn"}, "answer",
     ["", " ", "\u200b\u202e", "水" * 5001]),
    ("handling", "shui", "note", {}, "words", ["", "\x00", "\u202e", "水" * 5001]),
    ("handling", "shui", "ask", {}, "words", ["", "\u200f", "水" * 2001]),
    ("done", "fang", "visit_back", {"is_reached": "yes", "is_solved": "yes"}, "rating",
     ["0", "6", "x", "-1", "5.5", "1e0"]),
    ("done", "fang", "visit_back", {"words": WORDS}, "is_reached", ["", "maybe"]),
    ("done", "zhen", "verify", {"words": WORDS}, "is_solved", ["", "2"]),
]  # fmt: skip
_IDS = [f"{act}-{name}" for _state, _who, act, _typed, name, _values in WRONG_FIELDS]


@pytest.fixture
def case_in(county: County) -> Callable[[str], Case]:
    """A case in a state, brought there by the acts."""

    def bring(state: str) -> Case:
        case = report_leak().case
        category, cun, shui = case.proposed_category, county.actor("cun"), county.actor("shui")
        steps: list[Callable[[], Case]] = [
            lambda: cases.accept(case.id, category=category, actor=cun),
            lambda: cases.assign(case.id, unit=county.unit("dept-water"), actor=cun),
            lambda: cases.sign(case.id, actor=shui),
            lambda: cases.finish(case.id, outcome="withdrawn", answer="诉求人撤回了", actor=shui),
            lambda: cases.visit_back(
                case.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
            ),
        ]
        states = ["reported", "accepted", "assigned", "handling", "done", "closed"]
        for step in steps[: states.index(state)]:
            case = step()
        assert case.state == state
        return case

    return bring


def _names(county: County, case: Case) -> dict[str, str]:
    return {
        "category": case.proposed_category,
        "number": case.number,
        "water": str(county.unit("dept-water")),
        "roads": str(county.unit("dept-transport")),
        "higher": str(county.unit(f"centre-{COUNTY}")),
        "far": str(county.unit("grid-990101102201001")),
        "extend": "complex",
        "tomorrow": f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M}",
    }


def _filled(typed: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {name: re.sub(r"\{(\w+)\}", lambda m: names[m[1]], text) for name, text in typed.items()}


@pytest.mark.parametrize("row", WRONG_FIELDS, ids=_IDS)
def test_a_wrong_field_of_an_act_is_refused_by_the_form(
    county: County, login: Login, case_in: Any, row: Any
) -> None:
    state, who, act, typed, name, values = row
    case, client = case_in(state), login(who)
    names = _names(county, case)
    for value in values:
        sent = _filled({**typed, name: value}, names)
        with nothing_stored(), undone():
            answer = knock(client, f"/desk/cases/{case.number}/moves/{act}/", sent)
            assert 400 <= answer.status_code < 500, (value, answer.status_code)
            kept = value.strip() if name == "words" and "\x00" not in value else typed.get("words")
            refused(answer, "invalid-feedback" if name != "main" else "并案", typed=kept or "")


@pytest.mark.parametrize("row", WRONG_FIELDS, ids=_IDS)
def test_a_wrong_field_of_an_act_is_refused_by_the_api(
    county: County, api: Any, case_in: Any, row: Any
) -> None:
    state, who, act, typed, name, values = row
    case = case_in(state)
    names = _names(county, case)
    others = [7, [], {"a": 1}, "\ud800"]
    for value in [*values, *others]:
        sent = _as_json({**typed, name: value}, names)
        if name == "rating" and value == "1e0":
            continue  # JSON's own way to write 1
        with undone():
            before = _everything()
            answer = api(who, f"/cases/{case.number}/moves/{act}", sent)
            if answer.status_code == 200 and (name, value) in (("size", ""), ("path", "")):
                continue  # left out, and may be
            assert 400 <= answer.status_code < 500, (value, answer.status_code, answer.content)
            problem(answer)
            assert _everything() == before


def _as_json(typed: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What a form sends, as the API takes it: moments with an offset, lists, yes as true."""
    sent: dict[str, Any] = {}
    for name, value in typed.items():
        if isinstance(value, str):
            value = _filled({name: value}, names)[name]
            if re.match(r"\d{4}-\d\d-\d\dT", value):
                value += ":00+08:00"
            value = {"units": [value]}.get(name, True if value == "yes" else value)
        sent[name] = value
    return sent


@pytest.mark.parametrize("act", sorted(act.value for act in FORMS))
def test_no_form_of_an_act_breaks_whatever_stands_in_its_fields(
    login: Login, handled: Case, act: str
) -> None:
    """Each field in turn missing, garbled, doubled, too long; and no field at all."""
    kind = next(form for name, form in FORMS.items() if name.value == act)
    address = f"/desk/cases/{handled.number}/moves/{act}/"
    client = login("shui" if act in {form.act.value for form in WORKING} else "du")
    needed = any(field.required for field in kind.base_fields.values())
    garbage = ["\x00", "𠮷" * 6000, "0001-01-01T00:00", NOBODYS, "9" * 30]
    with undone():
        before = _everything()
        answer = knock(client, address, {})
        assert answer.status_code < 500
        if needed or answer.status_code != 200:
            refused(answer)
            assert _everything() == before
    for value in garbage:
        with undone():
            answer = knock(client, address, dict.fromkeys(kind.base_fields, [value, value]))
            assert answer.status_code < 500, (value, answer.status_code)


def test_an_unknown_act_and_case_and_other_peoples_look_alike(
    county: County, login: Login, api: Any, case: Case
) -> None:
    stranger = login("bie")
    numbers = [case.number, str(case.id), "261122-999999", NOBODYS, "no-such", "%00"]
    with nothing_stored():
        for end, method in (
            ("", "GET"), ("panel/", "GET"), ("take/", "POST"), ("moves/note/", "GET"),
            ("moves/note/", "POST"), ("moves/nonsense/", "POST"),
        ):  # fmt: skip
            pages = set()
            for number in numbers:
                answer = knock(stranger, f"/desk/cases/{number}/{end}", method=method)
                text = refused(answer, status=404).replace(number, "")
                pages.add(re.sub(r'(?s)"\w{64}"|nonce\S+|/desk/cases\S*', "", text))
            assert len(pages) == 1, end
        for number in numbers:
            path = f"/cases/{number}"
            answers = [
                api("bie", path), api("bie", f"{path}/history"), api("bie", f"{path}/moves"),
                api("bie", f"{path}/moves/note", {"words": WORDS}),
            ]  # fmt: skip
            assert {problem(each, status=404)["detail"] for each in answers} == {
                "没有找到，或者不在您的权限范围内。"
            }
        problem(api("cun", f"/cases/{case.number}/moves/nonsense", {}), "address_unknown", 404)
        refused(knock(login("cun"), f"/desk/cases/{case.number}/moves/nonsense/"), status=404)


# --- the resident's own case ----------------------------------------------------------------


def _own(case_id: UUID, code: str, number: str) -> Client:
    rita = browser()
    assert knock(rita, "/track/", {"number": number, "code": code}).status_code == 302
    return rita


@pytest.mark.parametrize(
    ("number", "code"),
    [("", ""), ("x", "x"), ("261122-999999", "AAAA"), ("\x00", "\x00"), ("9" * 24, "9" * 24),
     ("9" * 25, "A"), ("٢٦١١٢٢-٠٠٠٠٠١", "Ａ"), ("real", ""), ("real", "AAAAAAAA")],
)  # fmt: skip
def test_a_wrong_number_or_code_opens_nothing(
    county: County, api: Any, reported: Any, number: str, code: str
) -> None:
    number = reported.case.number if number == "real" else number
    with nothing_stored():
        for address in ("/track/", "/mine/"):
            refused(knock(browser(), address, {"number": number, "code": code}))
        for name in ("", "/rate", "/withdraw", "/answer", "/reopen", "/openings"):
            problem(api("", f"/track{name}", {"number": number, "code": code}))
        for address in (f"/track/x/?code={code or 'x'}", "/track/%00/", "/track/%00/?code=%00"):
            answer = knock(browser(), address, method="GET")
            assert answer.status_code in (302, 404, 422), address
    stranger = browser()
    for act in ("answer", "rate", "reopen", "withdraw"):
        refused(knock(stranger, f"/track/{reported.case.number}/{act}/"), status=404)


@pytest.mark.parametrize(
    "typed",
    [{}, {"rating": "0"}, {"rating": "6"}, {"rating": "x"}, {"rating": "-5"}, {"rating": "5.0"},
     {"rating": "\x00"}, {"rating": ""}, {"is_solved": "maybe"}, {"is_solved": ""},
     {"is_solved": "no", "rate_words": " "}, {"rate_words": "水" * 2001}],
)  # fmt: skip
def test_a_vote_that_is_none_is_refused(
    county: County, api: Any, reported: Any, typed: dict[str, str]
) -> None:
    cun, shui, case = county.actor("cun"), county.actor("shui"), reported.case
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    cases.sign(case.id, actor=shui)
    cases.finish(case.id, outcome="withdrawn", answer="诉求人撤回了", actor=shui)
    rita = _own(case.id, reported.code, case.number)
    good = {"is_solved": "yes", "rating": "5", "rate_words": WORDS}
    with nothing_stored():
        sent = {**good, **typed} if typed else {}
        answer = knock(rita, f"/track/{case.number}/rate/", sent)
        refused(answer, typed=sent.get("rate_words", "").strip(), status=422)
        if typed.get("rating") in ("0", "6", "x", "-5", "\x00", ""):
            proof = {"number": case.number, "code": reported.code, "is_solved": True}
            problem(api("", "/track/rate", {**proof, "rating": typed["rating"] or None}))


def test_answers_and_second_thoughts_come_back_when_refused(county: County, reported: Any) -> None:
    rita = _own(reported.case.id, reported.code, reported.case.number)
    cases.ask(reported.case.id, words="在哪一排？", actor=county.actor("cun"))
    address = f"/track/{reported.case.number}"
    with nothing_stored():
        for words in ("", " ", "水" * 2001, "\u200b"):
            refused(knock(rita, f"{address}/answer/", {"words": words}), status=422)
        for words in (WORDS, ""):
            refused(knock(rita, f"{address}/reopen/", {"reason": "x", "reopen_words": words}))
    cases.answer(reported.case.id, words="第三排", actor=voice_of(reported))
    with nothing_stored():
        refused(knock(rita, f"{address}/answer/", {"words": WORDS}), "没有需要答复", typed=WORDS)


# --- lists and addresses --------------------------------------------------------------------

ODD_QUESTIONS = [
    "limit=0&page=0", "limit=100000&page=-1", "limit=-1&page=99999999999999999999", "limit=x",
    "sort=x&tab=x&state=lost&group=%00&channel=%00&size=giant&late=maybe&mine=2",
    "area=%00&q=%00&words=%00&page=%00&cursor=%00&after=%00&role=%00&tab=%00&path=%00",
    "area=9%27&holder=x&kind=x&level=x", f"holder={NOBODYS}&in=x", "date=2026-99-99",
    "since=2026-99-99&until=x", "since=0001-01-01&until=9999-12-31", "until=2199-12-31",
    "cursor=x&after=bm9wZQ", "cursor=AAAA&after=W10&sort=newest", "after=bnVsbA&page=x",
    "after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwIiwgIjAxOTkwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd",
    "q=%F0%A0%AE%B7&words=%F0%A0%AE%B7", "q=%E2%80%AE%FF%FE&words=%FF", "q=" + "x" * 5000,
    "q=%26%7C!():*<>'\\&words=%25%27", "lon=nan&lat=nan", "lon=1e400&lat=1", "lon=180&lat=90",
    "lon=x&lat=y&datum=mars", "changed_since=0001-01-01T00:00:00%2B14:00", "a=" * 900,
]  # fmt: skip
# Addresses that list something, by who may open them.
LISTS = {
    "": ["/cases/", "/track/", "/map/county.json", "/map/areas.geojson",
         "/map/locate"],
    "xian": ["/desk/", "/desk/rows/", "/desk/filter/",
             "/desk/points.geojson", "/desk/export.xlsx", "/desk/import/"],
    "fang": ["/desk/visits/"],
    "du": ["/desk/approvals/"],
    "guan": ["/desk/admin/units/", "/desk/admin/accounts/", "/desk/admin/areas/",
             "/desk/admin/rulebook/categories/%00/"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "address"), [(who, each) for who, found in LISTS.items() for each in found]
)
def test_no_list_breaks_by_what_stands_in_its_address(
    county: County, login: Login, case: Case, who: str, address: str
) -> None:
    """What can't be read asks for nothing, or is refused in words."""
    client = login(who) if who else browser()
    of_points = ("lon=", "in=", "page=", "limit=0", "q=", "area=")
    of_cases = (
        "since=",
        "until=",
        "after=",
        "sort=",
        "area=",
        "holder=",
        "cursor=A",
        "q=",
        "limit=",
    )
    asked = of_cases if address.startswith("/desk/") else of_points
    with nothing_stored():
        for question in ODD_QUESTIONS:
            if not question.startswith(asked):
                continue
            with undone():
                answer = knock(client, f"{address}?{question}", method="GET")
                assert answer.status_code < 500, (question, answer.status_code)
                if answer.status_code >= 400:
                    assert _HAN.search(_plain(answer)), (question, answer.content[:300])


def _plain(answer: Any) -> str:
    text: str = answer.content.decode()
    if answer["Content-Type"].startswith("application/"):
        return json.dumps(json.loads(text), ensure_ascii=False)
    return re.sub(r"<[^>]*>", " ", text)


@pytest.mark.parametrize(
    "path",
    ["/cases", "/cases/{n}/history", "/cases/nearby",
     "/cases/export", "/approvals", "/visits", "/units", "/accounts", "/areas", "/areas/outlines",
     "/categories", "/rulebook/versions", "/imports", "/locate", "/areas/x", "/areas/%00"],
)  # fmt: skip
def test_no_list_of_the_api_breaks_by_what_is_asked(
    county: County, api: Any, case: Case, path: str
) -> None:
    with nothing_stored():
        who = "guan" if path in ("/units", "/accounts", "/rulebook/versions") else "xian"
        for question in ODD_QUESTIONS:
            with undone():
                answer = api(who, f"{path.format(n=case.number)}?{question}")
                assert answer.status_code < 500, (question, answer.status_code)
                if answer.status_code >= 400:
                    problem(answer)
        for question in ("limit=0", "limit=100000", "limit=-1", "cursor=%00"):
            if path in ("/cases", "/units", "/imports", "/areas", "/rulebook/versions"):
                problem(api("guan", f"{path}?{question}"))


def _addresses(patterns: Any, before: str = "/") -> Iterator[str]:
    """Every address of the pages, with something in each of its places."""
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            if here != "/api/":
                yield from _addresses(each.url_patterns, here)
        elif isinstance(each, URLPattern):
            yield here


def test_every_address_answers_every_method_in_words(
    county: County, login: Login, handled: Case
) -> None:
    """GET to what only takes a form, a form to what is only read, and methods nobody uses."""
    fills = {
        "ref": handled.number, "number": handled.number, "act": "note", "key": "x",
        "uuid": NOBODYS, "int": "1",
    }  # fmt: skip
    clients = {"nobody": browser(), "xian": login("xian"), "guan": login("guan")}
    tried = 0
    for address in _addresses(get_resolver(site_urls.__name__).url_patterns):
        there = re.sub(
            r"<(?:(\w+):)?(\w+)>", lambda m: fills.get(m[1]) or fills.get(m[2], "x"), address
        )
        for who, client in clients.items():
            for method in ("GET", "POST", "PUT"):
                if there.endswith("sign-out/") or (method, who) == ("PUT", "xian"):
                    continue
                with undone():
                    answer = knock(client, there, method=method)
                assert answer.status_code < 500, (method, there, answer.status_code)
                if answer.status_code >= 400:
                    assert _HAN.search(_plain(answer)), (method, there, answer.content)
                    tried += 1
    assert tried > 200
