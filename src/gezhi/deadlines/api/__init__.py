"""The operations on promises and rehearsals, for the API's root to mount."""

from ninja import Router

from gezhi.deadlines.api.promises import router as promises
from gezhi.deadlines.api.rehearsing import router as rehearsing

router = Router()
for _part in (promises, rehearsing):
    router.add_router("", _part)
