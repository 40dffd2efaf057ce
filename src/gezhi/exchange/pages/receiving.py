"""A demo's receiving end: what a subscription there may send to. Elsewhere there is none."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from gezhi.base import clock
from gezhi.base.refusal import NotFound
from gezhi.exchange import reads, rules
from gezhi.intake.rules import is_signed

_MOST_READ = 64 * 1024
_ANSWERS = frozenset(str(status) for status in range(200, 600))


@csrf_exempt
@login_not_required
def receive(request: HttpRequest) -> HttpResponse:
    """Take an event, keep nothing of it, and answer what the address says (`?answer=410`)."""
    if not settings.DEMO:
        raise NotFound()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    body = request.read(_MOST_READ + 1)
    if len(body) > _MOST_READ:
        return HttpResponse(status=413)
    if not _is_ours(request, body):
        return _said(rules.UNSIGNED, 401)
    wanted = request.GET.get("answer", "")
    if wanted not in _ANSWERS:
        return HttpResponse(status=204)
    return _said(rules.AS_ASKED, int(wanted))


def _is_ours(request: HttpRequest, body: bytes) -> bool:
    """Whether one of this house's own subscriptions has signed it."""
    headers, now = request.headers, clock.now()
    return is_signed(
        body, id=headers.get("webhook-id", ""), timestamp=headers.get("webhook-timestamp", ""),
        signatures=headers.get("webhook-signature", ""), secrets=reads.secrets_in_use(now=now),
        now=now,
    )  # fmt: skip


def _said(code: str, status: int) -> HttpResponse:
    return HttpResponse(code, status=status, content_type="text/plain; charset=utf-8")
