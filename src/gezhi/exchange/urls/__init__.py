"""Addresses of webhooks, mounted at /desk/admin/webhooks/."""

from django.urls import path

from gezhi.exchange.pages import webhooks as pages

app_name = "exchange"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("new/", pages.new, name="new"),
    path("<uuid:webhook>/", pages.webhook, name="webhook"),
    path("<uuid:webhook>/now/", pages.now, name="now"),
    path("<uuid:webhook>/export.xlsx", pages.export, name="export"),
    path("<uuid:webhook>/change/", pages.change, name="change"),
    path("<uuid:webhook>/pause/", pages.pause, name="pause"),
    path("<uuid:webhook>/resume/", pages.resume, name="resume"),
    path("<uuid:webhook>/secret/", pages.secret, name="secret"),
    path("<uuid:webhook>/ping/", pages.ping, name="ping"),
    path("<uuid:webhook>/replay/", pages.replay, name="replay"),
    path("<uuid:webhook>/remove/", pages.remove, name="remove"),
    path("<uuid:webhook>/again/", pages.send_all_again, name="send_all_again"),
    path("<uuid:webhook>/events/<uuid:event>/again/", pages.send_again, name="send_again"),
]
