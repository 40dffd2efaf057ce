"""Webhooks: who is told of what, how it goes, what did not arrive; for whoever looks after them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock, outgoing
from gezhi.base.days import moment
from gezhi.base.http import actor_of, file_answer
from gezhi.base.paging import page_of
from gezhi.base.refusal import Refusal
from gezhi.base.sheets import write_sheet
from gezhi.exchange import actions, reads, rules
from gezhi.exchange.actions import Made
from gezhi.exchange.forms import ReplayForm, StageForm, WebhookForm
from gezhi.exchange.models import Delivery, Subscription
from gezhi.exchange.reads import Standing
from gezhi.exchange.rules import TYPES, Stage, State, Why
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook

_PAGE = 50
_NEW_SECRET = "webhook_secret"  # noqa: S105 - which one's is shown next, in the session
_MOST_EXPORTED = 20_000
_TONES = {State.ACTIVE: "on-time", State.PAUSED: "paused", State.STOPPED: "late"}
_STAGE_TONES = {Stage.WAITING: "soon", Stage.DELIVERED: "on-time", Stage.DEAD: "late"}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All that one looks after, each with how it is doing."""
    actor = actor_of(request)
    found = list(reads.subscriptions(actor).order_by("name", "id"))
    standings = reads.standings_of(found)
    shown = {
        "rows": [_row(each, standings[each.id]) for each in found],
        "is_off": not settings.WEBHOOKS,
        "may_manage": reads.may_manage(actor),
    }
    return render(request, "exchange/overview.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new subscription; its secret is shown once."""
    actor = actor_of(request)
    reads.must_look(actor)
    form = _form(request, programs=reads.programs() if reads.may_manage(actor) else [], is_new=True)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: actions.subscribe(**form.cleaned_data, actor=actor))
        if made is not None:
            return _show_secret(request, made)
    status = 422 if form.errors else 200
    return render(request, "exchange/new.html", {"form": form}, status=status)


def _form(request: HttpRequest, **values: Any) -> WebhookForm:
    sent = request.POST if request.method == "POST" else None
    values.setdefault("programs", [])
    own = outgoing.own_address()
    return WebhookForm(sent, book=rulebook.current(settings.COUNTY), own=own, **values)


def _try(form: WebhookForm, do: Callable[[], Any]) -> Any:
    """Do it; what is refused stands beside its field, with all that was typed."""
    try:
        return do()
    except Refusal as refusal:
        if refusal.field not in form.fields and refusal.status != 422:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _show_secret(request: HttpRequest, made: Made) -> HttpResponse:
    """On a page of its own, so that reading it anew makes nothing anew."""
    request.session[_NEW_SECRET] = str(made.subscription.id)
    return redirect("exchange:secret", made.subscription.id)


