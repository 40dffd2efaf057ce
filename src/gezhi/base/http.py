"""What pages and the API read from a request: who asks; and how they give a file."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from gezhi.base.actor import NOBODY, Actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor the middleware put on the request; nobody in particular if it did not."""
    actor = getattr(request, "actor", NOBODY)
    if not isinstance(actor, Actor):
        raise TypeError("request.actor is not an Actor")
    return actor


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_answer(data: bytes, name: str, *, media_type: str = XLSX) -> HttpResponse:
    """A file of this name, to be kept by who asked and by nobody in between."""
    answer = HttpResponse(data, content_type=media_type)
    named = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Disposition"] = named or "attachment"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
