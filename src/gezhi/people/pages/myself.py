"""One's own account: keys to collect, the identity to confirm, who changed what about it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal, SignInNeeded
from gezhi.people import actions, errors, reads
from gezhi.people.models import Account
from gezhi.record import reads as record
from gezhi.record.models import AuditLine
from gezhi.record.rules import AuditKind

_CHANGES = 50  # as many as a page shows; who audits sees all

# What was done, by the name of the fact or of the step; what isn't named here is told by its kind.
_DONE: Mapping[str, Promise] = {
    "account_added": gettext_lazy("添加账号"),
    "account_changed": gettext_lazy("修改姓名、语言或启停"),
    "password_reset": gettext_lazy("重置密码"),
    "password_changed": gettext_lazy("修改密码"),
    "password_due": gettext_lazy("密码到期，要求更换"),
    "sessions_ended": gettext_lazy("结束登录"),
    "post_given": gettext_lazy("任命岗位"),
    "post_ended": gettext_lazy("结束岗位"),
    "post_delegated": gettext_lazy("委托岗位给您"),
    "delegation_ended": gettext_lazy("结束委托"),
    "key_made": gettext_lazy("生成接口密钥"),
    "key_collected": gettext_lazy("领取接口密钥"),
    "key_revoked": gettext_lazy("作废接口密钥"),
    "factor_added": gettext_lazy("设立二次验证"),
    "factor_removed": gettext_lazy("移除二次验证"),
    "factor_reset": gettext_lazy("重置二次验证"),
    "factor_recovery_codes": gettext_lazy("换新的恢复码"),
    "identity": gettext_lazy("登记统一认证"),
    "identity_confirmed": gettext_lazy("确认统一认证"),
    "identity_removed": gettext_lazy("解除统一认证"),
}


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My account, and what was done to it by whom."""
    account, actor = _own(request), actor_of(request)
    shown = {
        "account": account,
        "keys": list(reads.own_keys(actor)),
        "has_provider": bool(settings.OIDC_ISSUER),
        "provider": settings.OIDC_NAME,
        "identity": reads.identity_of(account.id),
        "by_provider": reads.BY_PROVIDER in request.session,
        "changes": _changes(account, actor),
        "most": _CHANGES,
    }
    return render(request, "people/mine.html", shown)


@never_cache
@require_POST
def collect_key(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take a key that waits for me; it is shown once."""
    made = actions.collect_key(id, actor=actor_of(request))
    shown = {"account": made.key.account, "token": made.token, "is_own": True}
    return render(request, "people/secret.html", shown)


@require_POST
def confirm_identity(request: HttpRequest) -> HttpResponse:
    """This is me at the provider. Not said by who came in by the provider itself."""
    try:
        if reads.BY_PROVIDER in request.session:
            raise errors.IdentityByProvider()
        subject = request.POST.get("subject", "")[:300]
        actions.confirm_identity(subject=subject, actor=actor_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已经确认，以后可以用统一认证登录。"))
    return redirect("entrance:account:mine")


@require_POST
def refuse_identity(request: HttpRequest) -> HttpResponse:
    """This is not me, or I won't come in that way."""
    actions.refuse_identity(actor=actor_of(request))
    messages.success(request, _("统一认证的绑定已经解除。"))
    return redirect("entrance:account:mine")


def _own(request: HttpRequest) -> Account:
    if not isinstance(request.user, Account) or reads.own_id(actor_of(request)) is None:
        raise SignInNeeded()
    return request.user


def _changes(account: Account, actor: Actor) -> list[tuple[AuditLine, Any, str]]:
    """Line, what was done, by whom: name and unit, the person, the house; never a value."""
    about = f"account:{account.id}"
    lines = list(record.changes_about(about, county=account.county)[:_CHANGES])
    who = reads.who_are(line.actor for line in lines)
    return [(line, _done(line), _by(line, about, who)) for line in lines]


def _done(line: AuditLine) -> Any:
    if line.kind == AuditKind.SIGN_IN_FAILED:
        return _("密码对了，二次验证没有通过")  # who misses the password is nobody we know
    done = str(line.data.get("fact") or line.data.get("done") or "")
    return _DONE.get(done) or _("其他安全操作")


def _by(line: AuditLine, own: str, who: Mapping[str, tuple[str, str]]) -> str:
    if line.kind == AuditKind.SIGN_IN_FAILED:
        return _("还没有登录的人")
    if line.actor == own:
        return _("本人")
    name, unit = who.get(line.actor, (_("系统"), ""))
    return " · ".join(filter(None, (name, unit)))
