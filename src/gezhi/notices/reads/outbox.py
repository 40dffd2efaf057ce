"""What is on its way out: for the worker, and for those who look after it."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet

from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads as cases
from gezhi.intake.reads import letters
from gezhi.notices import rules
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import Channel, State
from gezhi.rulebook import reads as rulebook

_NOTICES = system("notices")
_RIGHT = "account.manage"
_READY = [state.value for state in rules.READY]


def deliveries_to_send(bundle: UUID, *, now: datetime) -> list[Delivery]:
    """What of a bundle is due and nobody sends yet, in order, held until the transaction ends."""
    return list(
        Delivery.objects.filter(bundle=bundle, state__in=_READY, due__lte=now)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("notice")
        .order_by("made_at", "id")
    )


def bundles_left(*, now: datetime, most: int) -> list[UUID]:
    """Bundles whose hour has come, and those that whoever was to send them has left."""
    waited = Q(state__in=[State.HELD.value, State.DIGESTED.value], due__lte=now)
    is_lost = Q(due__lt=now - rules.JOB_LOST) | Q(is_again=True, due__lte=now)
    left = Delivery.objects.filter(waited | Q(is_lost, state=State.WAITING.value))
    return list(
        dict.fromkeys(left.order_by("due", "made_at", "id").values_list("bundle", flat=True)[:most])
    )


def is_urgent(notice: Notice) -> bool:
    """Whether the case it is about is urgent, if it is about one."""
    if notice.case_id is None:
        return False
    case = cases.visible_to(_NOTICES).get(pk=notice.case_id)
    return cases.is_urgent(case, rulebook.current(notice.county))


def bundle_key(delivery: Delivery) -> tuple[Any, ...]:
    """What goes in one message with whatever has the same key.

    Gathered, that is all that an account gets at that moment; held, all of one case; else what
    comes of one cause.
    """
    notice = delivery.notice
    to = notice.account_id or notice.report_id or notice.unit_id
    together: UUID | str | None = notice.cause
    if delivery.state == State.HELD:
        together = notice.case_id
    elif delivery.state == State.DIGESTED and notice.account_id:
        together = None
    return to, delivery.channel, delivery.due, delivery.address, together


def bundles_waiting(deliveries: Iterable[Delivery]) -> dict[tuple[Any, ...], UUID]:
    """The bundles that one of these joins, by key: the first made of two is the one.

    In one query for all that are gathered, and one for all that are held.
    """
    made = list(deliveries)
    gathered = [one for one in made if one.state == State.DIGESTED and one.account_id]
    held = [one for one in made if one.state == State.HELD]
    found: list[Delivery] = []
    if gathered:
        accounts = {one.account_id for one in gathered}
        found += _waiting(gathered, state=State.DIGESTED.value, account__in=accounts)
    if held:
        about = {one.notice.case_id for one in held}
        county = held[0].county
        found += _waiting(
            held, state=State.HELD.value, notice__county=county, notice__case__in=about
        )
    return {bundle_key(row): row.bundle for row in found}


def _waiting(like: Iterable[Delivery], **asked: Any) -> Iterable[Delivery]:
    found = Delivery.objects.filter(due__in={one.due for one in like}, **asked)
    return found.select_related("notice").order_by("-id")


def told_already(notices: Iterable[Notice]) -> set[tuple[UUID | None, str, str]]:
    """Of these that are about to be made the ones that are there: (addressee, cause, event)."""
    causes = {notice.cause for notice in notices}
    there = Notice.objects.filter(cause__in=causes).values_list(
        "account_id", "report_id", "unit_id", "cause", "event"
    )
    return {
        (account or report or unit, cause, event) for account, report, unit, cause, event in there
    }


def is_for_outbox(actor: Actor) -> bool:
    """Administrators look after what goes out; in a demo all staff may see it."""
    return actor.may(_RIGHT) or (settings.DEMO and bool(actor.posts))


def outbox(actor: Actor) -> QuerySet[Delivery]:
    """What goes out about cases in the areas the actor administers (in a demo: all)."""
    if not is_for_outbox(actor):
        raise NotAllowed()
    found = Delivery.objects.filter(county=settings.COUNTY).select_related("notice")
    found = found.annotate(is_secret=F("notice__report__is_secret"))
    if settings.DEMO:
        return found
    inside = (Q(notice__case__path__startswith=path) for path in actor.paths(_RIGHT))
    return found.filter(reduce(or_, inside, Q(pk__in=[])))


def delivery_to_send_again(actor: Actor, id: UUID) -> Delivery:
    """One of them, for who administers: a demo shows them to all staff."""
    actor.must(_RIGHT)
    found = outbox(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def to_send_again(rows: Iterable[Delivery]) -> set[UUID]:
    """Which of these failed and can be sent again: what tells a code only while that is kept."""
    failed = [row for row in rows if row.state == State.FAILED]
    telling = [row.notice.report_id for row in failed if row.notice.event == rules.LETTER]
    kept = letters.with_codes([report for report in telling if report]) if telling else set()
    return {
        row.id for row in failed
        if row.notice.event != rules.LETTER or row.notice.report_id in kept
    }  # fmt: skip


def channels_kept() -> list[Channel]:
    """The channels that nothing leaves by, because no gateway is set (or it is a demo)."""
    ways = ((Channel.MAIL, settings.MAIL), (Channel.SMS, settings.SMS_GATEWAY),
            (Channel.CHAT, settings.CHAT_ROBOTS))  # fmt: skip
    return [channel for channel, setting in ways if settings.DEMO or not setting]
