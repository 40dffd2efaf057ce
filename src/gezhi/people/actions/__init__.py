"""Changing people: units, accounts, posts, keys; shifts, duties, leave."""

from gezhi.people.actions.accounts import (
    NewAccount,
    add_account,
    change_account,
    choose_language,
)
from gezhi.people.actions.delegations import delegate_post, end_delegation
from gezhi.people.actions.duties import (
    copy_week,
    extend_rosters,
    fill_duties,
    set_duty,
    swap_duties,
)
from gezhi.people.actions.factors import (
    Proved,
    add_passkey,
    new_recovery_codes,
    prove_by_code,
    prove_by_passkey,
    remove_factor,
    reset_factors,
    set_up_app,
)
from gezhi.people.actions.identities import bind_identity, confirm_identity, refuse_identity
from gezhi.people.actions.keys import NewKey, collect_key, make_key, revoke_key, use_key
from gezhi.people.actions.leaves import end_leave, take_leave
from gezhi.people.actions.many import (
    NewPerson,
    NewPost,
    NewUnit,
    add_accounts_with_posts,
    add_units,
    set_passwords,
)
from gezhi.people.actions.passwords import accept_password, change_own_password, reset_password
from gezhi.people.actions.posts import add_staff, end_post, give_post, name_head
from gezhi.people.actions.residents import (
    TOKEN_BEGINS,
    LetIn,
    change_phone,
    close_resident,
    forget_resident_sessions,
    let_in,
    note_proven,
    sign_resident_out,
)
from gezhi.people.actions.rosters import NewRota, add_rosters
from gezhi.people.actions.sessions import (
    end_other_sessions,
    end_own_session,
    end_sessions,
    forget_ended_sessions,
)
from gezhi.people.actions.shifts import add_shift, close_shift, switch_rota
from gezhi.people.actions.units import (
    add_unit,
    change_unit,
    close_unit,
    follow_divisions,
    reopen_unit,
)

__all__ = [
    "delegate_post",
    "end_delegation",
    "end_other_sessions",
    "end_own_session",
    "end_sessions",
    "forget_ended_sessions",
    "TOKEN_BEGINS",
    "LetIn",
    "change_phone",
    "close_resident",
    "forget_resident_sessions",
    "let_in",
    "note_proven",
    "sign_resident_out",
    "Proved",
    "add_passkey",
    "bind_identity",
    "confirm_identity",
    "refuse_identity",
    "new_recovery_codes",
    "prove_by_code",
    "prove_by_passkey",
    "remove_factor",
    "reset_factors",
    "set_up_app",
    "accept_password",
    "NewRota",
    "add_rosters",
    "add_shift",
    "close_shift",
    "copy_week",
    "end_leave",
    "extend_rosters",
    "fill_duties",
    "name_head",
    "set_duty",
    "swap_duties",
    "switch_rota",
    "take_leave",
    "NewAccount",
    "NewKey",
    "collect_key",
    "NewPerson",
    "NewPost",
    "NewUnit",
    "add_account",
    "add_accounts_with_posts",
    "add_staff",
    "add_unit",
    "add_units",
    "change_account",
    "choose_language",
    "change_own_password",
    "change_unit",
    "close_unit",
    "end_post",
    "follow_divisions",
    "give_post",
    "make_key",
    "reopen_unit",
    "reset_password",
    "set_passwords",
    "revoke_key",
    "use_key",
]
