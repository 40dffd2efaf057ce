"""Refusals of the room hotline."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class AgentUnknown(Refusal):
    """No account of that login answers calls where this program connects them."""

    code = "hotline_agent_unknown"
    status = 422
    message = _("没有登录名为“%(login)s”的话务员，或者不归这套话务系统接。")
    field = "agent"


class CallSettled(Refusal):
    """What became of a call stands once."""

    code = "hotline_call_settled"
    message = _("这个来电已经处理完了：%(outcome)s。请接下一个。")


class CallStands(Refusal):
    """It is at hand as it is, became a case, or was settled too long ago."""

    code = "hotline_call_stands"
    message = _("只有两小时内记为“当场答复”或“无需办理”的来电能撤回。")


class CallerNumberWrong(Refusal):
    """A telephone system that tells a name or an address in the place of a number."""

    code = "hotline_caller_number_wrong"
    status = 422
    message = _(
        "from_number 不是电话号码：要有 3 到 20 位数字，可以带 +、空格、横线、括号和分机。"
        "号码不显示的留空，或者写 %(withheld)s 之一。"
    )
    field = "from_number"


class CallTimeImpossible(Refusal):
    """A telephone system whose clock is wrong, or that tells of calls of long ago."""

    code = "hotline_call_time_impossible"
    status = 422
    message = _(
        "通话时间 %(at)s 不对：开始要在一天以内，结束不能早于开始，都不能在以后。"
        "请校准话务系统的时钟。"
    )


class OrderKnown(Refusal):
    """The hotline's own order is a case already."""

    code = "hotline_order_known"
    message = _("热线单号 %(order)s 已经是工单 %(number)s，请记到那一件上。")


class ArticleEmpty(Refusal):
    code = "hotline_article_empty"
    status = 422
    message = _("标题和答复都要写。")
    field = "answer"


class ArticleTooLong(Refusal):
    code = "hotline_article_too_long"
    status = 422
    message = _("标题最多 %(title)s 字，问法最多 %(asks)s 字，答复最多 %(answer)s 字。")
    field = "answer"


class ArticleTellsOfPersons(Refusal):
    """An article is read out to everybody who asks."""

    code = "hotline_article_tells_of_persons"
    status = 422
    message = _("知识条目里不能有手机号和证件号：“%(found)s”。单位的座机可以写。")
    field = "answer"


class ArticleUnitUnknown(Refusal):
    code = "hotline_article_unit_unknown"
    status = 422
    message = _("没有这个单位。")
    field = "unit"


class ArticleOver(Refusal):
    """Its last day is gone: nobody would ever find it."""

    code = "hotline_article_over"
    status = 422
    message = _("有效期 %(day)s 已经过了，这样接电话时找不到它。请改成今天以后。")
    field = "valid_until"


class ArticleStands(Refusal):
    """Taken into use already, or dropped already."""

    code = "hotline_article_stands"
    message = _("这一条已经是“%(state)s”。")


class ArticleNotInUse(Refusal):
    """Nobody is told what is out of date."""

    code = "hotline_article_not_in_use"
    message = _("这一条没有在用，或者已经过了有效期，不能拿来答复。")
