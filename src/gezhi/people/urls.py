"""Addresses of administration (mounted at /desk/admin/), and of the entrance (at /desk/)."""

from django.urls import path

from gezhi.people import pages

app_name = "people"
urlpatterns = [
    path("", pages.home, name="home"),
    path("units/", pages.units, name="units"),
    path("units/new/", pages.add_unit, name="add_unit"),
    path("units/<uuid:id>/", pages.unit, name="unit"),
    path("units/<uuid:id>/close/", pages.close_unit, name="close_unit"),
    path("units/<uuid:id>/reopen/", pages.reopen_unit, name="reopen_unit"),
    path("accounts/", pages.accounts, name="accounts"),
    path("accounts/new/", pages.add_account, name="add_account"),
    path("accounts/<uuid:id>/", pages.account, name="account"),
    path("accounts/<uuid:id>/password/", pages.reset_password, name="reset_password"),
    path("accounts/<uuid:id>/posts/", pages.give_post, name="give_post"),
    path("posts/<uuid:id>/end/", pages.end_post, name="end_post"),
    path("accounts/<uuid:id>/keys/", pages.make_key, name="make_key"),
    path("keys/<uuid:id>/revoke/", pages.revoke_key, name="revoke_key"),
    path("areas/", pages.areas, name="areas"),
]
# For the desk: path("", include(entrance)).
entrance = (
    [
        path("sign-in/", pages.sign_in, name="sign_in"),
        path("sign-out/", pages.sign_out, name="sign_out"),
        path("password/", pages.password, name="password"),
    ],
    "entrance",
)
