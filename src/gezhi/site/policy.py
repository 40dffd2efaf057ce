"""The headers that every answer of the house carries, of the web and of the live process.

They say to the browser what our pages never need, so that it refuses it to whatever slips in.
"""

from collections.abc import Mapping

from django.conf import settings

# What a phone is asked for with its owner's consent, and what nobody here ever asks for.
_OWN = ("camera", "fullscreen", "geolocation", "microphone", "publickey-credentials-create",
        "publickey-credentials-get", "screen-wake-lock")  # fmt: skip
_NEVER = ("accelerometer", "autoplay", "bluetooth", "display-capture", "encrypted-media",
          "gyroscope", "hid", "magnetometer", "midi", "payment", "serial", "usb",
          "xr-spatial-tracking")  # fmt: skip

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{name}=(self)" for name in _OWN), *(f"{name}=()" for name in _NEVER)]
    ),
}


def of_pages(outside: str) -> str:
    """The Content-Security-Policy of pages: our own files only, nothing written inline.

    `outside` are the origins of live news and of map tiles, where they are not ours.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob: {outside}; connect-src 'self' {outside}; "
        "media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types default"
    )


def hsts() -> str:
    """`Strict-Transport-Security` where the site is reached by HTTPS, else empty."""
    days: int = settings.HSTS_DAYS if settings.SECURE else 0
    return f"max-age={days * 24 * 3600}" if days else ""
