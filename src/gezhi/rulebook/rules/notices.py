"""Words that go out: which event is told to whom, by which ways, in which words, and when not."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gezhi.rulebook.rules.due import Asked, Span, When

EVENTS = (
    "accepted", "refused", "assigned", "escalated", "asked", "answered", "finished",
    "rating_asked", "closed", "reopened", "returned", "supervised", "supervision_answered",
    "whistled", "reminded", "broken", "climbed", "nobody_on_duty", "paused", "resumed",
    "extended", "merged", "sent_back", "handed_down", "approval_asked", "approval_denied",
    "approval_lapsed", "stage_reached",
)  # fmt: skip
AUDIENCES = (
    "reporter", "holder", "head", "centre", "above", "top", "leader", "joint", "approver", "asker",
)  # fmt: skip
WAYS = ("desk", "sms", "mail", "chat")
# What a text may leave to be filled in. No names, phones or places: those stay in the case.
PLACES = (
    "number", "what", "holder", "due", "link", "question", "answer", "words", "percent", "stage",
    "move",
)  # fmt: skip
# Those that bring words of an act: what somebody wrote, not what the house knows.
SAID_PLACES = frozenset({"question", "answer", "words"})


class Later(NamedTuple):
    """What was not told from the beginning: of these events, these audiences; none means all."""

    name: str
    events: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()

    def has(self, event: str, audience: str) -> bool:
        return (not self.events or event in self.events) and (
            not self.audiences or audience in self.audiences
        )


# Files from before one of these know nothing of it and get the product's rows for it; a file that
# has a row for any of it is taken as it is. What fits two is the first.
LATER = (
    Later("stage_reached", events=frozenset({"stage_reached"})),
    Later("handed_down", events=frozenset({"handed_down"})),
    Later(
        "demand answered", events=frozenset({"supervision_answered"}),
        audiences=frozenset({"asker"}),
    ),
    Later("reminded above", events=frozenset({"reminded"}), audiences=frozenset({"above"})),
    Later("demand unanswered", events=frozenset({"broken"}), audiences=frozenset({"asker"})),
    Later("leave", audiences=frozenset({"approver", "asker"})),
)  # fmt: skip


def _newer(event: str, audience: str) -> str:
    """Which of `LATER` a row is about; empty for what was always told."""
    return next((one.name for one in LATER if one.has(event, audience)), "")


@dataclass(frozen=True)
class Template:
    """The words for one event, for some audiences, by some ways (`channels`)."""

    event: str
    audience: tuple[str, ...]
    channels: tuple[str, ...]
    text: str
    text_en: str
    subject: str
    subject_en: str
    when: When
    line: int

    @cached_property
    def places(self) -> frozenset[str]:
        """What its words leave to be filled in, in any language."""
        whole = self.text + self.subject + self.text_en + self.subject_en
        return frozenset(place for place in PLACES if f"{{{place}}}" in whole)

    @cached_property
    def says_words(self) -> bool:
        """Whether it brings words of the act."""
        return bool(self.places & SAID_PLACES)

    def filled(self, values: Mapping[str, str], *, language: str) -> tuple[str, str]:
        """Subject and text in a language, Chinese where there is no other."""
        is_english = language.startswith("en")
        subject = (is_english and self.subject_en) or self.subject
        text = (is_english and self.text_en) or self.text
        known = {place: values.get(place, "") for place in PLACES}
        return subject.format_map(known), text.format_map(known)


@dataclass(frozen=True)
class Quiet:
    """From when to when people are left alone by these channels (may run over midnight)."""

    begins: time
    ends: time
    urgent_goes: bool
    channels: frozenset[str]

    def is_quiet(self, clock: time) -> bool:
        """Whether it is quiet when the clock on the wall says so."""
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def holds(self, channel: str, clock: time, *, urgent: bool) -> bool:
        """Whether what would go out by this channel now has to wait."""
        return (
            channel in self.channels and not (urgent and self.urgent_goes) and self.is_quiet(clock)
        )

    def end_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The next end of the quiet, as a moment in the city's zone."""
        return _next_at((self.ends,), moment.astimezone(zone))


@dataclass(frozen=True)
class Digest:
    """What may wait to be told together: `every` so often, or `at` fixed times of the day."""

    channels: frozenset[str]
    events: frozenset[str]
    every: Span | None
    at: tuple[time, ...]

    def takes(self, event: str, channel: str) -> bool:
        """Whether this may wait for the next one."""
        return event in self.events and channel in self.channels

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When the next one goes out. `every` is counted from midnight."""
        local = moment.astimezone(zone)
        if self.every is None:
            return _next_at(self.at, local)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        step = timedelta(minutes=self.every.amount)
        following = midnight + (((local - midnight) // step) + 1) * step
        return min(following, midnight + timedelta(days=1))


def _next_at(times: tuple[time, ...], local: datetime) -> datetime:
    today = [datetime.combine(local.date(), one, local.tzinfo) for one in times]
    return next((one for one in today if one > local), today[0] + timedelta(days=1))


@dataclass(frozen=True)
class Notices:
    """All of it. Without `quiet` everything goes at once, without `digest` each by itself."""

    templates: tuple[Template, ...]
    quiet: Quiet | None
    digest: Digest | None

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str, str], tuple[Template, ...]]:
        """By event, audience and channel, in order: every batch of news looks up thousands."""
        found: dict[tuple[str, str, str], list[Template]] = defaultdict(list)
        for one in self.templates:
            for audience, channel in product(one.audience, one.channels):
                found[one.event, audience, channel].append(one)
        return {key: tuple(rows) for key, rows in found.items()}

    def tells(self, event: str, *, audience: str, channel: str) -> bool:
        """Whether anybody is ever told that way, under some condition."""
        return (event, audience, channel) in self._rows

    def find(self, event: str, *, audience: str, channel: str, asked: Asked) -> Template | None:
        """The first template that fits; None where nobody is to be told that way."""
        rows = self._rows.get((event, audience, channel), ())
        return next((one for one in rows if one.when.fits(asked)), None)

    def with_newer(self, products: "Notices") -> "Notices":
        """With the product's rows for what files from before it was told know nothing of."""
        known = {"", *(_newer(one.event, each) for one in self.templates for each in one.audience)}
        added = [
            replace(one, audience=audience)
            for one in products.templates
            if (
                audience := tuple(
                    each for each in one.audience if _newer(one.event, each) not in known
                )
            )
        ]
        return replace(self, templates=(*self.templates, *added))

    def by_key(self) -> dict[str, Template]:
        """The templates by what they are for: event, audiences, channels, and a number if twice."""
        found: dict[str, Template] = {}
        for one in self.templates:
            key = f"{one.event} {'+'.join(one.audience)} {'+'.join(one.channels)}"
            twice = sum(other.partition(" #")[0] == key for other in found)
            found[f"{key} #{twice + 1}" if twice else key] = one
        return found
