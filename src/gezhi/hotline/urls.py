"""Addresses of calls and articles, mounted at /desk/hotline/; the console itself is the desk's."""

from django.urls import path

from gezhi.hotline import pages

app_name = "hotline"
urlpatterns = [
    path("calls/", pages.calls, name="calls"),
    path("calls/export.xlsx", pages.export, name="export"),
    path("articles/", pages.articles, name="articles"),
    path("articles/new/", pages.new_article, name="new_article"),
    path("articles/<uuid:article>/", pages.article, name="article"),
    path("articles/<uuid:article>/take/", pages.take, name="take"),
    path("articles/<uuid:article>/drop/", pages.drop, name="drop"),
]
