"""Whether the setting of certificates makes sense."""

import ssl
from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def certificates_can_be_read(**_asked: Any) -> list[Error]:
    """A file that holds none would make every call to another system fail."""
    if not settings.WEBHOOK_CA:
        return []
    try:
        ssl.create_default_context(cafile=settings.WEBHOOK_CA)
    except (OSError, ssl.SSLError) as error:
        words = f"GEZHI_WEBHOOK_CA={settings.WEBHOOK_CA}: write a file with certificates ({error})"
        return [Error(words, hint="See docs/settings.md.", id="gezhi.exchange.E001")]
    return []
