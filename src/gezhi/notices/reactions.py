"""What notices do because an account changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.notices import actions
from gezhi.people.facts import AccountChanged


@reacts_to(AccountChanged)
def forget_addresses(fact: AccountChanged, *, actor: Actor, now: datetime) -> None:
    """A closed account is told of nothing any more, so nobody has to know where."""
    if "is_active" in fact.fields:
        actions.forget_addresses_of(fact.account)
