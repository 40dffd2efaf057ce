"""Addresses of peers, mounted at /desk/admin/peers/."""

from django.urls import path

from gezhi.exchange.pages import peers as pages

app_name = "peers"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("new/", pages.new, name="new"),
    path("<uuid:peer>/", pages.peer, name="peer"),
    path("<uuid:peer>/now/", pages.now, name="now"),
    path("<uuid:peer>/change/", pages.change, name="change"),
    path("<uuid:peer>/services/", pages.services, name="services"),
    path("<uuid:peer>/look/", pages.look, name="look"),
    path("<uuid:peer>/pause/", pages.pause, name="pause"),
    path("<uuid:peer>/resume/", pages.resume, name="resume"),
    path("<uuid:peer>/remove/", pages.remove, name="remove"),
    path("<uuid:peer>/cases/<uuid:handover>/again/", pages.again, name="again"),
]
