"""Refusals about how long data is kept."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class DaysWrong(Refusal):
    """Shorter than the least for this kind of data, or no number of days."""

    code = "retention_days_wrong"
    status = 422
    message = _("%(kind)s至少保留 %(least)s 天，最多 %(most)s 天。")
    field = "days"


class LookFirst(Refusal):
    """A number of days by which something goes that stayed until now: seen first, then saved."""

    code = "retention_look_first"
    message = _(
        "%(kind)s改为保留 %(days)s 天，会清除 %(count)s 件，最早的是 %(oldest)s，清除后不能恢复。"
        "看过以后请再确认一次。"
    )


class ReasonNeeded(Refusal):
    """A rule or a hold without saying why."""

    code = "retention_reason_missing"
    status = 422
    message = _("请写明理由，至少两个字。")
    field = "reason"


class HoldWrong(Refusal):
    """Neither the number of a case nor the code of an area."""

    code = "retention_hold_wrong"
    status = 422
    message = _("没有编号或区划代码为 %(about)s 的工单或区域。")
    field = "about"


class RemovalRuns(Refusal):
    """One is under way."""

    code = "retention_runs"
    message = _("上一次清除还在进行，请等它结束。")
