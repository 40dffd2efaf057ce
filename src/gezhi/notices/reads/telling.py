"""Who is told of an occasion and by which ways. The preview asks the same."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation

from gezhi.base.actor import system
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.notices import adapters
from gezhi.notices.models import Choice
from gezhi.notices.reads.mine import choices_of
from gezhi.notices.reads.wording import DESK, Addressee, Wording, is_urgent
from gezhi.notices.rules import CONFIRMED, WORKING, Audience, Channel, Occasion
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import Role

_NOTICES = system("notices")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_MAY_APPROVE = frozenset({Role.SUPERVISOR})
_ROLES = {
    Audience.HOLDER: WORKING,
    Audience.JOINT: WORKING,
    Audience.APPROVER: _MAY_APPROVE,
    Audience.CENTRE: {Role.SUPERVISOR},
    Audience.ABOVE: {Role.SUPERVISOR},
    Audience.TOP: {Role.SUPERVISOR},
    Audience.LEADER: {Role.LEADER},
}


@dataclass(frozen=True)
class Outgoing:
    """Words by one channel to one address: a mail address, a phone, the code of a unit."""

    channel: Channel
    to: str
    subject: str
    words: str


@dataclass(frozen=True)
class Telling:
    """What one addressee is told: on the desk (None: not there) and by other ways."""

    to: Addressee
    case: Case
    desk: str | None
    ways: tuple[Outgoing, ...]
    choice: Choice | None


class Teller:
    """Answers for a batch of occasions, so that what they share is fetched once."""

    def __init__(self, county: str, occasions: Sequence[Occasion]) -> None:
        self.wording = Wording(county, occasions)
        moments = [each.at for each in occasions]
        self._staffing = people.Staffing(min(moments), max(moments))
        self._choices: dict[UUID, Choice | None] = {}
        self._languages: dict[UUID, str] = {}

    def tellings(self, occasion: Occasion, *, is_old: bool = False) -> list[Telling]:
        """Everybody to be told. Of what is old only the desk is told: nobody is called about it."""
        case = self.wording.cases.get(occasion.case)
        if case is None:
            return []
        inside = self._for_the_house(occasion)
        own = self.wording.cases[inside.case]
        found = [(inside, each) for each in self._accounts(inside, own)]
        self._learn(to.account for _about, to in found if to.account)
        if not is_old:
            found += [(occasion, each) for each in self._reporters(occasion, case)]
            found += [(inside, each) for each in self._groups(inside, own)]
        if occasion.heard:
            heard = {one.to.id for each in occasion.heard for one in self.tellings(each)}
            found = [(about, to) for about, to in found if to.id not in heard]
        told = [self._telling(about, to, is_old) for about, to in found]
        return [each for each in told if each.desk is not None or each.ways]

    def is_holder_absent(self, occasion: Occasion) -> bool:
        """Whether the people of the holding unit are to be told and none of them is at work."""
        case = self.wording.cases.get(occasion.case)
        if case is None or not self._is_wanted(occasion, Audience.HOLDER, ("desk",)):
            return False
        return not self._at_work_for(Audience.HOLDER, occasion, case)

    def is_urgent(self, occasion: Occasion) -> bool:
        """Whether quiet hours may let it through."""
        return is_urgent(self.wording.cases[occasion.case], self.wording.book)

    def _for_the_house(self, occasion: Occasion) -> Occasion:
        """Of a case that was merged the house hears as of the main one, on which work goes on."""
        main = self.wording.cases.get(occasion.main) if occasion.main else None
        return replace(occasion, case=main.id, holder=main.holder_id, seq=0) if main else occasion

    # --- who ---------------------------------------------------------------------------------

    def _accounts(self, occasion: Occasion, case: Case) -> Iterable[Addressee]:
        """Accounts, each under the first audience it belongs to; not who did it."""
        seen: set[UUID] = set()
        for audience in self._wanted(occasion, ("desk", "mail", "sms")):
            if audience == Audience.REPORTER:
                continue
            for account in self._at_work_for(audience, occasion, case):
                if account not in seen and f"account:{account}" != occasion.actor:
                    seen.add(account)
                    yield Addressee(audience, account=account)

    def _at_work_for(self, audience: Audience, occasion: Occasion, case: Case) -> Sequence[UUID]:
        if occasion.audience:
            return occasion.told
        if audience == Audience.ASKER:
            return _askers(occasion, case)
        found: list[UUID] = []
        for unit in self._units(audience, occasion, case):
            if audience == Audience.HEAD:
                found += self._on_duty(unit, None, occasion.at, heads=True)
                continue
            there = self._on_duty(unit, frozenset(_ROLES[audience]), occasion.at)
            if not there and audience == Audience.CENTRE:
                # A small centre has no supervisors: whoever works there looks after it.
                there = self._on_duty(unit, WORKING, occasion.at)
            if not there and audience == Audience.APPROVER:
                there = self._posted(unit, occasion.at)  # it waits for them
            found += there
        return found

    def _on_duty(
        self, unit: UUID, roles: frozenset[str] | None, at: datetime, *, heads: bool = False
    ) -> list[UUID]:
        wanted = None if roles is None else [Role(role) for role in roles]
        return self._staffing.at_work(unit, roles=wanted, heads=heads, at=at)

    def _units(self, audience: Audience, occasion: Occasion, case: Case) -> Sequence[UUID]:
        if audience in (Audience.HOLDER, Audience.HEAD):
            return (occasion.holder,)
        if audience == Audience.JOINT:
            return self._joint(occasion, case)
        if audience == Audience.ASKER:
            return ()  # somebody, not a unit
        centre = people.unit(case.centre_id)
        if audience == Audience.CENTRE:
            return (centre.id,)
        if audience == Audience.APPROVER:
            return self._approving(centre, occasion.at)
        above = people.parent_centre(centre)
        if audience == Audience.ABOVE:
            return (above.id,) if above else ()
        *_below, root = _upwards(centre)
        return (root.id,)

    def _approving(self, centre: Unit, at: datetime) -> Sequence[UUID]:
        """The lowest centre above the case in which somebody who may approve is at work.

        Where nobody is on any level, the lowest that has somebody at all: no wish is told nobody.
        """
        above = [each.id for each in _upwards(centre)]
        at_work = (each for each in above if self._on_duty(each, _MAY_APPROVE, at))
        posted = (each for each in above if self._posted(each, at))
        found = next(at_work, None) or next(posted, None)
        return (found,) if found else ()

    def _posted(self, unit: UUID, at: datetime) -> list[UUID]:
        return people.posted(unit, roles=_MAY_APPROVE, on=timezone.localdate(at))

    def _joint(self, occasion: Occasion, case: Case) -> Sequence[UUID]:
        if occasion.joint:
            return occasion.joint
        if occasion.legs:
            return list(dict.fromkeys(cases.units_of_legs(occasion.legs).values()))
        legs = cases.legs_of(case).filter(role="joint")
        if occasion.event not in ("finished", "closed"):
            legs = legs.filter(ended_at__isnull=True)
        return list(dict.fromkeys(legs.values_list("unit_id", flat=True)))

    def _reporters(self, occasion: Occasion, case: Case) -> Iterable[Addressee]:
        """Everyone who reported it, or a case merged into it; each is told under an own number."""
        if not self._is_wanted(occasion, Audience.REPORTER, ("sms",)):
            return
        reports = cases.reports_of(case)
        # What others were promised is theirs.
        if not occasion.promise and occasion.event != "merged":
            reports += cases.reports_merged_into(case.id)
        for report in reports:
            if f"report:{report.id}" != occasion.actor:
                yield Addressee(Audience.REPORTER, report=report)

    def _groups(self, occasion: Occasion, case: Case) -> Iterable[Addressee]:
        seen: set[UUID] = set()
        for audience in self._wanted(occasion, ("chat",)):
            if audience == Audience.REPORTER:
                continue
            for unit in self._units(audience, occasion, case):
                if unit not in seen:
                    seen.add(unit)
                    yield Addressee(audience, unit=unit)

    def _wanted(self, occasion: Occasion, ways: Sequence[str]) -> list[Audience]:
        return [each for each in occasion.audiences if self._is_wanted(occasion, each, ways)]

    def _is_wanted(self, occasion: Occasion, audience: Audience, ways: Sequence[str]) -> bool:
        return any(self.wording.template(occasion, audience, way) for way in ways)

    def _learn(self, accounts: Iterable[UUID]) -> None:
        """How these want to hear of things, and in which language."""
        unknown = {each for each in accounts if each not in self._choices}
        if unknown:
            self._choices |= {**dict.fromkeys(unknown), **choices_of(unknown)}
            known = people.accounts(_NOTICES).filter(pk__in=unknown)
            self._languages |= dict(known.values_list("pk", "language"))

    def _language(self, to: Addressee) -> str:
        language = self._languages.get(to.account, "") if to.account else ""
        return language or settings.LANGUAGE_CODE

    # --- what --------------------------------------------------------------------------------

    def _telling(self, occasion: Occasion, to: Addressee, is_old: bool) -> Telling:
        choice = self._choices.get(to.account) if to.account else None
        desk = self._filled(occasion, to, DESK) if to.account else None
        ways = [] if is_old else [self._outgoing(occasion, to, *way) for way in _ways(to, choice)]
        return Telling(
            to=to,
            case=self.wording.own_case(occasion, to),
            desk=desk[1] if desk else None,
            ways=tuple(each for each in ways if each),
            choice=choice,
        )

    def _outgoing(
        self, occasion: Occasion, to: Addressee, channel: Channel, address: str
    ) -> Outgoing | None:
        if not adapters.has_way(channel, address):
            return None
        filled = self._filled(occasion, to, channel.value)
        return Outgoing(channel, address, *filled) if filled else None

    def _filled(self, occasion: Occasion, to: Addressee, way: str) -> tuple[str, str] | None:
        with translation.override(self._language(to)):
            return self.wording.filled(occasion, to, way)


def _askers(occasion: Occasion, case: Case) -> list[UUID]:
    """Who demanded what is answered; who asked leave: by the wish, or by when it was granted."""
    if occasion.demand is not None:
        asked = [one for one in cases.questions_of(case) if one.id == occasion.demand]
        return _accounts_of(one.asked_by for one in asked)
    wishes = cases.approvals_of(case)
    if occasion.approval is not None:
        wishes = wishes.filter(pk=occasion.approval)
    else:
        wishes = wishes.filter(decided_at=occasion.at, is_granted=True)
    return _accounts_of(wishes.values_list("asked_by", flat=True))


def _accounts_of(labels: Iterable[str]) -> list[UUID]:
    return [UUID(label[8:]) for label in labels if label.startswith("account:")]


def _ways(to: Addressee, choice: Choice | None) -> Iterable[tuple[Channel, str]]:
    """By which ways outside the house somebody can be told, and wants to be."""
    if to.unit is not None:
        yield Channel.CHAT, people.unit(to.unit).code
    elif to.report is not None:
        if phone := mobile(to.report.phone):
            yield Channel.SMS, phone
    elif choice is not None:
        for channel in CONFIRMED:
            if choice.wants(channel) and (address := choice.confirmed(channel)):
                yield channel, address


def mobile(typed: str) -> str:
    """The eleven digits of a mobile number; empty for what takes no short messages."""
    found = _MOBILE.fullmatch(re.sub(r"\D", "", typed))
    return found[1] if found else ""


def _upwards(centre: Unit) -> Iterable[Unit]:
    """The centre and those above it."""
    above: Unit | None = centre
    while above is not None:
        yield above
        above = people.parent_centre(above)
