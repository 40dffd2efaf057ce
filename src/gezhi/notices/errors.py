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


class ContactMissing(Refusal):
    """A way is wanted whose address is not there; `on` is the field that lacks it."""

    code = "notice_contact_missing"
    status = 422
    message = _("要用这种方式接收，请先填写邮箱或手机号。")

    def __init__(self, *, field: str, **values: Any) -> None:
        super().__init__(**values)
        self.field = field  # type: ignore[misc]  # either of two inputs


class QuietWrong(Refusal):
    code = "notice_quiet_wrong"
    status = 422
    message = _("免打扰时间请把开始和结束都填上，或者都空着。")
    field = "quiet_from"
