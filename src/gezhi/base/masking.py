"""Masks for names and numbers that are shown to somebody who did not open them on record.

In free text people part the digits of a number as they like, or their input method does. A
number is looked for behind whatever stands between its digits, but never begins or ends inside
another one. In doubt it is masked: a house number that can't be read is asked for again.
"""

import re
from collections.abc import Callable
from itertools import pairwise

# Every pattern takes at most a fixed number of steps from each digit, so a text of any making
# takes time in proportion to its length.
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")
_SOFT = (
    r"\s_＿\-‐‑‒–—―−－﹣﹘.．·・•/／\\|｜()（）"
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff"
)
_LISTING = ",，、;；:：。~～+＋'’"  # part the items of a list too, or hours and minutes
_S = f"[{_SOFT}]{{0,8}}+"
_ANY = f"[{_SOFT}{_LISTING}]{{0,8}}+"


def _of(signs: str) -> str:
    """One of these digits, narrow or full width."""
    return f"[{signs}{signs.translate(_FULL)}]"


_ZERO, _ONE, _TWO, _THIRD = _of("0"), _of("1"), _of("2"), _of("3-9")
# What masking leaves of a number stands beside its stars and is no part of another one.
_LEFT = r"(?:(?<!\*{4})|(?=\d{7}))"
_RIGHT = r"(?!\d)(?:(?![)）]?\*{4})|(?<=\d{7}))"
_START, _END = rf"(?<!\d){_LEFT}", _RIGHT

# A long number may be a sum, but what is a phone to the digit is one, whatever unit follows: no
# bill says thirteen billion. Only with cents, 138123456.78元, it reads as a sum.
_MONEY_BEFORE = r"(?<![¥￥$])(?<![¥￥$] )"
_YUAN = r"\s?[万亿]?元(?![旦宵])"
_MONEY_AFTER = rf"(?!(?:[.．]\d{{1,4}})?{_YUAN})"
_WITH_CENTS = r"\d{9}[.．]\d\d(?!\d)"
_NOT_WITH_CENTS = (
    rf"(?!{_WITH_CENTS}{_YUAN})(?!(?<=[¥￥$]){_WITH_CENTS})(?!(?<=[¥￥$] ){_WITH_CENTS})"
)

# 2026-11-15: neither its month nor its day begins a number.
_YEAR = r"(?<!\d)(?:19|20)\d\d[-./]"
_NOT_IN_A_DATE = (
    rf"(?!(?<={_YEAR})\d{{1,2}}[-./]\d{{1,2}}(?!\d))"
    rf"(?!(?<={_YEAR}\d[-./])\d{{1,2}}(?!\d))(?!(?<={_YEAR}\d\d[-./])\d{{1,2}}(?!\d))"
)
# 261122-138123: nor does the second half of a case's number.
_NOT_IN_A_CASE_NUMBER = r"(?!(?<=(?<!\d)\d{6}-)\d{6,7}(?!\d))"
_NOT_CASE_NUMBERS = r"(?!\d{6}-\d{6,7}\s+\d{6}-)"
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d"
_NOT_TIMES = rf"(?!{_TIME}{_S}{_TIME}{_S}{_TIME}(?!\d))"  # 0830-1130 1430


def _spread(*digits: str) -> str:
    return _S.join(digits)


_D = r"\d"
_IDENTITY_IN_GROUPS = re.compile(
    rf"(?<!\d){_LEFT}(\d{{6}}){_S}\d{{8}}{_S}(\d{{3}}[\dXxＸｘ])(?!\d)(?!\*{{4}})"
)
_BIRTHDAY = _spread(
    f"(?:{_spread(_ONE, _of('89'))}|{_spread(_TWO, _ZERO)})", _D, _D,
    f"(?:{_spread(_ZERO, _of('1-9'))}|{_spread(_ONE, _of('0-2'))})",
    f"(?:{_spread(_ZERO, _of('1-9'))}|{_spread(_of('12'), _D)}|{_spread(_of('3'), _of('01'))})",
)  # fmt: skip
_IDENTITY_SPREAD = re.compile(
    rf"(?<!\d){_LEFT}{_NOT_CASE_NUMBERS}"
    + _spread(f"({_of('1-8')}", _D, _D, _D, _D, rf"{_D})", _BIRTHDAY, rf"({_D}", _D, _D)
    + rf"{_S}[\dXxＸｘ])(?!\d)(?!\*{{4}})"
)
_MOBILE_IN_GROUPS = re.compile(
    rf"{_START}(?:(?:{_ZERO}{{2}})?({_of('8')}{_of('6')}))?"
    rf"({_ONE}{_THIRD}\d[)）]?){_ANY}\d{{4}}{_ANY}(\d{{4}}){_END}"
)
_MOBILE_SPREAD = re.compile(
    rf"{_START}{_NOT_IN_A_DATE}{_NOT_IN_A_CASE_NUMBER}{_NOT_WITH_CENTS}"
    rf"(?:(?:{_ZERO}{{2}})?({_of('8')}{_of('6')})(?={_ONE}))?"
    + _spread(f"({_ONE}", _THIRD, rf"{_D})", *[_D] * 4, rf"({_D}", _D, _D, rf"{_D})")
    + _END
)
_LANDLINE = re.compile(
    rf"{_START}{_NOT_TIMES}({_ZERO}\d{{2,3}}[)）]?){_S}\d{{3,4}}{_S}(\d{{4}}){_END}"
)
# Blocks of four, as printed on a bank card. What more digits follow are of another number.
_CARD = re.compile(
    rf"{_START}{_of('3-69')}"
    + _spread(r"\d{3}", *[r"\d{4}"] * 3)
    + rf"(?:{_S}\d{{1,3}}(?!{_S}\d))?{_END}"
)
_LONG_NUMBER = re.compile(rf"{_START}{_MONEY_BEFORE}(\d{{3}})\d{{5,}}(\d{{3}}){_END}{_MONEY_AFTER}")
_LIST_GOES_ON = re.compile(r"\s?[号栋幢室户层楼]|\s?单元")

