"""Whether the settings of gateways make sense: one that doesn't stops the start."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from gezhi.notices.rules import SettingWrong, read_address, read_mail, read_robots, read_sms


def _certificates(file: str) -> None:
    """Refuse a file that holds none."""
    if not file:
        return
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError) as error:
        words = f"GEZHI_MAIL_CA={file}: write a file with certificates in PEM ({error})"
        raise SettingWrong(words) from error


_READ: tuple[tuple[str, Callable[[], Any]], ...] = (
    ("gezhi.notices.E001", lambda: read_mail(settings.MAIL, settings.MAIL_FROM)),
    ("gezhi.notices.E005", lambda: _certificates(settings.MAIL_CA)),
    ("gezhi.notices.E002", lambda: read_sms(settings.SMS_GATEWAY)),
    ("gezhi.notices.E003", lambda: read_robots(settings.CHAT_ROBOTS)),
    ("gezhi.notices.E004", lambda: read_address(settings.ADDRESS)),
)


@register()
def gateways_make_sense(**_asked: Any) -> list[Error]:
    """For `gezhi doctor` and Django's own checks."""
    return [
        Error(words, hint="See docs/settings.md.", id=number) for number, words in _wrong_settings()
    ]


def must_make_sense() -> None:
    """No process begins with a gateway that means nothing: it would fail when it is needed."""
    if wrong := [words for _number, words in _wrong_settings()]:
        raise ImproperlyConfigured(f"{'; '.join(wrong)}. See docs/settings.md.")


def _wrong_settings() -> Iterator[tuple[str, str]]:
    for number, read in _READ:
        try:
            read()
        except SettingWrong as error:
            yield number, str(error)
