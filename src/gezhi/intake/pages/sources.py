"""Where messages come from by themselves: each source, how it is, and what waits for somebody."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.ids import new_id
from gezhi.base.masking import mask_name, mask_phone, mask_text
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases import reads as cases
from gezhi.cases.rules import STATE_NAMES, State
from gezhi.intake import actions, rules
from gezhi.intake.actions import Wanted
from gezhi.intake.errors import (
    FAULT_NAMES,
    MapWrong,
    SourceHasReceived,
    SourceNotTried,
    SourceWrong,
    WrongRow,
)
from gezhi.intake.forms import BLANK_MAP, SampleForm, SourceForm
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.reads import standing
from gezhi.intake.rules import Fate, SourceKind, Way
from gezhi.intake.rules.mail import Mail

_PAGE = 20
_SIGNS = {
    "ok": ("gz-on-time", gettext_lazy("收得到")),
    "off": ("gz-paused", gettext_lazy("没有启用")),
    "silent": ("gz-soon", gettext_lazy("没有动静")),
    "faulty": ("gz-late", gettext_lazy("有差错")),
}
_FATE_LOOKS = {
    Fate.TAKEN: "gz-on-time", Fate.JOINED: "gz-on-time", Fate.ADDED: "gz-on-time",
    Fate.WAITING: "gz-soon", Fate.REFUSED: "gz-late",
}  # fmt: skip
_WAY_NAMES = {
    Way.PUSH: gettext_lazy("对方发来"),
    Way.PULL: gettext_lazy("每分钟去取"),
    Way.MAIL: gettext_lazy("每分钟收信"),
}
_WHICH_NAMES = {
    "all": gettext_lazy("来的工单"),
    "joined": gettext_lazy("并入同一件事"),
    "answered": gettext_lazy("已办结"),
    "late": gettext_lazy("超时"),
}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All sources: how each is, what came of it."""
    actor = actor_of(request)
    found = list(reads.sources(actor, county=settings.COUNTY))
    healths, counts = standing.healths(found), standing.counts(found)
    shown = {
        "rows": [_row(each, healths[each.id], counts[each.id]) for each in found],
        "kinds": rules.KIND_NAMES.items(),
        "may_manage": reads.may_manage(actor),
        "days": standing.COUNTED_DAYS,
        "is_off": not settings.ASK_SOURCES,
    }
    return render(request, "intake/sources.html", shown)


def _row(source: Source, health: standing.Health, counted: standing.Counts) -> dict[str, Any]:
    look, name = _SIGNS[health.sign]
    if health.sign == "silent" and not (source.received_at or source.asked_at):
        look, name = "gz-paused", gettext_lazy("等第一条")
    fault = health.last_fault
    return {
        "source": source,
        "kind": rules.KIND_NAMES[SourceKind(source.kind)],
        "way": _WAY_NAMES[reads.way(source)],
        "look": look,
        "sign": name,
        "health": health,
        "lag": _lag(health),
        "fault": FAULT_NAMES.get(fault.code, fault.code) if fault else "",
        "unsigned": f"{health.unsigned}{'+' if health.unsigned >= rules.MOST_UNSIGNED else ''}",
        "counted": counted,
    }


