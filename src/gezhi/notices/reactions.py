"""What notices do because an account changed, or a mail of theirs came back."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.intake.facts import MailReturned
from gezhi.notices import actions
from gezhi.people.facts import AccountChanged


@reacts_to(AccountChanged)
def forget_addresses(fact: AccountChanged, *, actor: Actor, now: datetime) -> None:
    """A closed account is told of nothing any more, so nobody has to know where."""
    if "is_active" in fact.fields:
        actions.forget_addresses_of(fact.account)


@reacts_to(MailReturned)
def take_back(fact: MailReturned, *, actor: Actor, now: datetime) -> None:
    """What did not arrive is not waited for."""
    actions.take_back(fact.mail, status=fact.status, now=now)
