"""Who is told of an occasion by which ways and in which words. The preview asks the same."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import get_language

from gezhi.base.actor import system
from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases.models import Case, Report
from gezhi.deadlines import reads as deadlines
from gezhi.notices import adapters, rules
from gezhi.notices.models import Choice
from gezhi.notices.reads.mine import choices_of
from gezhi.notices.reads.occasions import cases_of
from gezhi.notices.rules import REASONS_OF, WORKING, Audience, Channel, Occasion
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import Role
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import PLACES, Book, Template
from gezhi.rulebook.rules.due import Asked

_NOTICES = system("notices")
_DESK = "desk"
_MOST_SAID = 200  # signs of what somebody wrote, in one message
_SAID = frozenset({"question", "answer", "words"})
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_ROLES = {
    Audience.HOLDER: WORKING,
    Audience.JOINT: WORKING,
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
class Addressee:
    """Somebody who is told: an account, a reporter, or the group of a unit. One of the three."""

    audience: Audience
    account: UUID | None = None
    report: Report | None = None
    unit: UUID | None = None

    @property
    def id(self) -> UUID | None:
        return self.account or self.unit or (self.report.id if self.report else None)


@dataclass(frozen=True)
class Telling:
    """What one addressee is told: on the desk (None: not there) and by other ways."""

    to: Addressee
    number: str
    desk: str | None
    ways: tuple[Outgoing, ...]
    choice: Choice | None


class Teller:
    """Answers for a batch of occasions, so that what they share is fetched once."""

    def __init__(self, county: str, occasions: Iterable[Occasion]) -> None:
        self.book = rulebook.current(county)
        self.cases: dict[UUID, Case] = cases_of(occasions)
        self.targets: dict[UUID, datetime | None] = {}
        self._at_work: dict[object, list[UUID]] = {}
        self._said: dict[tuple[UUID, int], tuple[str, bool]] = {}
        self._choices: dict[UUID, Choice | None] = {}
        self._languages: dict[UUID, str] = {}

    def tellings(self, occasion: Occasion, *, is_old: bool = False) -> list[Telling]:
        """Everybody to be told. Of what is old only the desk is told: nobody is called about it."""
        case = self.cases.get(occasion.case)
        if case is None:
            return []
        people_too = [*self._accounts(occasion, case)]
        others = [] if is_old else [*self._reporters(occasion, case), *self._groups(occasion, case)]
        self._learn(each.account for each in people_too if each.account)
        told = [self._telling(occasion, each, is_old) for each in (*people_too, *others)]
        return [each for each in told if each.desk is not None or each.ways]

    def is_urgent(self, occasion: Occasion) -> bool:
        """Whether quiet hours may let it through."""
        return self.cases[occasion.case].is_urgent

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
        found: list[UUID] = []
        for unit in self._units(audience, occasion, case):
            if audience == Audience.HEAD:
                found += self._on_duty(unit, None, occasion.at, heads=True)
                continue
            there = self._on_duty(unit, frozenset(_ROLES[audience]), occasion.at)
            if not there and audience == Audience.CENTRE:
                # A small centre has no supervisors: whoever works there looks after it.
                there = self._on_duty(unit, WORKING, occasion.at)
            found += there
        return found

    def _on_duty(
        self, unit: UUID, roles: frozenset[str] | None, at: datetime, *, heads: bool = False
    ) -> list[UUID]:
        asked = (unit, roles, heads, at)
        if asked not in self._at_work:
            wanted = None if roles is None else [Role(role) for role in roles]
            self._at_work[asked] = people.on_duty(unit, roles=wanted, heads=heads, at=at)
        return self._at_work[asked]

    def _units(self, audience: Audience, occasion: Occasion, case: Case) -> Sequence[UUID]:
        if audience in (Audience.HOLDER, Audience.HEAD):
            return (occasion.holder,)
        if audience == Audience.JOINT:
            return self._joint(occasion, case)
        centre = people.unit(case.centre_id)
        if audience == Audience.CENTRE:
            return (centre.id,)
        above = people.parent_centre(centre)
        if audience == Audience.ABOVE:
            return (above.id,) if above else ()
        return (_root(centre).id,)

    def _joint(self, occasion: Occasion, case: Case) -> Sequence[UUID]:
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
        return any(self._template(occasion, audience, way) for way in ways)

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
        desk = self._filled(occasion, to, _DESK) if to.account else None
        ways = [] if is_old else [self._outgoing(occasion, to, *way) for way in _ways(to, choice)]
        return Telling(
            to=to,
            number=self._own_case(occasion, to).number,
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

    def _template(self, occasion: Occasion, audience: Audience, way: str) -> Template | None:
        case = self.cases[occasion.case]
        key = case.category or case.proposed_category
        category = self.book.categories.get(key)
        asked = Asked(
            category=key or None,
            group=category.group if category else None,
            size=case.size or (category.size if category else None),
            channel=case.channel,
            level=people.unit(case.centre_id).level,
            urgent=case.is_urgent or bool(category and category.urgent),
            kind=occasion.kind or None,
        )
        return self.book.notices.find(occasion.event, audience=audience, channel=way, asked=asked)

    def _filled(self, occasion: Occasion, to: Addressee, way: str) -> tuple[str, str] | None:
        template = self._template(occasion, to.audience, way)
        if template is None:
            return None
        whole = template.text + template.subject
        places = {place for place in PLACES if f"{{{place}}}" in whole}
        if places & _SAID:
            occasion = self._with_words(occasion)
        with translation.override(language := self._language(to)):
            values = {place: self._value(place, occasion, to) for place in places - _SAID}
            values |= self._said_to(occasion, to.audience)
        if way == _DESK:
            values.pop("link", None)  # there the whole line leads to the case
        subject, words = template.filled(values, language=language)
        return subject, words.strip()

    def _value(self, place: str, occasion: Occasion, to: Addressee) -> str:
        case = self._own_case(occasion, to)
        if place == "number":
            return case.number
        if place == "what":
            category = _own_book(case).categories.get(case.category or case.proposed_category)
            return category.name_in(get_language() or "") if category else ""
        if place == "holder":
            return people.unit(occasion.named or occasion.holder).name
        if place == "due":
            return moment_words(self._due(occasion, case), occasion.at)
        if place == "link":
            return link_to(case, is_reporters=to.report is not None)
        if place == "percent":
            return str(occasion.percent or 100)
        return str(rules.STAGE_NAMES.get(occasion.kind, ""))

    def _own_case(self, occasion: Occasion, to: Addressee) -> Case:
        """The reporter's own case, which may have been merged into the one it is about."""
        if to.report is None:
            return self.cases[occasion.case]
        if to.report.case_id not in self.cases:
            self.cases |= cases_of([replace(occasion, case=to.report.case_id)])
        return self.cases[to.report.case_id]

    def _due(self, occasion: Occasion, case: Case) -> datetime | None:
        if occasion.event == "rating_asked":
            return occasion.at + timedelta(days=_own_book(case).limits.rate_days)
        if occasion.due is not None:
            return occasion.due
        if case.id not in self.targets:
            target = deadlines.target(case)
            self.targets[case.id] = target.due if target else None
        return self.targets[case.id]

    def _with_words(self, occasion: Occasion) -> Occasion:
        """With the words of its line of history, where they are not given already."""
        if not occasion.seq:
            return occasion
        key = occasion.case, occasion.seq
        if key not in self._said:
            line = cases.history_of(self.cases[occasion.case]).filter(seq=occasion.seq).first()
            self._said[key] = (line.words, not line.is_public) if line else ("", True)
        said, is_inner = self._said[key]
        return replace(occasion, said=said, is_inner=is_inner)

    def _said_to(self, occasion: Occasion, audience: Audience) -> Mapping[str, str]:
        """What was said, with the reason's name; numbers in it are masked for the house."""
        found = dict(occasion.words_for(audience))
        if "words" in found and (reason := self._reason(occasion)):
            found["words"] = f"{reason}，{found['words']}" if found["words"] else reason
        if "words" in found:
            found["words"] = found["words"].rstrip("。.；;，, ")  # the template goes on after them
        if audience != Audience.REPORTER:
            found = {place: mask_text(text) for place, text in found.items()}
        return {place: rules.shortened(text, _MOST_SAID) for place, text in found.items()}

    def _reason(self, occasion: Occasion) -> str:
        kind = REASONS_OF.get(occasion.event, "")
        own = _own_book(self.cases[occasion.case])
        known = own.all_reasons.get(kind, {}).get(occasion.reason)
        return known.name_in(get_language() or "") if known else ""


