"""What every template may know: where news come from, the base map, the filling of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from gezhi.site import progress


def around(request: HttpRequest) -> dict[str, Any]:
    return {
        "live_url": settings.LIVE_URL,
        "tiles_url": settings.TILES_URL,
        "is_demo": settings.DEMO,
        "is_filling": settings.DEMO and progress.is_filling(),
    }
