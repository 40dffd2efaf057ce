"""Open data: rows of public cases, and the files that were written last."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gezhi.base.days import in_utc, written
from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case
from gezhi.cases.rules.open_data import Wanted
from gezhi.exchange.rules import opendata as rules
from gezhi.exchange.rules.opendata import File, Row
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.rulebook import reads as rulebook

_AT_ONCE = 1000


def public_batches(wanted: Wanted | None = None) -> Iterator[list[Case]]:
    """What anybody may read of, the oldest first, some at a time: however many, few are held."""
    return cases.in_batches(cases.open_cases(county=settings.COUNTY, wanted=wanted), _AT_ONCE)


def rows_of(batch: list[Case]) -> Iterator[Row]:
    """What is told of each, in the language of the moment: words masked, places as anybody's."""
    book, language = rulebook.current(settings.COUNTY), get_language() or ""
    units = people.unit_names({case.holder_id for case in batch})
    areas = places.words_of(case.path for case in batch)
    for case in batch:
        key, point = case.category or case.proposed_category, cases.shown_point(case)
        kind = book.categories.get(key)
        status = rules.status_of(case.state)
        yield {
            "service_request_id": case.number,
            "requested_datetime": in_utc(case.opened_at),
            "updated_datetime": in_utc(case.changed_at),
            "closed_date": in_utc(updated_of(case)) if status == "closed" else None,
            "status_description": status,
            "status_notes": notes_of(case),
            "source": case.channel,
            "service_name": kind.name_in(language) if kind else key,
            "service_subtype": key,
            "description": mask_text(case.what),
            "agency_responsible": units.get(case.holder_id, ""),
            "address": with_spot(areas[case.path], cases.shown_place(case)),
            "lat": round(point[1], 6) if point else None,
            "long": round(point[0], 6) if point else None,
        }


def updated_of(case: Case) -> datetime:
    """The last change; of what is closed, when it was."""
    if case.state in (case_rules.State.DONE, case_rules.State.CLOSED) and case.finished_at:
        return case.finished_at
    return case.changed_at


def notes_of(case: Case) -> str:
    """The finer state, and what was answered."""
    name = str(case_rules.STATE_NAMES[case_rules.State(case.state)])
    if case.paused_until:
        name = _("%(state)s，挂起到 %(until)s") % {
            "state": name,
            "until": written(case.paused_until),
        }
    is_answered = case.answer and rules.status_of(case.state) == "closed"
    return f"{name}：{mask_text(case.answer)}" if is_answered else name


@dataclass(frozen=True)
class Published:
    """What was written last, and when."""

    at: datetime
    licence: dict[str, str]
    files: tuple[File, ...]


def folder() -> Path:
    """Where the files lie; web processes and workers share it."""
    return Path(settings.OPEN_DATA)


def published() -> Published | None:
    """The newest package; None before the first."""
    try:
        described = json.loads((folder() / rules.PACKAGE).read_bytes())
    except FileNotFoundError:
        return None
    licences = described.get("licenses", [{}])
    at = datetime.fromisoformat(described["created"])
    return Published(at, licences[0], tuple(rules.files_of(described)))


def is_due(now: datetime) -> bool:
    """Whether there is none of today yet."""
    last = published()
    return last is None or timezone.localdate(last.at) < timezone.localdate(now)


def file_path(name: str) -> Path | None:
    """Where the file of this name lies, if it is one of open data and is there."""
    path = folder() / name
    return path if rules.media_type_of(name) and path.is_file() else None
