"""Whether a phone number somebody typed can be one. Never a refusal: only a word to look again."""

import re

from django.utils.translation import gettext as _

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}|[2-8]\d{6,7}")  # with its area code, or as said in town
_SERVICE = re.compile(r"[48]00\d{7}|1\d{2,4}|9\d{4,7}")


def doubt_about(typed: str) -> str:
    """What to look at again in a mainland number; "" where there is nothing to say.

    Numbers of other countries (+ and another code) are left alone.
    """
    plain = re.sub(r"[\s()（）—–-]", "", typed)
    plain = re.sub(r"^(\+|00)86", "", plain)
    if not plain or plain.startswith(("+", "00")):
        return ""
    number = re.split(r"[xX转,，]", plain)[0]  # an extension stands behind the number
    if any(kind.fullmatch(number) for kind in (_MOBILE, _LANDLINE, _SERVICE)):
        return ""
    if not number.isdecimal():
        return _("电话里有不是数字的字，请再核对一遍。")
    if number.startswith("1"):
        wrong = _("手机号应当是 11 位，现在是 %(n)s 位，请再核对一遍。")
        is_long = len(number) == 11
        return (
            _("手机号的第二位是 3 到 9，请再核对一遍。") if is_long else wrong % {"n": len(number)}
        )
    return _("这不像手机号（11 位，1 开头），也不像座机（区号加号码），请再核对一遍。")
