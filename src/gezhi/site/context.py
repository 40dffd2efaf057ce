"""What every template may know: where news come from, the base map, the filling of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from gezhi.site import progress


def _idle_seconds(request: HttpRequest) -> int:
    """After how long without use this page's reader is signed out; 0 for who isn't signed in."""
    user = getattr(request, "user", None)
    return settings.SESSION_IDLE_MINUTES * 60 if user and user.is_authenticated else 0


def around(request: HttpRequest) -> dict[str, Any]:
    return {
        "live_url": settings.LIVE_URL,
        "idle_seconds": _idle_seconds(request),
        "tiles_url": settings.TILES_URL,
        "is_demo": settings.DEMO,
        "is_filling": settings.DEMO and progress.is_filling(),
    }
