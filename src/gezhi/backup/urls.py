"""Addresses of backups, mounted at /desk/admin/backups/."""

from django.urls import path

from gezhi.backup import pages

app_name = "backup"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("now/", pages.write_now, name="write_now"),
    path("<str:name>/verify/", pages.verify, name="verify"),
    path("runs/<uuid:run_id>/progress/", pages.progress, name="progress"),
]
