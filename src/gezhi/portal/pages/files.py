"""Files of cases, served so that no browser runs anything in them."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gezhi.base.http import file_answer
from gezhi.portal import reads
from gezhi.portal.pages import keeping


@login_not_required
@require_safe
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A picture, voice note or document that this resident may see."""
    found, body = reads.file_for(keeping.resident(request), file_id)
    return served(body, found.media_type, found.name)


def served(body: bytes, media_type: str, name: str) -> HttpResponse:
    """Pictures and sound are shown, everything else is only ever saved."""
    return file_answer(body, name, media_type=media_type, is_shown=True, seconds=3600)
