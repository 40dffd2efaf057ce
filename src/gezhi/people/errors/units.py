"""Refusals about units."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class CentreMissing(Refusal):
    """No active centre covers the place."""

    code = "people_centre_missing"
    message = _("这个地方还没有启用的综治中心，请管理员先设立。")


class PhoneWrong(Refusal):
    """The phone of a unit is nothing a phone could dial."""

    code = "unit_phone_wrong"
    status = 422
    message = _("请填写能拨打的号码，例如 0930-1234567，有分机写成 0930-1234567 转 8。")
    field = "phone"


class UnitCodeWrong(Refusal):
    """The code of a unit is not written as codes are."""

    code = "unit_code_wrong"
    status = 422
    message = _("机构代码只能用小写字母、数字和连字符，以字母开头，至少两个字符。")
    field = "code"


class UnitCodeTaken(Refusal):
    """Another unit of the county has this code."""

    code = "unit_code_taken"
    message = _("机构代码“%(code)s”已经有了，请换一个。")
    field = "code"


class CentreTaken(Refusal):
    """The area has an active centre already."""

    code = "unit_centre_taken"
    message = _("这个区划已经有综治中心（%(code)s），一个区划只能有一个。")
    field = "area"


class ParentWrong(Refusal):
    """The unit above is closed, elsewhere, or stands below this one."""

    code = "unit_parent_wrong"
    status = 422
    message = _("上级机构必须是启用的，并且不能是本机构或它的下级。")
    field = "parent"


class UnitClosedAlready(Refusal):
    """Nothing can be done in a unit that is closed."""

    code = "unit_closed"
    message = _("这个机构已经停用。请先重新启用。")


class UnitHasStaff(Refusal):
    """People still work there."""

    code = "unit_has_staff"
    message = _("这个机构还有 %(count)s 个岗位没有结束，请先结束这些岗位再停用。")
