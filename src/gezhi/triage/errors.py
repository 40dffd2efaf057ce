"""Refusals of triage."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class RootCauseThere(Refusal):
    """One is open for this kind of matter at this place."""

    code = "triage_root_there"
    message = _("这里同类事项已经有一件治本事项在办。")


class RootCauseEndedAlready(Refusal):
    """It was judged before."""

    code = "triage_root_ended"
    message = _("这件治本事项已经结束。")


class TargetPast(Refusal):
    """A day by which it is to be over that is not ahead, or too far ahead."""

    code = "triage_root_target_wrong"
    status = 422
    message = _("目标日期要在明天以后、三年以内。")
    field = "target"


class KindNotOpen(Refusal):
    """Cases of sensitive kinds are not put together."""

    code = "triage_root_sensitive"
    status = 422
    message = _("敏感类别的事项不汇总，不能立为治本事项。")
    field = "category"


class NothingToMerge(Refusal):
    """Fewer than two cases of a topic are still worked on, or the main one is none of them."""

    code = "triage_nothing_to_merge"
    message = _("这个热点里没有可以并到一起的在办工单。")


class TrainingRuns(Refusal):
    """One is under way."""

    code = "triage_training_runs"
    message = _("正在训练，请等这一次结束。")
