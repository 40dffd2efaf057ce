"""Refusals of the room exchange."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class AddressWrong(Refusal):
    code = "webhook_address_wrong"
    status = 422
    message = _("地址要以 https:// 开头，不带用户名和 #，最多 500 个字符。")
    field = "address"


class AddressInside(Refusal):
    """Only what the settings list is called inside."""

    code = "webhook_address_inside"
    status = 422
    message = _("%(host)s 不是公网地址。确实要推送到内网的，请运维人员把它写进 GEZHI_INSIDE。")
    field = "address"


class AddressElsewhere(Refusal):
    """A demo calls nobody but itself."""

    code = "webhook_address_elsewhere"
    status = 422
    message = _("演示只发给自己：请用 %(own)s 开头的地址。")
    field = "address"


class NameMissing(Refusal):
    code = "webhook_name_missing"
    status = 422
    message = _("请给订阅起个名字，让人看得出是哪个系统。")
    field = "name"


class ProgramWrong(Refusal):
    """What it is told is what a program's account may read."""

    code = "webhook_account_wrong"
    status = 422
    message = _("请选择一个在用的“对接方”账号：它能看到什么，才推送什么。")
    field = "account"


class TypeUnknown(Refusal):
    code = "webhook_type_unknown"
    status = 422
    message = _("没有“%(type)s”这种事件。")
    field = "types"


class CategoryUnknown(Refusal):
    code = "webhook_category_unknown"
    status = 422
    message = _("规则册里没有“%(category)s”这个类别。")
    field = "categories"


class AreaElsewhere(Refusal):
    """Unknown, or outside what the account may read."""

    code = "webhook_area_elsewhere"
    status = 422
    message = _("区划 %(area)s 不存在，或者不在这个账号能看到的范围里。")
    field = "areas"


class StateWrong(Refusal):
    """Paused already, or at work already."""

    code = "webhook_state_wrong"
    message = _("这个订阅已经是“%(state)s”。")


class NothingDead(Refusal):
    code = "webhook_nothing_dead"
    message = _("没有未送达的事件要重发。")


class PlaceWrong(Refusal):
    """A replay needs one place to begin at."""

    code = "webhook_place_wrong"
    status = 422
    message = _("请写从什么时间（since），或者从第几行（line）开始，二者选一。")
    field = "since"


class MomentAhead(Refusal):
    """What has not happened yet is not told again."""

    code = "webhook_moment_ahead"
    status = 422
    message = _("这个时间还没有到，请填已经过去的时间。")
    field = "since"


class PlaceUnread(Refusal):
    """What stands behind its own place in the book comes by itself."""

    code = "webhook_place_unread"
    status = 422
    message = _("从那里起的事件都还没有推送过，会照常推送，不用重放。")
    field = "since"


class TooManyWebhooks(Refusal):
    code = "webhook_too_many"
    message = _("最多 %(most)s 个订阅。请先删掉不用的。")


class PeerNameMissing(Refusal):
    code = "peer_name_missing"
    status = 422
    message = _("请给对接单位起个名字，让人看得出是哪个地方。")
    field = "name"


class PeerUnitWrong(Refusal):
    """A peer stands for a body that may lead the work: no centre, no grid, none that is closed."""

    code = "peer_unit_wrong"
    status = 422
    message = _("请选择一个在用的、不是中心也不是网格的机构：派给它的工单会转给对方。")
    field = "unit"


class PeerUnitTaken(Refusal):
    code = "peer_unit_taken"
    status = 422
    message = _("这个机构已经对应“%(name)s”。")
    field = "unit"


class PeerCategoryUnknown(Refusal):
    code = "peer_category_unknown"
    status = 422
    message = _("规则册里没有“%(category)s”这个类别。")
    field = "services"


class PeerServiceUnknown(Refusal):
    """Only what the peer itself listed is sent to it."""

    code = "peer_service_unknown"
    status = 422
    message = _("对方没有“%(service)s”这项服务。请先读取对方的服务清单，再从里面选。")
    field = "services"


class PeerStateWrong(Refusal):
    code = "peer_state_wrong"
    message = _("这个对接单位已经是这样了。")


class PeerHasCases(Refusal):
    code = "peer_has_cases"
    message = _("还有 %(count)s 件工单在对方那里，等它们结束或者改派以后才能删除或者换机构。")
    field = "unit"


class TooManyPeers(Refusal):
    code = "peer_too_many"
    message = _("最多 %(most)s 个对接单位。请先删掉不用的。")


class HandoverWrong(Refusal):
    """Only what stopped can go again, and only while its unit still has the case."""

    code = "peer_handover_wrong"
    message = _("这一件现在不能再转：它正在转或者已经转出，或者工单已经不在这个单位手里。")
