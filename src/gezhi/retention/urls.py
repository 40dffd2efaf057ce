"""Addresses of retention, mounted at /desk/admin/retention/."""

from django.urls import path

from gezhi.retention import pages

app_name = "retention"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("rules/<str:kind>/", pages.set_days, name="set_days"),
    path("holds/", pages.hold, name="hold"),
    path("holds/<uuid:hold_id>/lift/", pages.lift, name="lift"),
    path("now/", pages.remove_now, name="remove_now"),
    path("removals/<uuid:removal_id>/", pages.certificate, name="certificate"),
]