# All that is worth the seven searches above: ten digits, the shortest number's, and more.
_RUN = re.compile(rf"\d(?:{_ANY}\d){{9,}}+(?:{_S}[XxＸｘ])?")
_AROUND = 8  # signs before and after a run that the patterns look at


_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


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
    """The first six characters, up to the first digit: the village or the road, not the house.

    Of a mail address the first sign, and where the mail lies.
    """
    if is_mail(address):
        name, _at, host = address.partition("@")
        return f"{name[0]}***@{host}"
    shown = re.split(r"\d", address[:6], maxsplit=1)[0]
    return address if shown == address else shown + "***"


def is_mail(address: str) -> bool:
    """Whether it is a mail address that somebody left to be reached at."""
    return _MAIL.fullmatch(address) is not None


def mask_text(text: str) -> str:
    """Free text with identity numbers, phones and other long numbers masked."""
    return _RUN.sub(_masked, text)


def masked_in(text: str) -> list[tuple[int, int]]:
    """Where `mask_text` masks something: each whole number, from its first sign to its last."""
    found: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        found += _masked_of(run)
    return found


def _masked(run: re.Match[str]) -> str:
    before, after = _around(run)
    part = before + run[0] + after
    for pattern, mask in _STEPS:
        part = pattern.sub(mask, part)
    return part[len(before) : len(part) - len(after)]


def _around(run: re.Match[str]) -> tuple[str, str]:
    text, start, end = run.string, run.start(), run.end()
    return text[max(0, start - _AROUND) : start], text[end : end + _AROUND]


def _masked_of(run: re.Match[str]) -> list[tuple[int, int]]:
    """The same steps; `signs` says of each sign that is left where in the text it comes from."""
    before, after = _around(run)
    part, first = before + run[0] + after, run.start() - len(before)
    signs = [(at, at + 1) for at in range(first, first + len(part))]
    spans: list[tuple[int, int]] = []
    for pattern, mask in _STEPS:
        said, kept, at = [], [], 0
        for found in pattern.finditer(part):
            if (masked := mask(found)) == found[0]:
                continue
            span = signs[found.start()][0], signs[found.end() - 1][1]
            spans.append(span)
            said += [part[at : found.start()], masked]
            kept += [*signs[at : found.start()], *[span] * len(masked)]
            at = found.end()
        part, signs = "".join([*said, part[at:]]), [*kept, *signs[at:]]
    return _joined_spans(spans)


def _joined_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, and those that share signs as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _identity(found: re.Match[str]) -> str:
    return f"{_joined(found[1])}********{_joined(found[2])}"


def _mobile(found: re.Match[str]) -> str:
    return f"{found[1] or ''}{found[2]}****{found[3]}"


def _landline(found: re.Match[str]) -> str:
    return f"{found[1]}****{found[2]}"


def _long(found: re.Match[str]) -> str:
    return f"{found[1]}*****{found[2]}"


def _mobile_or_list(found: re.Match[str]) -> str:
    if _is_list_of_houses(found):
        return found[0]
    return f"{found[1] or ''}{_joined(found[2])}****{_joined(found[3])}"


def _card_or_list(found: re.Match[str]) -> str:
    if _is_list_of_houses(found):
        return found[0]
    digits = _joined(found[0])
    return f"{digits[:3]}*****{digits[-3:]}"


def _joined(part: str) -> str:
    return "".join(sign for sign in part if sign.isalnum())


def _is_list_of_houses(found: re.Match[str]) -> bool:
    """13 14 15 16 17 101号: numbers that rise, and a word that says what they count."""
    if not _LIST_GOES_ON.match(found.string, found.end()):
        return False
    numbers = [int(each) for each in re.findall(r"\d+", found[0])]
    return len(numbers) > 2 and all(before < after for before, after in pairwise(numbers))


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_IDENTITY_IN_GROUPS, _identity),
    (_IDENTITY_SPREAD, _identity),
    (_MOBILE_IN_GROUPS, _mobile),
    (_CARD, _card_or_list),
    (_LANDLINE, _landline),
    (_MOBILE_SPREAD, _mobile_or_list),
    (_LONG_NUMBER, _long),
)
