"""The sentences of the audit, by what a line is of: the one place with words for its data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.record.rules import AuditKind

_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Said:
    """A sentence for lines whose data is like `when`; True there stands for whatever is given.

    What it has places for is told by it, and what is `also` named needs no telling beside it.
    """

    words: Promise
    when: Mapping[str, object] = field(default_factory=dict)
    also: Sequence[str] = ()

    @property
    def places(self) -> list[str]:
        return _PLACE.findall(str(self.words))

    def fits(self, data: Mapping[str, object]) -> bool:
        return all(name in data for name in self.places) and all(
            name in data and (value is True or data[name] == value)
            for name, value in self.when.items()
        )


def _fact(kind: str, words: Promise, *also: str) -> Said:
    return Said(words, {"fact": kind}, also)


# Of each row the first that fits is said.
_Rows = Sequence[Sequence[Said]]
_LEFT_OUT = Said(_("这一分钟里另有 %(left_out)s 次，没有逐条记下"), {"left_out": True}, ("minute",))
_ASKED_FOR = (Said(_("条件：%(asked)s")),)
_SIGN_IN: _Rows = (
    (
        Said(_("用手机验证码登录"), {"way": "phone_code"}),
        Said(_("用统一身份认证登录"), {"provider": True}),
        Said(_("用密码和%(factor)s登录"), {"factor": "totp"}),
        Said(_("用密码和恢复码登录"), {"factor": "recovery"}),
        Said(_("用%(factor)s登录"), {"factor": "passkey"}),
        Said(_("用密码登录")),
    ),
    (
        Said(_("二次验证由统一身份认证完成"), {"factor": "provider"}),
        Said(_("二次验证：%(factor)s")),
    ),
    (Said(_("第一次登录，建了账号"), {"is_new": True}),),
    (Said(_("在手机应用里"), {"is_app": True}),),
)
_SIGN_OUT: _Rows = (
    (
        Said(_("在所有地方退出，共 %(sessions)s 处"), {"everywhere": True}),
        Said(_("退出 %(sessions)s 处")),
    ),
)
_SIGN_IN_FAILED: _Rows = (
    (
        _LEFT_OUT,
        Said(_("错得太多，暂时不能再试"), {"locked_out": True}, ("page", "method", "asked")),
        Said(_("密码不对"), {"step": "password"}),
        Said(_("二次验证没有通过：%(factor)s"), {"step": "factor"}),
        Said(_("统一身份认证没有通过：%(code)s"), {"step": "provider"}),
        Said(_("手机验证码没有通过：%(code)s"), {"way": "phone_code"}, ("purpose",)),
        Said(_("%(code)s"), also=("page", "method", "asked")),
    ),
    (Said(_("错得太多，二次验证暂时关闭"), {"closed": True}),),
)
_EXPORT: _Rows = (
    (
        Said(_("本人取走了自己的信息"), {"copy": True, "fetched": True}),
        Said(_("本人要了一份自己的信息"), {"copy": True}),
        Said(_("请模型改写答复，送出 %(signs)s 个字"), {"model": "plainer"}),
        Said(_("请模型概括诉求，送出 %(signs)s 个字"), {"model": "summary"}),
        Said(_("导出：%(page)s"), also=("method",)),
    ),
    _ASKED_FOR,
    (Said(_("%(reports)s 件上报")),),
    (Said(_("文件大小 %(bytes)s")), Said(_("文件大小 %(size)s"))),
)
_REFUSED: _Rows = (
    (
        _LEFT_OUT,
        Said(_("想打开：%(page)s，岗位不够"), {"code": "not_allowed", "method": "GET"}),
        Said(_("想操作：%(page)s，岗位不够"), {"code": "not_allowed"}, ("method",)),
        Said(_("想打开：%(page)s，没有找到或不归其管"), {"code": "not_found", "method": "GET"}),
        Said(_("想操作：%(page)s，没有找到或不归其管"), {"code": "not_found"}, ("method",)),
        Said(_("%(page)s：%(code)s"), also=("method",)),
    ),
    (Said(_("想看的是%(field)s")),),
    (Said(_("步骤：%(act)s")),),
    _ASKED_FOR,
)
_CHANGES: _Rows = (
    (
        _fact("unit_added", _("新建机构%(unit)s"), "code", "path"),
        _fact("units_added", _("新建 %(units)s 个机构")),
        _fact("unit_changed", _("改了机构%(unit)s的%(fields)s")),
        _fact("unit_closed", _("撤销机构%(unit)s")),
        _fact("unit_reopened", _("恢复机构%(unit)s")),
        _fact("account_added", _("新建账号：%(account)s")),
        _fact("staff_added", _("新建 %(accounts)s 个账号、%(posts)s 个岗位")),
        _fact("passwords_set", _("给 %(count)s 个账号设了同一个密码")),
        _fact("account_changed", _("改了%(account)s的%(fields)s")),
        _fact("password_reset", _("重置了%(account)s的密码")),
        _fact("password_changed", _("%(account)s改了密码")),
        _fact("password_due", _("%(account)s的密码到期，须更换")),
        _fact("sessions_ended", _("结束了%(account)s的 %(count)s 处登录")),
        _fact("post_given", _("任命%(account)s为%(unit)s%(role)s"), "post", "path"),
        _fact("post_ended", _("%(on)s起，%(account)s不再是%(unit)s%(role)s"), "post"),
        _fact(
            "post_delegated",
            _("%(on_behalf_of)s把%(unit)s%(role)s委托给%(account)s，到%(until)s（含）"),
            "post", "path",
        ),
        _fact(
            "delegation_ended",
            _("%(on_behalf_of)s收回委托给%(account)s的%(unit)s%(role)s"), "post",
        ),
        _fact("key_made", _("给%(account)s发了接口密钥"), "key"),
        _fact("key_collected", _("%(account)s领取了接口密钥"), "key"),
        _fact("key_revoked", _("作废了%(account)s的接口密钥"), "key"),
        _fact("webhook_made", _("给%(account)s订阅了事件，推送到 %(host)s"), "webhook"),
        _fact("webhook_changed", _("改了推送到 %(host)s 的订阅：%(fields)s"), "webhook"),
        _fact("webhook_paused", _("暂停了事件订阅"), "webhook"),
        _fact("webhook_resumed", _("恢复了事件订阅"), "webhook"),
        _fact("webhook_stopped", _("事件订阅停止了：%(why)s"), "webhook"),
        _fact("webhook_secret_changed", _("换了事件订阅的密钥"), "webhook", "until"),
        _fact("webhook_replayed", _("从第 %(line)s 行之后重放事件"), "webhook"),
        _fact("webhook_sent_again", _("重发了 %(count)s 个没有送达的事件"), "webhook"),
        _fact("webhook_removed", _("删除了推送到 %(host)s 的订阅"), "webhook"),
        *(
            Said(words, {"fact": "source_changed", "what": what}, ("source_id",))
            for what, words in (
                ("made", _("接入了一个来源")),
                ("changed", _("改了来源的设置")),
                ("secret", _("换了来源的密钥")),
                ("on", _("启用了来源")),
                ("off", _("停用了来源")),
                ("removed", _("删除了来源")),
            )
        ),
        _fact("source_changed", _("改了来源的设置"), "source_id", "what"),
        _fact("peer_made", _("给%(unit)s对接了 %(host)s"), "peer"),
        _fact("peer_changed", _("改了与 %(host)s 的对接：%(fields)s"), "peer"),
        _fact("peer_paused", _("暂停了一个对接单位"), "peer"),
        _fact("peer_resumed", _("恢复了一个对接单位"), "peer"),
        _fact("peer_removed", _("删除了与 %(host)s 的对接"), "peer"),
        _fact("case_sent_to_peer", _("工单 %(number)s 转到了 %(host)s"), "peer", "handover"),
        _fact("handover_sent_again", _("让工单 %(number)s 再转一次"), "peer", "handover"),
        Said(
            _("%(account)s成为%(unit)s负责人"), {"fact": "head_named", "is_head": True}, ("post",)
        ),
        _fact("head_named", _("%(account)s不再是%(unit)s负责人"), "post"),
        _fact("areas_added", _("新增 %(codes)s 个区划"), "county"),
        _fact("boundaries_set", _("更新 %(paths)s 个区划的边界"), "county"),
        _fact("names_added", _("登记了 %(count)s 个地名"), "county"),
        _fact("name_confirmed", _("确认了一个地名"), "county", "name_id"),
        _fact("name_ended", _("停用了一个地名"), "county", "name_id"),
        _fact("zone_added", _("新增地块 %(zone)s"), "county", "kind_of", "path"),
        _fact("zone_redrawn", _("更换地块 %(zone)s 的边界"), "county", "is_drawn"),
        _fact("zone_ended", _("地块 %(zone)s 从 %(on)s 起不再使用"), "county"),
        _fact("responsibility_set", _("写明由 %(unit)s 负责"),
              "county", "responsibility", "path", "asset", "category"),
        _fact("responsibilities_imported", _("导入 %(count)s 条责任归属"), "county"),
        _fact("responsibility_ended", _("责任归属 %(responsibility)s 到 %(on)s 为止"), "county"),
        _fact("divisions_changed", _("区划调整，%(on)s起生效"), "county", "counties", "moves"),
        _fact("rulebook_applied", _("启用规则册第 %(version)s 版，摘要 %(digest)s")),
        Said(
            _("人工换回第 %(version)s 版事项识别模型"),
            {"fact": "kinds_learned", "by_hand": True}, ("was", "cases"),
        ),
        _fact(
            "kinds_learned",
            _("启用第 %(version)s 版事项识别模型，由 %(cases)s 件工单学成"), "was",
        ),
        Said(_("标准答复：%(reply)s")),
        _fact("article_changed", _("知识条目：%(change)s，第 %(version)s 版"), "article"),
        Said(_("%(kind)s：保留期由 %(was)s 天改为 %(days)s 天")),
        Said(_("设置了%(factor)s"), {"done": "factor_added"}),
        Said(_("去掉了%(factor)s"), {"done": "factor_removed"}),
        Said(_("生成了新的恢复码"), {"done": "factor_recovery_codes"}),
        Said(_("去掉了全部二次验证"), {"done": "factor_reset"}),
        Said(_("绑定了统一身份认证"), {"done": "identity"}),
        Said(_("确认了统一身份认证的绑定"), {"done": "identity_confirmed"}),
        Said(_("解除了统一身份认证的绑定"), {"done": "identity_removed"}),
        Said(_("换了手机号，另一个账号并入"), {"changed": "phone", "joined": True}),
        Said(_("换了手机号"), {"changed": "phone"}),
        Said(_("注销了账号"), {"closed": True}),
        Said(_("新增密钥第 %(version)s 版"), {"act": "add"}, ("count",)),
        Said(_("开始换到密钥第 %(version)s 版"), {"act": "rotate"}, ("count",)),
        Said(_("全部换到密钥第 %(version)s 版"), {"act": "rotated"}, ("count",)),
        Said(_("换到密钥第 %(version)s 版，还有 %(count)s 处没有换"), {"act": "rotated_but"}),
        Said(_("没有停用密钥第 %(version)s 版，还有 %(count)s 处用着"), {"act": "retire_refused"}),
        Said(_("停用密钥第 %(version)s 版"), {"act": "retire"}, ("count",)),
    ),
)  # fmt: skip
_RETENTION: _Rows = (
    (
        Said(_("留住：%(about)s，到期也不清除"), {"held": True}),
        Said(_("解除了保留：%(about)s")),
        Said(_("按本人要求删除个人信息"), {"kind": "one report"}, ("case",)),
        Said(_("清除%(kind)s %(removed)s 件，按保留 %(days)s 天，证明 %(hash)s"), also=("before",)),
        Said(_("答应了居民的申请：%(wish)s"), {"granted": True}, ("report",)),
        Said(_("没有答应居民的申请：%(wish)s"), also=("report",)),
        Said(
            _("清除封条 %(from_seal)s 到 %(purged_to_seal)s 的 %(lines)s 行审计，"
                 "按保留 %(kept_days)s 天，摘要 %(hash)s"),
        ),
    ),
)  # fmt: skip
_OPENING: _Rows = (
    (
        Said(_("按自己输入的号码，查了来电人以前的工单"), {"looked_up": "caller"}),
        Said(_("查看了%(field)s")),
    ),
)
_BACKUP: _Rows = (
    (
        Said(_("备份完成"), {"work": "write", "fine": True}),
        Said(_("备份没有成功"), {"work": "write"}),
        Said(_("试恢复通过"), {"work": "verify", "fine": True}),
        Said(_("试恢复没有通过"), {"work": "verify"}),
        Said(
            _("退回到较早的记录，%(first)s 到 %(last)s 的 %(anchors)s 个锚点移到 %(folder)s"),
            {"work": "went back"},
        ),
        Said(_("清理试恢复留下的 %(databases)s 个数据库、%(folders)s 个文件夹"), {"work": "sweep"}),
    ),
    (Said(_("%(rows)s 行、%(files)s 个文件，%(size)s")),),
    (Said(_("连同密钥"), {"keys": True}),),
)
SENTENCES: Mapping[AuditKind, _Rows] = {
    AuditKind.SIGN_IN: _SIGN_IN,
    AuditKind.SIGN_IN_FAILED: _SIGN_IN_FAILED,
    AuditKind.SIGN_OUT: _SIGN_OUT,
    AuditKind.OPENING: _OPENING,
    AuditKind.EXPORT: _EXPORT,
    AuditKind.RIGHTS: _CHANGES,
    AuditKind.RULES: _CHANGES,
    AuditKind.REFUSED: _REFUSED,
    AuditKind.SECURITY: _CHANGES,
    AuditKind.RETENTION: _RETENTION,
    AuditKind.BACKUP: _BACKUP,
}
