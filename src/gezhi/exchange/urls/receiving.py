"""Where a demo receives what it sends, mounted at /demo/events/."""

from django.urls import path

from gezhi.exchange.pages import receiving as pages

app_name = "receiving"
urlpatterns = [path("", pages.receive, name="events")]
