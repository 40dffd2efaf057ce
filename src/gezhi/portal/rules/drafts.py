"""A report on its way: what somebody has told so far, and where it went once it was sent."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

DRAFT_DAYS = 3
_ID = re.compile(r"[0-9a-f]{32}")
# The first bytes of the voice notes browsers make (WebM, Ogg).
_VOICES = (b"\x1aE\xdf\xa3", b"OggS")


@dataclass(frozen=True)
class Sent:
    """What the reporter got for it. The code is only ever kept sealed, and not for long.

    `odd_phone`: the mobile number they left may lack a digit.
    """

    number: str
    report: str
    code: str
    followed: bool = False
    odd_phone: bool = False


@dataclass(frozen=True)
class Draft:
    """One report being written. `follows` is the number of the case it turned out to be.

    `path` was chosen from the list beside the words, `meant` is where the words were found to
    be, by themselves or by a question about them; it goes when they are written anew.
    """

    id: str
    what: str = ""
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    path: str = ""
    meant: str = ""
    follows: str = ""
    sent: Sent | None = None

    @property
    def has_place(self) -> bool:
        return self.lon is not None or bool(self.place or self.path)

    @property
    def lies(self) -> str:
        """The smallest area it is known to lie in, beside its point."""
        return self.meant or self.path

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "Draft":
        values: dict[str, Any] = json.loads(body)
        sent = values.pop("sent")
        return cls(**values, sent=Sent(**sent) if sent else None)


def is_draft_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def looks_like_voice(data: bytes) -> bool:
    """Whether the bytes begin like a sound recording of a kind that is taken."""
    return data.startswith(_VOICES)
