"""Refusals about accounts, their passwords and keys."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


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


class OtherAdministrator(Refusal):
    """An administrator would get into the account of another of the three."""

    code = "account_of_other_administrator"
    message = _(
        "这是%(roles)s的账号，还没有设二次验证，系统管理员不能重置它的密码。"
        "请本人到服务器上让运维人员运行 gezhi password %(login)s。"
    )


class OwnAccount(Refusal):
    """Nobody gives posts to themselves, ends their own or closes their own account."""

    code = "account_is_own"
    message = _("不能对自己的账号做这件事，请另一位管理员办理。")


class AccountClosed(Refusal):
    """The account is not in use."""

    code = "account_closed"
    message = _("这个账号已经停用。请先启用账号。")


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


class PasswordShort(Refusal):
    """The new password has too few signs for what its account may do."""

    code = "password_short"
    status = 422
    message = _("新密码至少要有 %(least)s 个字符，现在有 %(count)s 个。")
    field = "new"


class PasswordSame(Refusal):
    """The new password is the old one, or one of those before."""

    code = "password_same"
    status = 422
    message = _("新密码不能和最近 %(count)s 次用过的密码相同。")
    field = "new"


class OneTimePasswordLapsed(Refusal):
    """Nobody signed in with it in time."""

    code = "password_lapsed"
    message = _("这个一次性密码超过 %(days)s 天没有使用，已经失效。请系统管理员再重置一次密码。")


class KeyForAdministrator(Refusal):
    """A program would act with an administrator's rights."""

    code = "key_for_administrator"
    message = _("%(roles)s的账号不能有接口密钥。请为要接入的系统单独建一个账号。")


class KeyRevokedAlready(Refusal):
    """The key works no more."""

    code = "key_revoked"
    message = _("这个密钥已经作废。")
