"""Calls: at whose hand, whose caller, of which case."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Min, Q, QuerySet

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_phone
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.base.sealed import blind_indexes
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import phone_text
from gezhi.hotline import rules
from gezhi.hotline.errors import AgentUnknown, CallSettled, CallStands
from gezhi.hotline.models import Call
from gezhi.hotline.reads.articles import ANSWER, may_write
from gezhi.hotline.rules import Outcome
from gezhi.people import reads as people
from gezhi.people.models import Account
from gezhi.rulebook.rules import Given

CONNECT = "hotline.connect"


def is_for_calls(actor: Actor) -> bool:
    """Whether an actor answers calls, or looks over what was answered."""
    return actor.may(ANSWER) or may_write(actor)


def calls(actor: Actor) -> QuerySet[Call]:
    """One's own calls; all of the county for who writes what is answered. All reads start here."""
    if not is_for_calls(actor):
        raise NotAllowed()
    seen = Q() if may_write(actor) else Q(account=actor.account)
    return Call.objects.filter(seen, county=settings.COUNTY)


def call_for(actor: Actor, id: UUID) -> Call:
    """One of them."""
    found = calls(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def call_to_settle(actor: Actor, id: UUID) -> Call:
    """An own call that nothing has become of yet, held until the transaction ends."""
    actor.must(ANSWER)
    found = Call.objects.select_for_update().filter(pk=id, account=actor.account).first()
    if found is None:
        raise NotFound()
    if found.outcome:
        raise CallSettled(outcome=rules.OUTCOME_NAMES[Outcome(found.outcome)])
    return found


def call_to_take_up(actor: Actor, id: UUID) -> Call:
    """An own call that was settled without a case a while ago at most, held."""
    actor.must(ANSWER)
    found = Call.objects.select_for_update().filter(pk=id, account=actor.account).first()
    if found is None:
        raise NotFound()
    if not rules.may_take_up(found.outcome, found.settled_at, clock.now()):
        raise CallStands()
    return found


def mistaken(actor: Actor, id: UUID) -> Call | None:
    """An own call that may be said to have been settled by mistake."""
    actor.must(ANSWER)
    found = Call.objects.filter(pk=id, account=actor.account).first()
    is_so = found and rules.may_take_up(found.outcome, found.settled_at, clock.now())
    return found if is_so else None


def is_written_down(id: UUID) -> bool:
    """Whether there is a call of this id, anybody's."""
    return Call.objects.filter(pk=id).exists()


def at_hand(actor: Actor) -> list[Call]:
    """The actor's calls that nobody has said the outcome of, the newest first."""
    actor.must(ANSWER)
    since = clock.now() - rules.RINGS_FOR
    own = Call.objects.filter(account=actor.account, outcome="", began_at__gte=since)
    return list(own.order_by("-began_at", "-id")[:10])


def open_call(actor: Actor, id: UUID) -> Call | None:
    """An own call that nobody has said the outcome of, however long ago it rang."""
    actor.must(ANSWER)
    return Call.objects.filter(pk=id, account=actor.account, outcome="").first()


def call_at_work(actor: Actor, id: UUID) -> Call:
    """Like `open_call`, for who asks for that one and no other."""
    found = open_call(actor, id)
    if found is None:
        raise NotFound()
    return found


def calls_of_case(case: UUID) -> list[Call]:
    """The calls of a case the actor has been let at, the first one first."""
    found = Call.objects.filter(county=settings.COUNTY, case=case)
    return list(found.select_related("account").order_by("began_at", "id"))


def calls_from(phone: str, *, county: str) -> list[Call]:
    """What is kept of the calls from a number, for whoever has proved that it is theirs."""
    index = blind_indexes(phone_text(phone)) if phone else []
    found = Call.objects.filter(county=county, phone_index__in=index)
    return list(found.select_related("version").order_by("began_at", "id"))


def began_at(case_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When somebody first called about each of these cases, where a call is known."""
    found = Call.objects.filter(county=settings.COUNTY, case__in=list(case_ids))
    return dict(found.values_list("case").annotate(Min("began_at")).order_by())


def shown_number(call: Call) -> str:
    """Its number, masked; nothing where the matter is secret, as on the case itself."""
    is_secret = call.case is not None and call.case.is_secret
    return mask_phone(call.phone) if call.phone and not is_secret else ""


def said_in(call: Call) -> dict[str, str]:
    """What the agent has typed so far, by the name of the input."""
    found: dict[str, Any] = json.loads(call.said or "{}")
    return {name: text for name, text in found.items() if name != "answers"}


def answers_in(call: Call) -> Given:
    """The answers to the category's questions so far, by their codes."""
    found: dict[str, list[str]] = json.loads(call.said or "{}").get("answers", {})
    return {code: tuple(texts) for code, texts in found.items()}


@dataclass(frozen=True)
class Caller:
    """Who calls, as far as an agent sees it: the masked number, what it called about before.

    `cases` are the newest of `count` that the agent may see.
    """

    masked: str
    cases: list[Case]
    count: int
    calls: int


def caller_of(actor: Actor, phone: str, *, besides: UUID | None = None, most: int = 5) -> Caller:
    """What a number that calls is known by."""
    actor.must(ANSWER)
    if not phone:
        return Caller("", [], 0, 0)
    found = cases.of_phone(actor, phone, county=settings.COUNTY)
    index = blind_indexes(phone_text(phone))
    before = Call.objects.filter(county=settings.COUNTY, phone_index__in=index)
    before = before.exclude(case__is_secret=True)
    if besides is not None:
        before = before.exclude(pk=besides)
    return Caller(mask_phone(phone), list(found[:most]), found.count(), before.count())


# --- for the telephone system ---------------------------------------------------------------------


def call_of_program(actor: Actor, call_id: str, *, is_held: bool = False) -> Call | None:
    """A call that this program told of."""
    actor.must(CONNECT)
    own: QuerySet[Call] = Call.objects.filter(
        county=settings.COUNTY, program=actor.account, call_id=call_id
    )
    return (own.select_for_update() if is_held else own).first()


def agent_called(login: str, *, actor: Actor) -> tuple[Account, UUID]:
    """The agent of that login with the unit they answer in, where this program connects calls."""
    account: Any = people.accounts_by_login([login.strip().lower()]).get(login.strip().lower())
    posts = people.acting(account).posts if account else ()
    within = tuple(actor.paths(CONNECT))
    for post in posts:
        if ANSWER in post.rights and post.path.startswith(within):
            return account, post.unit
    raise AgentUnknown(login=login[:48])
