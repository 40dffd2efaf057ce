"""Addresses of rehearsals, mounted at /desk/admin/rulebook/rehearsals/."""

from django.urls import path

from gezhi.deadlines import pages

app_name = "rehearsals"
urlpatterns = [
    path("", pages.home, name="home"),
    path("new/", pages.new, name="new"),
    path("start/", pages.start, name="start"),
    path("<uuid:id>/", pages.run, name="run"),
    path("<uuid:id>/progress/", pages.progress, name="progress"),
    path("<uuid:id>/stop/", pages.stop, name="stop"),
    path("<uuid:id>/drop/", pages.drop, name="drop"),
    path("<uuid:id>/differences/", pages.differences, name="differences"),
    path("<uuid:id>/export.xlsx", pages.export, name="export"),
]
