"""Asking others for messages: a mailbox over IMAP, a board over HTTP. Nothing is changed here
but a mail's flags and folder."""

import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.client import HTTPException
from typing import Any

from django.conf import settings
from imap_tools import BaseMailBox, ImapToolsError
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError
from imap_tools.utils import encode_folder

from gezhi.base import outgoing
from gezhi.intake.rules import is_inside
from gezhi.intake.rules.mail import HEADERS

SECONDS = 30.0
SESSION = 240.0  # of one reading of a mailbox, in all
SLOW = 150.0  # of one mail of it
MOST_ANSWER = 8 * 1024 * 1024
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_FAULTS = (OSError, imaplib.IMAP4.error, ImapToolsError, EOFError, ValueError)


class NotReached(Exception):
    """The other side gave nothing; `code` says who must act, a key of `FAULT_NAMES`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Server:
    """Where a mailbox is, and how one gets in. `line` is tls, starttls or plain."""

    host: str
    port: int
    line: str
    user: str
    password: str
    folder: str
    done_folder: str


@dataclass(frozen=True)
class Head:
    """What is asked of a mail before it is fetched whole."""

    uid: int
    size: int
    header: bytes
    arrived_at: datetime | None


class TooSlow(NotReached):
    """One mail alone took most of what a session may take, and is not here yet."""


class _Client(imaplib.IMAP4):
    """Goes where `outgoing.connect` goes; under TLS the certificate must be the name's."""

    def __init__(self, server: Server, clock: "_Clock") -> None:
        self._server = server
        clock.client = self
        super().__init__(server.host, server.port, SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = outgoing.connect(self._server.host, self._server.port, seconds=SECONDS)
        if self._server.line == "plain" and not is_inside(line.getpeername()[0]):
            line.close()
            raise OSError("a password goes unencrypted only to a machine inside")
        if self._server.line != "tls":
            return line
        return _trusted().wrap_socket(line, server_hostname=self._server.host)


def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.MAIL_CA or None)


class Mailbox(BaseMailBox):
    """One folder of one mailbox, while it is open."""

    def __init__(self, server: Server, clock: "_Clock") -> None:
        self.server, self._clock = server, clock
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _Client(self.server, self._clock)
        if self.server.line == "starttls":
            client.starttls(_trusted())
        return client

    def validity(self) -> int:
        """By which its numbers are known: another one means that they are all new."""
        found = self.client.response("UIDVALIDITY")[1]
        return int(found[0]) if found and found[0] else 0

    def after(self, uid: int, *, since: datetime | None, most: int) -> list[int]:
        """The next mails' numbers, the oldest first; about those that arrived since then."""
        asked = f"UID {uid + 1}:*"
        if since is not None:  # it knows days alone, and which day it is where it stands
            day = (since - timedelta(days=1)).date()
            asked += f" SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        found = sorted(int(each) for each in self.uids(asked, charset=None))
        return [each for each in found if each > uid][:most]  # `n:*` names the last one anyway

    def flagged(self, uid: int, *, most: int) -> list[int]:
        """What was left here from this one on, the oldest first."""
        found = sorted(int(each) for each in self.uids(f"UID {uid}:* FLAGGED", charset=None))
        return [each for each in found if each >= uid][:most]

    def head(self, uid: int) -> Head | None:
        """Size, headers and arrival of one; None where it is gone."""
        told = f"(RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER]<0.{HEADERS}>)"
        for each in self._fetched(uid, told):
            size = _SIZE.search(each[0])
            moment = imaplib.Internaldate2tuple(each[0])
            arrived = datetime.fromtimestamp(time.mktime(moment), UTC) if moment else None
            return Head(uid, int(size[1]) if size else len(each[1]), each[1], arrived)
        return None

    def raw(self, uid: int) -> bytes:
        """The whole mail, as it is, and not marked as read.

        TooSlow where the session ends in it.
        """
        began = time.monotonic()
        try:
            return b"".join(each[1] for each in self._fetched(uid, "(BODY.PEEK[])"))
        except (OSError, imaplib.IMAP4.error) as error:
            if time.monotonic() - began < SLOW:
                raise
            raise TooSlow("unreachable", _told(error)) from error

    def _fetched(self, uid: int, told: str) -> list[tuple[bytes, bytes]]:
        status, found = self.client.uid("FETCH", str(uid), told)
        if status != "OK":
            raise NotReached("answer", f"FETCH {status}")
        return [each for each in found if isinstance(each, tuple)]

    def mark(self, uid: int, *, is_kept: bool, was_left: bool = False) -> None:
        """What went in is read, and moved where the settings say; what did not is flagged.

        Raises NotReached where the server will not.
        """
        # Not by `flag`, which would clear away what others deleted.
        self._store(uid, "+FLAGS", r"(\Flagged)" if is_kept else r"(\Seen)")
        if was_left and not is_kept:
            self._store(uid, "-FLAGS", r"(\Flagged)")
        if not is_kept and self.server.done_folder:
            if not self.folder.exists(self.server.done_folder):
                self.folder.create(self.server.done_folder)
            self._move(uid)

    def _store(self, uid: int, how: str, flags: str) -> None:
        self._must("STORE", uid, how, flags)

    def _move(self, uid: int) -> None:
        """Where the server can do neither MOVE nor take one away, it lies there too, as deleted."""
        goal: Any = encode_folder(self.server.done_folder)  # bytes are taken
        if "MOVE" in self.client.capabilities:
            self._must("MOVE", uid, goal)
            return
        self._must("COPY", uid, goal)
        self._store(uid, "+FLAGS", r"(\Deleted)")
        if "UIDPLUS" in self.client.capabilities:
            self._must("EXPUNGE", uid)

    def _must(self, act: str, uid: int, *told: Any) -> None:
        status, said = self.client.uid(act, str(uid), *told)
        if status != "OK":
            raise NotReached("answer", f"{act} {status} {said}"[:200])


