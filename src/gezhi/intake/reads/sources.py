"""Sources, what they brought, how they are; who may look, who may change, who settles."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.base.sealed import blind_indexes
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.intake import adapters, rules
from gezhi.intake.errors import MessageGone
from gezhi.intake.models import ImportRow, Received, Source
from gezhi.intake.rules import Fate, Way
from gezhi.intake.rules.mail import named as name_of_id
from gezhi.intake.rules.mail import sender_text
from gezhi.intake.rules.mapping import FieldMap, known_alone, read_map
from gezhi.intake.rules.twins import is_told_again
from gezhi.places import rules as places
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads as triage

_SYSTEM = system("intake")
MOST_OF_SENDER = 20  # mails that one address may send in an hour
MOST_OF_SOURCE = 600  # and all of them to one mailbox


def may_manage(actor: Actor) -> bool:
    """Settings and secrets are the county's administrators'."""
    return actor.may("rulebook.manage", path=settings.COUNTY)


def may_settle(actor: Actor) -> bool:
    """What waits holds what people wrote: for who takes in the county's messages."""
    return actor.may("case.import", path=settings.COUNTY)


def may_look(actor: Actor) -> bool:
    """How sources are and what came of it, without anybody's words."""
    return (
        may_manage(actor) or may_settle(actor) or actor.may("case.supervise", path=settings.COUNTY)
    )


def must(actor: Actor, *ways: bool) -> None:
    """Refuse where none of these lets the actor in."""
    if not any(ways):
        raise NotAllowed() if actor.kind != "resident" else NotFound()


def sources(actor: Actor, *, county: str) -> QuerySet[Source]:
    """All of the county, in the order they were made."""
    must(actor, may_look(actor))
    return Source.objects.filter(county=county).order_by("made_at", "id")


def source_for(actor: Actor, source_id: UUID) -> Source:
    """One of them, if the actor may look."""
    found = sources(actor, county=settings.COUNTY).filter(pk=source_id).first()
    if found is None:
        raise NotFound()
    return found


def source_to_change(actor: Actor, source_id: UUID) -> Source:
    """Like `source_for`, for who manages it, holding the row."""
    must(actor, may_manage(actor))
    found = Source.objects.filter(county=settings.COUNTY, pk=source_id).select_for_update().first()
    if found is None:
        raise NotFound()
    return found


def has_received(source: Source) -> bool:
    """Whether it ever brought anything, also what is here no more."""
    brought = Received.objects.filter(county=source.county, source=source)
    return source.received_at is not None or brought.exists()


def any_source(source_id: UUID) -> Source | None:
    """A source as a door finds it, before anybody has proved who they are."""
    return Source.objects.filter(county=settings.COUNTY, pk=source_id).first()


def hold_source(source: Source) -> bool:
    """Let nobody remove it until the transaction ends; false where it is gone."""
    held = Source.objects.select_for_update(no_key=True).filter(pk=source.pk)
    return held.values("pk").first() is not None


def secrets_of(source: Source) -> list[str]:
    """What its senders may sign with: its secret, and for a day the one before."""
    until = source.secret_until
    before = source.secret_before if until and clock.now() < until else ""
    return [each for each in (source.secret, before) if each]


def asked_by_us() -> list[Source]:
    """Those that are asked from here; none where the settings say that nobody is asked."""
    if not settings.ASK_SOURCES:
        return []
    active = Source.objects.filter(county=settings.COUNTY, is_active=True)
    return [each for each in active if way(each) != Way.PUSH]


def way(source: Source) -> Way:
    """How its messages come."""
    return rules.way_of(source.kind, source.url)


def map_of(source: Source) -> FieldMap:
    """Its map by the rulebook of today: kinds that it has no more are left out, none is refused."""
    known = rulebook.current(source.county).categories
    return known_alone(read_map(source.field_map, categories=None), known)


def kinds_gone(source: Source) -> list[str]:
    """The kinds its map names that the rulebook has no more."""
    named = read_map(source.field_map, categories=None).categories.values()
    return sorted(set(named) - set(rulebook.current(source.county).categories))


def received_as(source: Source, external: str) -> Received | None:
    """What came under this name before, held."""
    return (
        Received.objects.filter(county=source.county, source=source, external=external)
        .select_for_update()
        .first()
    )


def came_just_so(source: Source, found: Mapping[str, str]) -> list[str]:
    """Of these names, each with what came under it, those under which the same came before."""
    rows = Received.objects.filter(county=source.county, source=source, external__in=list(found))
    told = rows.exclude(came_as="").values_list("external", "came_as")
    return [name for name, came_as in told if found[name] == came_as]


def received_of(actor: Actor, source: Source, *, fates: Collection[str] = ()) -> QuerySet[Received]:
    """What a source brought, the newest first."""
    must(actor, may_look(actor))
    found = Received.objects.filter(county=source.county, source=source)
    found = found.filter(fate__in=fates) if fates else found
    return found.order_by("-received_at", "-id")


