"""Addresses of the rulebook's administration, mounted at /desk/admin/rulebook/."""

from django.urls import path

from gezhi.rulebook import pages

app_name = "rulebook"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("check/", pages.check, name="check"),
    path("apply/", pages.apply, name="apply"),
    path("calendar/export/", pages.export_calendar, name="export_calendar"),
    path("calendar/import/", pages.import_calendar, name="import_calendar"),
    path("categories/<str:key>/", pages.category, name="category"),
    path("versions/<int:number>/", pages.version, name="version"),
    path("versions/<int:number>/check/", pages.check_version, name="check_version"),
    path("versions/<int:number>/export/", pages.export, name="export"),
]
