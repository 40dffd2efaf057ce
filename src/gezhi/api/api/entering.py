"""Who comes in: a program with a key, a browser with its session, or anybody."""

from math import ceil

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from gezhi.api.errors import CsrfMissing, KeyWrong
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.http import actor_of
from gezhi.base.pace import Pace, shared
from gezhi.base.refusal import SignInNeeded, TooMany
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.residents import reads as residents
from gezhi.residents.reads import Signed

_SAFE = ("GET", "HEAD", "OPTIONS")


def _spend(pace: Pace, actor: Actor) -> None:
    spent = shared.spend(pace, actor.label)
    if not spent.is_granted:
        raise TooMany(seconds=ceil(spent.wait))


def spend_as_key(actor: Actor) -> None:
    """One of the requests that a key may make in a minute: its own quota, or every key's."""
    most = people_reads.quota_of(actor)
    _spend(Pace("key", settings.LIMIT_KEY if most is None else most, 60.0), actor)


class ApiKey(HttpBearer):
    """`Authorization: Bearer gz_…`: acts with the posts of the key's account."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        sent = request.headers.get("Authorization")
        if sent is None:
            return None
        scheme, _space, token = sent.partition(" ")
        if scheme.lower() != "bearer":
            raise KeyWrong()
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        actor = people.use_key(token)
        if actor is None:
            raise KeyWrong()
        spend_as_key(actor)
        request.actor = actor  # type: ignore[attr-defined]  # read by base.http
        return actor


class Session(APIKeyCookie):
    """A signed-in browser; what changes something needs the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        return self.authenticate(request, request.COOKIES.get(self.param_name))

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor = actor_of(request) if key else NOBODY
        if actor is NOBODY or getattr(request, "owed", None):
            return None  # nobody, or somebody whose sign-in isn't done
        if request.method not in _SAFE and check_csrf(request) is not None:
            raise CsrfMissing()
        return actor


class Anybody(AuthBase):
    """No sign-in needed. Stands last, so that a key or a session is seen first."""

    openapi_type = "none"

    def __call__(self, request: HttpRequest) -> Actor:
        return NOBODY


class ResidentToken(HttpBearer):
    """`Authorization: Bearer gzr_…`: a resident who signed in with a phone code.

    Nobody on the staff's operations; a report made with it is in the account.
    """

    def __call__(self, request: HttpRequest) -> Actor | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token.startswith(people.TOKEN_BEGINS):
            return None  # somebody else's key
        return self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        signed = residents.signed_in(token)
        if signed is None:
            raise SignInNeeded()
        _spend(Pace("account", settings.LIMIT_ACCOUNT, 60.0), signed.actor)
        vars(request)[_SIGNED] = signed
        request.actor = signed.actor  # type: ignore[attr-defined]  # read by base.http
        return signed.actor


_SIGNED = "gezhi.api.resident"  # on the request, once it was asked


def resident_of(request: HttpRequest) -> Signed:
    """The resident whose token opened this operation."""
    found: Signed = vars(request)[_SIGNED]
    return found


SIGNED_IN = [ApiKey(), Session()]
RESIDENTS = [ResidentToken()]
EVERYBODY = [ResidentToken(), *SIGNED_IN, Anybody()]
