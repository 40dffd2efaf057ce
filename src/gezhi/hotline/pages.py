"""Calls that were answered, and the articles they are answered from."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.days import day, moment
from gezhi.base.http import actor_of, file_answer
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.base.refusal import Refusal
from gezhi.base.sheets import write_sheet
from gezhi.hotline import actions, reads, rules
from gezhi.hotline.errors import ArticleOver
from gezhi.hotline.forms import OPEN, ArticleForm, CallFilter
from gezhi.hotline.models import Article, Call
from gezhi.hotline.rules import Outcome, State
from gezhi.people import reads as people

_PAGE = 50
_MOST_EXPORTED = 20_000
_ORDER = ("-began_at", "-id")


# --- calls ----------------------------------------------------------------------------------------


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """The newest first; of one outcome, or answered from one article, where that is asked for."""
    actor, filter = actor_of(request), CallFilter(request.GET)
    asked, cursor = filter.conditions(), request.GET.get("cursor", "")
    outcome = (asked["outcome"] or OPEN) if "outcome" in asked else ""
    from_article = asked.get("version__article")
    page = page_of(_found(actor, filter), order=_ORDER, cursor=cursor, limit=_PAGE)
    shown = {
        "rows": [_row(one, actor) for one in page.rows],
        "next": page.cursor,
        "is_first": not cursor,
        "outcomes": [(OPEN, rules.NOT_SETTLED), *rules.OUTCOME_NAMES.items()],
        "outcome": outcome,
        "article": reads.article_for(actor, from_article) if from_article else None,
        "query": _query(request),
        "address": request.build_absolute_uri("/api/v1/calls"),
        "may_answer": actor.may(reads.ANSWER),
        "may_export": actor.may("case.export"),
    }
    return render(request, "hotline/calls.html", shown)


def _found(actor: Actor, filter: CallFilter) -> Any:
    found = reads.calls(actor).filter(**filter.conditions())
    return found.select_related("account", "case", "version")


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    return query.urlencode()


def _row(one: Call, actor: Actor) -> dict[str, Any]:
    is_own = one.account_id == actor.account and actor.may(reads.ANSWER)
    return {
        "call": one,
        "began": moment(one.began_at, clock.now()),
        "phone": reads.shown_number(one),
        "lasted": _lasted(one.seconds),
        "outcome": _outcome(one),
        "what": mask_text(reads.said_in(one).get("what", "")),
        "is_own": is_own,
        "may_take_up": is_own and rules.may_take_up(one.outcome, one.settled_at, clock.now()),
    }


def _outcome(one: Call) -> Any:
    return rules.OUTCOME_NAMES[Outcome(one.outcome)] if one.outcome else rules.NOT_SETTLED


def _lasted(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds // 60}:{seconds % 60:02}"


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The calls of this address as a file, numbers masked; at most twenty thousand rows."""
    header = [
        _("来电时间"), _("号码"), _("线路"), _("话务员"), _("秒数"), _("结果"), _("工单"),
        _("热线单号"), _("知识条目"), _("录音"),
    ]  # fmt: skip
    actor = actor_of(request)
    found = _found(actor, CallFilter(request.GET)).order_by(*_ORDER)
    actor.must("case.export")
    lines = found[:_MOST_EXPORTED].iterator(1000)
    data = write_sheet(_("来电记录"), header, (_cells(one) for one in lines))
    name = f"{_('来电记录')}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.xlsx"
    return file_answer(data, name)


def _cells(one: Call) -> list[str | int | float | datetime]:
    return [
        timezone.make_naive(one.began_at), reads.shown_number(one), one.line, one.account.name,
        "" if one.seconds is None else one.seconds, str(_outcome(one)),
        one.case.number if one.case else "", one.order,
        one.version.title if one.version else "", one.recording,
    ]  # fmt: skip


# --- articles -------------------------------------------------------------------------------------


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """All of them, what was proposed first; or those that fit some words, the best first."""
    actor, typed = actor_of(request), request.GET.get("q", "")[:200]
    known = reads.articles(actor)
    found = (
        reads.fitting(actor, typed, most=50, among=known)
        if typed.strip()
        else list(known.order_by("title", "id"))
    )
    uses = reads.uses_of(found)
    groups = [
        (rules.STATE_NAMES[state], [_card(one, uses) for one in found if one.state == state])
        for state in (State.DRAFT, State.IN_USE, State.DROPPED)
    ]
    shown = {
        "groups": [group for group in groups if group[1]],
        "typed": typed,
        "may_write": reads.may_write(actor),
    }
    return render(request, "hotline/articles.html", shown)


def _card(one: Article, uses: dict[UUID, int]) -> dict[str, Any]:
    today = timezone.localdate(clock.now())
    return {
        "article": one,
        "uses": uses.get(one.id, 0),
        "until": day(one.valid_until, today) if one.valid_until else "",
        "is_over": one.valid_until is not None and one.valid_until < today,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new_article(request: HttpRequest) -> HttpResponse:
    """A new one; of who doesn't decide it is a proposal."""
    actor = actor_of(request)
    reads.articles(actor)
    form = _form(request, actor)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: actions.make_article(**form.cleaned_data, actor=actor))
        if made is not None:
            in_use = made.state == State.IN_USE
            said = _("已保存，接电话时就能找到。") if in_use else _("已提交，采用以后才会出现。")
            messages.success(request, said)
            return redirect("hotline:articles")
    shown = {"form": form, "may_write": reads.may_write(actor)}
    return render(request, "hotline/article_new.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def article(request: HttpRequest, article: UUID) -> HttpResponse:
    """One of them with its versions; who decides may change it."""
    actor = actor_of(request)
    found = reads.article_for(actor, article)
    form = _form(request, actor, initial=ArticleForm.of(found))
    if request.method == "POST":
        actor.must(reads.WRITE, path=settings.COUNTY)
        if form.is_valid() and _try(
            form, lambda: actions.change_article(article, **form.cleaned_data, actor=actor)
        ):
            messages.success(request, _("已保存。"))
            return redirect("hotline:article", article)
    versions = reads.versions_of(found)
    names = people.who_are({one.actor for one in versions})
    shown = {
        **_card(found, reads.uses_of([found])),
        "form": form,
        "state": rules.STATE_NAMES[State(found.state)],
        "versions": [(one, names.get(one.actor, ("", ""))[0]) for one in versions],
        "may_write": reads.may_write(actor),
    }
    return render(request, "hotline/article.html", shown, status=422 if form.errors else 200)


def _form(request: HttpRequest, actor: Actor, **values: Any) -> ArticleForm:
    sent = request.POST if request.method == "POST" else None
    right = reads.WRITE if reads.may_write(actor) else reads.ANSWER
    return ArticleForm(sent, units=people.unit_choices(actor, right), **values)


def _try(form: ArticleForm, do: Callable[[], Article]) -> Article | None:
    """Do it; what is refused stands beside its field, with all that was typed."""
    try:
        return do()
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.refuse(refusal)
        return None


@require_POST
def take(request: HttpRequest, article: UUID) -> HttpResponse:
    """Agents answer from it from now on."""
    try:
        actions.take_article(article, actor=actor_of(request))
    except ArticleOver as refusal:
        messages.error(request, str(refusal))
        return redirect("hotline:article", article)
    messages.success(request, _("已采用，接电话时就能找到。"))
    return redirect("hotline:articles")


@require_POST
def drop(request: HttpRequest, article: UUID) -> HttpResponse:
    """Nobody answers from it any more."""
    actions.drop_article(article, actor=actor_of(request))
    messages.success(request, _("已停用。"))
    return redirect("hotline:articles")
