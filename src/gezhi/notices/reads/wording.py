"""In which words an occasion is told: the templates in force, filled for who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from gezhi.base.masking import mask_text
from gezhi.cases.models import Case, Report
from gezhi.cases.reads import is_urgent
from gezhi.cases.rules import ACT_NAMES, Act
from gezhi.notices import adapters, rules
from gezhi.notices.reads.batch import Batch
from gezhi.notices.rules import Audience, Occasion
from gezhi.people import reads as people
from gezhi.rulebook.rules import KIND_NAMES, SAID_PLACES, Template
from gezhi.rulebook.rules.due import Asked

DESK = "desk"
_MOST_SAID = 200  # signs of what somebody wrote, in one message


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


class Wording:
    """Fills the templates in force for a batch of occasions."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._asked: dict[tuple[UUID, str], Asked] = {}

    def template(self, occasion: Occasion, audience: Audience, way: str) -> Template | None:
        """The rulebook's template for this audience and way; None where it has none."""
        notices = self.batch.book.notices
        if not notices.tells(occasion.event, audience=audience, channel=way):
            return None
        asked = self._asked_for(occasion)
        return notices.find(occasion.event, audience=audience, channel=way, asked=asked)

    def _asked_for(self, occasion: Occasion) -> Asked:
        """What the conditions of templates are about."""
        key = occasion.case, occasion.kind
        if key not in self._asked:
            case, book = self.batch.cases[occasion.case], self.batch.book
            known = case.category or case.proposed_category
            category = book.categories.get(known)
            self._asked[key] = Asked(
                category=known or None,
                group=category.group if category else None,
                size=case.size or (category.size if category else None),
                channel=case.channel,
                level=people.unit(case.centre_id).level,
                urgent=is_urgent(case, book),
                kind=occasion.kind or None,
            )
        return self._asked[key]

    def filled(self, occasion: Occasion, to: Addressee, way: str) -> tuple[str, str] | None:
        """Subject and text in the language that is spoken now; None where nothing is told."""
        template = self.template(occasion, to.audience, way)
        if template is None:
            return None
        if template.says_words and occasion.seq:
            said = self.batch.said(occasion)
            occasion = replace(
                occasion, said=said.words, is_inner=said.is_inner, is_reporters=said.is_reporters
            )
        values = {
            place: self._value(place, occasion, to) for place in template.places - SAID_PLACES
        }
        values |= self._said_to(occasion, to.audience)
        if way == DESK:
            values.pop("link", None)  # there the whole line leads to the case
        subject, words = template.filled(values, language=get_language() or "")
        return rules.tidied(subject), rules.tidied(words).strip()

    def _value(self, place: str, occasion: Occasion, to: Addressee) -> str:
        case = self.own_case(occasion, to)
        if place == "number":
            return case.number
        if place == "what":
            known = self.batch.book_of(case).categories
            category = known.get(case.category or case.proposed_category)
            return category.name_in(get_language() or "") if category else ""
        if place == "holder":
            return people.unit(occasion.named or occasion.holder).name
        if place == "due":
            return moment_words(self._due(occasion, case), occasion.at)
        if place == "link":
            return link_to(case, is_reporters=to.report is not None)
        if place == "move":
            return str(ACT_NAMES[Act(occasion.move)]) if occasion.move else ""
        if place == "percent":
            return str(occasion.percent or 100)
        return self._promised(occasion, case)

    def own_case(self, occasion: Occasion, to: Addressee) -> Case:
        """The reporter's own case, which may have been merged into the one it is about."""
        return self.batch.cases[to.report.case_id if to.report else occasion.case]

    def _due(self, occasion: Occasion, case: Case) -> datetime | None:
        if occasion.event == "rating_asked":  # the time for it began when the work was done
            done = self.batch.cases[occasion.case].finished_at or occasion.at
            return done + timedelta(days=self.batch.book_of(case).limits.rate_days)
        return occasion.due or self.batch.target(case)

    def _promised(self, occasion: Occasion, case: Case) -> str:
        """What is promised: a stage of the category by its own name."""
        if occasion.stage:
            found = self.batch.book_of(case).stage(occasion.stage)
            if found is not None:
                return found.name_in(get_language() or "")
        return str(KIND_NAMES.get(occasion.kind, ""))

    def _said_to(self, occasion: Occasion, audience: Audience) -> Mapping[str, str]:
        """What was said, with the reason's name; numbers in it are masked for the house."""
        found = dict(occasion.words_for(audience))
        if "words" in found and (reason := self._reason(occasion)):
            comma = ", " if (get_language() or "").startswith("en") else "，"
            found["words"] = comma.join(filter(None, (reason, found["words"])))
        if audience != Audience.REPORTER:
            found = {place: mask_text(text) for place, text in found.items()}
        return {place: rules.shortened(text, _MOST_SAID) for place, text in found.items()}

    def _reason(self, occasion: Occasion) -> str:
        own = self.batch.book_of(self.batch.cases[occasion.case])
        known = own.all_reasons.get(occasion.reasons, {}).get(occasion.reason)
        return known.name_in(get_language() or "") if known else ""


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
