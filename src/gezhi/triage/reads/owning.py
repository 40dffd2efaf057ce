"""What is laid down, for who keeps it: searched, and with the names of what it speaks of."""

from django.db.models import Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed
from gezhi.places import reads as places
from gezhi.places.models import Responsibility

RIGHT = "area.manage"


def may_lay_down(actor: Actor) -> bool:
    """Who keeps the areas keeps whose things in them are."""
    return actor.may(RIGHT)


def laid_down(
    actor: Actor, *, county: str, words: str = "", unit: str = "", asset: str = "", ended: bool
) -> QuerySet[Responsibility]:
    """In the areas the actor keeps: by the name of ground or area or the reason, unit, thing."""
    if not may_lay_down(actor):
        raise NotAllowed()
    today = places.today()
    over = Q(valid_to__isnull=False, valid_to__lte=today)
    found = places.responsibilities(actor, county=county).filter(over if ended else ~over)
    if words:
        found = found.filter(
            Q(zone__name__icontains=words) | Q(area__name__icontains=words)
            | Q(reason__icontains=words)
        )  # fmt: skip
    if unit:
        found = found.filter(unit=unit)
    return found.filter(asset=asset) if asset else found
