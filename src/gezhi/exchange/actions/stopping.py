"""What is told of a subscription: on record, and to a person where it stops by itself."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.fact import Fact
from gezhi.exchange.facts import WebhookStopped
from gezhi.exchange.models import Subscription
from gezhi.exchange.rules import WHY_NAMES, State, Why, worded
from gezhi.notices import actions as notices
from gezhi.people import reads as people
from gezhi.record.actions import announce

_EXCHANGE = system("exchange")
_STOPPED = _("事件订阅“%(name)s”停止了：%(why)s没有推送的会留着，恢复以后接着推送。")
_DEAD = _("事件订阅“%(name)s”有事件没有送达：%(said)s。其他事件照常推送。")
_worded = lazy(worded, str)  # each who is told reads it in their own language


def tell(fact: Fact, subscription: Subscription, *, actor: Actor, now: datetime) -> None:
    """On record: in the book, and by it on the audit."""
    about = f"webhook:{subscription.id}"
    announce(fact, about=about, county=subscription.county, actor=actor, now=now)


def stop(subscription: Subscription, why: Why) -> None:
    """Nothing more goes out until somebody resumes it; its place in the book stays."""
    now = clock.now()
    subscription.state, subscription.why = State.STOPPED.value, why.value
    subscription.claimed_at = None
    subscription.save(update_fields=["state", "why", "claimed_at"])
    fact = WebhookStopped(webhook=subscription.id, why=why.value)
    tell(fact, subscription, actor=_EXCHANGE, now=now)
    cause = f"webhook:{subscription.id}:{int(now.timestamp())}"
    values = {"name": subscription.name, "why": WHY_NAMES[why]}
    _tell_administrators(subscription, "webhook_stopped", cause, _STOPPED, values)


def tell_of_dead(subscription: Subscription, said: str) -> None:
    """An event was refused; who looks after it hears of that once a day."""
    cause = f"webhook:{subscription.id}:{clock.now():%Y%m%d}"
    values = {"name": subscription.name, "said": _worded(said)}
    _tell_administrators(subscription, "webhook_dead", cause, _DEAD, values)


def _tell_administrators(
    subscription: Subscription, event: str, cause: str, words: Promise, values: Mapping[str, object]
) -> None:
    notices.tell_accounts(
        people.who_administer(subscription.county), event=event, cause=cause,
        words=words, values=values,
    )  # fmt: skip
