"""Where the doors hang: residents at the root, staff under /desk/, programs under /api/."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.site import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", pages.healthz, name="healthz"),
    path("filling/", pages.filling, name="filling"),
    path("language/", pages.language, name="set_language"),
    path("map/", include("gezhi.places.urls")),
    path("desk/admin/retention/", include("gezhi.retention.urls")),
    path("desk/admin/backups/", include("gezhi.backup.urls")),
    path("desk/admin/webhooks/", include("gezhi.exchange.urls")),
    path("desk/admin/peers/", include("gezhi.exchange.urls.peers")),
    path("demo/events/", include("gezhi.exchange.urls.receiving")),
    path("desk/hotline/", include("gezhi.hotline.urls")),
    path("desk/", include("gezhi.desk.urls")),
    path("desk/", include("gezhi.notices.urls")),
    path("desk/", include("gezhi.triage.urls")),
    path("desk/data-requests/", include("gezhi.residents.urls")),
    path("api/", include("gezhi.api.urls")),
    path("open311/v2/", include("gezhi.api.urls.open311")),
    path("ogc/", include("gezhi.api.urls.ogc")),
    path("", include("gezhi.portal.urls")),
]

handler400 = "gezhi.site.pages.bad_request"
handler403 = "gezhi.site.pages.forbidden"
handler404 = "gezhi.site.pages.not_found"
handler500 = "gezhi.site.pages.accident"
