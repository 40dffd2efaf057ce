"""Refusals of the people."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class CentreMissing(Refusal):
    """No active centre covers the place."""

    code = "people_centre_missing"
    message = _("这个地方还没有启用的综治中心，请管理员先设立。")


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


class LoginWrong(Refusal):
    """The login is not written as logins are."""

    code = "account_login_wrong"
    status = 422
    message = _("登录名只能用小写字母、数字和 . _ @ -，以字母或数字开头，2 到 48 个字符。")
    field = "login"


class LoginTaken(Refusal):
    """Somebody has this login."""

    code = "account_login_taken"
    message = _("登录名“%(login)s”已经有人使用，请换一个。")
    field = "login"


class LastAdministrator(Refusal):
    """Nobody would be left to look after the area."""

    code = "account_last_administrator"
    message = _("这是该区划最后一位管理员。请先任命另一位管理员。")


class OwnAccount(Refusal):
    """Nobody gives posts to themselves, ends their own or closes their own account."""

    code = "account_is_own"
    message = _("不能对自己的账号做这件事，请另一位管理员办理。")


class AccountClosed(Refusal):
    """The account is not in use."""

    code = "account_closed"
    message = _("这个账号已经停用。请先启用账号。")


class RoleElsewhere(Refusal):
    """A role in a unit of a kind where its work is not."""

    code = "post_role_elsewhere"
    status = 422
    message = _("“%(role)s”的岗位设在%(kinds)s里，请换一个机构或者岗位。")
    field = "role"

    def __init__(self, *, role: str, kinds: Sequence[str]) -> None:
        super().__init__(role=role, kinds=" / ".join(kinds))


class PostTaken(Refusal):
    """The person has this post already."""

    code = "post_taken"
    message = _("这个人在该机构已经有这个岗位。")
    field = "role"


class PostDatesWrong(Refusal):
    """A post ends before it begins."""

    code = "post_dates_wrong"
    status = 422
    message = _("失效日期不能早于生效日期。")
    field = "valid_to"


class PostAreaWrong(Refusal):
    """A post reaches beyond the area of its unit."""

    code = "post_area_wrong"
    status = 422
    message = _("岗位的管辖范围不能超出机构的区划。")
    field = "path"


class PostEndedAlready(Refusal):
    """The post has ended."""

    code = "post_ended"
    message = _("这个岗位已经结束。")


class OldPasswordWrong(Refusal):
    """The present password is not right."""

    code = "password_old_wrong"
    status = 422
    message = _("原密码不对。")
    field = "old"


class PasswordWeak(Refusal):
    """The new password is too easy."""

    code = "password_weak"
    status = 422
    message = _("新密码不符合要求：%(why)s")
    field = "new"


class PasswordSame(Refusal):
    """The new password is the old one."""

    code = "password_same"
    status = 422
    message = _("新密码不能和原密码相同。")
    field = "new"


class KeyRevokedAlready(Refusal):
    """The key works no more."""

    code = "key_revoked"
    message = _("这个密钥已经作废。")


class ShiftTaken(Refusal):
    """The unit has a shift of this name."""

    code = "shift_taken"
    message = _("这个机构已经有叫“%(name)s”的班次，请换一个名称，或先停用原来的。")
    field = "name"


class ShiftClosedAlready(Refusal):
    """Nothing can be done with a shift that is closed."""

    code = "shift_closed"
    message = _("这个班次已经停用，请选择别的班次。")
    field = "shift"


class NotOfTheUnit(Refusal):
    """Only people who work in the unit on that day may be on its roster."""

    code = "duty_not_of_the_unit"
    status = 422
    message = _("只能安排当天在这个机构任职的人。")
    field = "people"


class DutyOver(Refusal):
    """The shift has ended; a roster is not written afterwards."""

    code = "duty_over"
    message = _("这个班次已经结束，不能再改。")
    field = "first"


class DutyTooFar(Refusal):
    """Nobody plans that far."""

    code = "duty_too_far"
    status = 422
    message = _("最多提前一年排班。")
    field = "first"


class DutySame(Refusal):
    """Two duties of one person, in one cell or one that would be there twice: nothing to swap."""

    code = "duty_same"
    message = _("这两个班不能对调：是同一个人，或者对调后同一班里会有两个相同的人。")
    field = "other"


class NothingToCopy(Refusal):
    """The week before has no duty that is missing in this one."""

    code = "duty_nothing_to_copy"
    message = _("上一周没有可以复制的班，或者这一周都已经排好。")


class RotaMissing(Refusal):
    """What goes on by itself is a pattern, and none was laid down."""

    code = "rota_missing"
    message = _("这个班次还没有轮班顺序，请先按顺序排一次。")


class LeaveMomentsWrong(Refusal):
    """A leave ends before it begins, is over, or reaches years ahead."""

    code = "leave_moments_wrong"
    status = 422
    message = _("结束时间要晚于开始时间和现在，并在两年以内。")
    field = "ends"


class LeaveOverlaps(Refusal):
    """The person is away then already."""

    code = "leave_overlaps"
    message = _("这段时间和已有的请假（%(starts)s 至 %(ends)s）重叠。")
    field = "starts"


class SubstituteWrong(Refusal):
    """Only a colleague of the same unit stands in."""

    code = "leave_substitute_wrong"
    status = 422
    message = _("替班人必须是同一机构在岗的同事。")
    field = "substitute"


class SubstituteAway(Refusal):
    """The substitute is on leave too."""

    code = "leave_substitute_away"
    message = _("替班人这段时间也请假了，请换一个人，或者不填。")
    field = "substitute"


class LeaveEndedAlready(Refusal):
    """The leave is over."""

    code = "leave_ended"
    message = _("这次请假已经结束。")
