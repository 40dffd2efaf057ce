"""Addresses of the residents' room for staff, mounted at /desk/data-requests/."""

from django.urls import path

from gezhi.residents import pages

app_name = "residents"
urlpatterns = [
    path("", pages.data_requests, name="data_requests"),
    path("<uuid:id>/", pages.decide, name="decide"),
]