def received_for(actor: Actor, received_id: UUID) -> Received:
    """One message with its source, for who looks."""
    must(actor, may_look(actor))
    found = (
        Received.objects.filter(county=settings.COUNTY, pk=received_id)
        .select_related("source")
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def received_to_change(actor: Actor, received_id: UUID) -> Received:
    """Like `received_for`, holding the row."""
    must(actor, may_look(actor))
    found = (
        Received.objects.filter(county=settings.COUNTY, pk=received_id)
        .select_related("source")
        .select_for_update(of=("self",))
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def raw_of(row: Received) -> bytes:
    """What was sent, of what nobody has taken."""
    try:
        return adapters.read_received(row.county, row.id)
    except FileNotFoundError as error:
        raise MessageGone() from error


def failed_by_accident(most_tries: int) -> list[Received]:
    """What a fault of ours kept out, and is tried again."""
    return list(
        Received.objects.filter(
            county=settings.COUNTY, fate=Fate.WAITING, reason="accident", tries__lt=most_tries
        ).order_by("received_at")[:100]
    )


def sent_within(sender: str, *, county: str, since: datetime) -> int:
    """How many mails an address sent since then."""
    return Received.objects.filter(
        county=county, sender_index__in=sender_indexes(sender), received_at__gte=since
    ).count()


def brought_since(source: Source, since: datetime) -> int:
    """How much of what people say came by a source since then; what was only left counts not."""
    return (
        Received.objects.filter(county=source.county, source=source, received_at__gte=since)
        .exclude(Q(fate=Fate.IGNORED) | Q(reason__in=rules.LEFT))
        .count()
    )


def flood_of(source: Source, sender: str) -> Received | None:
    """What is written down of the mails that this address sent too many of, held."""
    return (
        Received.objects.filter(
            county=source.county,
            source=source,
            sender_index__in=sender_indexes(sender),
            fate=Fate.REFUSED,
            reason="sender_many",
        )  # fmt: skip
        .select_for_update()
        .first()
    )


def known_by_number(row: Received, source: Source) -> Case | None:
    """The case that a file or the hotline's console brought under this very number."""
    key = rules.number_key(source.channel, row.external)
    there = cases.with_source_keys([key], county=row.county) if key else []
    if not there or Received.objects.filter(county=row.county, case=there[0]).exists():
        return None  # two sources may count alike: that is no same matter
    return cases.visible_to(_SYSTEM).get(pk=there[0])


def liked_besides(row: Received) -> tuple[int, int]:
    """How the other messages of its case were liked, in a file or where a source found them.

    What a file and a source know by one number is one message, and the source's count is newer.
    """
    beside = Received.objects.filter(
        county=row.county, case=row.case_id, fate__in=[Fate.TAKEN, Fate.JOINED]
    )
    told = beside.exclude(pk=row.pk).aggregate(likes=Sum("likes"), dislikes=Sum("dislikes"))
    likes, dislikes = told["likes"] or 0, told["dislikes"] or 0
    if row.report and not beside.filter(report=None).exists():
        for each in ImportRow.objects.filter(county=row.county, case=row.case_id):
            likes, dislikes = likes + (each.likes or 0), dislikes + (each.dislikes or 0)
    return likes, dislikes


def sender_indexes(sender: str) -> list[bytes]:
    """What an address is found by, under each key that is still good."""
    return blind_indexes(sender_text(sender))


def case_answered(source: Source, *, number: str, answers: Collection[str]) -> Case | None:
    """The case a mail is about: by the number in its subject, or by a mail that it refers to.

    That is one that came by this mailbox, or ours to the sender of one.
    """
    if number:
        return cases.visible_to(_SYSTEM).filter(county=source.county, number=number).first()
    named = Q(external__in=[name_of_id(id) for id in answers]) | Q(told_as__in=answers)
    row = (
        Received.objects.filter(named, county=source.county, source=source, case__isnull=False)
        .select_related("case")
        .order_by("-received_at")
        .first()
    )
    return row.case if row else None


def report_of_sender(case: Case, sender: str) -> UUID | None:
    """The report in this case that this address made; None where it is nobody's we know."""
    return (
        Received.objects.filter(
            county=case.county,
            case=case,
            sender_index__in=sender_indexes(sender),
            fate__in=[Fate.TAKEN, Fate.JOINED],
        )
        .values_list("report", flat=True)
        .first()
    )


@dataclass(frozen=True)
class Same:
    """The case that surely is the same matter, or else the one that may be."""

    sure: Case | None = None
    likely: Case | None = None


def told_already(message: rules.Incoming, *, county: str, channel: str, at: datetime) -> Same:
    """Whether somebody has just said the same, by whatever way; triage says what is alike.

    Surely: nearly the same words within the hour, at no other place, of no private matter. All
    else is only likely, and for a person to say.
    """
    point = None
    if message.lon is not None and message.lat is not None:
        datum = places.datum_of(message.datum)
        point = places.to_wgs84(message.lon, message.lat, datum)
    found = triage.proposed(
        message.what, county=county, place=message.place, path=message.path, point=point,
        channel=channel, actor=_SYSTEM, at=at,
    )  # fmt: skip
    book = rulebook.current(county)
    for each in found.same:
        kind = book.categories.get(each.case.category or each.case.proposed_category)
        is_private = message.is_secret or each.case.is_secret
        is_private = is_private or (kind is not None and (kind.sensitive or kind.personal))
        if not is_private and is_told_again(
            message.what, each.case.what, one_at=at, other_at=each.case.opened_at,
            metres=each.metres,
        ):  # fmt: skip
            return Same(sure=each.case)
    return Same(likely=found.same[0].case if found.same else None)


def reason_words(row: Received) -> str:
    """Why it is not in."""
    return rules.reason_words(row.reason, row.detail)
