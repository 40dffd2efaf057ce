"""Administration of accounts, their posts and keys."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.people import actions, forms, reads, rules
from gezhi.people.models import Account, Post
from gezhi.people.pages.bodies import ACCOUNTS, area_names, areas_for, must_have_one, page_of
from gezhi.people.pages.delegations import delegation_form
from gezhi.people.pages.factors import factors_shown
from gezhi.places import rules as places_rules


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts by name, with their posts and filters in the address."""
    actor = actor_of(request)
    must_have_one(actor, ACCOUNTS)
    form = forms.AccountFilter(request.GET)
    found = reads.search_accounts(actor, **form.cleaned_data) if form.is_valid() else ()
    shown = page_of(request, found)
    rows = [(row, [(post, _role(post)) for post in row.held_posts]) for row in shown]
    may_add = actor.may("account.manage")
    context = {"filter": form, "page": shown, "rows": rows, "may_add": may_add}
    return render(request, "people/accounts.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def add_account(request: HttpRequest) -> HttpResponse:
    """A form for a new person; the one-time password is shown once."""
    actor = actor_of(request)
    actor.must("account.manage")
    areas = areas_for(actor, "account.manage")
    form = forms.NewAccount(request.POST or None, units={}, areas=areas)
    if form.is_valid():
        values = form.cleaned_data
        try:
            county = places_rules.county_of(values["path"])
            made = actions.add_account(county=county, **values, actor=actor)
        except NotAllowed as refusal:
            form.add_error("path", str(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _show_once(request, made.account, password=made.password)
    context = {"form": form, "areas": areas}
    return render(request, "people/account_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, id: UUID) -> HttpResponse:
    """One account: its words, posts and keys."""
    actor = actor_of(request)
    found = reads.account(actor, id)
    if request.method == "POST":
        actor.must("account.manage")
    form = forms.AccountWords(request.POST or None, initial=_initial(found))
    if form.is_valid():
        try:
            actions.change_account(id, **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("修改已经保存。"))
            return redirect("people:account", id=id)
    return _account_page(request, actor, found, form=form)


@never_cache
@require_POST
def reset_password(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give a one-time password, shown once."""
    actor = actor_of(request)
    password = actions.reset_password(id, actor=actor)
    return _show_once(request, reads.account(actor, id), password=password)


@require_http_methods(["GET", "POST"])
def give_post(request: HttpRequest, id: UUID) -> HttpResponse:
    """Give a post; a refusal is shown in the form, with what was typed."""
    if request.method == "GET":  # the page of a refusal, opened again
        return redirect("people:account", id=id)
    actor = actor_of(request)
    found = reads.account(actor, id)
    right = "post.manage"
    actor.must(right)
    choices, areas = forms.units_for(actor, right), areas_for(actor, right)
    form = forms.NewPost(request.POST, units=choices, areas=areas)
    if form.is_valid():
        try:
            actions.give_post(account=id, **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _given(found, form.cleaned_data["role"]))
            return redirect("people:account", id=id)
    return _account_page(request, actor, found, post_form=form)


def _given(account: Account, role: str) -> str:
    """That it holds; of one of the three, how the person comes in from here on."""
    if role not in rules.ADMINISTRATORS or reads.has_way_in(account.id):
        return _("岗位已经生效。")
    return _(
        "岗位已经生效。这个账号原来的密码、二次验证和登录都已作废：请本人到服务器上让运维人员运行"
        " gezhi password %(login)s，用给出的一次性密码登录。"
    ) % {"login": account.login}


@require_http_methods(["GET", "POST"])
def delegate_post(request: HttpRequest, id: UUID) -> HttpResponse:
    """Delegate somebody's post for them, who can't do it themselves."""
    if request.method == "GET":
        return redirect("people:account", id=id)
    actor = actor_of(request)
    found = reads.account(actor, id)
    actor.must("post.manage")
    form = delegation_form(actor, id, request.POST, id_format="id_to_%s")
    if form.is_valid():
        typed = form.cleaned_data
        try:
            actions.delegate_post(typed["post"], to=typed["to"], until=typed["until"], actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已经委托，对方现在就可以办。"))
            return redirect("people:account", id=id)
    return _account_page(request, actor, found, delegation=form)


@require_POST
def end_post(request: HttpRequest, id: UUID) -> HttpResponse:
    """End a post today."""
    ended = actions.end_post(id, actor=actor_of(request))
    messages.success(request, _("岗位已经结束。"))
    return redirect("people:account", id=ended.account_id)


@never_cache
@require_http_methods(["GET", "POST"])
def make_key(request: HttpRequest, id: UUID) -> HttpResponse:
    """Make a key: a program's is shown once, a person's waits for them."""
    if request.method == "GET":
        return redirect("people:account", id=id)
    actor = actor_of(request)
    found = reads.account(actor, id)
    actor.must("post.manage")
    form = forms.NewKey(request.POST)
    if form.is_valid():
        try:
            made = actions.make_key(account=id, **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if made.token:
                return _show_once(request, found, token=made.token)
            words = _("密钥已经备好，等%(name)s本人登录，在“我的账号”里领取。领取以前不能用。")
            messages.success(request, words % {"name": found.name})
            return redirect("people:account", id=id)
    return _account_page(request, actor, found, key_form=form)


@require_POST
def revoke_key(request: HttpRequest, id: UUID) -> HttpResponse:
    revoked = actions.revoke_key(id, actor=actor_of(request))
    messages.success(request, _("密钥已经作废。"))
    return redirect("people:account", id=revoked.account_id)


def _account_page(
    request: HttpRequest,
    actor: Actor,
    account: Account,
    *,
    form: forms.AccountWords | None = None,
    post_form: forms.NewPost | None = None,
    key_form: forms.NewKey | None = None,
    delegation: forms.NewDelegation | None = None,
) -> HttpResponse:
    choices = forms.units_for(actor, "post.manage")
    day = reads.today()
    held = reads.account_posts(actor, account.id)
    names = area_names(post.path for post in held)
    posts = [
        (
            post,
            _role(post),
            names.get(post.path, ""),
            rules.holds_on(day, post.valid_from, post.valid_to),
            _is_over(post),
            not _is_over(post) and actor.may("post.manage", path=post.unit.path),
        )
        for post in held
    ]
    context = {
        "account": account,
        "is_own": account.id == actor.account,
        "form": form or forms.AccountWords(initial=_initial(account)),
        "post_form": post_form or forms.NewPost(units=choices, auto_id="id_post_%s"),
        "key_form": key_form or forms.NewKey(auto_id="id_key_%s"),
        "delegation": delegation or delegation_form(actor, account.id, None, id_format="id_to_%s"),
        "posts": posts,
        "keys": reads.account_keys(actor, account.id),
        "units": choices,
        "areas": areas_for(actor, "post.manage"),
        "may_change": actor.may("account.manage"),
        "may_give_posts": actor.may("post.manage"),
        "open_sessions": reads.session_count(account.id) if actor.may("post.manage") else 0,
        **factors_shown(actor, account),
    }
    refused = any(shown and shown.errors for shown in (form, post_form, key_form, delegation))
    return render(request, "people/account.html", context, status=422 if refused else 200)


def _show_once(
    request: HttpRequest, account: Account, *, password: str = "", token: str = ""
) -> HttpResponse:
    shown = {"account": account, "password": password, "token": token}
    return render(request, "people/secret.html", shown)


def _initial(account: Account) -> dict[str, Any]:
    return {"name": account.name, "language": account.language, "is_active": account.is_active}


def _role(post: Post) -> Any:
    return rules.ROLE_NAMES[rules.Role(post.role)]


def _is_over(post: Post) -> bool:
    return post.valid_to is not None and post.valid_to <= reads.today()
