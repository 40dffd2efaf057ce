"""What tests of webhooks share: a real system that receives, and the worker that sends to it.

The queue's jobs are taken in order, each as a worker would; the whole worker has a test of its own.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.db.models import Q
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.api.tests.calling import bearer, post
from gezhi.base import clock
from gezhi.exchange import jobs
from gezhi.notices.tests.telling import Certificate
from gezhi.people import actions as people
from gezhi.record.tests.test_followers import read_everything, run_until_settled
from tests.cast import SETTING_UP, County
from tests.serving import running


@dataclass
class Received:
    """One event as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As docs/webhooks.md shows it."""
        id, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{id}.{at}.".encode() + self.body, hashlib.sha256).digest()
        signatures = self.headers["webhook-signature"].split(" ")
        return f"v1,{base64.b64encode(digest).decode()}" in signatures


@dataclass
class Receiver:
    """A system on loopback; it answers with what `answers` holds, the last again and again."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])
    says: str = ""
    leads_to: str = ""
    before: Callable[[], Any] = lambda: None  # what it does before it answers

    @property
    def events(self) -> list[Any]:
        return [each.event for each in self.received]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@contextmanager
def receiver(certificate: Certificate | None = None) -> Iterator[Receiver]:
    there = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            there.received.append(Received(headers, body))
            there.before()
            status = there.answers.pop(0) if len(there.answers) > 1 else there.answers[0]
            self.send_response(status)
            if status // 100 == 3:
                self.send_header("Location", there.leads_to)
            said = b"" if status == 204 else there.says.encode()
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        server.socket = certificate.context().wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    there.url = f"{scheme}://127.0.0.1:{server.server_port}/events"
    with running(server):
        yield there


class Program:
    """Another system's side: it speaks to the API with its own key."""

    def __init__(self, county: County, login: str = "dui") -> None:
        made = people.make_key(account=county.accounts[login].id, name="webhooks", actor=SETTING_UP)
        self.client, self.headers = Client(), bearer(str(made.token))

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return post(self.client, path, body or {}, headers={**self.headers, **more})

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def patch(self, path: str, body: Any) -> Any:
        sent = json.dumps(body)
        return self.client.patch(
            f"/api/v1{path}", sent, content_type="application/json", headers=self.headers
        )

    def subscribe(self, there: Receiver, **more: Any) -> "Webhook":
        run_until_settled()  # a subscription begins at what is settled
        answer = self.post("/webhooks", {"name": "市级平台", "address": there.url, **more})
        assert answer.status_code == 201, answer.content
        return Webhook(self, answer.json()["webhook"]["id"], answer.json()["secret"])


@dataclass
class Webhook:
    """A subscription as its program sees it."""

    program: Program
    id: str
    secret: str

    def now(self) -> Any:
        return self.program.get(f"/webhooks/{self.id}").json()

    def post(self, act: str, body: Any = None) -> Any:
        return self.program.post(f"/webhooks/{self.id}/{act}", body)

    def deliveries(self, stage: str = "") -> list[Any]:
        query = f"?stage={stage}" if stage else ""
        found: list[Any] = self.program.get(f"/webhooks/{self.id}/deliveries{query}").json()[
            "items"
        ]
        return found


_JOBS = {"gezhi.exchange.jobs.send": jobs.send, "gezhi.exchange.jobs.ping": jobs.ping}


def work(at: datetime | None = None) -> int:
    """What a worker does until nothing is due: the book is read, jobs are taken in turn."""
    with clock.standing_at(at or clock.now()):
        read_everything()
        count = 0
        while job := _next_job():
            ProcrastinateJob.objects.filter(pk=job.pk).update(status="succeeded")
            _JOBS[job.task_name](**job.args)
            count += 1
            read_everything()
        return count


def _next_job() -> ProcrastinateJob | None:
    is_due = Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=clock.now())
    waiting = ProcrastinateJob.objects.filter(is_due, task_name__in=_JOBS, status="todo")
    return waiting.order_by("id").first()
