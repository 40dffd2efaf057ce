"""Addresses of the import pages, mounted at /desk/import/."""

from django.urls import path

from gezhi.intake import pages

app_name = "intake"
urlpatterns = [
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
