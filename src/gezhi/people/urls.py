"""Addresses of administration (mounted at /desk/admin/); of entrance and duty (at /desk/)."""

from django.urls import URLPattern, URLResolver, include, path

from gezhi.people import pages

app_name = "people"
urlpatterns = [
    path("", pages.home, name="home"),
    path("units/", pages.units, name="units"),
    path("units/new/", pages.add_unit, name="add_unit"),
    path("units/<uuid:id>/", pages.unit, name="unit"),
    path("units/<uuid:id>/close/", pages.close_unit, name="close_unit"),
    path("units/<uuid:id>/reopen/", pages.reopen_unit, name="reopen_unit"),
    path("units/<uuid:id>/leaves/", pages.add_leave, name="add_leave"),
    path("accounts/", pages.accounts, name="accounts"),
    path("accounts/new/", pages.add_account, name="add_account"),
    path("accounts/<uuid:id>/", pages.account, name="account"),
    path("accounts/<uuid:id>/password/", pages.reset_password, name="reset_password"),
    path("accounts/<uuid:id>/factors/reset/", pages.reset_factors, name="reset_factors"),
    path("accounts/<uuid:id>/identity/", pages.bind_identity, name="bind_identity"),
    path("accounts/<uuid:id>/posts/", pages.give_post, name="give_post"),
    path("posts/<uuid:id>/head/", pages.name_head, name="name_head"),
    path("posts/<uuid:id>/end/", pages.end_post, name="end_post"),
    path("accounts/<uuid:id>/delegations/", pages.delegate_post, name="delegate_post"),
    path("accounts/<uuid:id>/keys/", pages.make_key, name="make_key"),
    path("accounts/<uuid:id>/sessions/end/", pages.end_sessions, name="end_sessions"),
    path("keys/<uuid:id>/revoke/", pages.revoke_key, name="revoke_key"),
    path("areas/", pages.areas, name="areas"),
    path("sealing-keys/", pages.keys, name="keys"),
]
# What is for everybody who works here, not for administrators alone.
duty = [
    path("", pages.mine, name="mine"),
    path("leaves/", pages.take_leave, name="take_leave"),
    path("leaves/<uuid:id>/end/", pages.end_leave, name="end_leave"),
    path("units/<uuid:id>/", pages.roster, name="roster"),
    path("units/<uuid:id>/roster.xlsx", pages.roster_sheet, name="roster_sheet"),
    path("units/<uuid:id>/cell/", pages.set_cell, name="set_cell"),
    path("units/<uuid:id>/fill/", pages.fill, name="fill"),
    path("units/<uuid:id>/copy/", pages.copy, name="copy"),
    path("units/<uuid:id>/swap/", pages.swap, name="swap"),
    path("units/<uuid:id>/shifts/", pages.add_shift, name="add_shift"),
    path("shifts/<uuid:id>/close/", pages.close_shift, name="close_shift"),
    path("shifts/<uuid:id>/goes-on/", pages.switch_rota, name="switch_rota"),
]
# One's own second factors.
factors = [
    path("", pages.my_factors, name="mine"),
    path("app/", pages.factor_app, name="app"),
    path("passkeys/", pages.add_passkey, name="passkey"),
    path("passkeys/challenge/", pages.new_passkey_challenge, name="passkey_challenge"),
    path("recovery/", pages.recovery_codes, name="recovery"),
    path("<uuid:id>/remove/", pages.remove_factor, name="remove"),
]
# One's own account.
account = [
    path("", pages.my_account, name="mine"),
    path("keys/<uuid:id>/collect/", pages.collect_key, name="collect_key"),
    path("identity/confirm/", pages.confirm_identity, name="confirm_identity"),
    path("identity/refuse/", pages.refuse_identity, name="refuse_identity"),
]
# Where one is signed in.
sessions = [
    path("", pages.my_sessions, name="mine"),
    path("others/end/", pages.end_my_other_sessions, name="end_others"),
    path("<uuid:ref>/end/", pages.end_my_session, name="end"),
    path("stay/", pages.stay, name="stay"),
]
delegations = [
    path("", pages.my_delegations, name="mine"),
    path("<uuid:id>/end/", pages.end_delegation, name="end"),
]
# For the desk: path("", include(entrance)).
entrance: tuple[list[URLPattern | URLResolver], str] = (
    [
        path("sign-in/", pages.sign_in, name="sign_in"),
        path("sign-in/second/", pages.second, name="second"),
        path("sign-in/second/challenge/", pages.second_challenge, name="second_challenge"),
        path("sign-in/passkey/", pages.passkey_alone, name="passkey"),
        path("sign-in/passkey/challenge/", pages.passkey_challenge, name="passkey_challenge"),
        path("sign-in/provider/", pages.to_provider, name="provider"),
        path("sign-in/provider/back/", pages.from_provider, name="provider_back"),
        path("sign-out/", pages.sign_out, name="sign_out"),
        path("password/", pages.password, name="password"),
        path("factors/", include((factors, "factors"))),
        path("account/", include((account, "account"))),
        path("sessions/", include((sessions, "sessions"))),
        path("delegations/", include((delegations, "delegations"))),
        path("duty/", include((duty, "duty"))),
    ],
    "entrance",
)
