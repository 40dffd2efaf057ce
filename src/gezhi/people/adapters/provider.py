"""The identity provider (OpenID Connect Core 1.0): where to send a browser, whom it brings back.

Authorization code with PKCE (RFC 7636), state and nonce. The ID token's signature, issuer,
audience, end and nonce are all looked at; nothing else the provider says is believed. Only the
issuer's own host names other addresses, no redirect is followed and no proxy asked.
"""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import jwt

from gezhi.base import outgoing

_MOST_READ = 256 * 1024
_KEPT = 3600.0  # seconds the provider's description and keys are believed
_ASKED_AGAIN = 30.0  # seconds before an unknown key lets us ask for the keys again
_LEEWAY = 60  # seconds two clocks may differ
# Signed by the provider's private key: nothing that our own secret could sign, and never "none".
_SIGNED = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]


class ProviderDown(Exception):
    """The provider can't be reached, or answers with an error."""


class NotBelieved(Exception):
    """An answer that is not the provider's, not for us, not new, or not to our question."""


@dataclass(frozen=True)
class Provider:
    """One identity provider, and who we are there."""

    issuer: str
    client: str
    secret: str
    ca: str = ""

    def address(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": back,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        place = self._described("authorization_endpoint")
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def person(self, code: str, *, back: str, nonce: str, verifier: str) -> "Person":
        """Whom a code stands for."""
        answer = _ask(
            self._described("token_endpoint"),
            ca=self.ca,
            form={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": back,
                "code_verifier": verifier,
            },
            signed=(self.client, self.secret),
        )
        return self._read(str(answer.get("id_token", "")), nonce)

    def _read(self, token: str, nonce: str) -> "Person":
        try:
            key = self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key,
                algorithms=_SIGNED,
                audience=self.client,
                issuer=self.issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise NotBelieved(type(error).__name__) from error
        if claims.get("nonce") != nonce:
            raise NotBelieved("nonce")
        if claims.get("azp", self.client) != self.client:
            raise NotBelieved("azp")
        return Person(str(claims["sub"]), claims)

    def _key(self, kid: Any) -> jwt.PyJWK:
        keys = _keys(self, int(time.monotonic() // _KEPT))
        if kid is not None and kid not in keys:  # they change their keys from time to time
            keys = _keys(self, f"again {int(time.monotonic() // _ASKED_AGAIN)}")
        if kid is None and len(keys) == 1:
            return next(iter(keys.values()))
        if kid not in keys:
            raise NotBelieved("kid")
        return keys[kid]

    def _described(self, name: str) -> str:
        place = str(_description(self, int(time.monotonic() // _KEPT)).get(name, ""))
        must_be_safe(place)
        return place


class Person(NamedTuple):
    """Whom the provider names, and what else it says of the sign-in."""

    subject: str
    claims: Mapping[str, Any]

    def login(self, claim: str) -> str:
        """What the claim says that names logins here; "" where none does."""
        said = self.claims.get(claim) if claim else None
        return said if isinstance(said, str) else ""

    def has_shown_two(self, accepted: list[str]) -> bool:
        """Whether `amr` or `acr` says one of these; by none the provider's word counts for one."""
        said = self.claims.get("amr")
        methods = {str(each) for each in said} if isinstance(said, list) else set()
        return bool((methods | {str(self.claims.get("acr", ""))}) & set(accepted))


def must_be_safe(address: str) -> None:
    """Refuse addresses without TLS, but for this machine's own."""
    parts = urlsplit(address)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and is_here)):
        raise ProviderDown(f"{address!r} is no https:// address")


@lru_cache(maxsize=4)
def _description(provider: Provider, _hour: int) -> dict[str, Any]:
    must_be_safe(provider.issuer)
    place = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    said = _ask(place, ca=provider.ca)
    if said.get("issuer") != provider.issuer:
        raise ProviderDown(f"it calls itself {said.get('issuer')!r}")
    return said


@lru_cache(maxsize=8)
def _keys(provider: Provider, _when: int | str) -> dict[Any, jwt.PyJWK]:
    found: dict[Any, jwt.PyJWK] = {}
    for each in _ask(provider._described("jwks_uri"), ca=provider.ca).get("keys", []):
        try:
            if each.get("use", "sig") == "sig" and each.get("kty") != "oct":
                found[each.get("kid")] = jwt.PyJWK(each)
        except (jwt.PyJWTError, AttributeError):
            continue  # a kind of key we don't know
    return found


def _ask(
    address: str,
    *,
    ca: str,
    form: Mapping[str, str] | None = None,
    signed: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """One request to the provider; the object it answers with."""
    headers = {"Accept": "application/json"}
    if signed:
        pair = ":".join(quote(each, safe="") for each in signed)
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        answer = outgoing.call(
            address,
            method="POST" if form else "GET",
            headers=headers,
            body=urlencode(form).encode() if form else b"",
            most=_MOST_READ,
            authorities=ca,
            by_settings=True,
        )
        said = json.loads(answer.body)
    except (OSError, HTTPException, ValueError) as error:
        raise ProviderDown(f"{type(error).__name__}: {error}") from error
    if answer.status == 400 and form:
        raise NotBelieved("code")  # one that was used, or is nobody's
    if answer.status != 200 or not isinstance(said, dict):
        raise ProviderDown(f"HTTP {answer.status}")
    return said
