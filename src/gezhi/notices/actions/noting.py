"""Making notices from lines of the book, and putting on the way what leaves the house."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gezhi.notices import adapters, reads, rules
from gezhi.notices.actions.letters import answer_first, answer_letters
from gezhi.notices.actions.sending import leave_new_to_worker
from gezhi.notices.models import Choice, Delivery, Notice
from gezhi.notices.reads import Outgoing, Teller, Telling
from gezhi.notices.rules import Channel, Occasion, State
from gezhi.record.models import Line

_AT_ONCE = 500


@dataclass(frozen=True)
class _Made:
    """A notice that is about to be written, and by which ways it goes out."""

    notice: Notice
    occasion: Occasion
    ways: tuple[Outgoing, ...]
    choice: Choice | None


@transaction.atomic
def note(lines: Sequence[Line], *, now: datetime) -> int:
    """Tell whoever is to be told of these lines; how many notices that made.

    A line that was told already, because the book is read again, tells nobody twice. History
    that is filled in stands on the desk as read, and nothing of it leaves the house.
    """
    counties = dict.fromkeys(line.county for line in lines)
    told = sum(_note([line for line in lines if line.county == one], one, now) for one in counties)
    return told + answer_letters(lines, now=now)


def _note(lines: Sequence[Line], county: str, now: datetime) -> int:
    occasions = reads.occasions_of(lines)
    if not occasions:
        return 0
    teller = Teller(county, occasions)
    made: dict[tuple[UUID | None, str, str], _Made] = {}
    old_before = now - rules.NEWS_NO_MORE
    for occasion, telling in teller.tellings(old_before=old_before):
        one = _made(county, occasion, telling, now, is_old=occasion.at < old_before)
        made.setdefault((telling.to.id, one.notice.cause, occasion.event), one)
    there = reads.told_already(one.notice for one in made.values())
    new = [one for key, one in made.items() if key not in there]
    Notice.objects.bulk_create([one.notice for one in new], batch_size=_AT_ONCE)
    _put_on_the_way(new, teller, now)
    return len(new)


def _made(
    county: str, occasion: Occasion, telling: Telling, now: datetime, *, is_old: bool
) -> _Made:
    to = telling.to
    notice = Notice(
        county=county,
        account_id=to.account,
        report_id=to.report.id if to.report else None,
        unit_id=to.unit,
        case=telling.case,
        number=telling.case.number,
        event=occasion.event,
        audience=to.audience.value,
        cause=occasion.cause(to.audience),
        words=telling.desk if telling.desk is not None else telling.ways[0].words,
        is_on_desk=telling.desk is not None,
        at=occasion.at,
        made_at=now,
        read_at=occasion.at if is_old else None,
    )
    return _Made(notice, occasion, telling.ways, telling.choice)


def _put_on_the_way(made: Iterable[_Made], teller: Teller, now: datetime) -> None:
    """Deliveries wait for the worker, those of a later hour for the sweep of that minute.

    What one cause tells somebody by one channel is one message, and so is what is held of one
    case until the quiet is over, and all that one account gets by mail at one moment.
    """
    deliveries = [_delivery(one, way, teller, now) for one in made for way in one.ways]
    bundles = reads.bundles_waiting(deliveries)
    for delivery in deliveries:
        delivery.bundle = bundles.setdefault(reads.bundle_key(delivery), delivery.bundle)
        if delivery.due <= now and _stays_here(delivery):
            delivery.state, delivery.settled_at = State.KEPT.value, now
    Delivery.objects.bulk_create(deliveries, batch_size=_AT_ONCE)
    mailed = (each.notice.report_id for each in deliveries if each.channel == Channel.MAIL)
    answer_first({report for report in mailed if report}, now=now)
    to_go = (each for each in deliveries if each.state == State.WAITING and each.due <= now)
    leave_new_to_worker({each.bundle: each.due for each in to_go})


def _stays_here(delivery: Delivery) -> bool:
    """Whether no gateway is set that would take it: then it needs no worker either."""
    return adapters.gateway_for(Channel(delivery.channel), delivery.address) is None


def _delivery(one: _Made, way: Outgoing, teller: Teller, now: datetime) -> Delivery:
    notice = one.notice
    state, due = rules.when_to_send(
        way.channel,
        one.occasion.event,
        now=timezone.localtime(now),
        is_urgent=teller.is_urgent(one.occasion),
        notices=teller.batch.book.notices,
        own_quiet=one.choice.quiet if one.choice else None,
        may_wait=notice.account_id is not None,
    )
    return Delivery(
        county=notice.county,
        notice=notice,
        account_id=notice.account_id,
        channel=way.channel.value,
        address=way.to,
        subject=way.subject,
        words=way.words,
        state=state.value,
        due=due,
        made_at=now,
    )
