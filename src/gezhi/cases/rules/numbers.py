"""Case numbers people can read over the phone, and tracking codes nobody can guess."""

import re
from collections.abc import Callable
from datetime import date

from gezhi.base.words import mobile_of

# No 0/O, 1/I/L, U/V mix-ups: what an old resident reads from a paper slip.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE_LENGTH = 8  # 29^8 ≈ 5·10¹¹


def format_number(day: date, serial: int) -> str:
    """261122-000421: the day it came in and a serial that never repeats."""
    return f"{day:%y%m%d}-{serial:06d}"


def plain_number(typed: str) -> str:
    """What somebody typed as a number, with the dash where they left it out."""
    typed = typed.replace(" ", "")
    return f"{typed[:6]}-{typed[6:]}" if re.fullmatch(r"\d{12,13}", typed) else typed


def is_number(typed: str) -> bool:
    """Whether somebody typed a whole number: 261122-000421."""
    return re.fullmatch(r"\d{6}-\d{6,}", typed) is not None


def begins_number(typed: str) -> bool:
    """Whether somebody typed the beginning of one, down to the dash at least."""
    return re.fullmatch(r"\d{6}-\d*", typed) is not None


def source_number(key: str, channel: str) -> str:
    """The number a case has in the system it came from; "" where it came with none of its own.

    Imports know a message that has no number by what it says, behind a #; sources each know theirs
    apart (`s:`), and mails by a digest of their names.
    """
    kind, _colon, number = key.partition(":")
    if kind == "s":
        number = number.partition(":")[2]
    elif kind != channel:
        return ""
    return "" if number.startswith(("#", "mid:", "mail:")) else number


def source_keys(typed: str) -> list[str]:
    """What a case may be known by whose number in another system somebody typed."""
    number = "".join(typed.split())
    is_code = len(number) >= 4 and number.isascii() and any(sign.isdigit() for sign in number)
    return [f"{channel}:{number}" for channel in _NUMBERED] if is_code else []


# Ways in that bring a number of their own.
_NUMBERED = ("hotline", "mailbox", "board")


def make_code(choose: Callable[[str], str]) -> str:
    """A tracking code; `choose` picks one character, securely in earnest."""
    return "".join(choose(ALPHABET) for _ in range(CODE_LENGTH))


def plain_code(typed: str) -> str:
    """What somebody typed, brought to the form codes have: upper case, no spaces or dashes."""
    return "".join(sign for sign in typed.upper() if sign in ALPHABET)


def phone_text(phone: str) -> str:
    """What a reporter's phone is indexed as, however its digits were parted."""
    return f"phone:{mobile_of(phone) or phone}"
