"""Leave: taken by the person or its administrator, ended early."""

from datetime import datetime
from uuid import UUID

from django.utils import formats, timezone

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.people import errors, reads, rules
from gezhi.people.facts import LeaveEnded, LeaveTaken
from gezhi.people.models import Account, Leave
from gezhi.record.actions import announce


@rows.atomic()
def take_leave(
    *,
    account: UUID,
    starts: datetime,
    ends: datetime,
    kind: str,
    substitute: UUID | None = None,
    actor: Actor,
) -> Leave:
    """Note that a person is away from `starts` up to `ends`, and who stands in.

    Refused where the person is away then already, or the substitute is.
    """
    person, now = reads.person_on_leave(actor, account), clock.now()
    if not person.is_active:
        raise errors.AccountClosed()
    if kind not in set(rules.LeaveKind):
        raise errors.ValueWrong(input="kind")
    if ends <= max(starts, now) or ends - min(starts, now) > rules.LONGEST_LEAVE:
        raise errors.LeaveMomentsWrong()
    reads.accounts_held([account, substitute] if substitute else [account])
    leave = Leave(account=person, starts=starts, ends=ends, kind=kind, substitute_id=substitute)
    _check(leave, now)
    leave.save(force_insert=True)
    fact = LeaveTaken(
        leave=leave.id,
        account=account,
        reason=kind,
        starts=starts,
        ends=ends,
        substitute=substitute,
    )
    _announce(fact, person, actor, now)
    return leave


@rows.atomic()
def end_leave(id: UUID, *, actor: Actor) -> Leave:
    """Let a leave end now; one that has not begun is taken back."""
    leave, now = reads.leave_to_end(actor, id), clock.now()
    if leave.ends <= now or leave.starts == leave.ends:
        raise errors.LeaveEndedAlready()
    leave.ends = max(now, leave.starts)
    leave.save(update_fields=["ends"])
    fact = LeaveEnded(leave=id, account=leave.account_id, on=leave.ends)
    _announce(fact, leave.account, actor, now)
    return leave


def _check(leave: Leave, now: datetime) -> None:
    own = reads.leaves_between([leave.account_id], leave.starts, leave.ends).first()
    if own is not None:
        raise errors.LeaveOverlaps(starts=_told(own.starts), ends=_told(own.ends))
    if leave.substitute_id is None:
        return
    day = timezone.localdate(max(leave.starts, now))
    if not reads.colleagues(leave.account_id, on=day).filter(id=leave.substitute_id).exists():
        raise errors.SubstituteWrong()
    if reads.leaves_between([leave.substitute_id], leave.starts, leave.ends).exists():
        raise errors.SubstituteAway()


def _told(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "Y-m-d H:i")


def _announce(fact: Fact, person: Account, actor: Actor, now: datetime) -> None:
    announce(fact, about=f"account:{person.id}", county=person.county, actor=actor, now=now)