def _lag(health: standing.Health) -> str:
    if health.lag is None:
        return ""
    minutes = round(health.lag.total_seconds() / 60)
    if minutes < 60:
        return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new source of the kind that was chosen."""
    actor = actor_of(request)
    reads.must(actor, reads.may_manage(actor))
    kind = request.GET.get("kind", SourceKind.WEBHOOK)
    if kind not in set(SourceKind):
        raise NotFound()
    id = _id(request.POST.get("id", "")) or new_id()
    if reads.any_source(id) is not None:  # the page was loaded anew: there is one already
        return redirect("sources:one", id)
    begun = {"channel": rules.CHANNEL_OF[SourceKind(kind)], "port": 993, "field_map": BLANK_MAP}
    form = SourceForm(kind, request.POST or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            wanted = Wanted(**form.cleaned_data)
            source, secret = actions.add_source(kind, wanted, id=id, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _show(request, source, secret=secret, status=201)
    shown = {"form": form, "kind": rules.KIND_NAMES[SourceKind(kind)], "id": id}
    return render(request, "intake/source_new.html", shown, status=422 if form.errors else 200)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """One source: its health, its settings, its trial, what it brought last."""
    actor = actor_of(request)
    source = reads.source_for(actor, source_id)
    if request.method != "POST":
        return _show(request, source)
    reads.must(actor, reads.may_manage(actor))
    form = SourceForm(source.kind, request.POST)
    if form.is_valid():
        try:
            actions.change_source(source.id, Wanted(**form.cleaned_data), actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("sources:one", source.id)
    return _show(request, source, form=form, status=422)


def _show(
    request: HttpRequest, source: Source, *, form: SourceForm | None = None, secret: str = "",
    sample: SampleForm | None = None, tried: Any = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = actor_of(request)
    fate = request.GET.get("fate", "")
    fates = sorted(rules.KEPT) if fate == "kept" else [fate] if fate in set(Fate) else []
    page = Paginator(reads.received_of(actor, source, fates=fates), _PAGE)
    rows = page.get_page(request.GET.get("page"))
    initial: dict[str, Any] = {name: getattr(source, name) for name in _STORED}
    initial["takes_old"] = source.begins_at is None
    row = _row(source, standing.healths([source])[source.id], standing.counts([source])[source.id])
    shown = row | {
        "form": form or SourceForm(source.kind, initial=initial),
        "is_typed": form is not None,
        "sample": sample or SampleForm(),
        "tried": [(each, asdict(each.message) if each.message else None) for each in tried],
        "secret": secret,
        "secret_mark": _mark(source),
        "secret_until": source.secret_until if len(reads.secrets_of(source)) > 1 else None,
        "address": request.build_absolute_uri(f"/api/v1/sources/{source.id}/messages"),
        "is_push": reads.way(source) == Way.PUSH,
        "has_map": reads.way(source) != Way.MAIL,
        "must_try": reads.way(source) != Way.MAIL and source.tried_at is None,
        "may_manage": reads.may_manage(actor),
        "may_settle": reads.may_settle(actor),
        "has_received": reads.has_received(source),
        "page": rows,
        "messages_shown": _listed(rows),
        "fate": fate,
        "fates": [("", _("全部")), ("kept", _("留着没有收的")), *rules.FATE_NAMES.items()],
        "faults": [
            (each, FAULT_NAMES.get(each.code, each.code), rules.worded(each.detail))
            for each in standing.faults_of(source)
        ],
        "days": standing.COUNTED_DAYS,
    }  # fmt: skip
    return render(request, "intake/source.html", shown, status=status)


_STORED = (
    "name", "channel", "url", "field_map", "host", "port", "line", "user", "folder", "done_folder",
)  # fmt: skip


def _listed(rows: Any) -> list[dict[str, Any]]:
    found = list(rows)
    named = {row.case_id for row in found} | {row.alike_id for row in found}
    numbers = {each.id: each.number for each in cases.cases_behind(filter(None, named))}
    return [
        {
            "row": row,
            "fate": rules.FATE_NAMES[Fate(row.fate)],
            "look": _FATE_LOOKS.get(Fate(row.fate), "gz-paused"),
            "reason": reads.reason_words(row),
            "number": numbers.get(row.case_id, ""),
            "alike": numbers.get(row.alike_id, ""),
            "is_kept": row.fate in rules.KEPT,
            "may_try": row.fate in rules.KEPT and row.reason not in rules.FOR_A_PERSON,
        }
        for row in found
    ]


@require_POST
def try_map(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Read a sample by the map; nothing goes in."""
    actor = actor_of(request)
    reads.must(actor, reads.may_manage(actor))
    source, form = reads.source_for(actor, source_id), SampleForm(request.POST)
    if not form.is_valid():
        return _show(request, source, sample=form, status=422)
    try:
        tried = actions.try_map(source.id, form.cleaned_data["sample"], actor=actor)
    except Refusal as refusal:
        form.add_error("sample", str(refusal))
        return _show(request, source, sample=form, status=422)
    return _show(request, reads.source_for(actor, source_id), sample=form, tried=tried)


