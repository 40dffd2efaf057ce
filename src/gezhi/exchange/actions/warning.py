"""Who hears that a case with a peer needs a person: its unit's heads, the supervisors above."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.exchange.models import Handover
from gezhi.exchange.rules import HALT_NAMES, Halt
from gezhi.notices import actions as notices
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import Role

_HALTED = _("工单 %(number)s 没有转到%(peer)s：%(why)s")
_LOST = _("%(peer)s查不到编号 %(request)s，工单 %(number)s 在那边办得怎样要另外问。")
_STUCK = _("%(peer)s对工单 %(number)s 的答复这里办不了：%(why)s")


def tell_of_halt(one: Handover, case: Case) -> None:
    """It went no further by itself. Those who keep the house hear of it where nobody else is."""
    values = {"number": one.number, "peer": one.peer.name, "why": HALT_NAMES[Halt(one.why)]}
    cause = f"handover:{one.id}:{one.why}:{one.tries}"
    _tell(case, one, "peer_halted", cause, _HALTED, values)


def tell_of_lost(one: Handover, case: Case) -> None:
    """The peer, asked again and again, doesn't know the number it gave."""
    values = {"number": one.number, "peer": one.peer.name, "request": one.request or one.token}
    _tell(
        case, one, "peer_stuck", f"handover:{one.id}:lost:{one.request or one.token}", _LOST, values
    )


def tell_of_stuck(one: Handover, case: Case, said: UUID, why: str) -> None:
    """The peer said something that can't be done here as things stand; told once of each."""
    values = {"number": one.number, "peer": one.peer.name, "why": why}
    _tell(case, one, "peer_stuck", f"heard:{said}", _STUCK, values)


def _tell(
    case: Case, one: Handover, event: str, cause: str, words: Promise, values: Mapping[str, object]
) -> None:
    notices.tell_accounts(
        _who(case, one), event=event, cause=cause, case=case, words=words, values=values
    )


def _who(case: Case, one: Handover) -> list[UUID]:
    now = clock.now()
    staffing = people.Staffing(now)
    found = list(staffing.at_work(one.peer.unit_id, roles=None, heads=True, at=now))
    centre: Unit | None = people.unit(case.centre_id)
    while centre is not None:
        if above := staffing.at_work(centre.id, roles={Role.SUPERVISOR}, at=now):
            return list(dict.fromkeys([*found, *above]))
        centre = people.parent_centre(centre)
    return found or people.who_administer(case.county)
