"""Addresses of the desk, mounted at /desk/; rooms hang their own pages beneath."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.people.urls import entrance

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(entrance)),
    path("admin/rulebook/", include("gezhi.rulebook.urls")),
    path("admin/", include("gezhi.people.urls")),
]