@require_safe
def webhook(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """One: how it is set, how it is doing, its deliveries."""
    return _shown(request, reads.subscription_for(actor_of(request), webhook))


def _shown(
    request: HttpRequest, found: Subscription, *, replay: ReplayForm | None = None
) -> HttpResponse:
    filter = StageForm(request.GET)
    cursor = request.GET.get("cursor", "")
    rows = reads.deliveries(found, stage=filter.chosen)
    page = page_of(rows, order=("-at", "-id"), cursor=cursor, limit=_PAGE)
    shown = {
        **_now(found),
        "types": [TYPES[kind].label for kind in found.kinds],
        "categories": _names_of(found.categories),
        "areas": _areas_of(found.areas),
        "by": people.who_are([found.made_by]).get(found.made_by, (_("系统"), ""))[0],
        "made": moment(found.made_at, clock.now()),
        "replay_form": replay or ReplayForm(),
        "stages": rules.STAGE_NAMES.items(),
        "stage": filter.chosen.value if filter.chosen else "",
        "deliveries": [_delivery(each) for each in page.rows],
        "next": page.cursor,
        "is_first": not cursor,
    }
    status = 422 if replay is not None else 200
    return render(request, "exchange/webhook.html", shown, status=status)


def _names_of(categories: list[str]) -> list[str]:
    known = rulebook.current(settings.COUNTY).categories
    return [known[key].name_in(get_language() or "") if key in known else key for key in categories]


def _areas_of(paths: list[str]) -> list[str]:
    known = places.areas_by_paths(paths)
    return [f"{known[path].short_name} {path}" if path in known else path for path in paths]


@require_safe
def export(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """The deliveries of this address as a file, at most twenty thousand rows."""
    found = reads.subscription_for(actor_of(request), webhook)
    rows = reads.deliveries(found, stage=StageForm(request.GET).chosen)
    header = [
        _("时间"), _("第几行"), _("事件"), _("工单"), _("状态"), _("次数"), _("送达时间"),
        _("HTTP 状态"), _("对方的回答"),
    ]  # fmt: skip
    lines = rows.order_by("-at", "-id")[:_MOST_EXPORTED].iterator(1000)
    data = write_sheet(_("推送记录"), header, (_cells(each) for each in lines))
    name = f"{_('推送记录')}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.xlsx"
    return file_answer(data, name)


def _cells(one: Delivery) -> list[str | int | float | datetime]:
    settled = timezone.make_naive(one.settled_at) if one.settled_at else ""
    return [
        timezone.make_naive(one.at), one.line, str(TYPES[one.kind].label), one.number,
        str(rules.STAGE_NAMES[Stage(one.stage)]), one.tries, settled, one.status or "",
        rules.worded(one.error),
    ]  # fmt: skip


@require_safe
def now(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """How it is doing, as a part that follows a test and a replay."""
    found = reads.subscription_for(actor_of(request), webhook)
    return render(request, "exchange/_now.html", _now(found))


def _now(found: Subscription) -> dict[str, Any]:
    standing, most = reads.standings_of([found])[found.id], reads.MOST_UNREAD
    far = reads.progress_of(found, now=clock.now())
    is_replaying = far is not None and not far.is_over and found.state == State.ACTIVE
    is_pinging = found.ping_asked_at is not None and found.pinged_at is None
    return {
        "row": _row(found, standing),
        "unread": standing.unread if standing.unread < most else f"{most}+",
        "webhook": found,
        "far": far if far and not far.is_over else None,
        "left": _lasting(far.seconds) if far and far.seconds and not found.due else "",
        "is_pinging": is_pinging,
        "is_moving": is_pinging or is_replaying,
        "pinged": moment(found.pinged_at, clock.now()),
        "ping_error": rules.worded(found.ping_error),
        "secret_until": moment(_later(found.secret_until), clock.now()),
    }


def _later(at: datetime | None) -> datetime | None:
    return at if at and at > clock.now() else None


def _row(found: Subscription, standing: Standing) -> dict[str, Any]:
    now, state = clock.now(), State(found.state)
    return {
        "webhook": found,
        "state": rules.STATE_NAMES[state],
        "tone": _TONES[state],
        "why": rules.WHY_NAMES[Why(found.why)] if found.why else "",
        "standing": standing,
        "delivered": moment(found.delivered_at, now),
        "failed": moment(found.failed_at, now),
        "due": moment(_later(found.due), now),
        "is_failing": _is_failing(found),
        "error": rules.worded(found.error),
    }


def _is_failing(found: Subscription) -> bool:
    """Whether the last try failed."""
    if found.failed_at is None:
        return False
    return found.delivered_at is None or found.failed_at > found.delivered_at


def _delivery(one: Delivery) -> dict[str, Any]:
    now, stage = clock.now(), Stage(one.stage)
    return {
        "one": one,
        "type": TYPES[one.kind].label if one.kind in TYPES else one.kind,
        "at": moment(one.at, now),
        "stage": rules.STAGE_NAMES[stage],
        "tone": _STAGE_TONES[stage],
        "is_dead": stage == Stage.DEAD,
        "error": rules.worded(one.error),
        "settled": moment(one.settled_at, now),
    }


def _lasting(seconds: int) -> str:
    if seconds < 90:
        return _("%(count)s 秒") % {"count": max(seconds, 1)}
    return _("%(count)s 分钟") % {"count": round(seconds / 60)}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Name, address, what it is told of."""
    actor = actor_of(request)
    found = reads.subscription_for(actor, webhook)
    before = {
        "name": found.name,
        "address": found.address,
        "types": [TYPES[kind].name for kind in found.kinds],
        "categories": found.categories,
        "areas": " ".join(found.areas),
    }
    form = _form(request, is_new=False, initial=before)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _try(form, lambda: actions.change(webhook, **form.cleaned_data, actor=actor)):
        messages.success(request, _("已保存。"))
        return redirect("exchange:webhook", webhook)
    shown = {"form": form, "webhook": found}
    return render(request, "exchange/new.html", shown, status=422 if form.errors else 200)


@require_POST
def pause(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Nothing is sent until it is resumed."""
    actions.pause(webhook, actor=actor_of(request))
    return redirect("exchange:webhook", webhook)


@require_POST
def resume(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Go on where it was left."""
    actions.resume(webhook, actor=actor_of(request))
    return redirect("exchange:webhook", webhook)


@never_cache
@require_http_methods(["GET", "POST"])
def secret(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """POST makes a new secret, GET shows it once to who made it."""
    actor = actor_of(request)
    if request.method == "POST":
        return _show_secret(request, actions.change_secret(webhook, actor=actor))
    found = reads.subscription_for(actor, webhook)
    if request.session.pop(_NEW_SECRET, "") != str(webhook):
        return redirect("exchange:webhook", webhook)
    return render(request, "exchange/secret.html", {"webhook": found, "secret": found.secret})


@require_POST
def ping(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Have a test sent; the page follows what comes of it."""
    actions.ask_ping(webhook, actor=actor_of(request))
    return redirect("exchange:webhook", webhook)


@require_POST
def replay(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Tell again of everything since a moment."""
    actor, form = actor_of(request), ReplayForm(request.POST)
    found = reads.subscription_for(actor, webhook)
    if form.is_valid():
        try:
            actions.replay(webhook, since=form.cleaned_data["since"], actor=actor)
        except Refusal as refusal:
            form.add_error("since", str(refusal))
    return _shown(request, found, replay=form) if form.errors else redirect(
        "exchange:webhook", webhook
    )  # fmt: skip


@require_POST
def remove(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """For good."""
    actions.remove(webhook, actor=actor_of(request))
    messages.success(request, _("已删除订阅。"))
    return redirect("exchange:overview")


@require_POST
def send_all_again(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """All that did not arrive, once more."""
    actions.send_all_again(webhook, actor=actor_of(request))
    messages.success(request, _("已重新排队推送。"))
    return redirect("exchange:webhook", webhook)


@require_POST
def send_again(request: HttpRequest, webhook: UUID, event: UUID) -> HttpResponse:
    """One that did not arrive, once more."""
    actions.send_again(webhook, event, actor=actor_of(request))
    messages.success(request, _("已重新排队推送。"))
    return redirect("exchange:webhook", webhook)
