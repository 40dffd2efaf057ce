"""All public requests as one file of open data (GeoReport Bulk), streamed, however many."""

from collections.abc import Iterable, Iterator
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override

from gezhi.api.api.open311.answering import asked, check_jurisdiction
from gezhi.api.rules import asking, streams
from gezhi.api.rules.streams import Row
from gezhi.cases.models import Case
from gezhi.exchange import reads as exchange
from gezhi.exchange.rules.opendata import NAMES


def bulk(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The oldest first. What is wrong with the question is told before the first row.

    Who asks for the head alone costs no row.
    """
    args = asked(request)
    check_jurisdiction(args)
    wanted = asking.read_all_wanted(args)
    args.must_be_right()
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse(content_type=streams.MEDIA_TYPES[kind])
    else:
        answer = _file(exchange.public_batches(wanted), kind)
    name = content_disposition_header(as_attachment=True, filename=f"requests.{kind}")
    answer["Content-Disposition"] = name or "attachment"
    return answer


def _file(batches: Iterator[list[Case]], kind: str) -> StreamingHttpResponse:
    first, language = next(batches, []), get_language() or ""
    rows = (_rows(batch, language) for batch in chain([first], batches))
    return StreamingHttpResponse(
        streams.write(kind, NAMES, rows), content_type=streams.MEDIA_TYPES[kind]
    )


def _rows(batch: list[Case], language: str) -> Iterable[Row]:
    """The rows of a batch, in the language that was asked for: they are written after the view."""
    with override(language):
        return list(exchange.open_data_rows(batch))
