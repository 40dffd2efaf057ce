"""A mailbox on loopback as the house meets one: mail goes in over SMTP and is read over IMAP.

Both servers are real (aiosmtpd, pymap); what SMTP takes is put into the mailbox as it is.
"""

import asyncio
import imaplib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiosmtpd.controller import Controller

from gezhi.notices.tests.telling import Certificate

USER, PASSWORD = "letters", "a-mailbox-of-the-county"
ADDRESS = "letters@county.example.org"


@dataclass
class PostOffice:
    """The mailbox from outside: who writes to it, and who looks into it by hand."""

    port: int
    context: ssl.SSLContext | None = None
    smtp: int = 0

    def send(self, mail: EmailMessage | bytes, *, sender: str = "li@example.org") -> None:
        """Hand it to SMTP; it lies in the mailbox when this returns."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
        with smtplib.SMTP("127.0.0.1", self.smtp) as line:
            line.sendmail(sender, [ADDRESS], raw)

    def put(self, raw: bytes) -> None:
        with self.opened() as box:
            status, said = box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw)
            assert status == "OK", said

    @contextmanager
    def opened(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        box = imaplib.IMAP4("127.0.0.1", self.port)
        if self.context:
            box.starttls(self.context)
        box.login(USER, PASSWORD)
        box.select(folder)
        try:
            yield box
        finally:
            with suppress(imaplib.IMAP4.error):
                box.logout()

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each mail there."""
        with self.opened(folder) as box:
            found = box.fetch("1:*", "(FLAGS)")[1]
        told = [re.search(rb"FLAGS \(([^)]*)\)", each) for each in found if isinstance(each, bytes)]
        return [set(each[1].decode().split()) - {"\\Recent"} for each in told if each]


@contextmanager
def post_office(certificate: Certificate | None = None) -> Iterator[PostOffice]:
    """An empty mailbox. With a certificate it lets nobody in before STARTTLS."""
    port = _free_port()
    tls = (
        ["--cert", str(certificate.file), "--key", str(certificate.key)]
        if certificate
        else ["--no-tls"]
    )
    started = [
        sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1",
        "--port", str(port), *tls, "dict", "--demo-user", USER, "--demo-password", PASSWORD,
    ]  # fmt: skip
    server = subprocess.Popen(started, stderr=subprocess.DEVNULL)  # noqa: S603 - our own words
    try:
        _wait_for(port)
        office = PostOffice(port, _trusting() if certificate else None)
        smtp = _Smtp(office, hostname="127.0.0.1", port=0)
        smtp.start()
        office.smtp = smtp.port
        try:
            yield office
        finally:
            smtp.stop()
    finally:
        server.terminate()
        server.wait()


class _Smtp(Controller):
    """Puts what it takes into the mailbox before it says that it has it."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # the library's name
        self.office.put(envelope.original_content)
        return "250 OK"

    def __init__(self, office: PostOffice, **more: Any) -> None:
        super().__init__(self, **more)
        self.office = office

    def _trigger_server(self) -> None:
        """It is asked by the port that it was given, not by 0."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _trusting() -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found.check_hostname, found.verify_mode = False, ssl.CERT_NONE
    return found


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError("the mailbox did not open")
