"""Where the doors hang: residents at the root, staff under /desk/, programs under /api/."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from gezhi.site import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", pages.healthz, name="healthz"),
    path("filling/", pages.filling, name="filling"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("map/", include("gezhi.places.urls")),
    path("desk/", include("gezhi.desk.urls")),
    path("desk/", include("gezhi.notices.urls")),
    path("api/", include("gezhi.api.urls")),
    path("", include("gezhi.portal.urls")),
]

handler400 = "gezhi.site.pages.bad_request"
handler403 = "gezhi.site.pages.forbidden"
handler404 = "gezhi.site.pages.not_found"
handler500 = "gezhi.site.pages.accident"
