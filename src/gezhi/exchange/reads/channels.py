"""Every way in and out of the county, and how each is: composed of what each room tells."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.channels import (
    MEASURED,
    SPANS,
    Channel,
    Counts,
    Kind,
    Sign,
    by,
    counted,
    counts_in,
)
from gezhi.base.refusal import NotAllowed
from gezhi.cases.reads import channels as of_cases
from gezhi.exchange import rules
from gezhi.exchange.models import Delivery, Handover, Peer, Subscription
from gezhi.exchange.reads.looking import Standing, may_manage, standings_of
from gezhi.exchange.reads.opendata import published
from gezhi.exchange.reads.peers import with_peers
from gezhi.exchange.reads.sending import first_waiting
from gezhi.exchange.rules import Reach, Stage, State
from gezhi.hotline.reads import channels as of_hotline
from gezhi.intake.reads import channels as of_intake
from gezhi.people import reads as people
from gezhi.record import reads as record

_Total = tuple[datetime | None, Counts]  # when the last came, and how much
_OLD_FILES = timedelta(hours=36)  # they are written every night


def channels(actor: Actor) -> list[Channel]:
    """All of them, for the county's administrator: what comes in, then what goes out."""
    if not may_manage(actor):
        raise NotAllowed()
    county, now = settings.COUNTY, clock.now()
    return [
        *of_cases.came_in(county=county, now=now),
        of_hotline.channel(now),
        *of_intake.channels(now),
        *_programs(now),
        *_webhooks(now),
        *_peers(now),
        _open_data(now),
    ]


def _programs(now: datetime) -> list[Channel]:
    """Who reports over Open311: every other program, and who else did lately."""
    sent = of_cases.sent_by_programs("open311", county=settings.COUNTY, now=now)
    holders = people.holders_of(sent)
    names = people.account_names(holders.values())
    names |= {each.id: each.name for each in people.programs_of(settings.COUNTY)}
    totals: dict[UUID | str, _Total] = dict.fromkeys(names, (None, Counts()))
    for label, (last, counts) in sent.items():
        who = holders.get(label, label)
        before, had = totals.get(who, (None, Counts()))
        totals[who] = (max(filter(None, (last, before))), had.plus(counts))
    return sorted((_program(who, names, *total) for who, total in totals.items()), key=_by_name)


def _program(
    who: UUID | str, names: Mapping[UUID, str], last: datetime | None, counts: Counts
) -> Channel:
    id, sign = who if isinstance(who, UUID) else None, Sign.OK if counts.month else Sign.SILENT
    name = names.get(id, str(who)) if id else str(who)
    return Channel(Kind.OPEN311, name, sign, "open311", id, last=last, counts=counts)


def _by_name(one: Channel) -> tuple[str, str]:
    return one.name, str(one.id)


def _webhooks(now: datetime) -> list[Channel]:
    found = list(Subscription.objects.filter(county=settings.COUNTY).order_by("name", "id"))
    standings = standings_of(found)
    arrived = Delivery.objects.filter(
        county=settings.COUNTY, stage=Stage.DELIVERED.value, settled_at__gte=now - MEASURED
    )
    rows = by(
        "subscription",
        arrived.order_by().values("subscription").annotate(**counted("settled_at", now)),
    )
    dead = Delivery.objects.filter(
        subscription__in=found, stage=Stage.DEAD.value, settled_at__gte=now - SPANS["day"]
    )
    died = dict(dead.order_by().values_list("subscription").annotate(Count("pk")))
    return [
        _webhook(each, standings[each.id], counts_in(rows.get(each.id)), died.get(each.id, 0))
        for each in found
    ]


def _webhook(found: Subscription, standing: Standing, counts: Counts, died: int) -> Channel:
    is_failing = _is_failing(found.failed_at, found.delivered_at)
    if found.state == State.PAUSED or not settings.WEBHOOKS:
        sign = Sign.OFF
    else:
        sign = Sign.FAULTY if found.state == State.STOPPED or is_failing else Sign.OK
    return Channel(
        Kind.WEBHOOK, found.name, sign, "webhook", found.id, last=found.delivered_at,
        counts=counts, faults=died, fault=rules.worded(found.error) if is_failing else "",
        fault_at=found.failed_at if is_failing else None,
        waiting=standing.waiting + standing.unread, oldest=_oldest(found, standing),
    )  # fmt: skip


def _oldest(found: Subscription, standing: Standing) -> datetime | None:
    """When what waits longest happened; what is still unread in the book comes after the rest."""
    waits = first_waiting(found.id) if standing.waiting else None
    if waits is not None:
        return waits.at
    unread = record.lines_after(found.xid, found.line, most=1) if standing.unread else []
    return unread[0].at if unread else None


def _is_failing(failed: datetime | None, went_well: datetime | None) -> bool:
    return failed is not None and (went_well is None or failed > went_well)


def _peers(now: datetime) -> list[Channel]:
    found = list(Peer.objects.filter(county=settings.COUNTY).order_by("name", "id"))
    standings = with_peers(found)
    day = Q(reach=Reach.DEAD.value, asked_at__gte=now - SPANS["day"])
    told = Handover.objects.filter(peer__in=found).order_by().values("peer")
    rows = by(
        "peer",
        told.annotate(
            last=Max("sent_at"),
            died=Count("pk", filter=day),
            oldest=Min("asked_at", filter=Q(reach=Reach.WAITING.value)),
            **counted("sent_at", now),
        ),
    )
    return [_peer(each, standings[each.id].waiting, rows.get(each.id) or {}) for each in found]


def _peer(found: Peer, waiting: int, row: Mapping[str, Any]) -> Channel:
    is_failing = _is_failing(found.failed_at, found.well_at)
    if not found.is_active or not settings.WEBHOOKS:
        sign = Sign.OFF
    else:
        sign = Sign.FAULTY if is_failing else Sign.OK
    return Channel(
        Kind.PEER, found.name, sign, "peer", found.id, last=row.get("last"),
        counts=counts_in(row), faults=row.get("died", 0),
        fault=found.error if is_failing else "", fault_at=found.failed_at if is_failing else None,
        waiting=waiting, oldest=row.get("oldest"),
    )  # fmt: skip


def _open_data(now: datetime) -> Channel:
    """Files of what is public; OGC API and Open311 tell it from the rows, with nothing to wait."""
    last = published()
    if last is None:
        return Channel(Kind.OPEN_DATA, _("开放数据"), Sign.SILENT, "open_data")
    is_old = last.at < now - _OLD_FILES
    return Channel(
        Kind.OPEN_DATA, _("开放数据"), Sign.FAULTY if is_old else Sign.OK, "open_data",
        last=last.at, fault=_("应当每天夜里重写，没有写出来") if is_old else "",
    )  # fmt: skip
