"""What the tests of notices share: reading the book, and servers that stand for gateways."""

import asyncio
import ipaddress
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import running


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
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    with running(server):
        yield gateway


@dataclass
class MailServer:
    """A real SMTP server on loopback: what it got, and how it answers to recipients."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    answer: str = "250 OK"


class _Keeps:
    """What aiosmtpd asks at each step."""

    def __init__(self, kept: MailServer) -> None:
        self.kept = kept

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.kept.recipients.append(address)
        if self.kept.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.kept.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the same
        self.kept.mails.append(envelope.content.decode())
        return "250 OK"


@contextmanager
def mail_server(
    *,
    security: str = "",
    certificate: "Certificate | None" = None,
    password: str = "",
    answer: str = MailServer.answer,
) -> Iterator[MailServer]:
    """`security`: smtps or smtp (STARTTLS), with a certificate; nothing without one."""
    kept = MailServer(answer=answer)

    def log_in(_server: Any, _session: Any, _envelope: Any, way: str, given: Any) -> AuthResult:
        login, word = given.login.decode(), given.password.decode()
        kept.logins.append(f"{way} {login}")
        return AuthResult(success=word == password, handled=False)

    context = certificate.context() if certificate else None
    smtp: dict[str, Any] = {
        "auth_required": bool(password),
        "authenticator": log_in if password else None,
    }
    if security == "smtps":
        smtp |= {"auth_require_tls": False}  # the library means STARTTLS; this is encrypted already
    if security == "smtp":
        smtp |= {"tls_context": context, "require_starttls": True}
    controller = _Controller(
        _Keeps(kept), hostname="127.0.0.1", port=0,
        ssl_context=context if security == "smtps" else None, **smtp,
    )  # fmt: skip
    controller.start()
    kept.port = controller.port
    try:
        yield kept
    finally:
        controller.stop()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """It is asked by the port that it was given, not by 0."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass(frozen=True)
class Certificate:
    """A certificate that was signed by nobody but itself."""

    file: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(self.file, self.key)
        return found


def make_certificate(folder: Path, *names: str) -> Certificate:
    """For hosts (or addresses) of these names, for an hour from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a county")])
    now = datetime.now(UTC)
    alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(alternatives, critical=False)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "mail.pem", folder / "mail.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Certificate(file, secret)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def code_in(mail: str) -> str:
    """The code that a mail brings."""
    body = message_from_string(mail).get_payload(decode=True)
    assert isinstance(body, bytes)
    (code,) = re.findall(r"\b\d{6}\b", body.decode())
    return str(code)
