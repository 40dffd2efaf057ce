"""The site's addresses with the people's, wherever the desk hangs them."""

from django.urls import include, path

from gezhi.people.urls import entrance
from gezhi.site.urls import handler403, handler404, handler500
from gezhi.site.urls import urlpatterns as site

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [
    path("desk/admin/", include("gezhi.people.urls")),
    path("desk/", include(entrance)),
    *site,
]
