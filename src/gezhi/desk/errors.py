"""Refusals of the desk's own."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class TooManyFilters(Refusal):
    """An account keeps a bounded number of filters."""

    code = "desk_too_many_filters"
    status = 422
    message = _("最多保存 %(most)s 个筛选，请先删除不用的。")
    field = "name"


class NothingChosen(Refusal):
    """A bulk act without rows, or with more than it takes."""

    code = "desk_nothing_chosen"
    status = 422
    message = _("请先勾选工单，一次最多 %(most)s 件。")
