"""A row as a message: what it says, when it was said, what it is known by. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.sheets import cell_text
from gezhi.intake.errors import WrongRow
from gezhi.intake.rules.columns import Columns, Field, is_error_column
from gezhi.intake.rules.dates import read_moment
from gezhi.intake.rules.tables import Row, Table


class OddDates(StrEnum):
    """What becomes of a row whose time can't be read."""

    REPORT = "report"
    NOW = "now"


ODD_DATES_NAMES: Mapping[OddDates, str | Promise] = {
    OddDates.REPORT: _("记为错误，改好后再导入"),
    OddDates.NOW: _("按导入时间收下，原来写的时间留在正文里"),
}
_MOST_KEY, _MOST_LABEL, _MOST_PLACE, _MOST_NAME, _MOST_PHONE = 80, 64, 200, 80, 40
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_WHOLE = re.compile(r"(\d+)\.0+")


@dataclass(frozen=True)
class Reading:
    """How the rows of one import are to be read."""

    columns: Columns
    channel: str
    odd_dates: OddDates
    zone: tzinfo
    now: datetime


@dataclass(frozen=True)
class Message:
    """A row that can go in. `odd_time` is the cell that could not be read as a time."""

    line: int
    key: str
    digest: str
    what: str
    opened_at: datetime | None
    odd_time: str
    place: str
    name: str
    phone: str
    label: str
    likes: int | None
    dislikes: int | None
    extras: dict[str, str]


def read_message(row: Row, table: Table, reading: Reading) -> Message:
    """The message of a row; raises WrongRow with the reason where it can't go in as it is."""
    columns = reading.columns

    def text(field: Field) -> str:
        return clean_words(cell_text(row.at(columns.get(field.value))))

    what = _whole_words(text(Field.TITLE), text(Field.TEXT))
    opened_at, odd_time = _moment(row, reading)
    label, place = " ".join(text(Field.LABEL).split()), " ".join(text(Field.PLACE).split())
    if len(label) > _MOST_LABEL:
        raise WrongRow("label_long")
    if len(place) > _MOST_PLACE:
        raise WrongRow("place_long")
    time = cell_text(row.at(columns.get(Field.TIME)))
    digest = digest_of(what, time, text(Field.USER), place)
    return Message(
        line=row.line,
        key=_key(reading, text(Field.NUMBER), digest),
        digest=digest,
        what=what,
        opened_at=opened_at,
        odd_time=odd_time,
        place=place,
        name=" ".join(text(Field.USER).split()),
        phone=" ".join(text(Field.PHONE).split()),
        label=label,
        likes=count_of(text(Field.LIKES)),
        dislikes=count_of(text(Field.DISLIKES)),
        extras=_extras(row, table, reading),
    )


def clean_words(text: str) -> str:
    """Without control signs, blanks around lines and empty lines."""
    lines = (line.strip() for line in _CONTROL.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


def _whole_words(title: str, text: str) -> str:
    if not title and not text:
        raise WrongRow("text_missing")
    if not text or not title:
        return title or text
    return text if text.startswith(title) else f"{title}\n{text}"


def _moment(row: Row, reading: Reading) -> tuple[datetime | None, str]:
    """When, or None and the odd cell where the import's own time is to stand for it."""
    column = reading.columns.get(Field.TIME)
    if column is None:
        return None, ""
    cell = row.at(column)
    try:
        return read_moment(cell, zone=reading.zone, now=reading.now), ""
    except WrongRow:
        if reading.odd_dates == OddDates.REPORT:
            raise
        return None, " ".join(cell_text(cell).split())[:80] or "—"


def digest_of(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _key(reading: Reading, number: str, digest: str) -> str:
    """What the message is known by in its own system; by what it says where it has no number.

    A hotline's order is asked for by its number ever after: without one it goes in nowhere.
    """
    number = "".join(number.split())
    number = _WHOLE.sub(r"\1", number) if _WHOLE.fullmatch(number) else number
    key = f"{reading.channel}:{number}"
    if number and len(key) <= _MOST_KEY:
        return key
    if reading.channel == "hotline" and Field.NUMBER in reading.columns:
        raise WrongRow("number_long" if number else "number_missing")
    return f"{reading.channel}:#{digest[:40]}"


def count_of(text: str) -> int | None:
    digits = _WHOLE.sub(r"\1", text)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def _extras(row: Row, table: Table, reading: Reading) -> dict[str, str]:
    """Every cell that no column of a case or of the row's record takes whole."""
    taken = {column: field for field, column in reading.columns.items()}
    kept: dict[str, str] = {}
    for at, cell in enumerate(row.cells):
        head = table.header[at] if at < len(table.header) else ""
        words = clean_words(cell_text(cell))
        if words and not is_error_column(head) and not _is_taken(taken.get(at), words):
            kept[head or f"#{at + 1}"] = words
    return kept


def _is_taken(field: str | None, words: str) -> bool:
    if field in (Field.LIKES, Field.DISLIKES):
        return count_of(words) is not None
    most = {Field.USER.value: _MOST_NAME, Field.PHONE.value: _MOST_PHONE}.get(field or "")
    return field is not None and (most is None or len(words) <= most)


def split_words(words: str, most: int) -> list[str]:
    """`words` in pieces of at most `most` signs, cut after a line or a sentence where one ends."""
    pieces = []
    while len(words) > most:
        cut = max(
            words.rfind(sign, most * 2 // 3, most) + 1 for sign in ("\n", "。", "！", "？", ". ")
        )
        cut = cut or most
        pieces.append(words[:cut].strip())
        words = words[cut:].strip()
    return [*pieces, words] if words else pieces


def cells_of(row: Row) -> list[str | int | float]:
    """A row's cells as JSON holds them: numbers stay numbers, moments become text."""
    return [
        cell
        if isinstance(cell, int | float) and not isinstance(cell, bool)
        else _CONTROL.sub("", cell_text(cell))
        for cell in row.cells
    ]
