"""Moments as people write them, addresses as others may see them."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.base.masking import mask_phone


def moment(at: datetime | None, now: datetime) -> str:
    """今天 14:20, 昨天 09:05, 11月21日 14:20; with the year where it is another one."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    near = {0: _("今天"), 1: _("昨天"), -1: _("明天")}.get((today - local.date()).days)
    if near:
        return f"{near} {local:%H:%M}"
    same = local.year == today.year
    if (get_language() or "").startswith("en"):
        return date_format(local, "j M H:i" if same else "j M Y H:i")
    day = f"{local.month}月{local.day}日 {local:%H:%M}"
    return day if same else f"{local.year}年{day}"


def masked(address: str) -> str:
    """A phone without its middle, a mail address without most of its name."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}***@{host}" if at else mask_phone(address)
