"""What is typed stays what was typed: no script, no query, no template, no header, no formula.

| what is typed | where | answer |
| --- | --- | --- |
| markup, in and out of an attribute | every form and operation | none of it raw on any page after |
| SQL | the same; every question of a list | the words; never more rows than a word nobody wrote |
| templates of Django, Jinja and scripts | the same | the words; never what they would come to |
| a line end and a header | the same | no such header, no such cookie |
| paths, signs that turn the writing round | the same; names of files | no accident |
| formulas | cells of every export | text |

Where a form or operation takes it, what was written is read again before it is thrown away: on the
pages of the thing itself, and on all pages of its room that its writer may open.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from gezhi.base.refusal import Refusal
from gezhi.base.words import safe_cell, typed_cell
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.intake import rules as intake
from tests import sheets
from tests.cast import COUNTY, TOWN
from tests.matrix import table
from tests.matrix.sending import Twist, sent
from tests.matrix.table import Line
from tests.matrix.world import World, picture, thrown_away

SCRIPT = "<script>document.title='stolen'</script>"
EVIL = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE cases_case; --",
    "' OR '1'='1",
    "{{ 70061|add:'1' }}{% load static %}${70061*3}{{70061*3}}#{70061*3}",
    "a\r\nSet-Cookie: stolen=1\r\n\r\n",
    "../../../../etc/passwd",
    "\u202eecilop\u202c\u200b\ufeff",
    '=HYPERLINK("http://evil.example")',
    "javascript:alert(1)",
)
# For fields of few words: a tag out of its attribute, and a template.
SHORT = '"><b onclick=x()>{{70061*3}}'
ALL = " ".join((SHORT, *EVIL))
# What the templates above would come to.
WORKED_OUT = (b"70062", b"210183")
MARKUP = (SCRIPT.encode(), b"<b onclick", b"<img src=x", b'href="javascript:', b"href='javascript:")
LISTS = (
    "/desk/?tab=area&q=", "/desk/rows/?after=", "/desk/counts/?q=", "/desk/points.geojson?q=",
    "/desk/?area=", "/desk/?holder=", "/desk/?sort=", "/desk/supervision/?q=", "/cases/?q=",
    "/track/?number=", "/desk/notices/?number=", "/desk/duty/?week=", "/api/v1/cases?q=",
    "/api/v1/cases?cursor=", "/api/v1/units?q=", "/api/v1/areas?q=", "/map/locate?lon=",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with thrown_away(World, django_db_blocker) as made:
        yield made


def _is_inert(answer: Any) -> None:
    """No accident, nothing of it as markup, nothing of it worked out, no header of its own."""
    content = _content(answer)
    assert answer.status_code < 500, content[:300]
    assert "stolen" not in answer.cookies
    if answer.get("Content-Type", "").startswith("text/html"):
        for each in MARKUP:
            assert each not in content, "what was typed came back as markup"
    for each in WORKED_OUT:
        assert each not in content, "what was typed was worked out"
    for name, value in answer.items():
        assert "\r" not in value, name
        assert "\n" not in value, name


def _content(answer: Any) -> bytes:
    found: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return found


# Fields that take words of people's own; the others take codes, numbers and moments.
_FREE = frozenset({
    "what", "words", "name", "answer", "note", "place", "address", "text", "login",
    "title", "short_name", "group", "wanted", "rate_words", "reopen_words", "identity", "label",
})  # fmt: skip


def _free(evil: str) -> Twist:
    """The words are hostile, and names of files."""

    def twist(name: str, value: Any) -> Any:
        if isinstance(value, SimpleUploadedFile):
            return SimpleUploadedFile(f"{evil[:60]}.jpg", picture(), "image/jpeg")
        return evil if name in _FREE and isinstance(value, str) else value

    return twist


def _everything(evil: str) -> Twist:
    return lambda _name, value: evil if isinstance(value, str) else value


def _lines(*, is_api: bool) -> list[Line]:
    return [
        line
        for line in TABLES
        if line.method in ("POST", "PUT", "PATCH")
        and line.address.startswith("/api/") is is_api
        and line.situation in ("-", "own")
        and "+" in line.signs.values()
    ]


TABLES = table.read_tables()
# Where what was typed must come back, as words: else reading again shows nothing.
_COMES_BACK = re.compile(
    r"/moves/note/?$|^/me/reports/\{handling\}/$|/requests$|/answer/?$|/rate/?$"
)


@pytest.mark.parametrize("line", _lines(is_api=False), ids=str)
def test_no_form_takes_what_is_typed_for_more_than_words(line: Line, world: World) -> None:
    _is_words_for_ever(line, world)


@pytest.mark.parametrize("line", _lines(is_api=True), ids=str)
def test_no_operation_takes_what_is_sent_for_more_than_words(line: Line, world: World) -> None:
    _is_words_for_ever(line, world)


def _is_words_for_ever(line: Line, world: World) -> None:
    """By somebody who is let in: all of it at once; where that is too long, less, or one by one."""
    who = next(name for name, sign in line.signs.items() if sign == "+")
    _is_asked(line, world, who, _everything(ALL))
    is_taken = comes_back = False
    for evil, is_full in ((ALL, True), (ALL, False), (SHORT, True), (SHORT, False)):
        if not is_taken:
            is_taken, comes_back = _is_asked(line, world, who, _free(evil), is_full=is_full)
    for evil in () if is_taken else EVIL:
        _is_asked(line, world, who, _free(evil))
    assert comes_back or not _COMES_BACK.search(line.address), "it is shown nowhere"


def _is_asked(
    line: Line, world: World, who: str, twist: Twist, *, is_full: bool = False
) -> tuple[bool, bool]:
    """Whether it is taken, and whether it is read again somewhere."""
    comes_back = False
    with transaction.atomic():
        _dare(world, who)
        answer = sent(world, line, who, is_full=is_full, twist=twist)
        _is_inert(answer)
        is_taken = answer.status_code < 400
        for reader, path in _shown_on(line, world, who) if is_taken else ():
            shown = _dare(world, reader).get(path)
            _is_inert(shown)
            comes_back |= b"&lt;b onclick" in _content(shown)
        transaction.set_rollback(True)
    return is_taken, comes_back


def _dare(world: World, who: str) -> Any:
    """A browser to which an accident is an answer."""
    client = world.client(who)
    client.raise_request_exception = False
    return client


def _shown_on(line: Line, world: World, who: str) -> list[tuple[str, str]]:
    """Who reads which pages after it: those of the thing, those of its room, those of everybody."""
    room = line.where.partition(":")[0]
    found = [("rec", "/desk/?tab=area"), ("rec", "/desk/notices/"), ("aud", "/desk/admin/audit/")]
    found += [(who, "/desk/")] if who in world.accounts else []
    for page in TABLES:
        if page.method != "GET" or page.address.startswith("/api/"):
            continue
        is_of_it = page.situation == line.situation and set(page.names) <= set(line.names)
        is_of_room = page.where.startswith(room) and not page.names
        if (page.names and is_of_it) or is_of_room:
            reader = who if page.signs[who] == "+" else _first(page)
            found += [(reader, _filled(page, world, reader))] if reader else []
    for name in line.names:
        if re.fullmatch("[a-z]+", name) and name in world.stand_of(who, "own").of:
            number = world.value(name, who, "own")
            found += [(reader, f"/desk/cases/{number}/") for reader in ("rec", "sup")]
            found += [("cod", f"/track/{number}/"), ("res", f"/me/reports/{number}/")]
    return sorted(set(found))


def _first(page: Line) -> str:
    return next((name for name, sign in page.signs.items() if sign == "+"), "")


def _filled(page: Line, world: World, who: str) -> str:
    path = page.address
    for name in page.names:
        path = path.replace(f"{{{name}}}", world.value(name, who, page.situation))
    return path


@pytest.mark.parametrize("address", LISTS)
def test_no_question_in_an_address_does_more_than_ask(address: str, world: World) -> None:
    path, _sign, name = address.partition("?")
    name = name.rpartition("&")[2].removesuffix("=")
    rows = {}
    for asked in (*EVIL, "没有人写过这个词"):
        with transaction.atomic():
            values = {name: asked, "tab": "area"} if "desk" in path else {name: asked}
            answer = _dare(world, "rec").get(path, values)
            transaction.set_rollback(True)
        _is_inert(answer)
        rows[asked] = len(set(re.findall(rb"\b\d{6}-\d{6}\b", answer.content)))
    if name == "q":
        assert set(rows.values()) == {rows["没有人写过这个词"]}, "it found more than its words"
    assert Case.objects.exists(), "the table is still there"


# --- sheets ------------------------------------------------------------------------------------

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize(
    "address",
    ["/desk/export.xlsx?tab=area", "/desk/supervision/export.xlsx", "/api/v1/cases/export"],
)
def test_no_cell_of_an_export_is_a_formula_or_begins_like_one(address: str, world: World) -> None:
    with transaction.atomic():
        for formula in FORMULAS:
            where = cases.Where(path=TOWN, place=formula)
            actor = world.actor("rec")
            what = f"{formula} 路灯不亮，晚上看不清路"
            cases.report(county=COUNTY, what=what, where=where, channel="desk", actor=actor)
        book = _content(world.client("sup").get(address))
        transaction.set_rollback(True)
    assert sheets.texts(book)
    assert not sheets.runs_something(book)
    assert not [text for text in sheets.texts(book) if text[:1] in ("=", "+", "@", "\t", "\r")]


def test_a_text_that_looks_like_a_formula_is_marked_as_words() -> None:
    for formula in FORMULAS:
        assert safe_cell(formula) == f"'{formula}"
        assert typed_cell(safe_cell(f"'{formula}")) == f"'{formula}", "given back as it was"
    assert safe_cell("村口") == "村口"
    assert safe_cell("") == ""


# --- files -------------------------------------------------------------------------------------


def _bomb() -> bytes:
    """A workbook whose one sheet is 300 MB of blanks in 300 kB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", b"<workbook/>" + b" " * 300_000_000)
    return out.getvalue()