@require_POST
def switch(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """On or off."""
    is_active = request.POST.get("is_active") == "yes"
    try:
        actions.switch_source(source_id, is_active=is_active, actor=actor_of(request))
    except (MapWrong, SourceNotTried, SourceWrong) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已启用。") if is_active else _("已停止，来的不再收。"))
    return redirect("sources:one", source_id)


@require_POST
def remove(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """For good, where it never received anything."""
    try:
        actions.remove_source(source_id, actor=actor_of(request))
    except SourceHasReceived as refusal:  # something came while the page was open
        messages.error(request, str(refusal))
        return redirect("sources:one", source_id)
    messages.success(request, _("已删除来源。"))
    return redirect("sources:overview")


@require_POST
def renew_secret(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Another secret, shown once; a page that is loaded anew makes no third."""
    actor = actor_of(request)
    reads.must(actor, reads.may_manage(actor))
    if request.POST.get("secret_mark") != _mark(reads.source_for(actor, source_id)):
        messages.error(request, _("密钥已经换过了，不再显示。没有记下的话，再换一个。"))
        return redirect("sources:one", source_id)
    source, secret = actions.renew_secret(source_id, actor=actor)
    return _show(request, source, secret=secret)


def _mark(source: Source) -> str:
    """Which secret a page was shown with, telling nothing of it."""
    return salted_hmac("source-secret", f"{source.id}{source.secret}").hexdigest()[:16]


@require_safe
def behind(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """The cases behind a figure, as far as whoever asks sees them."""
    actor = actor_of(request)
    which = request.GET.get("which", "all")
    if which not in standing.WHICH:
        raise NotFound()
    source = reads.source_for(actor, source_id)
    page = Paginator(standing.cases_behind(actor, source, which), _PAGE)
    rows = page.get_page(request.GET.get("page"))
    shown = {
        "source": source,
        "page": rows,
        "rows": [(row, STATE_NAMES[State(row.case.state)]) for row in rows if row.case],
        "which": which,
        "whiches": _WHICH_NAMES.items(),
        "name": _WHICH_NAMES[which],
        "days": standing.COUNTED_DAYS,
    }
    return render(request, "intake/source_cases.html", shown)


# --- what waits --------------------------------------------------------------------------------


@require_safe
def message(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """What nobody has taken yet, masked, for who takes in messages."""
    actor = actor_of(request)
    row = reads.received_for(actor, received_id)
    reads.must(actor, reads.may_settle(actor))
    return render(request, "intake/source_message.html", _told(row, actor))


def _told(row: Received, actor: Actor) -> dict[str, Any]:
    words, sender, files = _words_of(row) if row.has_file else ("", "", 0)
    return _listed([row])[0] | {
        "source": row.source,
        "words": mask_text(words),
        "sender": sender,
        "files": files,
    }


def _words_of(row: Received) -> tuple[str, str, int]:
    """What it says, from whom, and how many files it brought; nothing where it can't be read."""
    try:
        raw = reads.raw_of(row)
    except Refusal:
        return "", "", 0
    try:
        found = actions.read_kept(row, raw)
        if isinstance(found, Mail):
            name, _at, host = found.sender.partition("@")
            return found.incoming.what, f"{name[:2]}***@{host}", len(found.incoming.files)
        who = " ".join(filter(None, (mask_name(found.name), mask_phone(found.phone))))
        return found.what, who, len(found.files)
    except WrongRow:
        return "", "", 0


def _settled(request: HttpRequest, row: Received) -> HttpResponse:
    name = rules.FATE_NAMES[Fate(row.fate)]
    if row.fate in rules.KEPT:
        messages.error(request, f"{name}：{reads.reason_words(row)}")
    else:
        messages.success(request, f"{name}。")
    return redirect(f"{reverse('sources:one', args=[row.source_id])}#messages")


@require_POST
def try_again(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """Once more, by the map and the rules of today."""
    return _settled(request, actions.try_again(received_id, actor=actor_of(request)))


@require_POST
def take(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """It is a matter of its own."""
    row = actions.try_again(received_id, by_person=True, actor=actor_of(request))
    return _settled(request, row)


@require_POST
def drop(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """It is nothing to take."""
    return _settled(request, actions.drop_message(received_id, actor=actor_of(request)))
