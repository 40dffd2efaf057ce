"""How one wants to hear of things besides the desk, and the codes that show whose an address is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotFound, Refusal
from gezhi.notices import actions, reads, rules
from gezhi.notices.forms import ChoiceForm, CodeForm
from gezhi.notices.models import AddressCheck, Choice
from gezhi.notices.pages.words import masked
from gezhi.notices.rules import Channel

_CODES = "codes_of_demo"


@dataclass(frozen=True)
class Way:
    """A way besides the desk: its inputs, and whether its address is known to be one's own."""

    channel: str
    wants: BoundField
    address: BoundField
    used: str  # where notices go now, masked
    is_unproven: bool  # an address is there and no code was ever asked for
    waiting: AddressCheck | None
    is_over: bool  # the code that was sent may not be typed in any more
    code: BoundField
    told: str  # in a demo, the code itself
    is_connected: bool


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """The own ways and quiet hours; a new address is asked for its code."""
    actor = actor_of(request)
    form = ChoiceForm(request.POST if request.method == "POST" else None, initial=_initial(actor))
    if form.is_valid():
        try:
            actions.choose(**form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            _keep_codes(request, actor)
            return redirect("notices:choices")
    return _show(request, actor, form, status=422 if form.errors else 200)


@require_POST
def confirm(request: HttpRequest, channel: str) -> HttpResponse:
    """The code that came; a wrong one stays as it was typed."""
    actor, way = actor_of(request), _way(channel)
    code = CodeForm(request.POST)
    if code.is_valid():
        try:
            actions.confirm(way, code.cleaned_data["code"], actor=actor)
        except Refusal as refusal:
            code.refuse(refusal)
        else:
            messages.success(request, _("验证好了，以后的通知会发到这里。"))
            return redirect("notices:choices")
    form = ChoiceForm(initial=_initial(actor))
    return _show(request, actor, form, codes={way: code}, status=422)


@require_POST
def send_again(request: HttpRequest, channel: str) -> HttpResponse:
    """A code to the address that waits for one."""
    actor, way = actor_of(request), _way(channel)
    try:
        actions.ask_again(way, actor=actor)
    except Refusal as refusal:
        form = ChoiceForm(_initial(actor))
        form.is_valid()
        form.refuse(refusal)
        return _show(request, actor, form, status=refusal.status)
    messages.success(request, _("验证码已发送，请查收。"))
    _keep_codes(request, actor)
    return redirect("notices:choices")


def _way(channel: str) -> Channel:
    found = next((each for each in rules.CONFIRMED if each == channel), None)
    if found is None:
        raise NotFound()
    return found


def _keep_codes(request: HttpRequest, actor: Actor) -> None:
    """A demo sends nothing, so its page says what would have been sent."""
    if not settings.DEMO:
        return
    made = {str(check.id): actions.send_code(check.id) for check in reads.checks_of(actor).values()}
    kept = request.session.get(_CODES, {})
    request.session[_CODES] = {id: code or kept.get(id, "") for id, code in made.items()}


def _initial(actor: Actor) -> dict[str, Any]:
    """What was chosen; an address that waits for its code before the one that is used."""
    found = reads.choice_of(actor) or Choice()
    initial = {name: getattr(found, name) for name in ChoiceForm.base_fields}
    for channel, check in reads.checks_of(actor).items():
        initial[rules.FIELDS[channel]] = check.address
    return initial


def _show(
    request: HttpRequest,
    actor: Actor,
    form: ChoiceForm,
    *,
    codes: dict[Channel, CodeForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    now, choice = clock.now(), reads.choice_of(actor) or Choice()
    checks, unset = reads.checks_of(actor), reads.channels_kept()
    quiet = reads.quiet_hours()
    shown = {
        "form": form,
        "ways": [
            _shown(channel, form, choice, checks.get(channel), (codes or {}).get(channel), now,
                   told=request.session.get(_CODES, {}),
                   is_connected=settings.DEMO or channel not in unset)
            for channel in rules.CONFIRMED
        ],
        "quiet": quiet,
        "held": _listed(name for way, name in rules.CHANNEL_NAMES.items() if way in quiet.channels)
        if quiet
        else "",
        "minutes": int(rules.CODE_HOLDS.total_seconds() // 60),
    }  # fmt: skip
    return render(request, "notices/choices.html", shown, status=status)


def _listed(names: Iterable[Any]) -> str:
    """In one line, as the reader's language does it."""
    comma = ", " if (get_language() or "").startswith("en") else "、"
    return comma.join(map(str, names))


def _shown(
    channel: Channel,
    form: ChoiceForm,
    choice: Choice,
    check: AddressCheck | None,
    code: CodeForm | None,
    now: datetime,
    *,
    told: dict[str, str],
    is_connected: bool,
) -> Way:
    wants, address = form.way(channel)
    used = choice.confirmed(channel)
    is_over = check is not None and check.sent_at is not None and not rules.is_open(
        check.sent_at, tries=check.tries, now=now
    )  # fmt: skip
    return Way(
        channel=channel.value,
        wants=wants,
        address=address,
        used=masked(used) if used else "",
        is_unproven=check is None and not used and bool(choice.address(channel)),
        waiting=check,
        is_over=is_over,
        code=(code or CodeForm(auto_id=f"id_{channel}_%s"))["code"],
        told=told.get(str(check.id), "") if check else "",
        is_connected=is_connected,
    )
