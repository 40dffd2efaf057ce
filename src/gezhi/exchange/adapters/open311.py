"""Speaking to another city's Open311 (GeoReport v2), as its client, in JSON or in XML.

What a server says is read generously: numbers or texts for ids, one object where a list belongs,
lists in an envelope. What can't be read at all is no answer.
"""

import json
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.utils.dateparse import parse_datetime

from gezhi.base import outgoing
from gezhi.exchange.rules import plain_words
from gezhi.exchange.rules.peers import LONGEST_NUMBER

SECONDS = 10.0
LONGEST_TOKEN = 200
_PAGE = 100  # requests asked for at once: with long descriptions more would be too much to read
_MOST_PAGES, SECONDS_FOR_UPDATES = 20, 60.0
_YEARS = range(1970, 2200)
MOST_READ = 4 * 1024 * 1024
MOST_PICTURE, SECONDS_FOR_PICTURE = 10 * 1024 * 1024, 30.0
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_NEXT = re.compile(r'<([^<>]*)>\s*;[^<>]*\brel="?next\b')
# Nothing was taken on: whoever answers so has looked at it and refused.
_REFUSALS = frozenset(range(400, 500)) - {
    HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}  # fmt: skip
# Nothing was taken on either, and another time it may be.
_NOT_NOW = frozenset({
    HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
})  # fmt: skip


