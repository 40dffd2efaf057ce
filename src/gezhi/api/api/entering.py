"""Who comes in: a program with a key, a browser with its session, or anybody."""

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from gezhi.api.errors import CsrfMissing, KeyWrong
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.http import actor_of
from gezhi.people import actions as people

_SAFE = ("GET", "HEAD", "OPTIONS")


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
        request.actor = actor  # type: ignore[attr-defined]  # read by base.http
        return actor


class Session(APIKeyCookie):
    """A signed-in browser; what changes something needs the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        return self.authenticate(request, request.COOKIES.get(self.param_name))

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor = actor_of(request) if key else NOBODY
        if actor is NOBODY:
            return None
        if request.method not in _SAFE and check_csrf(request) is not None:
            raise CsrfMissing()
        return actor


class Anybody(AuthBase):
    """No sign-in needed. Stands last, so that a key or a session is seen first."""

    openapi_type = "none"

    def __call__(self, request: HttpRequest) -> Actor:
        return NOBODY


SIGNED_IN = [ApiKey(), Session()]
EVERYBODY = [*SIGNED_IN, Anybody()]
