"""Files of a case, for those who may see the case."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gezhi.base.http import actor_of
from gezhi.base.refusal import NotFound
from gezhi.cases import adapters, reads


@require_safe
def file(request: HttpRequest, id: UUID) -> HttpResponse:
    """The clean copy; pictures are shown, everything else is saved."""
    found = reads.attachment_for(actor_of(request), id)
    try:
        body = adapters.read_file(found.county, found.id)
    except FileNotFoundError as error:
        raise NotFound() from error
    answer = HttpResponse(body, content_type=found.media_type)
    is_picture = found.media_type.startswith("image/")
    disposition = content_disposition_header(not is_picture, found.name)
    answer["Content-Disposition"] = disposition or "attachment"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
