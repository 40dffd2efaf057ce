"""All public requests as one file of open data (GeoReport Bulk), streamed, however many."""

from collections.abc import Iterable, Iterator
from itertools import chain

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override

from gezhi.api.api.open311.answering import asked, check_jurisdiction
from gezhi.api.api.open311.requests import notes_of, updated_of
from gezhi.api.rules import asking, streams
from gezhi.api.rules.streams import Row
from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.rulebook import reads as rulebook

COLUMNS = (
    "service_request_id", "requested_datetime", "updated_datetime", "closed_date",
    "status_description", "status_notes", "source", "service_name", "service_subtype",
    "description", "agency_responsible", "address", "lat", "long",
)  # fmt: skip
_AT_ONCE = 1000


def bulk(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """The oldest first. What is wrong with the question is told before the first row."""
    args = asked(request)
    check_jurisdiction(args)
    found = cases.open_cases(county=settings.COUNTY, wanted=asking.read_all_wanted(args))
    batches = cases.in_batches(found, _AT_ONCE)
    first = next(batches, [])
    language = get_language() or ""
    rows = (_rows(batch, language) for batch in chain([first], batches))
    answer = StreamingHttpResponse(
        streams.write(kind, COLUMNS, rows), content_type=streams.MEDIA_TYPES[kind]
    )
    name = content_disposition_header(as_attachment=True, filename=f"requests.{kind}")
    answer["Content-Disposition"] = name or "attachment"
    return answer


def _rows(batch: list[Case], language: str) -> Iterable[Row]:
    """The rows of a batch, in the language that was asked for: they are written after the view."""
    with override(language):
        return list(_shown(batch, language))


def _shown(batch: list[Case], language: str) -> Iterator[Row]:
    book = rulebook.current(settings.COUNTY)
    units = people.unit_names({case.holder_id for case in batch})
    areas = places.words_of(case.path for case in batch)
    for case in batch:
        key, point = case.category or case.proposed_category, cases.shown_point(case)
        kind = book.categories.get(key)
        status = asking.status_of(case.state)
        yield {
            "service_request_id": case.number,
            "requested_datetime": case.opened_at,
            "updated_datetime": case.changed_at,
            "closed_date": updated_of(case) if status == "closed" else None,
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
