"""Refusals of rehearsals. Promises refuse nothing: they follow what is done."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class PeriodWrong(Refusal):
    """The first day has to come before the last."""

    code = "rehearsal_period_wrong"
    status = 422
    message = _("开始的日子要在结束的日子之前。")
    field = "until"