def _entities() -> bytes:
    """A workbook whose sheet asks for a file of this machine."""
    made, out = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(made)
    book.add_worksheet().write_row(0, 0, ["留言编号", "留言主题", "留言时间", "留言详情"])
    book.close()
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/sharedStrings.xml":
                start = data.index(b"<sst")
                data = entity + data[start:].replace("留言主题".encode(), b"&e;")
            new.writestr(name, data)
    return out.getvalue()


def _torn() -> bytes:
    return b"PK\x03\x04" + b"\x00" * 40


@pytest.mark.parametrize("make", [_bomb, _torn])
def test_a_workbook_that_bursts_or_is_torn_is_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(Refusal):
        intake.read_table(make())


def test_a_workbook_cannot_ask_for_a_file_of_the_machine() -> None:
    try:
        found = intake.read_table(_entities())
    except Refusal:
        return
    assert "root:" not in json.dumps(
        [list(map(str, row.cells)) for row in found.rows] + [found.header]
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.html", SCRIPT.encode()),
        ("a.jpg", SCRIPT.encode()),
        ("a.jpg", b"\xff\xd8\xff\xe0" + SCRIPT.encode()),
    ],
)
def test_a_picture_that_is_a_page_is_refused(name: str, data: bytes, world: World) -> None:
    id = world.stands["centre"].reported["handling"].case.id
    with pytest.raises(Refusal), transaction.atomic():
        cases.attach(id, upload=cases.Upload(name, data, "photo"), actor=world.actor("han"))


def test_a_script_behind_a_true_picture_is_left_behind(world: World) -> None:
    """A picture is drawn anew: what hung on it is not in what is shown."""
    id = world.stands["centre"].reported["handling"].case.id
    with transaction.atomic():
        data = picture() + SCRIPT.encode()
        kept = cases.attach(
            id, upload=cases.Upload("../../x.jpg", data, "photo"), actor=world.actor("han")
        )
        answer = world.client("han").get(f"/desk/cases/files/{kept.id}/")
        transaction.set_rollback(True)
    assert answer.status_code == 200
    assert SCRIPT.encode() not in answer.content
    assert "/" not in kept.name
    assert ".." not in kept.name
    assert answer["X-Content-Type-Options"] == "nosniff"
