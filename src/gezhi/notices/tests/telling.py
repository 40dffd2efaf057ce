"""What the tests of notices share: reading the book, and servers that stand for gateways."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One request that a gateway got."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpGateway:
    """A real server on loopback; it answers with what `answers` holds, the last again and again."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=lambda: [(200, '{"code": "0"}')])


@contextmanager
def http_gateway() -> Iterator[HttpGateway]:
    gateway = HttpGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length).decode()
            gateway.calls.append(Call(self.path, dict(self.headers), body))
            answers = gateway.answers
            status, said = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            if status // 100 == 3:
                self.send_header("Location", said)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """A real SMTP server on loopback: what it got, and how it answers to recipients."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: str = "250 OK"


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as handing over a mail needs."""

    kept: MailServer

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            self.hear(line)

    def hear(self, line: str) -> None:
        verb = line[:4].upper()
        if verb == "RCPT":
            self.kept.recipients.append(line)
        if verb == "DATA":
            self.say("354 go on")
            self.kept.mails.append(self.whole())
        self.say({"RCPT": self.kept.answer, "QUIT": "221 bye"}.get(verb, "250 here"))

    def whole(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) not in (".\r\n", ""):
            lines.append(line)
        return "".join(lines)

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    kept = MailServer()
    handler = type("Handler", (_Smtp,), {"kept": kept})

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.port = server.server_address[1]
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
