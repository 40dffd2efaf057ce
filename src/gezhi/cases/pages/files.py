"""Files of a case, for those who may see the case."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gezhi.base.http import actor_of, file_answer
from gezhi.base.refusal import NotFound
from gezhi.cases import adapters, reads


@require_safe
def file(request: HttpRequest, id: UUID) -> HttpResponse:
    """The clean copy; pictures and sound are shown, everything else is saved."""
    found = reads.attachment_for(actor_of(request), id)
    try:
        body = adapters.read_file(found.county, found.id)
    except FileNotFoundError as error:
        raise NotFound() from error
    return file_answer(body, found.name, media_type=found.media_type, is_shown=True, seconds=3600)
