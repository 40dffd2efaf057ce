"""A demo is its own other side: opened at another port, what it sends to itself goes there."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from gezhi.base import outgoing
from gezhi.base.actor import system
from gezhi.exchange.actions.peering import change_peer
from gezhi.exchange.actions.subscribing import change, resume
from gezhi.exchange.models import Peer, Subscription
from gezhi.exchange.rules import OPEN311, Why

_EXCHANGE = system("exchange")


@transaction.atomic
def follow_demo() -> None:
    """What leads to this demo's doors at another port of the same host leads here from now on.

    Such an address is called by no demo any more. What stopped because of that goes on.
    """
    if not outgoing.own_address():
        return
    for found in Subscription.objects.filter(county=settings.COUNTY):
        if here := _here(found.address, reverse("receiving:events")):
            moved = change(found.id, address=here, actor=_EXCHANGE)
            if moved.why == Why.ELSEWHERE:
                resume(found.id, actor=_EXCHANGE)
    for peer in Peer.objects.filter(county=settings.COUNTY):
        if here := _here(peer.address, f"/{OPEN311}"):
            change_peer(peer.id, address=here, actor=_EXCHANGE)


def _here(address: str, door: str) -> str:
    """The same door of this demo, with what was asked of it; "" where it leads elsewhere."""
    own, parts = outgoing.own_address(), urlsplit(address)
    if address.startswith(own) or not parts.path.startswith(door):
        return ""
    if parts.hostname != urlsplit(own).hostname:
        return ""
    return f"{own}{address.split('/', 3)[3]}"
