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


class TrainingRuns(Refusal):
    """One is under way."""

    code = "triage_training_runs"
    message = _("正在训练，请等这一次结束。")


class ReplyEmpty(Refusal):
    """A standard reply without a title or words."""

    code = "triage_reply_empty"
    status = 422
    message = _("请写标题和内容。")
    field = "text"


class ReplyTooLong(Refusal):
    """More than fits into an answer."""

    code = "triage_reply_too_long"
    status = 422
    message = _("标题最多 %(title)s 个字，内容最多 %(text)s 个字。")
    field = "text"


class ReplyTellsOfPersons(Refusal):
    """What is used again and again must not tell of anybody."""

    code = "triage_reply_of_persons"
    status = 422
    message = _("标准答复里不能有个人信息：%(found)s。请删掉，或者换成要填的位置。")
    field = "text"


class ReplyKindUnknown(Refusal):
    """A category or group that the rulebook doesn't have, or both at once."""

    code = "triage_reply_kind_unknown"
    status = 422
    message = _("请选规则册里有的一个类别或者一个大类。")
    field = "kind"


class ReplyStands(Refusal):
    """Something that can't be done with a reply in this state."""

    code = "triage_reply_stands"
    message = _("这条标准答复现在是“%(state)s”，不能这样做。")


class NothingAnswered(Refusal):
    """A standard reply is made of an answer that somebody sent."""

    code = "triage_nothing_answered"
    message = _("这件工单还没有给诉求人的答复，办结以后才能做成标准答复。")


class NoModel(Refusal):
    """No model is set up, or not for this case."""

    code = "triage_no_model"
    message = _("这里没有接入模型。")


class ModelSilent(Refusal):
    """The model did not answer, or nothing that can be used."""

    code = "triage_model_silent"
    message = _("模型现在帮不上忙，您写的内容没有变。可以稍后再试，或者自己改。")


class NotSent(Refusal):
    """Even masked, the text still tells of somebody."""

    code = "triage_model_not_sent"
    status = 422
    message = _("文字里还有个人信息，没有送给模型。请先删掉姓名、电话、住址和证件号。")
    field = "answer"


class OwnerUnfit(Refusal):
    """No unit here has this code, or it is closed, or a centre."""

    code = "triage_owner_unfit"
    status = 422
    message = _("“%(unit)s”不是能办事的单位：请填一个启用中的单位代码，综治中心不行。")
    field = "unit"


class OwnerElsewhere(Refusal):
    """The unit's area has nothing to do with the ground: it would never be sent a case there."""

    code = "triage_owner_elsewhere"
    status = 422
    message = _("“%(unit)s”管不到这里：它的辖区和这块地方不相交。请换一个单位，或先改它的辖区。")
    field = "unit"


class DayUnreadable(Refusal):
    """What should be a day is none."""

    code = "triage_day_unreadable"
    status = 422
    message = _("日期读不懂：%(day)s")


class OwnedUnknown(Refusal):
    """A kind of thing, or a category, that the rulebook doesn't have."""

    code = "triage_owned_unknown"
    status = 422
    message = _("规则册里没有“%(value)s”。")
    field = "asset"


class GroundUnknown(Refusal):
    """No ground has the name, or several have."""

    code = "triage_ground_unknown"
    status = 422
    message = _("找不到“%(value)s”：请填区划代码，或者一个地块的名称（不能重名）。")
    field = "ground"


class OwnersUnreadable(Refusal):
    """The table can't be read, or some of its lines can't be taken: then none is."""

    code = "triage_owners_unreadable"
    status = 422
    message = _("没有导入：%(why)s")
    field = "file"


class VersionUnreadable(Refusal):
    """A version of what was learned that this release can't read."""

    code = "triage_version_unreadable"
    message = _("这一版是旧程序训练的，读不出来，不能改用。请重新训练。")
