"""What of a report is opened one by one, by whom, and why. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.cases.rules.moves import State


class Field(StrEnum):
    """One thing that says who reported, or where they live. Each is opened on its own."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    WORDS = "words"
    PLACE = "place"

    @property
    def label(self) -> Promise:
        return FIELD_NAMES[self]


FIELD_NAMES: Mapping[Field, Promise] = {
    Field.NAME: _("称呼"),
    Field.PHONE: _("电话"),
    Field.ADDRESS: _("住址"),
    Field.WORDS: _("原话"),
    Field.PLACE: _("地点"),
}
# What somebody mostly needs it for; the last is said in one's own words.
REASONS: Mapping[str, Promise] = {
    "ask": _("向诉求人了解情况"),
    "visit": _("上门办理"),
    "answer": _("告知办理结果"),
    "call_back": _("回访"),
    "other": _("其他原因"),
}
LEAST_REASON = 2  # signs of one's own


@dataclass(frozen=True)
class Looker:
    """What somebody may see of the reporters of one case."""

    opens: bool  # works on it, with the right to open
    is_named: bool  # receives or supervises in the centre in charge
    calls_back: bool  # calls the reporter once it is done


def may_open(field: Field, looker: Looker, *, is_secret: bool, state: str) -> bool:
    """Who asked for secrecy is known to the named alone; whoever calls them back sees a number.

    The number of a report that is done, without a name: somebody has to ask whether it is solved.
    """
    if not is_secret:
        return looker.opens and field != Field.PLACE
    return looker.is_named or (
        field == Field.PHONE and looker.calls_back and state == State.DONE.value
    )


def says_enough(words: str) -> bool:
    """Whether a reason of one's own is one: two letters, not two dots."""
    return sum(sign.isalnum() for sign in words) >= LEAST_REASON
