"""What a finding says to whoever writes the answer, and what they may do about it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Code: what was found, and what to do. The places are filled from the finding's values.
WORDS: Mapping[str, tuple[Promise, Promise]] = {
    "unfilled": (
        _("还有没填的地方：%(found)s"),
        _("填上实际的内容，或者删掉这一处。"),
    ),
    "phone": (
        _("这里像是一个手机号：%(found)s"),
        _("答复里不要写个人的手机号，可以写单位的公开电话。"),
    ),
    "identity": (
        _("这里像是一个身份证号：%(found)s"),
        _("删掉它。答复里不需要身份证号。"),
    ),
    "number": (
        _("这里有一长串数字：%(found)s"),
        _("如果是银行卡号、证件号或个人号码，请删掉。"),
    ),
    "landline": (
        _("这里有一个座机号：%(found)s"),
        _("确认它是单位的公开电话，并写明是哪里的电话。"),
    ),
    "reporter": (
        _("这里有诉求人的个人信息：%(found)s"),
        _("改称“您”。答复可能会被别人看到。"),
    ),
    "person": (
        _("这里像是一个人的姓名：%(found)s"),
        _("不写姓名，可以写“当事人”“负责人”，或者只写单位。"),
    ),
    "too_short": (
        _("答复只有 %(n)s 个字"),
        _("写清楚：查到了什么，做了什么，接下来做什么。"),
    ),
    "too_long": (
        _("答复有 %(n)s 个字，诉求人很难读完"),
        _("先写结果，再写最重要的两三点。"),
    ),
    "no_substance": (
        _("只说了收到、转交或者重视，没有说办了什么"),
        _("写明谁在什么时候做了什么，查到了什么，或者接下来做什么。"),
    ),
    "off_topic": (
        _("没有提到诉求里说的事，例如：%(found)s"),
        _("对着诉求里的事逐条说明。"),
    ),
    "when_unanswered": (
        _("诉求人问了什么时候：“%(found)s”，答复里没有时间"),
        _("写一个日期；还定不下来，就写什么时候再告诉他。"),
    ),
    "why_unanswered": (
        _("诉求人问了为什么：“%(found)s”，答复里没有说原因"),
        _("用一两句话说明原因。"),
    ),
    "how_much_unanswered": (
        _("诉求人问了多少：“%(found)s”，答复里没有数字"),
        _("写明金额、数量或者标准。"),
    ),
    "no_date": (
        _("“%(found)s”没有说是哪一天"),
        _("写一个能做到的日期。"),
    ),
    "late_promise": (
        _("“%(found)s”是 %(day)s，晚于这件事的办理时限 %(due)s"),
        _("改成时限以内的日期；确实做不到，先申请延期。"),
    ),
    "past_date": (
        _("“%(found)s”是 %(day)s，已经过去了"),
        _("核对日期；如果已经做完，就写“已经”。"),
    ),
    "contradiction": (
        _("办理结果选了“已解决”，这里却说“%(found)s”"),
        _("改办理结果，或者改这句话。"),
    ),
    "claims_solved": (
        _("办理结果选的不是“已解决”，这里却说“%(found)s”"),
        _("改办理结果，或者改这句话。"),
    ),
    "long_sentence": (
        _("这句话有 %(n)s 个字，太长了"),
        _("在“%(found)s”这里断开，一句话只说一件事。"),
    ),
    "stiff": (
        _("“%(found)s”是公文用语"),
        _("可以说：%(plain)s"),
    ),
    "filler": (
        _("“%(found)s”是套话"),
        _("删掉，或者写具体做了什么。"),
    ),
    "short": (
        _("“%(found)s”不是人人都懂"),
        _("可以写：%(plain)s"),
    ),
}  # fmt: skip
