"""Whether second factors and the identity provider are set up in a way that makes sense."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from gezhi.people import adapters, rules

_HINT = "See docs/settings.md."


@register()
def sign_in_makes_sense(**_asked: Any) -> list[CheckMessage]:
    """For `gezhi doctor` and Django's own checks."""
    found: list[CheckMessage] = []
    if settings.SECOND_FACTOR == rules.Policy.NONE and not settings.DEMO:
        words = (
            "GEZHI_SECOND_FACTOR=none: a password alone opens personal data. "
            "Write 'roles' or 'all'."
        )
        found.append(Warning(words, hint=_HINT, id="gezhi.people.W001"))
    return found + [Error(words, hint=_HINT, id="gezhi.people.E001") for words in _provider()]


def must_make_sense() -> None:
    """No process begins with a provider nobody could sign in by."""
    if wrong := _provider():
        raise ImproperlyConfigured(f"{' '.join(wrong)} {_HINT}")


def _provider() -> list[str]:
    """What is wrong with the provider's settings; nothing where there is no provider."""
    if not settings.OIDC_ISSUER:
        return []
    try:
        adapters.must_be_safe(settings.OIDC_ISSUER)
    except adapters.ProviderDown as error:
        return [f"GEZHI_OIDC_ISSUER: {error}"]
    given = {"GEZHI_OIDC_CLIENT": settings.OIDC_CLIENT, "GEZHI_OIDC_SECRET": settings.OIDC_SECRET}
    return [f"{name} is needed with GEZHI_OIDC_ISSUER." for name in given if not given[name]]
