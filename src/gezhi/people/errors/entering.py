"""Refusals about second factors and the identity provider."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class FactorsClosed(Refusal):
    """Too many wrong codes: for some minutes not even a right one is taken."""

    code = "factors_closed"
    status = 429
    message = _("输错太多次。请等 %(minutes)s 分钟再试，或者请安全管理员重置您的二次验证。")


class AppSetUpAlready(Refusal):
    """One authenticator app per account."""

    code = "factor_app_set_up"
    message = _("已经绑定了验证器。要换手机，请先移除原来的。")


class FirstCodeWrong(Refusal):
    """The app's first code shows whether secret and clock agree."""

    code = "factor_first_code_wrong"
    status = 422
    message = _("动态码不对。请输入验证器上现在显示的六位数字，并检查手机时间是否自动校准。")
    field = "code"


class PasskeyNotMade(Refusal):
    """The browser's answer is no passkey for this site, or one we have."""

    code = "passkey_not_made"
    status = 422
    message = _("通行密钥没有设成。请再试一次；同一把钥匙不用设两次。")


class TooManyPasskeys(Refusal):
    """So many passkeys nobody keeps an eye on."""

    code = "passkey_too_many"
    message = _("最多 %(most)s 个通行密钥。请先移除不用的。")


class NoFactor(Refusal):
    """Recovery codes stand in for a factor."""

    code = "factor_none"
    message = _("还没有二次验证。请先绑定验证器或通行密钥。")


class SubjectTaken(Refusal):
    """One subject at the identity provider, one account here."""

    code = "identity_taken"
    message = _("这个统一认证标识已经绑定了别的账号。")
    field = "subject"


class IdentityGone(Refusal):
    """What the person saw is not what is written down now."""

    code = "identity_gone"
    message = _("统一认证的绑定已经改过了。请刷新这一页，看清楚再确认。")


class IdentityByProvider(Refusal):
    """Whoever came in by the provider would confirm themselves."""

    code = "identity_by_provider"
    status = 403
    message = _("您这次是从统一认证登录的。请用登录名和密码重新登录，再来确认。")


class ProviderSilent(Refusal):
    """The identity provider can't be reached, or answers with an error."""

    code = "provider_silent"
    message = _("统一认证现在连不上。请稍后再试，或者用登录名和密码登录。")


class ProviderNotBelieved(Refusal):
    """What came back is not a fresh, signed answer to our question."""

    code = "provider_not_believed"
    status = 403
    message = _("统一认证的答复没有通过核对，没有登录。请从登录页重新开始。")


class ProviderUnknownPerson(Refusal):
    """The identity provider knows the person; nobody here is bound to it."""

    code = "provider_unknown_person"
    status = 403
    message = _(
        "统一认证认识您，但这里没有可以这样登录的账号。请管理员先建账号并绑定；"
        "系统、安全、审计管理员请用登录名和密码登录。"
    )