class Unheard(Exception):
    """No answer that can be read. `status` is None where none came at all.

    `is_refusal`: it was understood and refused, so trying again cannot help. `is_untaken`: it was
    not so much as looked at; `seconds` is how long the other side asks to be left alone.
    """

    def __init__(
        self, words: str, status: int | None = None, *, is_refusal: bool = False,
        is_untaken: bool = False, seconds: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(words)
        self.words, self.status, self.is_refusal = words, status, is_refusal
        self.is_untaken, self.seconds = is_untaken, seconds


class Unclear(Unheard):
    """The same after something was sent: it may have been taken."""


@dataclass(frozen=True)
class Service:
    code: str
    name: str
    group: str
    has_questions: bool
    type: str


@dataclass(frozen=True)
class Made:
    """What came of a report: a number, or a token for one, or neither (a black box)."""

    request: str
    token: str


@dataclass(frozen=True)
class Request:
    id: str
    status: str
    notes: str
    description: str
    at: datetime | None
    expected: datetime | None
    media: str


@dataclass(frozen=True)
class Update:
    id: str
    request: str
    status: str
    words: str
    at: datetime | None
    media: str


_Row = Mapping[str, str]


def _read_until(moments: Sequence[datetime], until: datetime) -> datetime:
    """How far it was read when it was cut off; who tells the newest first has no more to say."""
    is_oldest_first = bool(moments) and moments[0] < moments[-1]
    return min(max(moments), until) if is_oldest_first else until


def _in_order(found: Iterable[Update], since: datetime) -> list[Update]:
    """The oldest first, those of one moment as they were told."""
    told = list(found)
    moments = [each.at for each in told if each.at]
    if moments and moments[0] > moments[-1]:
        told.reverse()  # it tells the newest first
    return sorted(told, key=lambda each: each.at or since)


@dataclass(frozen=True)
class Far:
    """One peer's door. `form` is what it speaks, `json` or `xml`; the key is said to it alone."""

    address: str = field(repr=False)
    jurisdiction: str
    key: str = field(repr=False)
    form: str

    def services(self) -> list[Service]:
        found = self._ask("services", "service")
        return [
            Service(
                row["service_code"], row.get("service_name", ""), row.get("group", ""),
                row.get("metadata", "").lower() == "true", row.get("type", "") or "realtime",
            )
            for row in found if 0 < len(row.get("service_code", "")) <= LONGEST_NUMBER
        ]  # fmt: skip

    def questions(self, code: str) -> list[str]:
        """The codes of what a service asks."""
        return [row["code"] for row in self._ask(f"services/{quote(code, safe='')}", "attribute")
                if row.get("code")]  # fmt: skip

    def report(self, fields: Sequence[tuple[str, str]], *, once: str) -> Made:
        """Send a report. `once` names it to whoever knows Idempotency-Key."""
        own = [("api_key", self.key), ("jurisdiction_id", self.jurisdiction)]
        body = urlencode([(name, value) for name, value in (*own, *fields) if value]).encode()
        headers = {"Content-Type": _FORM, "Idempotency-Key": once}
        try:
            rows = self._rows(self._call("requests", body=body, headers=headers), "request")
        except Unheard as error:
            is_elsewhere = (error.status or 0) // 100 == 3  # some say so where it was made
            if error.is_untaken or (error.is_refusal and not is_elsewhere):
                raise
            raise Unclear(error.words, error.status) from error
        made = rows[0] if rows else {}
        number, token = made.get("service_request_id", ""), made.get("token", "")
        if len(number) > LONGEST_NUMBER or len(token) > LONGEST_TOKEN:
            raise Unclear("the number is longer than anybody's")
        return Made(number, token)

    def number_of(self, token: str) -> str:
        """The number a token stands for; empty until there is one."""
        rows = self._ask(f"tokens/{quote(token, safe='')}", "request")
        number = rows[0].get("service_request_id", "") if rows else ""
        return number if len(number) <= LONGEST_NUMBER else ""

    def request(self, id: str) -> Request | None:
        rows = self._ask(f"requests/{quote(id, safe='')}", "request")
        return next((found for found in map(_request, rows) if found.id in ("", id)), None)

    def requests_since(self, since: datetime, until: datetime, service: str) -> Iterator[Request]:
        """What was requested of a service in between, page by page."""
        seen: set[str] = set()
        asked = {
            "service_code": service, "start_date": _moment(since), "end_date": _moment(until),
            "page_size": str(_PAGE),
        }  # fmt: skip
        for rows in self._pages("requests", "request", asked):
            new = [row for row in map(_request, rows) if row.id not in seen]
            if not new:  # the last page, or one that knows of none
                return
            seen |= {row.id for row in new}
            yield from new

    def updates(self, since: datetime, until: datetime) -> tuple[list[Update], datetime]:
        """What happened in between, by the update extension, the oldest first.

        And up to when that is all: `until`, or sooner where it is more than is read at once.
        """
        found: dict[str, Update] = {}
        end = time.monotonic() + SECONDS_FOR_UPDATES
        asked = {"start_date": _moment(since), "end_date": _moment(until)}
        pages = self._pages("servicerequestupdates", "request_update", asked)
        for page, rows in enumerate(pages, start=1):
            told = [_update(row) for row in rows]
            if not any(row.id and row.id not in found for row in told):
                break
            found |= {row.id: row for row in told if row.id}
            if time.monotonic() > end or page == _MOST_PAGES:
                until = _read_until([each.at for each in found.values() if each.at], until)
                break
        return _in_order(found.values(), since), until

    def _pages(self, path: str, child: str, asked: Mapping[str, str]) -> Iterator[list[_Row]]:
        """Page by page: as the header Link leads on where it does, or else by number."""
        here, is_led = {**asked, "page": "1"}, False
        for page in range(2, _MOST_PAGES + 2):
            answer = self._get(path, here)
            yield self._rows(answer, child)
            onward = _onward(answer.headers, f"{path}.{self.form}")
            if is_led and not onward:
                return
            here, is_led = onward or {**asked, "page": str(page)}, bool(onward)

    def _ask(self, path: str, child: str) -> list[_Row]:
        return self._rows(self._get(path, {}), child)

    def _get(self, path: str, asked: Mapping[str, str]) -> outgoing.Answer:
        # What anybody may know is asked for without the key: addresses stand in others' logs.
        key = "" if path.startswith("services") else self.key
        args = {**asked, "jurisdiction_id": self.jurisdiction, "api_key": key}
        query = urlencode({name: value for name, value in args.items() if value})
        return self._call(path, query=query)

    def _call(
        self, path: str, *, query: str = "", body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> outgoing.Answer:  # fmt: skip
        address = f"{self.address.rstrip('/')}/{path}.{self.form}"
        sent = threading.Event()
        try:
            return outgoing.call(
                f"{address}?{query}" if query else address,
                method="POST" if body else "GET",
                headers={"User-Agent": "gezhi-open311/1", **(headers or {})},
                body=body,
                most=MOST_READ,
                authorities=settings.WEBHOOK_CA,
                within=SECONDS,
                at_sending=sent.set,
            )
        except outgoing.AddressRefused as error:
            raise Unheard(str(error), is_refusal=True) from error
        except (OSError, HTTPException) as error:
            words = f"{type(error).__name__}: {error}"
            raise Unheard(words, is_untaken=not sent.is_set()) from error

    def _rows(self, answer: outgoing.Answer, child: str) -> list[_Row]:
        status = answer.status
        if status // 100 != 2:
            words = self._said(answer.body)
            is_refusal = status in _REFUSALS or status // 100 == 3
            seconds = _retry_after(answer.headers)
            is_untaken = status in _NOT_NOW or (
                status == HTTPStatus.SERVICE_UNAVAILABLE and seconds is not None
            )
            raise Unheard(
                words, status, is_refusal=is_refusal, is_untaken=is_untaken, seconds=seconds or 0
            )
        try:
            return list(_rows_of(self.form, answer.body, child))
        except (ValueError, RecursionError) as error:
            raise Unheard(str(error), status) from error

    def _said(self, body: bytes) -> str:
        """Why it was refused, in the peer's words."""
        try:
            told = [row.get("description", "") for row in _rows_of(self.form, body, "error")]
        except (ValueError, RecursionError):
            return plain_words(body)[:500]
        return " ".join(word for word in told if word)


def _onward(headers: Mapping[str, str], path: str) -> dict[str, str]:
    """The question that gives the next page, if Link names one of the same list.

    It is put at the address that is known: another host in it is of no concern.
    """
    said = next((text for name, text in headers.items() if name.lower() == "link"), "")
    found = _NEXT.search(said[:4000])
    try:
        leads_to = urlsplit(found[1]) if found else None
    except ValueError:
        leads_to = None
    if leads_to is None or leads_to.path.rpartition("/")[2] != path:
        return {}
    return dict(parse_qsl(leads_to.query))


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """For how many seconds it asks to be left alone; of a date only that there is one."""
    said = next((text for name, text in headers.items() if name.lower() == "retry-after"), None)
    if said is None:
        return None
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0


def fetch_picture(address: str) -> bytes:
    """What lies there, as bytes; whether it is a picture shows when it is kept."""
    try:
        answer = outgoing.call(
            address, most=MOST_PICTURE, authorities=settings.WEBHOOK_CA, within=SECONDS_FOR_PICTURE
        )
    except (OSError, HTTPException) as error:
        raise Unheard(f"{type(error).__name__}: {error}") from error
    if answer.status // 100 != 2:
        raise Unheard("", answer.status)
    return answer.body


def _rows_of(form: str, body: bytes, child: str) -> Iterable[_Row]:
    """The children of this name, each as its own texts; ValueError where nothing can be read."""
    if form == "json":
        return _json_rows(json.loads(body), child)
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException) as error:
        raise ValueError("the answer is no XML") from error
    return [{part.tag: _text(part) for part in each} for each in root.iter(child)]


def _text(part: Element) -> str:
    return (part.text or "").strip()


def _json_rows(found: Any, child: str) -> list[_Row]:
    """By the Spark convention a plain list; some give an envelope or a single object."""
    if isinstance(found, dict):
        inside = found.get("attributes") if child == "attribute" else _inside(found, child)
        found = [found] if inside is None and child != "attribute" else inside
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise ValueError("the answer is no list")
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in found if isinstance(row, dict)
    ]  # fmt: skip


