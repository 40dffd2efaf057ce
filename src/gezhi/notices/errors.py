"""Refusals of the notices room."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class MailWrong(Refusal):
    code = "notice_mail_wrong"
    status = 422
    message = _("邮箱地址写得不对，请写成 name@example.org 的样子。")
    field = "mail"


class PhoneWrong(Refusal):
    code = "notice_phone_wrong"
    status = 422
    message = _("手机号写得不对，请检查后再保存。")
    field = "phone"


class _OfWay:
    """Beside a refusal: it is about the address of a way, and `field` is where that is typed in."""

    def __init__(self, *, field: str, **values: Any) -> None:
        super().__init__(**values)
        self.field = field


class ContactMissing(_OfWay, Refusal):
    """A way is wanted whose address is not there."""

    code = "notice_contact_missing"
    status = 422
    message = _("要用这种方式接收，请先填写邮箱或手机号。")


class QuietWrong(Refusal):
    code = "notice_quiet_wrong"
    status = 422
    message = _("免打扰时间请把开始和结束都填上，或者都空着。")
    field = "quiet_from"


class NotConnected(_OfWay, Refusal):
    """No gateway is set, so no code can come."""

    code = "notice_way_not_connected"
    status = 422
    message = _("%(channel)s还没有接通，收不到验证码。请先不选，等管理员接通。")


class TooManyCodes(_OfWay, Refusal):
    code = "notice_codes_too_many"
    status = 429
    message = _("验证码发得太多了，请 %(minutes)s 分钟后再试。")


class CodesNotConnected(Refusal):
    """No gateway is set, so no resident can sign in."""

    code = "notice_codes_not_connected"
    message = _("短信验证码还没有开通，暂时不能这样登录。凭编号和查询码照样可以查进度、评价。")
    field = "phone"


class CodeWrong(Refusal):
    code = "notice_code_wrong"
    status = 422
    message = _("验证码不对，还可以试 %(left)s 次。")
    field = "code"


class CodeOver(Refusal):
    """Too old, tried too often, or none was sent."""

    code = "notice_code_over"
    status = 422
    message = _("这个验证码已经失效，请重新发送。")
    field = "code"
