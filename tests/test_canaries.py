"""Unmistakable values in every personal field, the whole loop, and a search through what is left.

Which fields are personal is asked of the models: each one that is sealed must hold a canary of the
loop's, so a new one fails until the loop fills it.

Nothing that a person gave of themselves may stand anywhere outside the field that seals it: not
in logs, in the book of facts, in the audit, in jobs, in addresses, in error pages, on disk. What
may hold a value stands in `MAY_HOLD`, with the reason.
"""

import json
import logging
import re
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import psutil
import pytest
import structlog
from django.apps import apps
from django.conf import settings
from django.db import connection

from gezhi.base.sealed import SealedField
from gezhi.notices.tests.telling import http_gateway
from gezhi.people.models import Session
from gezhi.residents.tests.signing import SMS, Phone
from gezhi.site import logs
from gezhi.site.sessions import SessionStore
from tests.canaries import ADDRESS, NAME, PERSONAL, PHONE, SUBJECT, TOTP, Browser, Loop
from tests.cast import County

# Columns that may hold a value, and why.
MAY_HOLD = {
    ("people_session", "session_key"): "what a session is found by; it ends with the session",
    ("people_identity", "subject"): "an account's name at the provider, written down by staff",
}


class _Kept(logging.Handler):
    """Every line that would be logged, written as the processes write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        config: Any = logs.config("DEBUG")["formatters"]["json"]
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=config["foreign_pre_chain"], processors=config["processors"]
            )
        )
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[_Kept]:
    kept, root = _Kept(), logging.getLogger()
    level, before = root.level, logging.getLogger("django.db.backends").level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    # Statements with their values are logged by nobody's setting; a test's are of no use here.
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    for name, told in logs.config("DEBUG")["loggers"].items():
        logging.getLogger(name).setLevel(told["level"])
    yield kept
    root.removeHandler(kept)
    root.setLevel(level)
    logging.getLogger("django.db.backends").setLevel(before)


@pytest.fixture
def loop(committed: County, logged: _Kept, settings: Any) -> Iterator[Loop]:
    with http_gateway() as gateway:
        settings.SMS_GATEWAY = SMS % gateway.url
        made = Loop(committed, Phone(gateway))
        made.go()
        yield made


def _dump() -> Iterator[tuple[str, str, str]]:
    """Every column of every table, as one text each; bytes as the text they may hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name NOT LIKE 'pg_%'"
        )
        for table, column, kind in cursor.fetchall():
            shown = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            asked = f'SELECT string_agg({shown}, chr(10)) FROM "{table}"'  # noqa: S608 - our own names
            cursor.execute(asked)
            yield table, column, (cursor.fetchone() or ("",))[0] or ""
    for kept in Session.objects.all():  # signed and packed as they lie there
        yield "people_session", "session_data", repr(SessionStore().decode(kept.session_data))


def _sealed_fields() -> list[tuple[Any, str]]:
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedField)
    ]


def test_every_sealed_field_holds_something_of_the_loop(loop: Loop) -> None:
    """What isn't there can't be found anywhere: fill it in the loop."""
    everything = (*PERSONAL, TOTP.hex(), *loop.signing)
    empty = [
        f"{model._meta.label}.{name}"
        for model, name in _sealed_fields()
        if not any(
            value in held or json.dumps(value)[1:-1] in held
            for held in model.objects.values_list(name, flat=True)
            for value in everything
        )
    ]
    assert len(_sealed_fields()) >= 14
    assert not empty


def test_nothing_a_person_gave_stands_open_in_the_database(loop: Loop) -> None:
    held = [
        f"{table}.{column} holds {value}"
        for table, column, text in _dump()
        for value in (*PERSONAL, *loop.secrets)
        if _holds(text, value) and (table, column) not in _may_hold(value, loop)
    ]
    assert not held


def _may_hold(value: str, loop: Loop) -> set[tuple[str, str]]:
    kinds = {"session_key": value in loop.sessions, "subject": value == SUBJECT}
    return {place for place in MAY_HOLD if kinds[place[1]]}


