"""The state of the keys, for who looks after what protects data; they are changed on the server."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gezhi.base.http import actor_of
from gezhi.people import reads


@never_cache
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Versions and cipher; `?count=yes` says how much lies under each."""
    is_counted = "count" in request.GET
    shown = {
        "kinds": reads.key_kinds(actor_of(request), is_counted=is_counted),
        "is_counted": is_counted,
        "cipher": settings.CIPHER,
    }
    return render(request, "people/keys.html", shown)
