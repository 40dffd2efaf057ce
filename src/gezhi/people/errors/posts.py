"""Refusals about posts and their delegation."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class LastAdministrator(Refusal):
    """Nobody would be left to do this administrator's part in the area as long as this post."""

    code = "account_last_administrator"
    message = _(
        "这是该区划最后一位%(role)s，或者另一位任期更短。请先任命另一位，任期不短于这个岗位。"
    )


class AdministratorsApart(Refusal):
    """A post of one of the three administrators beside any other role."""

    code = "post_administrators_apart"
    message = _(
        "系统管理员、安全管理员、审计管理员要由三个人分别担任，也不兼办事的岗位：%(name)s在这段时间"
        "还有“%(roles)s”的岗位。请换一个人，或者先结束那个岗位。"
    )
    field = "role"


class RoleElsewhere(Refusal):
    """A role in a unit of a kind where its work is not."""

    code = "post_role_elsewhere"
    status = 422
    message = _("“%(role)s”的岗位设在%(kinds)s里，请换一个机构或者岗位。")
    field = "role"

    def __init__(self, *, role: str, kinds: Sequence[str]) -> None:
        super().__init__(role=role, kinds=" / ".join(kinds))


class PostTaken(Refusal):
    """The person has this post already."""

    code = "post_taken"
    message = _("这个人在该机构已经有这个岗位。")
    field = "role"


class PostDatesWrong(Refusal):
    """A post ends before it begins."""

    code = "post_dates_wrong"
    status = 422
    message = _("失效日期不能早于生效日期。")
    field = "valid_to"


class PostAreaWrong(Refusal):
    """A post reaches beyond the area of its unit."""

    code = "post_area_wrong"
    status = 422
    message = _("岗位的管辖范围不能超出机构的区划。")
    field = "path"


class NotDelegable(Refusal):
    """This post, to this person, for so long."""

    code = "post_not_delegable"
    status = 422
    message = _("只能把岗位委托给同机构的同事，最多 %(days)s 天；管理员和受托的岗位不能委托。")


class PostEndedAlready(Refusal):
    """The post has ended."""

    code = "post_ended"
    message = _("这个岗位已经结束。")


class PostEndsBefore(Refusal):
    """A post is to end on a day later than that on which it ends by itself."""

    code = "post_ends_before"
    status = 422
    message = _("这个岗位到 %(day)s 就失效，结束日期不能晚于这一天。要做得更久，请另外任命。")
    field = "on"