def _own_book(case: Case) -> Book:
    """The rulebook the case was opened under; the templates are those in force."""
    return rulebook.book(case.county, case.book)


def _ways(to: Addressee, choice: Choice | None) -> Iterable[tuple[Channel, str]]:
    """By which ways outside the house somebody can be told, and wants to be."""
    if to.unit is not None:
        yield Channel.CHAT, people.unit(to.unit).code
    elif to.report is not None:
        if phone := mobile(to.report.phone):
            yield Channel.SMS, phone
    elif choice is not None:
        if choice.wants_mail and choice.mail:
            yield Channel.MAIL, choice.mail
        if choice.wants_sms and (phone := mobile(choice.phone)):
            yield Channel.SMS, phone


def mobile(typed: str) -> str:
    """The eleven digits of a mobile number; empty for what takes no short messages."""
    found = _MOBILE.fullmatch(re.sub(r"\D", "", typed))
    return found[1] if found else ""


def link_to(case: Case, *, is_reporters: bool) -> str:
    """Where the case is followed. A reporter's page asks for their code: the link tells nothing."""
    name = "portal:tracking" if is_reporters else "desk:case"
    return urljoin(f"{adapters.site_address()}/", reverse(name, args=[case.number]))


def moment_words(moment: datetime | None, at: datetime) -> str:
    """11月21日18:00, with the year where it is another one than now."""
    if moment is None:
        return ""
    local, now = timezone.localtime(moment), timezone.localtime(at)
    if (get_language() or "").startswith("en"):
        return date_format(local, "j M H:i" if local.year == now.year else "j M Y H:i")
    day = f"{local.month}月{local.day}日"
    return f"{local.year}年{day}{local:%H:%M}" if local.year != now.year else f"{day}{local:%H:%M}"


def _root(centre: Unit) -> Unit:
    """The highest centre."""
    while above := people.parent_centre(centre):
        centre = above
    return centre
