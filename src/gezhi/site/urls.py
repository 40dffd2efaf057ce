"""Where the doors hang: residents at the root, staff under /desk/, programs under /api/."""

from importlib.util import find_spec

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from gezhi.site import pages


def _door(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    return [path(prefix, include(module))] if find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", pages.healthz, name="healthz"),
    path("filling/", pages.filling, name="filling"),
    path("language/", login_not_required(set_language), name="set_language"),
    *_door("map/", "gezhi.places.urls"),
    *_door("desk/", "gezhi.desk.urls"),
    *_door("api/", "gezhi.api.urls"),
    *_door("", "gezhi.portal.urls"),
]

handler400 = "gezhi.site.pages.bad_request"
handler403 = "gezhi.site.pages.forbidden"
handler404 = "gezhi.site.pages.not_found"
handler500 = "gezhi.site.pages.accident"
