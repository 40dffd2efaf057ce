"""Who is told of an occasion and by which ways. The preview asks the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation

from gezhi.base.actor import system
from gezhi.base.words import mobile_of
from gezhi.cases.models import Case, Report
from gezhi.cases.reads import is_urgent
from gezhi.notices import adapters
from gezhi.notices.models import Choice
from gezhi.notices.reads.batch import Batch
from gezhi.notices.reads.mine import choices_of
from gezhi.notices.reads.wording import DESK, Addressee, Wording
from gezhi.notices.rules import CONFIRMED, WORKING, Audience, Channel, Occasion
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import Role

_NOTICES = system("notices")
_TO_REPORTERS = ("sms", "mail")
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


@dataclass(frozen=True)
class _Found:
    """An occasion, as it is told inside the house (`inside`), and which accounts are told."""

    occasion: Occasion
    inside: Occasion
    is_old: bool
    accounts: tuple[Addressee, ...]


class Teller:
    """Answers for a batch of occasions, so that what they share is fetched once."""

    def __init__(self, county: str, occasions: Sequence[Occasion]) -> None:
        self.batch = Batch(county, occasions)
        self.wording = Wording(self.batch)
        self._occasions = occasions
        moments = [each.at for each in occasions]
        self._staffing = people.Staffing(min(moments), max(moments))
        self._choices: dict[UUID, Choice | None] = {}
        self._languages: dict[UUID, str] = {}

    def tellings(self, *, old_before: datetime | None = None) -> Iterator[tuple[Occasion, Telling]]:
        """Everybody to be told, occasion by occasion.

        Of what is older than that only the desk is told: nobody is called about it.
        """
        found = [
            self._found(occasion, is_old=old_before is not None and occasion.at < old_before)
            for occasion in self._occasions
            if occasion.case in self.batch.cases
        ]
        self._learn(found)
        for one in found:
            for about, to in self._told(one):
                telling = self._telling(about, to, one.is_old)
                if telling.desk is not None or telling.ways:
                    yield one.occasion, telling

    def _found(self, occasion: Occasion, *, is_old: bool) -> _Found:
        inside = self._for_the_house(occasion)
        return _Found(occasion, inside, is_old, tuple(self._accounts(inside)))

    def _told(self, found: _Found) -> Iterable[tuple[Occasion, Addressee]]:
        """Who is told, and of what: without those who heard of it at this moment."""
        told = [(found.inside, each) for each in found.accounts]
        if not found.is_old:
            told += [(found.occasion, each) for each in self._reporters(found.occasion)]
            told += [(found.inside, each) for each in self._groups(found.inside)]
        heard = {id for each in found.occasion.heard for id in self._ids_told(each)}
        return [(about, to) for about, to in told if to.id not in heard]

    def _ids_told(self, occasion: Occasion) -> Iterator[UUID | None]:
        """Whoever was told of this one, as `Addressee.id` says it."""
        if occasion.case in self.batch.cases:
            everybody = [
                *self._accounts(occasion), *self._reporters(occasion), *self._groups(occasion),
            ]  # fmt: skip
            yield from (to.id for to in everybody if self._is_told(occasion, to))

    def is_holder_absent(self, occasion: Occasion) -> bool:
        """Whether the people of the holding unit are to be told and none of them is at work."""
        inside = self._for_the_house(occasion)
        if inside.case not in self.batch.cases:
            return False
        if not self._is_wanted(inside, Audience.HOLDER, (DESK,)):
            return False
        return not self._at_work_for(Audience.HOLDER, inside)

    def is_urgent(self, occasion: Occasion) -> bool:
        """Whether quiet hours may let it through."""
        return is_urgent(self.batch.cases[occasion.case], self.batch.book)

    def _for_the_house(self, occasion: Occasion) -> Occasion:
        """Of a case that was merged the house hears as of the main one, on which work goes on."""
        main = self.batch.cases.get(occasion.main) if occasion.main else None
        return replace(occasion, case=main.id, holder=main.holder_id, seq=0) if main else occasion

    # --- who ---------------------------------------------------------------------------------

    def _accounts(self, occasion: Occasion) -> Iterable[Addressee]:
        """Accounts, each under the first audience it belongs to; not who did it."""
        seen: set[UUID] = set()
        for audience in self._wanted(occasion, ("desk", "mail", "sms")):
            if audience == Audience.REPORTER:
                continue
            for account in self._at_work_for(audience, occasion):
                if account not in seen and f"account:{account}" != occasion.actor:
                    seen.add(account)
                    yield Addressee(audience, account=account)

    def _at_work_for(self, audience: Audience, occasion: Occasion) -> Sequence[UUID]:
        if occasion.audience:
            return occasion.told
        if audience == Audience.ASKER:
            return self._askers(occasion)
        found: list[UUID] = []
        for unit in self._units(audience, occasion):
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

    def _units(self, audience: Audience, occasion: Occasion) -> Sequence[UUID]:
        if audience in (Audience.HOLDER, Audience.HEAD):
            return (occasion.holder,)
        if audience == Audience.JOINT:
            return self._joint(occasion)
        if audience == Audience.ASKER:
            return ()  # somebody, not a unit
        centre = people.unit(self.batch.cases[occasion.case].centre_id)
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
        return self.batch.posted(unit, _MAY_APPROVE, timezone.localdate(at))

    def _joint(self, occasion: Occasion) -> Sequence[UUID]:
        if occasion.joint:
            return occasion.joint
        if occasion.legs:
            return self.batch.units_of(occasion.legs)
        is_over = occasion.event in ("finished", "closed")
        called = self.batch.joint(occasion.case)
        return list(dict.fromkeys(one.unit for one in called if is_over or one.ended_at is None))

    def _askers(self, occasion: Occasion) -> list[UUID]:
        """Who demanded what is answered; who asked leave: by the wish, or when it was granted."""
        if occasion.demand is not None:
            return _accounts_of([self.batch.demanded_by(occasion.demand)])
        wishes = self.batch.wishes(occasion.case)
        return _accounts_of(
            one.asked_by
            for one in wishes
            if (one.id == occasion.approval if occasion.approval is not None
                else one.is_granted and one.decided_at == occasion.at)
        )  # fmt: skip

    def _reporters(self, occasion: Occasion) -> Iterable[Addressee]:
        """Everyone who reported it, or a case merged into it; each is told under an own number.

        Whoever reported one case twice from one phone is told once.
        """
        if not self._is_wanted(occasion, Audience.REPORTER, _TO_REPORTERS):
            return
        reports = self.batch.voices(occasion.case)
        if _is_of_all(occasion):
            reports = [*reports, *self.batch.voices_below(occasion.case)]
        seen: set[tuple[UUID, object]] = set()
        for report in reports:
            to = report.case_id, _known_phone(report) or report.id
            if f"report:{report.id}" != occasion.actor and to not in seen:
                seen.add(to)
                yield Addressee(Audience.REPORTER, report=report)

    def _groups(self, occasion: Occasion) -> Iterable[Addressee]:
        seen: set[UUID] = set()
        for audience in self._wanted(occasion, ("chat",)):
            if audience == Audience.REPORTER:
                continue
            for unit in self._units(audience, occasion):
                if unit not in seen:
                    seen.add(unit)
                    yield Addressee(audience, unit=unit)

    def _wanted(self, occasion: Occasion, ways: Sequence[str]) -> list[Audience]:
        return [each for each in occasion.audiences if self._is_wanted(occasion, each, ways)]

    def _is_wanted(self, occasion: Occasion, audience: Audience, ways: Sequence[str]) -> bool:
        return any(self.wording.template(occasion, audience, way) for way in ways)

    def _learn(self, found: Sequence[_Found]) -> None:
        """Who reported what of this is told to them; how accounts want to hear of things."""
        accounts = {to.account for one in found for to in one.accounts if to.account}
        heard = [each for one in found for each in one.occasion.heard]
        self._learn_accounts(accounts | {id for each in heard for id in each.told})
        told = [one.occasion for one in found if not one.is_old] + heard
        loud = [each for each in told if self._is_wanted(each, Audience.REPORTER, _TO_REPORTERS)]
        below = {each.case for each in loud if _is_of_all(each)}
        self.batch.learn_voices({each.case for each in loud}, below=below)

    def _learn_accounts(self, ids: set[UUID]) -> None:
        """How these want to hear of things, and in which language."""
        self._choices = {**dict.fromkeys(ids), **choices_of(ids)}
        known = people.accounts(_NOTICES).filter(pk__in=ids)
        self._languages = dict(known.values_list("pk", "language"))

    def _language(self, to: Addressee) -> str:
        language = self._languages.get(to.account, "") if to.account else ""
        return language or settings.LANGUAGE_CODE

    # --- what --------------------------------------------------------------------------------

    def _telling(self, occasion: Occasion, to: Addressee, is_old: bool) -> Telling:
        choice = self._choices.get(to.account) if to.account else None
        desk = self._filled(occasion, to, DESK) if to.account else None
        ways = (
            [] if is_old else [self._outgoing(occasion, to, *way) for way in self._ways(to, choice)]
        )
        return Telling(
            to=to,
            case=self.wording.own_case(occasion, to),
            desk=desk[1] if desk else None,
            ways=tuple(each for each in ways if each),
            choice=choice,
        )

    def _is_told(self, occasion: Occasion, to: Addressee) -> bool:
        """Whether `_telling` would have words for them, without making them."""
        choice = self._choices.get(to.account) if to.account else None
        ways = [way.value for way, at in self._ways(to, choice) if adapters.has_way(way, at)]
        wanted = [DESK, *ways] if to.account else ways
        return self._is_wanted(occasion, to.audience, wanted)

    def _ways(self, to: Addressee, choice: Choice | None) -> Iterable[tuple[Channel, str]]:
        """By which ways outside the house somebody can be told, and wants to be."""
        if to.unit is not None:
            yield Channel.CHAT, people.unit(to.unit).code
        elif to.report is not None:
            if phone := mobile_of(to.report.phone):
                yield Channel.SMS, phone
            elif address := self.batch.address(to.report.id):
                yield Channel.MAIL, address
        elif choice is not None:
            for channel in CONFIRMED:
                if choice.wants(channel) and (address := choice.confirmed(channel)):
                    yield channel, address

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


def _is_of_all(occasion: Occasion) -> bool:
    """Whether those whose cases were merged into it are told too.

    What others were promised is theirs.
    """
    return not occasion.promise and occasion.event != "merged"


def _known_phone(report: Report) -> bytes | None:
    """By what it is seen that two reports are of one phone, if messages go to it.

    A secret one is told by itself: what is sent does not show whose other report it is.
    """
    if report.is_secret or not report.phone_index or not mobile_of(report.phone):
        return None
    return bytes(report.phone_index)


def _accounts_of(labels: Iterable[str]) -> list[UUID]:
    return [UUID(label[8:]) for label in labels if label.startswith("account:")]


def _upwards(centre: Unit) -> Iterable[Unit]:
    """The centre and those above it."""
    above: Unit | None = centre
    while above is not None:
        yield above
        above = people.parent_centre(above)
