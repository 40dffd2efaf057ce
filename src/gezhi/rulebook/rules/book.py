"""A rulebook as a value: everything a case asks it, answered without a database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gezhi.places.rules import Owner, fits
from gezhi.rulebook.errors import CategoryUnknown, ReasonUnknown
from gezhi.rulebook.rules.calendars import Calendar
from gezhi.rulebook.rules.categories import Category, Group, Stage, Suggestion, Urgency, Vocabulary
from gezhi.rulebook.rules.dangers import Danger, Told, find_dangers, put_first
from gezhi.rulebook.rules.due import Asked, Due, DueRow, When, due_by_row, taken_for
from gezhi.rulebook.rules.ladders import LadderRow, Rung
from gezhi.rulebook.rules.meanings import Meaning, put_ahead
from gezhi.rulebook.rules.naming import Named
from gezhi.rulebook.rules.notices import Notices, Template
from gezhi.rulebook.rules.routing import Assets, Body, FirstRow, Route, RouteRow, find_route

REASON_KINDS = ("refuse", "send_back", "escalate", "pause", "extend", "cannot", "reopen", "merge")

_CALL = ("119", "120", "110")  # fire and rescue, ambulance, police


@dataclass(frozen=True)
class Reason(Named):
    """Why somebody did something, as a code with words. `needs_words`: the code alone won't do.

    `is_told`: another system says it of itself, and no person chooses it.
    """

    code: str
    needs_words: bool = False
    is_told: bool = False


PEER_MERGED, PEER_ENDED = "peer_merged", "peer_ended"
# Every rulebook has these; one that names them itself has its own words for them.
TOLD_REASONS: Mapping[str, tuple[Reason, ...]] = {
    "send_back": (
        Reason("对方把它并入了另一件", "Merged into another one there", PEER_MERGED, is_told=True),
        Reason("对方不再处理", "No further action there", PEER_ENDED, is_told=True),
    )
}


@dataclass(frozen=True)
class Outcome(Named):
    """How a case ended. `is_solved` is what the handler claims, not what the reporter says."""

    code: str
    is_solved: bool = False
    needs_reason: bool = False


@dataclass(frozen=True)
class Limits:
    """Numbers that bound what people may do."""

    pause_days_max: int
    pause_times_max: int
    extend_days_max: int
    extend_times_max: int
    reopen_days: int
    rate_days: int
    visit_tries: int
    visit_gap_hours: int
    answer_days: int
    similar_radius_m: int
    similar_days: int
    text_max: int
    photo_mb_max: int
    photos_max: int
    remind_percent: tuple[int, ...]


@dataclass(frozen=True)
class Book:
    """One version of a county's rulebook."""

    version: int
    digest: str
    groups: Mapping[str, Group]
    categories: Mapping[str, Category]
    calendar: Calendar
    due_rows: tuple[DueRow, ...]
    ladder_rows: tuple[LadderRow, ...]
    route_rows: tuple[RouteRow, ...]
    first_rows: tuple[FirstRow, ...]
    assets: Assets
    bodies: Mapping[str, Body]
    all_reasons: Mapping[str, Mapping[str, Reason]]
    outcomes: Mapping[str, Outcome]
    limits: Limits
    vocabulary: Vocabulary
    words_of_urgency: Urgency
    dangers: tuple[Danger, ...]
    meanings: tuple[Meaning, ...]
    notices: Notices

    def category(self, key: str) -> Category:
        """The category, or a refusal."""
        if key not in self.categories:
            raise CategoryUnknown(category=key)
        return self.categories[key]

    def similar(self, category: str) -> tuple[int, int]:
        """Within how many metres and days a report of this kind may be the same as another."""
        known = self.categories.get(category)
        return (
            (known and known.similar_radius_m) or self.limits.similar_radius_m,
            (known and known.similar_days) or self.limits.similar_days,
        )

    def reasons(self, kind: str) -> Mapping[str, Reason]:
        """The reasons people may give for an act of this kind, by code."""
        found = self.all_reasons[kind]
        return {code: one for code, one in found.items() if not one.is_told}

    def reason(self, kind: str, code: str) -> Reason:
        """One reason, or a refusal."""
        if code not in self.all_reasons[kind]:
            raise ReasonUnknown(reason=code, allowed=tuple(self.reasons(kind)))
        return self.all_reasons[kind][code]

    def due(
        self,
        kind: str,
        *,
        category: str | None,
        size: str | None,
        channel: str | None,
        level: str | None,
        start: datetime,
        unit_code: str | None = None,
    ) -> Due:
        """When a promise that starts at `start` is due, by the working hours of `unit_code`."""
        asked = self._asked(category, size, channel, level)
        for row in self.due_rows:
            if row.kind == kind and row.when.fits(asked):
                return due_by_row(row, start, self.calendar.for_unit(unit_code))
        raise ValueError(f"no due time of kind {kind!r}")  # reading the book refuses such gaps

    def ladder(
        self,
        kind: str,
        *,
        category: str | None,
        size: str | None,
        channel: str | None,
        level: str | None,
    ) -> tuple[Rung, ...]:
        """Whom to tell when, once a promise of this kind is broken."""
        kind = taken_for(kind, (row.when for row in self.ladder_rows))
        asked = self._asked(category, size, channel, level, kind)
        for row in self.ladder_rows:
            if row.when.fits(asked):
                return row.steps
        raise ValueError(f"no ladder for {kind!r}")  # reading the book refuses such gaps

    def template(
        self,
        event: str,
        *,
        audience: str,
        way: str,
        category: str | None,
        size: str | None,
        channel: str | None,
        level: str | None,
        kind: str | None = None,
    ) -> Template | None:
        """The words for an event, an audience and a way out; None where they aren't told so.

        `kind` is that of the promise, for events that are about one.
        """
        asked = self._asked(category, size, channel, level, kind)
        return self.notices.find(event, audience=audience, channel=way, asked=asked)

    def stages(
        self, category: str, *, start: datetime, unit_code: str | None = None
    ) -> tuple[tuple[Stage, Due], ...]:
        """The category's stages, from short to long, each with its due time."""
        calendar = self.calendar.for_unit(unit_code)
        return tuple(
            (stage, due_by_row(DueRow("stage", "", stage.within, When(), 0),
                               start, calendar))
            for stage in self.category(category).stages
        )  # fmt: skip

    def stages_on_the_way(
        self,
        category: str,
        *,
        size: str | None,
        channel: str | None,
        level: str | None,
        start: datetime,
        unit_code: str | None = None,
    ) -> tuple[tuple[Stage, Due], ...]:
        """Those of them that are due before the whole is. One that is not is its finish."""
        found = self.stages(category, start=start, unit_code=unit_code)
        if not found:
            return ()
        whole = self.due(
            "finish", category=category, size=size, channel=channel, level=level,
            start=start, unit_code=unit_code,
        )  # fmt: skip
        return tuple((stage, due) for stage, due in found if due.at < whole.at)

    def stage(self, key: str) -> Stage | None:
        """A stage by its key; None where the book doesn't have it."""
        known = self.categories.get(key.partition(":")[0])
        return next((one for one in known.stages if one.key == key), None) if known else None

    def asset(self, category: str, text: str, *, is_urgent: bool = False) -> str:
        """The kind of thing a matter is about: the category's own, or what the words name.

        In danger the category's own alone: somebody on the roof is no matter for who keeps it.
        """
        kind = self.category(category)
        return kind.asset or ("" if is_urgent or kind.urgent else self.assets.named_in(text))

    def keepers(
        self, owners: Iterable[Owner], category: str, asset: str, *, is_urgent: bool
    ) -> list[Owner]:
        """Those of `owners` who have such a matter of such a thing.

        Who just has everything on a ground has no gas leak there: that is for whom the rows name,
        unless the gas is laid down. Nor what somebody else has to look into, unless a thing there
        is named: what a school charges is no question for the school, its slide is.
        """
        kind = self.category(category)
        is_for_others = is_urgent or kind.urgent or (kind.oversight and not asset)
        return [
            one
            for one in owners
            if fits(one, asset=asset, category=category)
            and (one.asset or one.category or not is_for_others)
        ]

    def first(self, *, category: str | None, channel: str, is_urgent: bool = False) -> FirstRow:
        """Which centre has a report first. A category is only proposed by then, or not known."""
        asked = self._asked(category, None, channel, None)
        asked = replace(asked, urgent=asked.urgent or is_urgent)
        for row in self.first_rows:
            if row.when.fits(asked):
                return row
        raise ValueError("no first holder")  # reading the book refuses such gaps

    def route(
        self,
        category_key: str,
        *,
        area_kind: str,
        level: str,
        channel: str | None = None,
        asset: str = "",
        zone: str = "",
        is_urgent: bool = False,
    ) -> Route:
        """Whom the centre at `level` should send a case of this category in such an area to.

        `asset` is the kind of thing where it isn't the category's own; `zone` is the kind of the
        ground it lies on; `is_urgent` where the words speak of danger, whatever the category.
        """
        category = self.category(category_key)
        asked = self._asked(category_key, category.size, channel, level)
        return find_route(
            self.route_rows,
            replace(
                asked,
                asset=asset or category.asset or None,
                zone=zone or None,
                urgent=asked.urgent or is_urgent,
            ),
            area_kind=area_kind,
            by_grid=category.by_grid,
            body=category.body,
            station=category.station,
        )

    def suggest(self, text: str) -> list[Suggestion]:
        """Categories that the words point at, the strongest first; danger before all."""
        found = put_ahead(self.meanings, text, self.vocabulary.suggest(text))
        return put_first(self.dangers_in(text), found)

    def dangers_in(self, text: str) -> list[Told]:
        """What people may come to harm by, as the text tells it; the gravest first."""
        return find_dangers(self.dangers, self.words_of_urgency.calm, text.casefold())

    def numbers_to_call(self, text: str) -> tuple[str, ...]:
        """Whom whoever is there should ring at once; all of them where danger has no kind."""
        told = self.dangers_in(text)
        if not told and not self.urgent_words(text):
            return ()
        return tuple(dict.fromkeys(number for one in told for number in one.danger.call)) or _CALL

    def urgent_words(self, text: str) -> tuple[str, ...]:
        """Words in the text that say that people may be in danger now."""
        words = list(self.words_of_urgency.find(text))
        for told in self.dangers_in(text):
            if not any(word in one or one in word for word in told.words for one in words):
                words += told.words
        return tuple(words)

    def _asked(
        self,
        category: str | None,
        size: str | None,
        channel: str | None,
        level: str | None,
        kind: str | None = None,
    ) -> Asked:
        known = self.category(category) if category else None
        return Asked(
            category=category or None,
            group=known.group if known else None,
            size=size or (known.size if known else None),
            channel=channel,
            level=level,
            urgent=known.urgent if known else None,
            kind=kind,
        )
