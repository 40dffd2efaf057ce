"""Reading how long what is kept, what would go now, what has gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.record.keeping import Due, Held, Kind, Over, kinds
from gezhi.retention.models import Hold, Removal, Rule

RIGHT = "security.manage"


def may_manage(actor: Actor) -> bool:
    """Whether somebody decides for the whole deployment how long data is kept."""
    return actor.may(RIGHT, path=settings.COUNTY)


def must_manage(actor: Actor) -> None:
    actor.must(RIGHT, path=settings.COUNTY)


def kind_of(code: str) -> Kind:
    """A kind that some room registered."""
    for kind in kinds():
        if kind.code == code:
            return kind
    raise NotFound()


def kind_to_remove(removal: Removal) -> Kind | None:
    """The kind of a removal, if it may go on: some room still keeps it, and not for longer now."""
    for kind in kinds():
        if kind.code == removal.kind and days_of(kind)[0] <= removal.days:
            return kind
    return None


@dataclass(frozen=True)
class Kept:
    """A kind, the rule in force, and what would go now by it."""

    kind: Kind
    days: int
    rule: Rule | None
    before: datetime
    due: Due

    @property
    def is_in_force(self) -> bool:
        """Whether it goes when its time is up: somebody has set the rule, or nobody need."""
        return self.rule is not None or self.kind.goes_by_itself


def days_of(kind: Kind) -> tuple[int, Rule | None]:
    """For how many days a kind is kept, and who said so; the product's own number without."""
    rule = Rule.objects.filter(county=settings.COUNTY, kind=kind.code).order_by("-id").first()
    return (rule.days if rule else kind.days), rule


def preview(now: datetime) -> list[Kept]:
    """What would go now, of each kind. Nothing is changed."""
    held = held_now()
    found = []
    for kind in kinds():
        days, rule = days_of(kind)
        due = _due(kind, days, held, now)
        found.append(Kept(kind, days, rule, now - timedelta(days=days), due))
    return found


def would_go(kind: Kind, days: int, now: datetime) -> Due:
    """How much of a kind would go by another number of days than the one in force."""
    return _due(kind, days, held_now(), now)


def _due(kind: Kind, days: int, held: Held, now: datetime) -> Due:
    return kind.due(Over(settings.COUNTY, now - timedelta(days=days), held))


def takes_more(kind: Kind, days: int) -> bool:
    """Whether by this number of days anything may go that stays by the rule in force."""
    kept, rule = days_of(kind)
    return days < kept or (rule is None and not kind.goes_by_itself)


def rules_set(actor: Actor) -> QuerySet[Rule]:
    """Every rule that was ever set, the newest first."""
    must_manage(actor)
    return Rule.objects.filter(county=settings.COUNTY).order_by("-id")


def held_now() -> Held:
    """The cases and areas of which nothing may go, with what was merged into any of them."""
    holds = list(holds_now())
    paths = frozenset(hold.path for hold in holds if hold.path)
    named = frozenset(hold.case_id for hold in holds if hold.case_id)
    if not holds:
        return Held()
    merged = cases.merged_into(named, paths, county=settings.COUNTY)
    return Held(named | merged, paths)


def wait_for_slices(county: str) -> None:
    """No slice goes until this transaction ends; waits for those under way.

    So what is held, or kept for longer, is so from the moment somebody is told.
    """
    _lock("pg_advisory_xact_lock", county)


def keep_rules_still(county: str) -> None:
    """No rule or hold is set until this transaction ends; other slices may go beside it."""
    _lock("pg_advisory_xact_lock_shared", county)


def _lock(how: str, county: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {how}(hashtextextended(%s, 0))", [f"retention:{county}"])


def holds_now() -> QuerySet[Hold]:
    return Hold.objects.filter(county=settings.COUNTY, lifted_at__isnull=True).order_by("-at")


def hold_to_lift(id: UUID) -> Hold:
    """A hold that is in force, kept until the transaction ends."""
    found = holds_now().select_for_update().filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def removals(actor: Actor) -> QuerySet[Removal]:
    """What was removed, the newest first."""
    must_manage(actor)
    return Removal.objects.filter(county=settings.COUNTY).order_by("-began_at", "-id")


def removal_for(actor: Actor, id: UUID) -> Removal:
    found = removals(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def open_removals() -> list[Removal]:
    """Those that are not done yet, whoever left them."""
    return list(Removal.objects.filter(county=settings.COUNTY, finished_at__isnull=True))


def removal_held(id: UUID) -> Removal | None:
    """One that is not done yet, for this worker alone; None if another works on it."""
    return (
        Removal.objects.select_for_update(skip_locked=True)
        .filter(pk=id, finished_at__isnull=True)
        .first()
    )
