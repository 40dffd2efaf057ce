"""The ways in that a case may have come by."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

CHANNEL_NAMES: Mapping[str, Any] = {
    "portal": _("居民上报"),
    "field": _("网格员上报"),
    "desk": _("来访"),
    "hotline": _("热线电话"),
    "wechat": _("微信群"),
    "patrol": _("巡查发现"),
    "inspection": _("督查交办"),
    "mailbox": _("信箱"),
    "board": _("留言板"),
    "api": _("其他系统"),
    "open311": _("Open311 接口"),
    "device": _("设备"),
}
