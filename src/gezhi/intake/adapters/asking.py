"""Asking others for messages: a mailbox over IMAP, a board over HTTP. Nothing is changed here
but a mail's flags and folder."""

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from http.client import HTTPException

from django.conf import settings
from imap_tools import BaseMailBox, ImapToolsError
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError
from imap_tools.utils import encode_folder

from gezhi.base import outgoing
from gezhi.intake.rules import is_inside

SECONDS = 30.0
MOST_ANSWER = 8 * 1024 * 1024
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


class _Client(imaplib.IMAP4):
    """Goes where `outgoing.connect` goes; under TLS the certificate must be the name's."""

    def __init__(self, server: Server) -> None:
        self._server = server
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

    def __init__(self, server: Server) -> None:
        self.server = server
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _Client(self.server)
        if self.server.line == "starttls":
            client.starttls(_trusted())
        return client

    def validity(self) -> int:
        """By which its numbers are known: another one means that they are all new."""
        found = self.client.response("UIDVALIDITY")[1]
        return int(found[0]) if found and found[0] else 0

    def after(self, uid: int, *, most: int) -> list[int]:
        """The next mails' numbers, the oldest first."""
        found = sorted(int(each) for each in self.uids(f"UID {uid + 1}:*", charset=None))
        return [each for each in found if each > uid][:most]  # `n:*` names the last one anyway

    def head(self, uid: int) -> Head | None:
        """Size, headers and arrival of one; None where it is gone."""
        told = "(RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER])"
        for each in self._fetched(uid, told):
            size = _SIZE.search(each[0])
            moment = imaplib.Internaldate2tuple(each[0])
            arrived = datetime.fromtimestamp(time.mktime(moment), UTC) if moment else None
            return Head(uid, int(size[1]) if size else len(each[1]), each[1], arrived)
        return None

    def raw(self, uid: int) -> bytes:
        """The whole mail, as it is, and not marked as read."""
        return b"".join(each[1] for each in self._fetched(uid, "(BODY.PEEK[])"))

    def _fetched(self, uid: int, told: str) -> list[tuple[bytes, bytes]]:
        status, found = self.client.uid("FETCH", str(uid), told)
        if status != "OK":
            raise NotReached("answer", f"FETCH {status}")
        return [each for each in found if isinstance(each, tuple)]

    def mark(self, uid: int, *, is_kept: bool) -> None:
        """What went in is read, and moved where the settings say; what did not is flagged."""
        flags = r"(\Flagged)" if is_kept else r"(\Seen)"
        # Not by `flag`, which would clear away what others deleted.
        self.client.uid("STORE", str(uid), "+FLAGS", flags)
        if not is_kept and self.server.done_folder:
            if not self.folder.exists(self.server.done_folder):
                self.folder.create(self.server.done_folder)
            self._moved(uid)

    def _moved(self, uid: int) -> None:
        goal = encode_folder(self.server.done_folder)
        if "MOVE" in self.client.capabilities:
            self.client.uid("MOVE", str(uid), goal)  # type: ignore[arg-type]  # bytes are taken
        elif self.client.uid("COPY", str(uid), goal)[0] == "OK":  # type: ignore[arg-type]  # so here
            self.client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")


@contextmanager
def mailbox(server: Server) -> Iterator[Mailbox]:
    """The mailbox, opened; whatever goes wrong with it is a `NotReached`."""
    try:
        box = Mailbox(server)
    except outgoing.AddressRefused as error:
        raise NotReached("unreachable", str(error)) from error
    except _FAULTS as error:
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
