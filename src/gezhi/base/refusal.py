"""A refusal is an answer, not an accident: a code, a status, and words that say what to do."""

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_Words = str | Promise
# The refusals that came up while a request was answered, for the door that writes the audit:
# whoever shows one in a form has caught it by then.
met: ContextVar["list[Refusal] | None"] = ContextVar("gezhi_refusals_met", default=None)


class Refusal(Exception):
    """No, and why. Doors turn it into words; a refused act has changed nothing.

    `allowed` names what would be allowed instead (acts, values), where that is known;
    `field` names the input the refusal is about, so that a form can show it beside it.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[_Words] = _("现在不能这样做。")
    field: ClassVar[str] = ""
    # What a `why` among its values may be called, and its words; another `why` stands as it is.
    reasons: ClassVar[Mapping[str, _Words]] = {}
    # Which line of the audit the door writes of it, if any: `refused`, `sign_in_failed`.
    audited: ClassVar[str] = ""

    def __init__(self, *, allowed: Sequence[str] = (), **values: Any) -> None:
        super().__init__(self.code)
        if self.audited and (seen := met.get()) is not None:
            seen.append(self)
        self.values = values
        self.allowed = tuple(allowed)

    def __str__(self) -> str:
        return self.worded(self.values)

    @classmethod
    def worded(cls, values: Mapping[str, Any]) -> str:
        """What it says of these values, in the language of whoever reads it."""
        why = cls.reasons.get(str(values.get("why")))
        told = {**values, "why": str(why) % values} if why else values
        return str(cls.message) % told if told else str(cls.message)


class NotFound(Refusal):
    """Absent, or not yours: the two look alike."""

    code = "not_found"
    status = 404
    audited = "refused"
    message = _("没有找到，或者不在您的权限范围内。")


class NotAllowed(Refusal):
    """The actor lacks the right."""

    code = "not_allowed"
    status = 403
    audited = "refused"
    message = _("您没有办理这一步的权限。")


class SignInNeeded(Refusal):
    """Nobody is signed in."""

    code = "sign_in_needed"
    status = 401
    message = _("请先登录。")


class TooMany(Refusal):
    """More than is let in: come again after `seconds`."""

    code = "too_many"
    status = 429
    message = _("请求太频繁了，请过 %(seconds)s 秒再试。")


class Malformed(Refusal):
    """What came in cannot be read."""

    code = "malformed"
    status = 422
    message = _("内容有误：%(why)s")


def all_refusals() -> Iterator[type[Refusal]]:
    """Every refusal the house knows (of the rooms that are loaded)."""
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting.extend(kind.__subclasses__())
