"""All that is proposed for a report, for programs that take reports in."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import Shown, give
from gezhi.base.http import actor_of
from gezhi.base.refusal import Malformed
from gezhi.cases.forms.choices import why_words
from gezhi.cases.rules import CHANNEL_NAMES
from gezhi.triage import reads
from gezhi.triage.api.finding import WhereShown, WordsSent, where_shown

router = Router(tags=["triage"])


class ReportTold(WordsSent):
    """A report that is being told, before it is sent; `path` is an area that was named."""

    channel: str = Field("api", max_length=16, description="How it would come in.")
    path: str = Field("", max_length=15)


class OptionShown(Shown):
    """A kind it may be. `confidence` from 0 to 1; `words` are those that decided."""

    category: str
    confidence: float
    words: list[str]


class WhatShown(Shown):
    """`sure`: the first is it. `source`: model, words or none. `urgent`: words of danger."""

    sure: bool
    source: str
    urgent: list[str]
    options: list[OptionShown]


class WhoShown(Shown):
    """Whose it would be, and the rule that says so in its own words."""

    unit: UUID | None
    name: str
    rule: str
    why: str


class SameShown(Shown):
    """An open case that may be the same matter; `likeness` from 0 to 1."""

    number: str
    likeness: float
    metres: int | None


class ProposedShown(Shown):
    """`path`: the area it would begin in. `who` is null where no kind was found."""

    what: WhatShown
    where: WhereShown
    path: str
    who: WhoShown | None
    same: list[SameShown]


@router.post("/triage/propose", response=ProposedShown, summary="What, where, whose, the same?")
def propose(request: HttpRequest, body: ReportTold) -> HttpResponse:
    """What would be proposed for this report if it came in now. Nothing is kept."""
    actor = actor_of(request)
    actor.must("case.report")
    if body.channel not in CHANNEL_NAMES:
        raise Malformed(why="channel")
    found = reads.proposed(
        body.text,
        county=settings.COUNTY,
        place=body.place,
        path=body.path,
        near=body.near,
        point=body.point,
        channel=body.channel,
        actor=actor,
        at=clock.now(),
    )
    return give(
        {
            "what": _what(found),
            "where": where_shown(found.where),
            "path": found.path,
            "who": _who(found),
            "same": [
                {
                    "number": one.case.number,
                    "likeness": round(one.likeness, 2),
                    "metres": one.metres,
                }
                for one in found.same
            ],
        }
    )


def _what(found: reads.Proposed) -> dict[str, Any]:
    return {
        "sure": found.what.is_sure,
        "source": found.what.source,
        "urgent": found.what.urgent,
        "options": [
            {"category": one.category, "confidence": one.confidence, "words": one.words}
            for one in found.what.options
        ],
    }


def _who(found: reads.Proposed) -> dict[str, Any] | None:
    if found.who is None:
        return None
    unit = found.who.unit
    return {
        "unit": unit.id if unit else None,
        "name": unit.label if unit else "",
        "rule": found.who.rule,
        "why": why_words(found.who),
    }
