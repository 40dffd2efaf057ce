"""Addresses of the API. Its views ask for a key or a session themselves, never by a redirect."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from gezhi.api import pages
from gezhi.api.api import api
from gezhi.api.api.answering import guarded, unknown


def _operations() -> list[URLPattern | URLResolver]:
    found, _app, _namespace = api.urls
    for pattern in found:
        if isinstance(pattern, URLPattern):
            pattern.callback = guarded(pattern.callback)
    return [each for each in found if getattr(each, "name", "") != "api-root"]


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/openapi.json", pages.openapi, name="openapi"),
    path("v1/docs", pages.docs, name="docs"),
    path("v1/", include(_operations())),
    # Not `.*`: an address may hold a line break.
    re_path(r"", guarded(unknown)),
]
