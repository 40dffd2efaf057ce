"""Addresses of notices, mounted at /desk/."""

from django.urls import path

from gezhi.notices import pages

app_name = "notices"
urlpatterns = [
    path("notices/", pages.mine, name="mine"),
    path("notices/rows/", pages.rows, name="rows"),
    path("notices/bell/", pages.bell, name="bell"),
    path("notices/read/", pages.read_all, name="read_all"),
    path("notices/settings/", pages.choices, name="choices"),
    path("notices/settings/<str:channel>/code/", pages.confirm, name="confirm"),
    path("notices/settings/<str:channel>/send/", pages.send_again, name="send_again"),
    path("notices/preview/<str:ref>/<str:act>/", pages.preview, name="preview"),
    path("notices/<uuid:notice_id>/", pages.open_notice, name="open"),
    path("notices/<uuid:notice_id>/read/", pages.read_one, name="read_one"),
    path("outbox/", pages.outbox, name="outbox"),
    path("outbox/<uuid:delivery_id>/again/", pages.try_again, name="try_again"),
    path("outbox/export.xlsx", pages.export, name="export"),
]
