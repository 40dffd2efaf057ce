"""What pages and the API read from a request: who asks, from where; and how they give a file."""

from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from gezhi.base.actor import NOBODY, Actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor the middleware put on the request; nobody in particular if it did not."""
    actor = getattr(request, "actor", NOBODY)
    if not isinstance(actor, Actor):
        raise TypeError("request.actor is not an Actor")
    return actor


# From where the request comes that is being answered, for what is put on the audit meanwhile.
asking_from: ContextVar[str] = ContextVar("gezhi_asking_from", default="")


def address_of(request: HttpRequest) -> str:
    """The address of whoever asks; "" where the server doesn't know one.

    A proxy of GEZHI_PROXIES is believed about who asked it, read from the right: what stands
    further left than the first address that is no such proxy, anybody may have written.
    """
    here = _address(request.META.get("REMOTE_ADDR", ""))
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if settings.PROXIES else []
    while here and told and any(here in network for network in settings.PROXIES):
        before = _address(told.pop())
        if before is None:
            break
        here = before
    return str(here or "")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as it is compared: without a port, an IPv4 one not dressed up as IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def network_of(request: HttpRequest) -> str:
    """Whom to count by address."""
    return line_of(address_of(request))


def line_of(address: str) -> str:
    """One line of IPv6 is one subscriber, its first 64 bits."""
    if ":" not in address:
        return address
    return str(IPv6Address(int(IPv6Address(address)) >> 64 << 64))


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The policy of what is no page: nothing in it may run or load.
INERT = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def file_answer(
    data: bytes, name: str, *, media_type: str = XLSX, is_shown: bool = False, seconds: int = 0
) -> HttpResponse:
    """A file of this name, kept by who asked (for `seconds`) and by nobody in between.

    With `is_shown` the browser may show a picture or play a sound; all else is only ever saved,
    and nothing in it is run.
    """
    answer = HttpResponse(data, content_type=media_type)
    is_saved = not (is_shown and media_type.startswith(("image/", "audio/")))
    named = content_disposition_header(as_attachment=is_saved, filename=name)
    answer.headers["Content-Disposition"] = named or ("attachment" if is_saved else "inline")
    answer.headers["Content-Security-Policy"] = f"{INERT}; media-src 'self'"
    answer.headers["Cache-Control"] = f"private, {f'max-age={seconds}' if seconds else 'no-store'}"
    return answer
