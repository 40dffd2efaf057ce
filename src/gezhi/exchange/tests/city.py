"""What tests of peers share: a small city that speaks Open311, and the worker that speaks to it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape

from django.db.models import Q
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.base import clock
from gezhi.exchange import actions, jobs
from gezhi.exchange.models import Handover, Peer
from tests.cast import County
from tests.serving import running

_WITHIN = {"services": "service", "service_definition": "attribute", "service_requests": "request",
           "service_request_updates": "request_update", "errors": "error"}  # fmt: skip
_JOBS: dict[str, Any] = {
    "look": jobs.look,
    "hand_over": jobs.hand_over,
    "follow": jobs.follow,
    "fetch_pictures": jobs.fetch_pictures,
}


@dataclass
class City:
    """It keeps what it is told; `forms` it speaks, `has_updates`, what it does next is set here.

    `loses`: that many reports are taken, and the line is cut instead of an answer. `refuses`: the
    status it answers reports with, `retry` its Retry-After. `only_key`: the key it lets in.
    `is_cut`: nothing that is asked with a key is answered.
    `asks` are the questions of its
    service. `is_dated`: of its updates it tells those of the time that is asked for, `page_size`
    at once; `since` is that time; `is_linked`: Link leads to the next page, and no number does.
    `before` is done before a picture is given,
    `at_services` before its services are.
    """

    url: str = ""
    forms: tuple[str, ...] = ("json", "xml")
    has_updates: bool = True
    type: str = "realtime"
    asks: tuple[str, ...] = ()
    loses: int = 0
    refuses: int = 0
    only_key: str = ""
    retry: str = ""
    is_cut: bool = False
    hides: bool = False
    down: bool = False
    picture: bytes = b""
    numbers: Any = None
    before: Callable[[], Any] = lambda: None
    at_services: Callable[[], Any] = lambda: None
    is_dated: bool = False
    page_size: int = 1000
    is_linked: bool = False
    link: str = ""
    since: datetime | None = None
    posts: list[dict[str, list[str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)

    def say(
        self, status: str, words: str, *, of: int = 0, id: str = "", later: int = 0, media: str = ""
    ) -> None:
        """An update of the request, as the extension has it."""
        at = clock.now() + timedelta(seconds=later)
        self.updates.append({
            "update_id": id or f"u{len(self.updates) + 1}", "status": status, "description": words,
            "service_request_id": self.requests[of]["service_request_id"],
            "updated_datetime": _moment(at), "media_url": media,
        })  # fmt: skip

    def said_besides(self) -> list[tuple[str, str]]:
        """The headers of the answer that is given next."""
        found = [("Retry-After", self.retry), ("Link", self.link)]
        self.link = ""
        return [(name, value) for name, value in found if value]

    def answer(self, method: str, path: str, sent: dict[str, list[str]]) -> tuple[int, str, Any]:
        self.asked.append(f"{method} {path}")
        if self.down:
            return 503, "errors", [{"code": 503, "description": "down"}]
        if path == "services":
            self.at_services()
            return 200, "services", [
                {"service_code": "S1", "service_name": "Street", "metadata": bool(self.asks),
                 "type": self.type, "group": "G", "description": ""}
            ]  # fmt: skip
        if path.startswith("services/"):
            return (
                200,
                "service_definition",
                [{"code": code, "datatype": "string", "required": False} for code in self.asks],
            )
        if self.is_cut:
            raise ConnectionAbortedError
        if self.only_key and sent.get("api_key") != [self.only_key]:
            return 403, "errors", [{"code": 403, "description": "not allowed"}]
        if path == "servicerequestupdates":
            if not self.has_updates:
                return 404, "errors", [{"code": 404, "description": "none"}]
            return 200, "service_request_updates", self._updates(sent)
        return self._requests(method, path, sent)

    def _updates(self, sent: dict[str, list[str]]) -> list[dict[str, Any]]:
        self.since = datetime.fromisoformat(sent["start_date"][0])
        rows = [
            each for each in self.updates
            if not self.is_dated
            or sent["start_date"][0] <= each["updated_datetime"] <= sent["end_date"][0]
        ]  # fmt: skip
        page = int(sent.get("cursor" if self.is_linked else "page", ["1"])[0])
        start = (page - 1) * self.page_size
        if self.is_linked and len(rows) > start + self.page_size:
            query = urlencode({**sent, "cursor": [str(page + 1)]}, doseq=True)
            self.link = f'<http://inside/servicerequestupdates.json?{query}>; rel="next"'
        return rows[start : start + self.page_size]

    def _requests(self, method: str, path: str, sent: dict[str, list[str]]) -> tuple[int, str, Any]:
        if method == "POST":
            return self._take(sent)
        if path.startswith("tokens/"):
            number = None if self.hides else self.requests[-1]["service_request_id"]
            return 200, "service_requests", [{"service_request_id": number, "token": "t-1"}]
        if path == "requests":
            rows = [] if self.hides or sent.get("page", ["1"]) != ["1"] else self.requests
            return 200, "service_requests", rows
        found = [row for row in self.requests if f"requests/{row['service_request_id']}" == path]
        return (200, "service_requests", found) if found else (404, "errors", [{"code": 404}])

    def _take(self, sent: dict[str, list[str]]) -> tuple[int, str, Any]:
        self.posts.append(sent)
        if self.refuses:
            words = {"code": self.refuses, "description": "lat is outside 13812345678"}
            return self.refuses, "errors", [words]
        number = f"A-{len(self.requests) + 1}"
        self.requests.append({
            "service_request_id": number, "status": "open", "status_notes": "",
            "service_code": sent["service_code"][0], "description": sent["description"][0],
            "requested_datetime": _moment(clock.now()), "updated_datetime": _moment(clock.now()),
        })  # fmt: skip
        if self.loses:
            self.loses -= 1
            raise ConnectionAbortedError
        number = number if self.numbers is None else self.numbers
        made = {"realtime": {"service_request_id": number}, "batch": {"token": "t-1"},
                "blackbox": {"service_notice": "thanks"}}[self.type]  # fmt: skip
        return 200, "service_requests", [made]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(form: str, root: str, rows: Any) -> bytes:
    if form == "json":
        return json.dumps({"attributes": rows} if root == "service_definition" else rows).encode()
    child = _WITHIN[root]
    told = "".join(
        f"<{child}>"
        + "".join(f"<{name}>{_word(value)}</{name}>" for name, value in row.items())
        + f"</{child}>"
        for row in rows
    )
    return f'<?xml version="1.0" encoding="utf-8"?><{root}>{told}</{root}>'.encode()


def _word(value: Any) -> str:
    return (
        ""
        if value is None
        else escape(str(value).lower() if value in (True, False) else str(value))
    )


def _reply(there: City, method: str, path: str, sent: dict[str, list[str]]) -> tuple[int, bytes]:
    path, _dot, form = path.removeprefix("/v2/").rpartition(".")
    if form == "jpg":
        there.asked.append(f"{method} {path}")
        there.before()
        return 200, there.picture
    if form not in there.forms:
        unknown = [{"code": 404, "description": "format"}]
        return 404, _written(there.forms[0], "errors", unknown)
    status, root, rows = there.answer(method, path, sent)
    return status, _written(form, root, rows)


@contextmanager
def city(**more: Any) -> Iterator[City]:
    there = City(**more)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.speak("GET", parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            there.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.speak("POST", parse_qs(body))

        def speak(self, method: str, sent: dict[str, list[str]]) -> None:
            try:
                self.give(*_reply(there, method, urlsplit(self.path).path, sent))
            except ConnectionAbortedError:
                self.close_connection = True

        def give(self, status: int, said: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            for name, value in there.said_besides():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    there.url = f"http://127.0.0.1:{server.server_port}/v2"
    with running(server):
        yield there


def work_for_peers(at: datetime | None = None) -> int:
    """What a worker does for peers until nothing is due, each job as it was queued."""
    with clock.standing_at(at or clock.now()):
        actions.sweep_peers(clock.now())
        count = 0
        while job := _next_job():
            ProcrastinateJob.objects.filter(pk=job.pk).update(status="succeeded")
            _JOBS[job.task_name.removeprefix("gezhi.exchange.jobs.")](**job.args)
            count += 1
        return count


def _next_job() -> ProcrastinateJob | None:
    is_due = Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=clock.now())
    names = [f"gezhi.exchange.jobs.{name}" for name in _JOBS]
    waiting = ProcrastinateJob.objects.filter(is_due, task_name__in=names, status="todo")
    return waiting.order_by("id").first()


def peer_at(county: County, url: str, *, unit: str = "dept-transport", **more: Any) -> Peer:
    """A peer that was looked at, with `others` for every category."""
    guan = county.actor("guan")
    made = actions.make_peer(
        name="邻县", unit=county.unit(unit), address=url, key=more.pop("key", "k-1"), actor=guan
    )
    work_for_peers()
    made.refresh_from_db()
    return actions.change_peer(made.id, actor=guan, **(more or {"others": made.offers[0]["code"]}))


def only_handover() -> Handover:
    return Handover.objects.select_related("peer").get()
