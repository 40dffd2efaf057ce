"""The operations on what other systems are told and asked, for the API's root to mount."""

from ninja import Router

from gezhi.exchange.api.channels import router as channels
from gezhi.exchange.api.peers import router as peers
from gezhi.exchange.api.webhooks import router as webhooks

router = Router()
for _part in (webhooks, peers, channels):
    router.add_router("", _part)
