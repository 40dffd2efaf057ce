"""Refusals of the people."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class CentreMissing(Refusal):
    """No active centre covers the place."""

    code = "people_centre_missing"
    message = _("这个地方还没有启用的综治中心，请管理员先设立。")
