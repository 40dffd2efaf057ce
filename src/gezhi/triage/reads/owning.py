"""What is laid down, for who keeps it: searched, and with the names of what it speaks of."""

from django.db.models import BooleanField, Case, Count, Q, QuerySet, When

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed
from gezhi.places import reads as places
from gezhi.places.models import Responsibility, Zone

RIGHT = "area.manage"


def may_lay_down(actor: Actor) -> bool:
    """Who keeps the areas keeps whose things in them are."""
    return actor.may(RIGHT)


def grounds(actor: Actor, *, county: str, words: str = "") -> QuerySet[Zone]:
    """The named grounds in the areas the actor keeps, by name or by the area they lie in."""
    if not may_lay_down(actor):
        raise NotAllowed()
    inside = Q(pk__in=[])
    for path in actor.paths(RIGHT):
        inside |= Q(area__path__startswith=path)
    found = places.zones(county).filter(inside).defer("geometry")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(area__name__icontains=words))
    is_drawn = Case(When(geometry=None, then=False), default=True, output_field=BooleanField())
    return found.annotate(is_drawn=is_drawn, laid_down=Count("owners", filter=_goes_on("owners__")))


def _goes_on(of: str = "") -> Q:
    return Q(**{f"{of}valid_to": None}) | Q(**{f"{of}valid_to__gt": places.today()})


def laid_down(
    actor: Actor,
    *,
    county: str,
    words: str = "",
    unit: str = "",
    asset: str = "",
    ended: bool = False,
    orphaned: bool = False,
) -> QuerySet[Responsibility]:
    """In the areas the actor keeps: by the name of ground or area or the reason, unit, thing.

    `orphaned`: only what was laid down for areas that are no more. Nothing goes by it, and what
    stands in its place is for people to say: the area it went into may be another unit's.
    """
    if not may_lay_down(actor):
        raise NotAllowed()
    goes_on = _goes_on()
    found = places.responsibilities(actor, county=county).filter(~goes_on if ended else goes_on)
    if orphaned:
        found = found.filter(area__valid_to__isnull=False)
    if words:
        found = found.filter(
            Q(zone__name__icontains=words) | Q(area__name__icontains=words)
            | Q(reason__icontains=words)
        )  # fmt: skip
    if unit:
        found = found.filter(unit=unit)
    return found.filter(asset=asset) if asset else found