def _inside(found: dict[str, Any], child: str) -> Any:
    """What stands in an envelope: `{"service_requests": [...]}`, `{"request": {...}}`."""
    if child in found:
        return found[child]
    lists = [value for value in found.values() if isinstance(value, list)]
    return lists[0] if len(found) == 1 and lists else None


def _plain(value: Any) -> str:
    if isinstance(value, list):  # several pictures: the first
        return _plain(value[0]) if value else ""
    if value is None or isinstance(value, dict):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    # The database takes neither zeros nor halves of signs, which JSON can hold.
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _request(row: _Row) -> Request:
    return Request(
        row.get("service_request_id", ""), row.get("status", "").lower(),
        row.get("status_notes", ""), row.get("description", ""),
        _read(row.get("updated_datetime", "")), _read(row.get("expected_datetime", "")),
        row.get("media_url", ""),
    )  # fmt: skip


def _update(row: _Row) -> Update:
    return Update(
        row.get("update_id", ""), row.get("service_request_id", ""), row.get("status", "").lower(),
        row.get("description", ""), _read(row.get("updated_datetime", "")),
        row.get("media_url", ""),
    )  # fmt: skip


def _read(text: str) -> datetime | None:
    """A moment; one without a zone is taken for UTC, one that can't be meant for none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or found.year not in _YEARS:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
