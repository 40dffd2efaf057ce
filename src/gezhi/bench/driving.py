"""Driving the running web process over HTTP, as a department's program would."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

TIMEOUT = 30.0


@dataclass(frozen=True)
class Work:
    """What the clients need: keys of those who act, a place, a category without proof."""

    url: str
    centre_key: str
    unit_key: str
    unit: str
    category: str
    outcome: str
    reason: str
    lon: float
    lat: float
    cookie: str = ""
    service: str = ""  # a category that Open311 takes without answers


@dataclass
class Tally:
    """What one client saw: seconds of each request by its name, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    rounds: int = 0

    def note(self, name: str, took: float, status: int) -> None:
        self.seconds.setdefault(name, []).append(took)
        if status >= 400:
            key = f"{name} {status}"
            self.errors[key] = self.errors.get(key, 0) + 1


class Client:
    """One connection that stays open, one request after another."""

    def __init__(self, work: Work, tally: Tally) -> None:
        self.work, self.tally = work, tally
        parts = urlsplit(work.url)
        self.host = parts.netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT)

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        *,
        key: str = "",
        body: object = None,
        form: Mapping[str, object] | None = None,
    ) -> bytes:
        headers = {"Accept-Language": "zh-hans"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if self.work.cookie and not key:
            headers["Cookie"] = self.work.cookie
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if form is not None:
            data = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            content, status = answer.read(), answer.status
        except (OSError, http.client.HTTPException):
            self.connection.close()
            content, status = b"", 599
        self.tally.note(name, time.perf_counter() - began, status)
        return content


Round = Callable[[Client, int], None]


def report(client: Client, serial: int) -> str:
    """One report comes in; gives its number."""
    work = client.work
    content = client.ask(
        "create",
        "POST",
        "/api/v1/cases",
        key=work.centre_key,
        body={
            "what": f"测量用来件第{serial}号：路边积水，请安排人来看看",
            "where": {"lon": work.lon, "lat": work.lat},
            "channel": "hotline",
            "contact": {"name": "测量", "phone": "13800000000"},
        },
    )
    return str(json.loads(content)["number"])


def create_round(client: Client, serial: int) -> None:
    """A report alone."""
    report(client, serial)


def lifecycle_round(client: Client, serial: int) -> None:
    """create → accept → assign → sign → finish → search."""
    work = client.work
    number = report(client, serial)
    path = f"/api/v1/cases/{number}/moves"
    centre, unit = work.centre_key, work.unit_key
    client.ask("accept", "POST", f"{path}/accept", key=centre, body={"category": work.category})
    client.ask("assign", "POST", f"{path}/assign", key=centre, body={"unit": work.unit})
    client.ask("sign", "POST", f"{path}/sign", key=unit, body={})
    finish = {"outcome": work.outcome, "reason": work.reason, "answer": "已经处理完毕，请放心。"}
    client.ask("finish", "POST", f"{path}/finish", key=unit, body=finish)
    client.ask("search", "GET", f"/api/v1/cases?q={number}&limit=10", key=centre)


def inbox_round(client: Client, serial: int) -> None:
    """The inbox page as the browser asks for it, signed in."""
    client.ask("inbox", "GET", "/desk/?tab=area")


def open311_post_round(client: Client, serial: int) -> None:
    """One report by another city's program."""
    work = client.work
    content = client.ask(
        "post",
        "POST",
        "/open311/v2/requests.json",
        form={
            "api_key": work.centre_key,
            "service_code": work.service,
            "lat": work.lat,
            "long": work.lon,
            "description": f"测量用来件第{serial}号：路灯不亮",
        },
    )
    _number = json.loads(content)[0]["service_request_id"]


def open311_list_round(client: Client, serial: int) -> None:
    """The newest fifty public requests."""
    client.ask("list", "GET", "/open311/v2/requests.json?page_size=50")


def open311_list_xml_round(client: Client, serial: int) -> None:
    """The same as XML."""
    client.ask("list_xml", "GET", "/open311/v2/requests.xml?page_size=50")


def drive(work: Work, do: Round, *, seconds: float, clients: int) -> tuple[list[Tally], float]:
    """Let `clients` do rounds for `seconds`; gives back what each saw and how long it took."""
    serials: Iterator[int] = count(1)
    stop = time.perf_counter() + seconds
    tallies = [Tally() for _client in range(clients)]

    def run(tally: Tally) -> None:
        client = Client(work, tally)
        while time.perf_counter() < stop:
            try:
                do(client, next(serials))
            except (ValueError, KeyError):
                continue  # an error answer, counted where it came
            tally.rounds += 1

    began = time.perf_counter()
    threads = [threading.Thread(target=run, args=(tally,)) for tally in tallies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tallies, time.perf_counter() - began
