"""Every way in and out on one page: what came last, how much, what went wrong, what waits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.channels import GOES_OUT, Channel, Kind, Sign
from gezhi.base.days import moment
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.cases.rules import CHANNEL_NAMES
from gezhi.exchange import reads
from gezhi.hotline import reads as hotline

_SIGNS: Mapping[Sign, tuple[str, Any]] = {
    Sign.OK: ("gz-on-time", _("正常")),
    Sign.SILENT: ("gz-soon", _("没有动静")),
    Sign.FAULTY: ("gz-late", _("有差错")),
    Sign.OFF: ("gz-paused", _("没有启用")),
}
_NEVER = ("gz-paused", _("没有用过"))
_KINDS: Mapping[Kind, Any] = {
    Kind.CALLS: _("话务系统"),
    Kind.IMPORTS: _("文件"),
    Kind.OPEN311: _("Open311 接口"),
    Kind.WEBHOOK: _("事件推送"),
    Kind.PEER: _("对接单位"),
    Kind.OPEN_DATA: _("文件"),
}
_COMES_IN = frozenset({*Kind} - {Kind.REPORTS} - GOES_OUT)
# Where more is told of it; of what has a row of its own, on that row's page.
_PAGES: Mapping[Kind, str] = {
    Kind.SOURCE: "sources:one",
    Kind.CALLS: "hotline:calls",
    Kind.IMPORTS: "intake:overview",
    Kind.WEBHOOK: "exchange:webhook",
    Kind.PEER: "peers:peer",
    Kind.OPEN_DATA: "portal:opendata",
}


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """For the county's administrator."""
    actor = actor_of(request)
    found = reads.channels(actor)
    rows = [_row(each, actor) for each in found]
    shown = {
        "groups": [
            (_("按来源"), _("工单和加入的诉求按登记时选的来源计。"), _of(rows, Kind.REPORTS)),
            (_("接入"), "", _of(rows, *_COMES_IN)),
            (_("送出"), "", _of(rows, *GOES_OUT)),
        ],
        "faulty": sum(each.sign is Sign.FAULTY for each in found),
        "at": moment(clock.now(), clock.now()),
    }
    return render(request, "desk/channels.html", shown)


def _of(rows: list[dict[str, Any]], *kinds: Kind) -> list[dict[str, Any]]:
    return [row for row in rows if row["kind"] in kinds]


def _row(each: Channel, actor: Actor) -> dict[str, Any]:
    now = clock.now()
    look, sign = _NEVER if _is_unused(each) else _SIGNS[each.sign]
    beside = CHANNEL_NAMES.get(each.code, each.code) if each.kind is Kind.SOURCE else None
    return {
        "kind": each.kind,
        "channel": each,
        "beside": beside or _KINDS.get(each.kind, ""),
        "href": _href(each, actor),
        "look": look,
        "sign": sign,
        "last": moment(each.last, now),
        "fault": mask_text(str(each.fault)),
        "fault_at": moment(each.fault_at, now),
        "lag": "" if each.lag is None else _span(each.lag),
        "oldest": _span(now - each.oldest) if each.oldest else "",
    }


def _is_unused(each: Channel) -> bool:
    """Nothing ever went through it; of programs only the last days are known."""
    return each.sign is Sign.SILENT and each.last is None and each.kind is not Kind.OPEN311


def _href(each: Channel, actor: Actor) -> str:
    """Its own page, for who may open that."""
    page = _PAGES.get(each.kind)
    is_closed = (each.kind is Kind.CALLS and not hotline.is_for_calls(actor)) or (
        each.kind is Kind.IMPORTS and not actor.may("case.import")
    )
    if page is None or is_closed:
        return ""
    return reverse(page, args=[each.id] if each.id else [])


def _span(lasting: timedelta) -> str:
    """Minutes up to an hour, then hours, then days."""
    minutes = round(max(lasting, timedelta()).total_seconds() / 60)
    if minutes < 1:
        return gettext("不到 1 分钟")
    if minutes < 60:
        return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        hours = round(minutes / 60)
        return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}
    days = round(minutes / 60 / 24)
    return ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}
