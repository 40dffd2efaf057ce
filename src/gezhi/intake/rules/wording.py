"""Why something did not go in, as it is stored (a code with its values), and its words. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from gezhi.base.refusal import Refusal, all_refusals
from gezhi.intake.errors import REASONS, SENT_REASONS

MOST_DETAIL = 200


def stored(code: str, values: Mapping[str, Any] | None = None) -> str:
    """A code with its values, as a row keeps it; a long value is cut."""
    for most in (120, 60, 20, 0):
        told = {name: _plain(value, most) for name, value in (values or {}).items()}
        text = json.dumps({"code": "", **told} | {"code": code}, ensure_ascii=False)
        if len(text) <= MOST_DETAIL:
            return text
    return json.dumps({"code": code})


def _plain(value: Any, most: int) -> int | str:
    return value if isinstance(value, int) else str(value)[:most]


def stored_refusal(refusal: Refusal) -> str:
    """A refusal as a row keeps it."""
    return stored(refusal.code, refusal.values)


def worded(detail: str) -> str:
    """The words of what was stored, in the reader's language; what others said stands as it is."""
    if not detail.startswith('{"code": '):
        return detail
    try:
        told = json.loads(detail)
    except ValueError:  # somebody else's words that begin so
        return detail
    code = str(told.pop("code"))
    plain = SENT_REASONS.get(code) or REASONS.get(code)
    if plain:
        return str(plain)
    kind = next((each for each in all_refusals() if each.code == code), None)
    try:
        return kind.worded(told) if kind else code
    except (KeyError, TypeError, ValueError):  # its words ask for what they did not then
        return code


def reason_words(reason: str, detail: str) -> str:
    """Why something did not go in, of what its row says."""
    known = SENT_REASONS.get(reason) or REASONS.get(reason)
    return str(known or worded(detail) or reason)
