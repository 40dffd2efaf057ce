"""Addresses of triage, mounted at /desk/."""

from django.urls import URLPattern

app_name = "triage"
urlpatterns: list[URLPattern] = []
