"""Passkeys (WebAuthn level 2) by way of the `fido2` library: challenges out, answers in.

A passkey belongs to one host and answers one challenge. No attestation is asked for: which
make of device somebody uses is nobody's business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

Options = dict[str, Any]
State = dict[str, Any]


class PasskeyNotTaken(Exception):
    """The browser's answer does not prove a passkey of ours."""


@dataclass(frozen=True)
class Place:
    """Where passkeys are asked for: the host they belong to, and the whole origin of its pages."""

    host: str
    origin: str

    def server(self) -> Fido2Server:
        entity = PublicKeyCredentialRpEntity(name=self.host, id=self.host)
        return Fido2Server(entity, verify_origin=lambda origin: origin == self.origin)


@dataclass(frozen=True)
class NewPasskey:
    """What is kept of a passkey: its public parts."""

    handle: bytes
    credential: bytes
    count: int


def ask_for_new(
    place: Place, *, account: UUID, login: str, name: str, known: Iterable[bytes]
) -> tuple[Options, State]:
    """What the browser is asked, and what its answer is compared with."""
    person = PublicKeyCredentialUserEntity(id=account.bytes, name=login, display_name=name)
    options, state = place.server().register_begin(
        person,
        credentials=[AttestedCredentialData(each) for each in known],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), _plain(state)


def read_new(place: Place, state: State, answer: Mapping[str, Any]) -> NewPasskey:
    """The passkey that was made; raises `PasskeyNotTaken`."""
    try:
        data = place.server().register_complete(state, answer)
        made = data.credential_data
        if made is None:
            raise PasskeyNotTaken
        return NewPasskey(made.credential_id, bytes(made), data.counter)
    except Exception as error:  # the parser of what anybody may send fails in many ways
        raise PasskeyNotTaken from error


def ask_for_one(place: Place, known: Iterable[bytes], *, alone: bool) -> tuple[Options, State]:
    """Ask for one of these passkeys; for any of this host where it is asked for `alone`.

    Alone it stands for a password too, so its holder must be verified.
    """
    wanted = UserVerificationRequirement
    options, state = place.server().authenticate_begin(
        None if alone else [AttestedCredentialData(each) for each in known],
        user_verification=wanted.REQUIRED if alone else wanted.PREFERRED,
    )
    return dict(options), _plain(state)


def handle_of(answer: Mapping[str, Any]) -> bytes:
    """Which passkey an answer says it is from; raises `PasskeyNotTaken`."""
    try:
        return websafe_decode(answer["rawId"])
    except (KeyError, TypeError, ValueError) as error:
        raise PasskeyNotTaken from error


def read_one(place: Place, state: State, answer: Mapping[str, Any], *, credential: bytes) -> int:
    """The counter of this passkey, which the answer proves; raises `PasskeyNotTaken`."""
    try:
        place.server().authenticate_complete(state, [AttestedCredentialData(credential)], answer)
        data = AuthenticationResponse.from_dict(answer).response.authenticator_data
    except Exception as error:  # as in `read_new`
        raise PasskeyNotTaken from error
    return data.counter


def _plain(state: Any) -> State:
    """As the session keeps it."""
    wanted = state["user_verification"]
    return {"challenge": state["challenge"], "user_verification": wanted and str(wanted.value)}