@contextmanager
def mailbox(server: Server, *, seconds: float = SESSION) -> Iterator[Mailbox]:
    """The mailbox, opened; whatever goes wrong with it is a `NotReached`.

    It is open no longer than that, whatever the other side is doing.
    """
    clock = _Clock(seconds)
    try:
        box = Mailbox(server, clock)
    except outgoing.AddressRefused as error:
        clock.stop()
        raise NotReached("unreachable", str(error)) from error
    except _FAULTS as error:
        clock.stop()
        raise NotReached("unreachable", _told(error)) from error
    try:
        _log_in(box, server)
        yield box
    except MailboxLoginError as error:
        raise NotReached("login") from error
    except MailboxFolderSelectError as error:
        raise NotReached("answer", server.folder) from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise NotReached("answer", _told(error)) from error
    finally:
        with suppress(*_FAULTS):
            box.logout()
        clock.stop()


class _Clock:
    """Cuts the line of a session when its time is up: one that drips would hold it for ever."""

    def __init__(self, seconds: float) -> None:
        self.client: imaplib.IMAP4 | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        line = getattr(self.client, "sock", None)
        if line is not None:
            with suppress(OSError):
                # The line's own: TLS's would take its state from under whoever is reading.
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def stop(self) -> None:
        self._timer.cancel()


def _log_in(box: Mailbox, server: Server) -> None:
    try:
        box.login(server.user, server.password, initial_folder=server.folder)
    except UnicodeError as error:  # IMAP's LOGIN has no letters but those of ASCII
        raise NotReached("login", "ASCII") from error


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def ask_board(url: str, *, secret: str, since: datetime | None) -> bytes:
    """What a board answers; `{since}` in its address is the newest moment we know of."""
    moment = since.isoformat(timespec="seconds").replace("+", "%2B") if since else ""
    headers = {"Accept": "application/json", "Date": formatdate(usegmt=True)}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    try:
        answer = outgoing.call(url.replace("{since}", moment), headers=headers, most=MOST_ANSWER)
    except outgoing.AddressRefused as error:
        raise NotReached("unreachable", str(error)) from error
    except outgoing.AnswerTooLarge as error:
        raise NotReached("answer", str(error)) from error
    except (OSError, HTTPException) as error:
        raise NotReached("unreachable", _told(error)) from error
    if answer.status in (401, 403):
        raise NotReached("login", f"HTTP {answer.status}")
    if answer.status // 100 != 2:
        raise NotReached("answer", f"HTTP {answer.status}")
    return answer.body
