"""What leaves the house, or would: to whom (masked), by which way, in which words, how it went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of, file_answer
from gezhi.base.paging import page_of
from gezhi.intake.rules import write_sheet
from gezhi.notices import actions, reads, rules
from gezhi.notices.forms import OutboxFilter
from gezhi.notices.models import Delivery
from gezhi.notices.pages.words import masked, moment
from gezhi.notices.rules import Audience, Channel, State
from gezhi.people import reads as people

_PAGE = 50
_MOST_EXPORTED = 20_000
_TONES = {State.SENT: "on-time", State.FAILED: "late", State.KEPT: "paused"}


@dataclass(frozen=True)
class Row:
    """One delivery as it is shown."""

    id: UUID
    number: str
    event: Any
    audience: Any
    to: str
    channel: Any
    words: str
    made: str
    state: Any
    tone: str
    details: tuple[str, ...]


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest first, with filters in the address."""
    form, actor = OutboxFilter(request.GET), actor_of(request)
    found = form.narrow(reads.outbox(actor))
    cursor = request.GET.get("cursor", "")
    page = page_of(found, order=("-made_at", "-id"), cursor=cursor, limit=_PAGE)
    query = request.GET.copy()
    query.pop("cursor", None)
    shown = {
        "filter": form,
        "rows": [_row(each) for each in page.rows],
        "next": page.cursor,
        "query": query.urlencode(),
        "is_first": not cursor,
        "may_open": actor.may("case.read"),
        "to_send": reads.to_send_again(page.rows) if actor.may("account.manage") else (),
        "unset": _("、").join(str(rules.CHANNEL_NAMES[one]) for one in reads.channels_kept()),
    }
    return render(request, "notices/outbox.html", shown)


@require_POST
def try_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """What failed is sent once more; back to the list as it was narrowed."""
    actions.send_again(delivery_id, actor=actor_of(request))
    messages.success(request, _("已重新排队发送。"))
    return redirect(f"{reverse('notices:outbox')}?{request.GET.urlencode()}")


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list of this address as a file, at most twenty thousand rows."""
    found = OutboxFilter(request.GET).narrow(reads.outbox(actor_of(request)))
    lines = found.order_by("-made_at", "-id")[:_MOST_EXPORTED].iterator(1000)
    header = [
        _("时间"), _("编号"), _("事由"), _("给谁"), _("收件"), _("渠道"), _("内容"), _("状态"),
        _("说明"),
    ]  # fmt: skip
    data = write_sheet(_("发件箱"), header, (_cells(each) for each in lines))
    name = f"{_('发件箱')}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.xlsx"
    return file_answer(data, name)


def _cells(delivery: Delivery) -> list[str | int | float | datetime]:
    row, made = _row(delivery), timezone.make_naive(delivery.made_at)
    texts = (row.number, row.event, row.audience, row.to, row.channel, row.words, row.state)
    return [made, *map(str, texts), "；".join(row.details)]


def _row(row: Delivery) -> Row:
    notice, state = row.notice, State(row.state)
    return Row(
        id=row.id,
        number=notice.number,
        event=rules.event_name(notice.event),
        audience=rules.AUDIENCE_NAMES[Audience(notice.audience)],
        to=_masked(row),
        channel=rules.CHANNEL_NAMES[Channel(row.channel)],
        words=row.words,
        made=moment(row.made_at, clock.now()),
        state=rules.STATE_NAMES[state],
        tone=_TONES.get(state, "soon"),
        details=tuple(_details(row, state)),
    )


def _masked(row: Delivery) -> str:
    """Nobody reads an address here: a phone's middle and most of a mail's name are hidden.

    Of a reporter who asked for secrecy nothing of it is left.
    """
    if row.channel == Channel.CHAT:
        units = people.unit_names([row.notice.unit_id] if row.notice.unit_id else [])
        return next(iter(units.values()), row.address)
    is_secret: bool | None = row.is_secret  # type: ignore[attr-defined]  # asked for with the row
    return "***" if is_secret else masked(row.address)


def _details(row: Delivery, state: State) -> list[str]:
    """When it goes or went, how often it was tried, what the other side said; why not."""
    now, found = clock.now(), []
    if state in (State.HELD, State.DIGESTED) or (state == State.WAITING and row.tries):
        found.append(_("%(moment)s 发送") % {"moment": moment(row.due, now)})
    if row.settled_at is not None:
        found.append(moment(row.settled_at, now))
    if row.tries > 1:
        found.append(_("试了 %(tries)s 次") % {"tries": row.tries})
    if row.is_again:
        found.append(_("上一次发送中断，可能收到两条"))
    if row.answer and state == State.KEPT:
        found.append(row.answer)
    if row.error and state != State.SENT:
        found.append(row.error)
    return found
