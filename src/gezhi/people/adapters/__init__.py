"""What other programs prove about people: their passkeys, and the identity provider."""

from gezhi.people.adapters.passkeys import (
    PasskeyNotTaken,
    Place,
    ask_for_new,
    ask_for_one,
    handle_of,
    read_new,
    read_one,
)
from gezhi.people.adapters.provider import NotBelieved, Person, Provider, ProviderDown, must_be_safe

__all__ = [
    "NotBelieved",
    "Person",
    "Provider",
    "ProviderDown",
    "must_be_safe",
    "PasskeyNotTaken",
    "Place",
    "ask_for_new",
    "ask_for_one",
    "handle_of",
    "read_new",
    "read_one",
]
