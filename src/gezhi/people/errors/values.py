"""A value of a form that is no value."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal

FIELD_NAMES: Mapping[str, Promise] = {
    "name": _("名称"),
    "short_name": _("简称"),
    "phone": _("电话"),
    "kind": _("类型"),
    "role": _("岗位"),
    "language": _("语言"),
    "people": _("值班人员"),
    "days": _("天数"),
    "turn_days": _("每人连值几天"),
    "at_once": _("同时几人"),
    "weekdays": _("星期"),
}


class ValueWrong(Refusal):
    """A value is missing, too long or unknown; `input` is a key of FIELD_NAMES."""

    code = "people_value_wrong"
    status = 422
    message = _("“%(what)s”没有填写，或者填写得不对。")

    def __init__(self, *, input: str) -> None:
        super().__init__(what=FIELD_NAMES[input])
        self.field = input  # type: ignore[misc]  # which input it is differs from case to case
