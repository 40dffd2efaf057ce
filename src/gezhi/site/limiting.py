"""How much anybody may ask in a while: by address, by account, by key; 429 and when to come again.

What every request costs is counted in shared memory (`base.pace`), what is rare and matters
exactly in the database. A form that is refused comes back with everything typed in it.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from gezhi.api.api import answering
from gezhi.api.api.open311 import answering as open311
from gezhi.api.errors import TooLarge
from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.http import actor_of, network_of
from gezhi.base.pace import Pace, Spent, shared
from gezhi.base.refusal import Refusal, TooMany
from gezhi.record import actions as record
from gezhi.record.errors import PuzzleNeeded
from gezhi.site import pages

_MINUTE, _QUARTER, _HOUR = 60.0, 900.0, 3600.0
_READS = ("GET", "HEAD", "OPTIONS")
_API, _OPEN311, _OGC = "/api/", "/open311/", "/ogc/"
_RECEIVING = "/demo/events/"
_UNCOUNTED = ("/healthz",)
Answer = Callable[[HttpRequest], HttpResponse]

# What is counted exactly, by the name of the address it is sent to: the setting that limits it,
# the time it is for, and whether an account is counted (else the network address).
_RARE: Mapping[tuple[str, str], tuple[str, float, bool]] = {
    ("POST", "entrance:sign_in"): ("LIMIT_SIGN_IN", _QUARTER, False),
    ("POST", "entrance:second"): ("LIMIT_SIGN_IN", _QUARTER, False),
    ("POST", "entrance:passkey"): ("LIMIT_SIGN_IN", _QUARTER, False),
    ("POST", "portal:code"): ("LIMIT_SIGN_IN", _QUARTER, False),
    ("POST", "api:send_entry_code"): ("LIMIT_SIGN_IN", _QUARTER, False),
    ("POST", "api:resident_sign_in"): ("LIMIT_SIGN_IN", _QUARTER, False),
    ("POST", "cases:contact"): ("LIMIT_OPENINGS", _HOUR, True),
    ("POST", "api:open_field"): ("LIMIT_OPENINGS", _HOUR, True),
    ("POST", "desk:hotline_number"): ("LIMIT_OPENINGS", _HOUR, True),
    ("POST", "api:find_caller"): ("LIMIT_OPENINGS", _HOUR, True),
    ("GET", "desk:export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "desk:supervision_export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "desk:audit_export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "notices:export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "exchange:export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "hotline:export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "rehearsals:export"): ("LIMIT_EXPORTS", _HOUR, True),
    ("POST", "portal:copy"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "api:export_cases"): ("LIMIT_EXPORTS", _HOUR, True),
    ("GET", "open311:bulk"): ("LIMIT_EXPORTS", _HOUR, False),
}
# Reports without a sign-in through the API; the portal's own page asks by itself.
_REPORTS = ("api:report_case", "api:report_case_with_files", "api:follow_case")


class LimitMiddleware:
    """Refuses what is too much before it costs anything."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in _UNCOUNTED:
            return self.get_response(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > answering.FORM_MB_MAX * 1024 * 1024:
            return _too_large(request)
        pace = _pace_of(request)
        spent = shared.spend(pace, network_of(request))
        if pace.name == "known" and spent.is_granted:
            bad = shared.spend(_failed(), network_of(request), is_taken=False)
            pace, spent = (pace, spent) if bad.is_granted else (_failed(), bad)
        if not spent.is_granted and request.method in _READS:
            with translation.override(translation.get_language_from_request(request)):
                return _refuse(request, pace, spent)
        # A form is refused once its page can be given back: see `process_view`.
        request.over = None if spent.is_granted else (pace, spent)  # type: ignore[attr-defined]  # ours
        answer = self.get_response(request)
        if request.resolver_match is None and (found := _nowhere_over(request)) is not None:
            return _refuse(request, *found)
        if pace.name == "known" and answer.status_code == _no_key(request):
            shared.spend(_failed(), network_of(request))
        if request.path_info.startswith((_API, _OPEN311, _OGC)) and pace.most:
            _tell(answer, pace, spent)
        return answer

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, values: dict[str, Any]
    ) -> HttpResponse | None:
        over = getattr(request, "over", None) or _own_over(request) or _rare_over(request)
        if over is not None:
            return _refuse(request, *over)
        try:
            _let_report(request)
        except PuzzleNeeded as refusal:
            return answering.refuse(request, refusal)
        return None


def _no_key(request: HttpRequest) -> HTTPStatus:
    """How a door says that a key is none."""
    is_open311 = request.path_info.startswith(_OPEN311)
    return HTTPStatus.FORBIDDEN if is_open311 else HTTPStatus.UNAUTHORIZED


