"""Addresses of the import pages and of the sources, mounted at /desk/."""

from django.urls import include, path

from gezhi.intake.pages import importing as pages
from gezhi.intake.pages import sources

_imports = [
    path("", pages.overview, name="overview"),
    path("template.xlsx", pages.template, name="template"),
    path("<uuid:import_id>/", pages.one, name="one"),
    path("<uuid:import_id>/check/", pages.check, name="check"),
    path("<uuid:import_id>/start/", pages.start, name="start"),
    path("<uuid:import_id>/progress/", pages.progress, name="progress"),
    path("<uuid:import_id>/stop/", pages.stop, name="stop"),
    path("<uuid:import_id>/go-on/", pages.go_on, name="go_on"),
    path("<uuid:import_id>/drop/", pages.drop, name="drop"),
    path("<uuid:import_id>/errors.xlsx", pages.errors, name="errors"),
]

_sources = [
    path("", sources.overview, name="overview"),
    path("new/", sources.new, name="new"),
    path("<uuid:source_id>/", sources.one, name="one"),
    path("<uuid:source_id>/try/", sources.try_map, name="try_map"),
    path("<uuid:source_id>/switch/", sources.switch, name="switch"),
    path("<uuid:source_id>/secret/", sources.renew_secret, name="renew_secret"),
    path("<uuid:source_id>/remove/", sources.remove, name="remove"),
    path("<uuid:source_id>/cases/", sources.behind, name="behind"),
    path("received/<uuid:received_id>/", sources.message, name="message"),
    path("received/<uuid:received_id>/try/", sources.try_again, name="try_again"),
    path("received/<uuid:received_id>/take/", sources.take, name="take"),
    path("received/<uuid:received_id>/drop/", sources.drop, name="drop"),
]
urlpatterns = [
    path("import/", include((_imports, "intake"))),
    path("admin/sources/", include((_sources, "sources"))),
]
