"""Refusals of the record."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class OpeningReasonMissing(Refusal):
    """A sealed field was to be opened without saying why."""

    code = "opening_reason_missing"
    status = 422
    message = _("请写明查看的理由，再打开。")
    field = "reason"
