"""Whether a phone number somebody typed may lack a digit. Landlines are not looked at."""

import re

_ABROAD = re.compile(r"^(?:\+|00)(?!86)")
_CHINA = re.compile(r"^(?:00)?86(?=1)")
_MOBILE = re.compile(r"1[3-9]")


def is_odd_mobile(phone: str) -> bool:
    """True for what begins like a mobile number and has more or fewer than 11 digits."""
    if _ABROAD.match(phone.strip()):
        return False
    digits = _CHINA.sub("", re.sub(r"\D", "", phone))
    return _MOBILE.match(digits) is not None and len(digits) != 11
