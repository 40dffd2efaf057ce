"""Pictures of what was done, for the program that reported a case which nobody has reviewed yet."""

from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gezhi.api import errors
from gezhi.base import clock
from gezhi.base.http import file_answer
from gezhi.cases import reads

_HOLDS = timedelta(days=2)  # whoever hears of it fetches it soon


def own_address(request: HttpRequest, file: UUID) -> str:
    """Where it lies for the one who is told so: no key is asked for, and it ends by itself."""
    token = _signer().sign(f"{file.hex}-{(clock.now() + _HOLDS).date().isoformat()}")
    return request.build_absolute_uri(reverse("open311:picture", args=[token]))


def picture(request: HttpRequest, token: str) -> HttpResponse:
    """The picture, for as long as the address holds and the case is none that hides."""
    try:
        file, _minus, until = _signer().unsign(token).partition("-")
        is_over = date.fromisoformat(until) < clock.now().date()
        found = None if is_over else reads.told_picture(UUID(file), county=settings.COUNTY)
    except (BadSignature, ValueError):
        found = None
    if found is None:
        raise errors.NoSuchThing(name="token")
    return file_answer(
        reads.file_bytes(found), found.name, media_type=found.media_type, is_shown=True
    )


def _signer() -> Signer:
    return Signer(salt="gezhi.open311.picture", sep=".")
