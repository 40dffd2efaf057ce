"""Pages of the people: the entrance, and administration of units, accounts, posts, keys, areas."""

from gezhi.people.pages.bodies import add_unit, areas, close_unit, home, reopen_unit, unit, units
from gezhi.people.pages.entrance import locked_out, password, sign_in, sign_out
from gezhi.people.pages.persons import (
    account,
    accounts,
    add_account,
    end_post,
    give_post,
    make_key,
    reset_password,
    revoke_key,
)

__all__ = [
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
