"""All public requests as one file of open data (GeoReport Bulk), streamed, however many."""

from collections.abc import Iterable
from itertools import chain

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override

from gezhi.api.api.open311.answering import asked, check_jurisdiction
from gezhi.api.rules import asking, streams
from gezhi.api.rules.streams import Row
from gezhi.cases.models import Case
from gezhi.exchange import reads as exchange
from gezhi.exchange.rules.opendata import NAMES


def bulk(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """The oldest first. What is wrong with the question is told before the first row."""
    args = asked(request)
    check_jurisdiction(args)
    batches = exchange.public_batches(asking.read_all_wanted(args))
    first = next(batches, [])
    language = get_language() or ""
    rows = (_rows(batch, language) for batch in chain([first], batches))
    answer = StreamingHttpResponse(
        streams.write(kind, NAMES, rows), content_type=streams.MEDIA_TYPES[kind]
    )
    name = content_disposition_header(as_attachment=True, filename=f"requests.{kind}")
    answer["Content-Disposition"] = name or "attachment"
    return answer


def _rows(batch: list[Case], language: str) -> Iterable[Row]:
    """The rows of a batch, in the language that was asked for: they are written after the view."""
    with override(language):
        return list(exchange.open_data_rows(batch))
