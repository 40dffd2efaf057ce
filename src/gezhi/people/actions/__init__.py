"""Changing people: units, accounts, posts, keys."""

from gezhi.people.actions.accounts import (
    NewAccount,
    add_account,
    change_account,
    change_own_password,
    reset_password,
)
from gezhi.people.actions.keys import NewKey, make_key, revoke_key, use_key
from gezhi.people.actions.many import (
    NewPerson,
    NewPost,
    NewUnit,
    add_accounts_with_posts,
    add_units,
    set_passwords,
)
from gezhi.people.actions.posts import add_staff, end_post, give_post
from gezhi.people.actions.units import (
    add_unit,
    change_unit,
    close_unit,
    follow_divisions,
    reopen_unit,
)

__all__ = [
    "NewAccount",
    "NewKey",
    "NewPerson",
    "NewPost",
    "NewUnit",
    "add_account",
    "add_accounts_with_posts",
    "add_staff",
    "add_unit",
    "add_units",
    "change_account",
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
