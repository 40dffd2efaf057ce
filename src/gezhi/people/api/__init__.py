"""The operations on people, for the API's root to mount."""

from ninja import Router

from gezhi.people.api.accounts import router as accounts
from gezhi.people.api.delegations import router as delegations
from gezhi.people.api.duty import router as duty
from gezhi.people.api.keys import router as keys
from gezhi.people.api.leaves import router as leaves
from gezhi.people.api.sessions import router as sessions
from gezhi.people.api.units import router as units

router = Router()
for _part in (units, accounts, delegations, keys, sessions, duty, leaves):
    router.add_router("", _part)