def _pace_of(request: HttpRequest) -> Pace:
    """Strangers by reading and writing; many who signed in may share one address."""
    tells_who = (_OPEN311, _RECEIVING) if settings.DEMO else _OPEN311
    if request.path_info.startswith(tells_who) and request.method not in _READS:
        return Pace("known", settings.LIMIT_KEY, _MINUTE)  # key or signature stands in what is sent
    if settings.SESSION_COOKIE_NAME in request.COOKIES or _has_key(request):
        return Pace("known", settings.LIMIT_KEY, _MINUTE)
    return _of_strangers(request)


def _has_key(request: HttpRequest) -> bool:
    """Pages don't read keys: there the header makes nobody known."""
    return "Authorization" in request.headers and request.path_info.startswith(_API)


def _of_strangers(request: HttpRequest) -> Pace:
    if request.method in _READS:
        return Pace("reading", settings.LIMIT_READING, _MINUTE)
    return Pace("writing", settings.LIMIT_WRITING, _MINUTE)


def _failed() -> Pace:
    """Keys that are none: as many as a stranger may send anything."""
    return Pace("failed", settings.LIMIT_WRITING, _MINUTE)


def _own_over(request: HttpRequest) -> tuple[Pace, Spent] | None:
    """The account's own pace; a session's cookie that is nobody's makes no more than a stranger."""
    actor = actor_of(request)
    if _has_key(request):
        return None  # keys are counted where they are read
    if actor is not NOBODY:
        pace, who = Pace("account", settings.LIMIT_ACCOUNT, _MINUTE), actor.label
    elif settings.SESSION_COOKIE_NAME in request.COOKIES:
        pace, who = _of_strangers(request), network_of(request)
    else:
        return None
    spent = shared.spend(pace, who)
    return None if spent.is_granted else (pace, spent)


def _nowhere_over(request: HttpRequest) -> tuple[Pace, Spent] | None:
    """Where no page is, none was asked whether it lets them in: all are strangers there."""
    over: tuple[Pace, Spent] | None = getattr(request, "over", None)
    if over is not None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return over
    pace = _of_strangers(request)
    spent = shared.spend(pace, network_of(request))
    return None if spent.is_granted else (pace, spent)


def _rare_over(request: HttpRequest) -> tuple[Pace, Spent] | None:
    match = request.resolver_match
    method = "GET" if request.method == "HEAD" else request.method or ""  # the same view answers
    found = _RARE.get((method, match.view_name if match else ""))
    if found is None:
        return None
    setting, seconds, is_own = found
    pace = Pace(setting.removeprefix("LIMIT_").lower(), getattr(settings, setting), seconds)
    actor = actor_of(request)
    who = actor.label if is_own and actor is not NOBODY else network_of(request)
    spent = record.spend(pace, who, now=clock.now())
    return None if spent.is_granted else (pace, spent)


def _let_report(request: HttpRequest) -> None:
    match = request.resolver_match
    is_report = request.method == "POST" and match is not None and match.view_name in _REPORTS
    if is_report and "Authorization" not in request.headers and actor_of(request) is NOBODY:
        record.must_pay_for_report(
            answering.proof_of(request), address=network_of(request), now=clock.now()
        )


def _refuse(request: HttpRequest, pace: Pace, spent: Spent) -> HttpResponse:
    refusal = TooMany(seconds=ceil(spent.wait))
    answer = _refused(request, refusal) or pages.slow_down(request, refusal)
    answer["Retry-After"] = str(ceil(spent.wait))
    return _tell(answer, pace, spent)


def _too_large(request: HttpRequest) -> HttpResponse:
    refusal: Refusal = TooLarge(
        json=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024, form=answering.FORM_MB_MAX
    )
    with translation.override(translation.get_language_from_request(request)):
        return _refused(request, refusal) or pages.refused(request, refusal)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """A refusal as programs read it at the door they came to; None for people."""
    if request.path_info.startswith((_API, _OGC)):
        return answering.refuse(request, refusal)
    if request.path_info.startswith(_OPEN311):
        return open311.refuse(refusal, open311.format_of(request.path_info))
    return None


def _tell(answer: HttpResponse, pace: Pace, spent: Spent) -> HttpResponse:
    """The header fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers)."""
    reset = ceil(spent.wait) or ceil(pace.interval)
    answer["RateLimit-Policy"] = f'"{pace.name}";q={pace.most};w={int(pace.seconds)}'
    answer["RateLimit"] = f'"{pace.name}";r={spent.left};t={reset}'
    return answer
