"""Where somebody is signed in, and ending that."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base.http import actor_of
from gezhi.people import actions, reads


@never_cache
@require_safe
def my_sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in."""
    here = request.session.session_key
    found = [(one, one.session_key == here) for one in reads.own_sessions(actor_of(request))]
    shown = {
        "sessions": found,
        "others": sum(not is_here for _one, is_here in found),
        "idle": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_HOURS,
    }
    return render(request, "people/sessions.html", shown)


@require_POST
def end_my_session(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Sign out of one browser, which may be this one."""
    actor = actor_of(request)
    is_here = reads.own_session_key(actor, ref) == request.session.session_key
    actions.end_own_session(ref, actor=actor)
    if is_here:
        logout(request)
        return redirect("entrance:sign_in")
    messages.success(request, _("那次登录已经结束。"))
    return redirect("entrance:sessions:mine")


@require_POST
def end_my_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    here = request.session.session_key or ""
    actions.end_other_sessions(going_on=here, actor=actor_of(request))
    messages.success(request, _("其他的登录都已经结束。"))
    return redirect("entrance:sessions:mine")


@require_POST
def end_sessions(request: HttpRequest, id: UUID) -> HttpResponse:
    """The security administrator signs somebody out everywhere."""
    actions.end_sessions(id, actor=actor_of(request))
    messages.success(request, _("这个账号的登录都已经结束。"))
    return redirect("people:account", id=id)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def stay(request: HttpRequest) -> HttpResponse:
    """How many seconds are left; whoever asks otherwise than quietly has used the page by that."""
    left = request.session.seconds_left if request.user.is_authenticated else 0  # type: ignore[attr-defined]  # of our own engine
    return JsonResponse({"left": left})
