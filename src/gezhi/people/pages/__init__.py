"""Pages of the people: the entrance, duty and leave, administration of who works where."""

from gezhi.people.pages.bodies import (
    add_leave,
    add_unit,
    areas,
    close_unit,
    home,
    name_head,
    reopen_unit,
    unit,
    units,
)
from gezhi.people.pages.delegations import end_delegation, my_delegations
from gezhi.people.pages.entrance import locked_out, password, sign_in, sign_out
from gezhi.people.pages.factors import app as factor_app
from gezhi.people.pages.factors import bind as bind_identity
from gezhi.people.pages.factors import mine as my_factors
from gezhi.people.pages.factors import passkey as add_passkey
from gezhi.people.pages.factors import passkey_challenge as new_passkey_challenge
from gezhi.people.pages.factors import recovery as recovery_codes
from gezhi.people.pages.factors import remove as remove_factor
from gezhi.people.pages.factors import reset as reset_factors
from gezhi.people.pages.myself import collect_key, confirm_identity, refuse_identity
from gezhi.people.pages.myself import mine as my_account
from gezhi.people.pages.own import end_leave, mine, take_leave
from gezhi.people.pages.persons import (
    account,
    accounts,
    add_account,
    delegate_post,
    end_post,
    give_post,
    make_key,
    reset_password,
    revoke_key,
)
from gezhi.people.pages.provider import from_provider, to_provider
from gezhi.people.pages.roster import (
    add_shift,
    close_shift,
    copy,
    fill,
    roster,
    roster_sheet,
    set_cell,
    swap,
    switch_rota,
)
from gezhi.people.pages.sealing import keys
from gezhi.people.pages.second import passkey as passkey_alone
from gezhi.people.pages.second import passkey_challenge, second, second_challenge
from gezhi.people.pages.sessions import (
    end_my_other_sessions,
    end_my_session,
    end_sessions,
    my_sessions,
    stay,
)

__all__ = [
    "keys",
    "collect_key",
    "confirm_identity",
    "refuse_identity",
    "my_account",
    "delegate_post",
    "end_delegation",
    "my_delegations",
    "end_my_other_sessions",
    "end_my_session",
    "end_sessions",
    "my_sessions",
    "stay",
    "add_passkey",
    "bind_identity",
    "factor_app",
    "from_provider",
    "my_factors",
    "new_passkey_challenge",
    "passkey_alone",
    "passkey_challenge",
    "recovery_codes",
    "remove_factor",
    "reset_factors",
    "second",
    "second_challenge",
    "to_provider",
    "add_leave",
    "add_shift",
    "close_shift",
    "copy",
    "end_leave",
    "fill",
    "mine",
    "name_head",
    "roster",
    "roster_sheet",
    "set_cell",
    "swap",
    "switch_rota",
    "take_leave",
    "account",
    "accounts",
    "add_account",
    "add_unit",
    "areas",
    "close_unit",
    "end_post",
    "give_post",
    "home",
    "locked_out",
    "make_key",
    "password",
    "reopen_unit",
    "reset_password",
    "revoke_key",
    "sign_in",
    "sign_out",
    "unit",
    "units",
]