def _holds(text: str, value: str) -> bool:
    """As it is, in escapes of JSON and of addresses, and as bytea writes it."""
    written = value.encode().decode("latin-1")
    escaped = "".join(sign if ord(sign) < 128 else f"\\{ord(sign):03o}" for sign in written)
    quoted = (quote(value), quote_plus(value), quote(value).lower(), escape(value))
    return any(each in text for each in (value, json.dumps(value)[1:-1], escaped, *quoted))


def test_no_log_holds_what_a_person_gave(loop: Loop, logged: _Kept) -> None:
    assert logged.lines, "somebody logs something"
    text = "\n".join(logged.lines)
    assert not [value for value in (*PERSONAL, *loop.secrets) if _holds(text, value)]
    assert not re.search(rf"(?<![\w.]){loop.sent_code}(?![\w.])", text), "the code to a phone"


def test_an_accident_tells_nothing_to_the_log_or_the_page(
    county: County, logged: _Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace of a fault names lines of code; what was typed stands in none of them."""

    def break_down(*_args: Any, **_more: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("gezhi.cases.actions.opening.report", break_down)
    monkeypatch.setattr("gezhi.cases.actions.report", break_down)
    browser = Browser()
    contact = {"name": NAME, "phone": PHONE, "address": ADDRESS}
    answer = browser.api(
        "/cases",
        {"what": "路灯不亮，看不清路", "where": {"path": "990101101"}, "contact": contact},
    )
    assert answer.status_code == 500
    text = "\n".join(logged.lines)
    assert "a fault of ours" in text
    for value in PERSONAL:
        assert not _holds(text, value)
        assert not _holds(answer.content.decode(), value)


def test_no_address_holds_what_a_person_gave(loop: Loop) -> None:
    """Addresses stand in logs of proxies, in histories and in referers."""
    for answer in loop.answers:
        for name in ("Location", "HX-Redirect", "HX-Push-Url", "Link", "Content-Location"):
            for value in (*PERSONAL, *loop.secrets):
                found = _holds(answer.get(name, ""), value)
                assert not found or value in _asked_for(answer), f"{name} of {answer.request}"


def _asked_for(answer: Any) -> str:
    """The address somebody typed in: that they are sent back to it tells nothing to anybody."""
    return unquote(answer.wsgi_request.get_full_path())


def test_a_refusal_of_the_api_repeats_nothing_that_was_sent(loop: Loop) -> None:
    refused = [
        answer
        for answer in loop.answers
        if answer.get("Content-Type", "") == "application/problem+json"
    ]
    assert {400, 404, 422} <= {answer.status_code for answer in refused}
    for answer in refused:
        for value in (*PERSONAL, *loop.secrets):
            if answer is loop.repeats and value == PHONE:
                continue
            assert not _holds(answer.content.decode(), value), answer.content.decode()


def test_no_file_holds_what_a_person_gave(loop: Loop) -> None:
    """Pictures are drawn anew without EXIF, originals and drafts are sealed."""
    files = [path for path in settings.FILES_DIR.rglob("*") if path.is_file()]
    assert files, "the loop keeps pictures"
    for path in files:
        data = path.read_bytes()
        for value in (*PERSONAL, *loop.secrets):
            assert value.encode() not in data, path
            assert value not in str(path)


def test_no_process_shows_a_secret_in_its_title(loop: Loop) -> None:
    """Any user of the machine may list what runs on it."""
    lines = []
    for process in psutil.Process().parents() + psutil.Process().children(recursive=True):
        try:
            lines.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    text = "\n".join(lines)
    for value in (*PERSONAL, *loop.secrets, settings.SECRET_KEY):
        assert value not in text


def test_what_is_shown_masked_is_masked_for_the_desk_and_for_programs(loop: Loop) -> None:
    for browser in (loop.desk, loop.program):
        for path in (f"/desk/cases/{loop.number}/", f"/api/v1/cases/{loop.number}",
                     f"/api/v1/cases/{loop.number}/history", "/api/v1/cases"):  # fmt: skip
            answer = browser.get(path)
            for value in (NAME, PHONE, ADDRESS):
                assert value not in answer.content.decode(), path
