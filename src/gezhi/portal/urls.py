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
    path("report/where/which/", pages.which, name="which"),
    path("report/where/village/", pages.village, name="village"),
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
    path("mine/take-in/", pages.take_in, name="take_in"),
    path("me/", pages.me, name="me"),
    path("me/phone/", pages.new_phone, name="new_phone"),
    path("me/close/", pages.close_account, name="close_account"),
    path("me/copy/", pages.copy, name="copy"),
    path("me/copy/progress/", pages.copy_progress, name="copy_progress"),
    path("me/copy/file/", pages.copy_file, name="copy_file"),
    path("me/reports/<str:number>/", pages.own_data, name="own_data"),
    path("me/reports/<str:number>/take-back/", pages.take_back, name="take_back"),
    path("me/sign-in/", pages.sign_in, name="sign_in"),
    path("me/prove/", pages.prove, name="prove"),
    path("me/code/", pages.code, name="code"),
    path("me/code/again/", pages.send_again, name="send_again"),
    path("me/sign-out/", pages.sign_out, name="sign_out"),
    path("opendata/", pages.opendata, name="opendata"),
    path("opendata/<str:name>", pages.opendata_file, name="opendata_file"),
    path("files/<uuid:file_id>/", pages.file, name="file"),
]
