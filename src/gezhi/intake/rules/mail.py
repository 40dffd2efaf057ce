"""A mail as it came, read: who writes, what it says, what it carries, what it answers. Pure.

Nothing here trusts what a mail says of itself: charsets are tried, parts and depth are counted.
"""

import base64
import binascii
import codecs
import hashlib
import quopri
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Part
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses
from typing import NamedTuple

from gezhi.intake.errors import WrongRow
from gezhi.intake.rules.incoming import File, Incoming
from gezhi.intake.rules.markup import words_of
from gezhi.intake.rules.messages import clean_words, digest_of
from gezhi.intake.rules.returned import Returned, is_report, returned

MOST_MB = 25
MOST_PARTS = 100
_MOST_DEPTH = 10
_MOST_WORK = 10_000_000  # of reading; a second or so
_LONGEST_HEADER = 8_000
HEADERS = 64 * 1024  # bytes in which all that is asked of a mail's headers stands
_LARGEST_ICON = 4096  # bytes: what stands in signatures is no picture of anything

# By the bytes they begin with: names and types are the sender's to choose.
_STARTS = (
    (0, b"\xff\xd8\xff", "photo"),
    (0, b"\x89PNG", "photo"),
    (8, b"WEBP", "photo"),
    (0, b"GIF8", "photo"),
    (0, b"%PDF-", "document"),
    (0, b"PK\x03\x04", "document"),
    (0, b"OggS", "voice"),
    (0, b"ID3", "voice"),
    (0, b"#!AMR", "voice"),
    (4, b"ftyp", "voice"),
)
_NUMBER = re.compile(r"(?<!\d)\d{6}-\d{6,}(?!\d)")
_ID = re.compile(r"<[^<>\s]{3,}>")
_PLAIN_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_ENCODED = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_CHINESE = frozenset({"gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "gb18030"})
# Python's names of what text is written in. It decodes more, some of it slowly or into no text.
_CHARSETS = re.compile(
    r"utf-(?:8|16|32)(?:-[bl]e|-sig)?|gb18030|hz|big5.*|cp\d+|iso8859-\d+|iso2022_.+|euc_.+"
    r"|shift_jis.*|johab|koi8-.|mac-.+|tis-620"
)
_LATIN = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin1", "unknown-8bit", "8bit"})
_AUTOMATIC = frozenset({"x-autoreply", "x-autorespond", "x-autoresponder", "x-failed-recipients"})
_LISTS = frozenset({"list-id", "list-post", "list-unsubscribe"})
# Names that no person reads the mail of.
_ROBOTS = re.compile(
    r"mailer-?daemon|postmaster|(?:do-?not|dont|no|not)[-_.]?reply|bounces?|notifications?"
)
_LIST_NAMES = re.compile(r"owner-.*|.*-(?:owner|request|bounces)|listserv|majordomo")
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:/\d+)?\s*=\s*(\w+)")
_ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')  # what a sender may have written
_QUOTED = re.compile(
    r"^\s*(?:>|-{3,}\s*(?:原始邮件|回复的原邮件|original message)|_{10,}|发件人\s*[:：]|from:\s"
    r"|在.{4,60}写道[:：]|on .{4,80}wrote:)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mail:
    """What is read of one. `skipped` says why no person wrote it, where none did.

    `answers` are the names of the mails it refers to, `number` the case its subject names, `id`
    its own name. `may_answer`: a mail of ours to its sender annoys nobody. `is_forged`: the server
    that took it in says that it does not come from where it says.
    """

    incoming: Incoming
    sender: str
    id: str
    may_answer: bool
    is_forged: bool
    skipped: str
    number: str
    answers: frozenset[str]
    left_out: tuple[str, ...]
    said_now: str
    returned: Returned | None = None


def name_of(raw: bytes) -> str:
    """What a mail is known by: the digest of its own name, or of itself where it has none."""
    found = _ID.search(_header(_headers_of(raw), "message-id"))
    return named(found[0]) if found else f"mail:{hashlib.sha256(raw).hexdigest()[:40]}"


def is_named(raw: bytes, name: str) -> bool:
    """Whether this mail is known by it; of one without a name of its own its head may have been."""
    head = raw[: raw.find(b"\r\n\r\n") + 4]
    return name in (name_of(raw), name_of(head[:HEADERS]))


class Writer(NamedTuple):
    """Who writes, whether no person does, and whether a server tells of another mail."""

    sender: str = ""
    is_automatic: bool = False
    is_report: bool = False


def read_header(header: bytes) -> Writer:
    """Who writes a mail of which no more is known."""
    mail = _headers_of(header)
    sender = sender_of(mail)[1]
    return Writer(sender, bool(skipped(mail, sender=sender, own=())), is_report(mail))


class _Cut(Compat32):
    """Headers as they stand, cut where no honest one is as long: the library reads some of them
    in time that grows with the square of their length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


def _headers_of(raw: bytes) -> Part:
    """Nothing beneath them is looked at."""
    return BytesHeaderParser(policy=_Cut()).parsebytes(raw[:HEADERS])


def named(id: str) -> str:
    """What a mail is known by whose own name this is."""
    return f"mid:{hashlib.sha256(id.encode()).hexdigest()[:40]}"


def read_mail(raw: bytes, *, own: Collection[str], most_files: int) -> Mail:
    """Read it whole; raises WrongRow where it has too many parts."""
    if _work_in(raw) > _MOST_WORK:
        raise WrongRow("mail_parts")
    try:
        mail = message_from_bytes(raw, policy=_Cut())
        parts = list(_parts(mail))
    except RecursionError:
        raise WrongRow("mail_parts") from None
    name, sender = sender_of(mail)
    subject = " ".join(_header(mail, "subject").split())
    text = _body(parts)
    files, left_out = _files(parts, most_files)
    what = clean_words(text)
    if subject and not what.startswith(subject):
        what = f"{subject}\n{what}".strip()
    refers = f"{_header(mail, 'references')} {_header(mail, 'in-reply-to')}"
    number = _NUMBER.search(subject)
    told_id = _PLAIN_ID.search(_header(mail, "message-id"))
    reason, is_forged = skipped(mail, sender=sender, own=own), _is_forged(mail)
    digest = digest_of(what, sender, *(hashlib.sha256(each.data).hexdigest() for each in files))
    return Mail(
        incoming=Incoming(
            external=name_of(raw), digest=digest, what=what, name=name[:80], files=tuple(files)
        ),
        sender=sender,
        id=told_id[0] if told_id else "",
        may_answer=not (reason or is_forged) and _may_answer(mail, sender=sender),
        is_forged=is_forged,
        skipped=reason,
        number=number[0] if number else "",
        answers=frozenset(_ID.findall(refers)[-50:]),
        left_out=tuple(left_out),
        said_now=clean_words(_without_quotes(text)),
        returned=returned(mail),
    )


def _work_in(raw: bytes) -> int:
    """What the library would have to do: each line once for each level, and each part."""
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    levels = raw.lower().count(b"multipart/")
    begun = raw.count(b"\n--") + raw.count(b"\r--")
    return lines * (10 + levels) + 100 * begun


def sender_of(mail: Part) -> tuple[str, str]:
    """Name and address of who writes; "" where there is none."""
    try:
        found = getaddresses([_header(mail, "from")])
    except RecursionError:  # brackets within brackets
        return "", ""
    name, address = found[0] if found else ("", "")
    address = address.strip().lower()
    return " ".join(clean_words(name).split()), address if "@" in address[1:-1] else ""


def sender_text(sender: str) -> str:
    """What an address is indexed as."""
    return f"sender:{sender}"


def skipped(mail: Part, *, sender: str, own: Collection[str]) -> str:
    """Why nobody wrote this by hand; "" where somebody did."""
    names = {name.lower() for name in mail}
    submitted = _header(mail, "auto-submitted").strip().lower()
    precedence = _header(mail, "precedence").strip().lower()
    is_bounce = "return-path" in names and _header(mail, "return-path").strip() in ("", "<>")
    if sender in own:
        return "own"
    if names & _LISTS or precedence in ("list", "bulk", "junk"):
        return "list"
    if (
        (submitted and not submitted.startswith("no"))
        or is_bounce
        or names & _AUTOMATIC
        or precedence == "auto_reply"
        or mail.get_content_type() == "multipart/report"
        or _ROBOTS.fullmatch(_name_in(sender))
    ):
        return "automatic"
    return ""


def _name_in(sender: str) -> str:
    """The name in an address, without what a robot counts its mails by."""
    return re.split(r"[+=]|-\d", sender.partition("@")[0], maxsplit=1)[0]


def _is_forged(mail: Part) -> bool:
    """What the server says that put the topmost Authentication-Results there (RFC 8601).

    Only that a check failed is believed: nobody forges that about themselves.
    """
    parts = _ASIDE.sub(" ", _header(mail, "authentication-results").lower()).split(";")
    told = [(found[1], found[2]) for part in parts if (found := _RESULT.match(part))]
    if any(how == "dmarc" and what in ("pass", "fail") for how, what in told):
        return ("dmarc", "fail") in told
    return {what for how, what in told if how == "spf"} == {"fail"} and ("dkim", "pass") not in told


def _may_answer(mail: Part, *, sender: str) -> bool:
    """Whether a person reads what is sent there, and nobody asked us to send nothing (RFC 3834)."""
    suppressed = _header(mail, "x-auto-response-suppress").lower()
    return (
        _PLAIN_ADDRESS.fullmatch(sender) is not None
        and not _LIST_NAMES.fullmatch(sender.partition("@")[0])
        and not ("autoreply" in suppressed or "all" in suppressed)
    )


def _header(mail: Part, name: str) -> str:
    """The first header of this name in plain words, whatever it is coded in."""
    for each, value in mail.raw_items():
        if each.lower() == name:
            return _decoded(str(value))
    return ""


def _decoded(value: str) -> str:
    value = re.sub(r"\r?\n[ \t]*", " ", value)
    value = re.sub(r"(\?=)\s+(=\?)", r"\1\2", value)  # blanks between coded words mean nothing
    told, at = [], 0
    run: tuple[str, bytes] | None = None  # a letter may be cut between two words
    for found in _ENCODED.finditer(value):
        if found.start() > at and run:
            told.append(decode(run[1], run[0]))
            run = None
        told.append(_plain(value[at : found.start()]))
        charset, data = found[1].partition("*")[0].lower(), _coded(found[2], found[3])
        if run and run[0] == charset:
            run = (charset, run[1] + data)
        else:
            told.append(decode(run[1], run[0]) if run else "")
            run = (charset, data)
        at = found.end()
    return "".join([*told, decode(run[1], run[0]) if run else "", _plain(value[at:])])


def _plain(value: str) -> str:
    return decode(value.encode("utf-8", "surrogateescape"), "")


def _coded(how: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if how in "qQ":
        return quopri.decodestring(data, header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def decode(data: bytes, charset: str) -> str:
    """The text of these bytes: by what they are said to be, and by what they can be."""
    known = _codec_of(charset.strip("\"' ").lower())
    for each in (*filter(None, [known]), "utf-8", "gb18030"):
        try:
            return data.decode(each)
        except UnicodeError:
            continue
    return data.decode("gb18030" if known == "gb18030" else "utf-8", "replace")


def _codec_of(charset: str) -> str:
    """Python's name for it; "" where it says nothing or is no charset of text."""
    if charset in _CHINESE:
        return "gb18030"  # of which the others are parts
    try:
        name = codecs.lookup(charset).name if charset not in _LATIN else ""
    except (LookupError, ValueError):
        return ""
    return name if _CHARSETS.fullmatch(name) else ""


def _parts(mail: Part) -> Iterator[Part]:
    """The leaves, in order; a mail within the mail is left as it is."""
    waiting, count = [(mail, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if count > MOST_PARTS or depth > _MOST_DEPTH:
            raise WrongRow("mail_parts")
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += [(each, depth + 1) for each in reversed(inner) if isinstance(each, Part)]
        else:
            yield part


def _body(parts: Collection[Part]) -> str:
    """The words: the plain ones, or what a reader would see of the others."""
    plain: list[str] = []
    marked: list[Part] = []
    for part in parts:
        if _file_name(part) or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            plain.append(_text_of(part))
        elif part.get_content_type() == "text/html":
            marked.append(part)
    words = "\n".join(plain).strip()
    return words or words_of("\n".join(_text_of(part) for part in marked))


def _bytes_of(part: Part) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text_of(part: Part) -> str:
    return decode(_bytes_of(part), str(part.get_param("charset") or ""))


def _file_name(part: Part) -> str:
    try:
        told = part.get_filename()
        return _decoded(told) if told else ""
    except (LookupError, ValueError):  # a charset that is none, or none of text
        return "?"


def _files(parts: Collection[Part], most: int) -> tuple[list[File], list[str]]:
    """What may be kept, as what its bytes are, and the names of the rest."""
    kept: list[File] = []
    left_out: list[str] = []
    for at, part in enumerate(parts, 1):
        name = _file_name(part)
        is_text = part.get_content_type() in ("text/plain", "text/html")
        if is_text and not name and part.get_content_disposition() != "attachment":
            continue
        data = _bytes_of(part)
        kind = next((kind for start, sign, kind in _STARTS if data.startswith(sign, start)), "")
        is_icon = not name or part.get_content_disposition() != "attachment"
        if kind == "photo" and is_icon and len(data) <= _LARGEST_ICON:
            continue
        if kind and len(kept) < most:
            kept.append(File(name or f"{at}", data, kind))
        else:
            left_out.append((name or part.get_content_type())[:60])
    return kept, left_out


def _without_quotes(text: str) -> str:
    """What an answer says itself, without the mail that it answers."""
    lines = []
    for line in text.splitlines():
        if _QUOTED.match(line):
            break
        lines.append(line)
    return "\n".join(lines)
