"""Masks for names and numbers that are shown to somebody who did not open them on record."""

import re

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[- ]?(\d{3,4})(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")
_MAY_HIDE = re.compile(r"\d{2}[\d -]{5}")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{5,}(\d{3})(?!\d)")


def mask_phone(phone: str) -> str:
    """138****1234; anything else keeps its last two characters at most."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[-2:] if digits else ""


def mask_name(name: str) -> str:
    """张* ; a name of any length shows its first character only."""
    return f"{name[0]}*" if name else ""


def mask_address(address: str) -> str:
    """The first six characters: down to the village or the road."""
    return address if len(address) <= 6 else address[:6] + "***"


def mask_text(text: str) -> str:
    """Free text with identity numbers, phones and other long numbers masked."""
    if not _MAY_HIDE.search(text):  # most texts hold no number worth four searches
        return text
    text = _IDENTITY.sub(r"\1********\2", text)
    text = _PHONE.sub(r"\1****\3", text)
    text = _LANDLINE.sub(r"\1****\3", text)
    return _LONG_NUMBER.sub(r"\1*****\2", text)
