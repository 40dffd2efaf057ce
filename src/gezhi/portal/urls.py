"""Addresses of the residents' door, mounted at /."""

from django.urls import path

from gezhi.portal import pages

app_name = "portal"
urlpatterns = [
    path("", pages.home, name="home"),
    path("letters/", pages.letters, name="letters"),
    path("cases/", pages.public_list, name="public"),
    path("report/", pages.what, name="what"),
    path("report/files/", pages.add_files, name="add_files"),
    path("report/files/<str:name>/", pages.draft_file, name="draft_file"),
    path("report/files/<str:name>/drop/", pages.drop_file, name="drop_file"),
    path("report/where/", pages.where, name="where"),
    path("report/same/", pages.same, name="same"),
    path("report/send/", pages.send, name="send"),
    path("report/done/", pages.done, name="done"),
    path("track/", pages.track, name="track"),
    path("track/<str:number>/", pages.tracking, name="tracking"),
    path("track/<str:number>/answer/", pages.answer, name="answer"),
    path("track/<str:number>/rate/", pages.rate, name="rate"),
    path("track/<str:number>/reopen/", pages.reopen, name="reopen"),
    path("track/<str:number>/withdraw/", pages.withdraw, name="withdraw"),
    path("mine/", pages.mine, name="mine"),
    path("mine/forget/", pages.forget, name="forget"),
    path("files/<uuid:file_id>/", pages.file, name="file"),
]
