"""Sessions: until when one lasts, when its use is written down, what device it is on.

Pure.
"""

from datetime import datetime, timedelta

USE_NOTED_EVERY = timedelta(minutes=1)
TOLD_BEFORE = timedelta(minutes=2)  # a page says that it will end
# The first that fits: a browser names those it descends from too.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def session_ends(
    began: datetime, last_used: datetime, *, idle: timedelta, longest: timedelta
) -> datetime:
    """When a session ends if nobody uses it any more: never later than `longest` after it began."""
    return min(last_used + idle, began + longest)


def is_use_due(last_used: datetime | None, now: datetime) -> bool:
    """Whether the use of a session is written down again: once a minute is enough."""
    return last_used is None or not timedelta() <= now - last_used < USE_NOTED_EVERY


def device_name(agent: str) -> str:
    """What a person calls the device, from what its browser says of itself; "" if it says nothing.

    Only the kind of browser and of system: enough to know one's own, too little to know a person.
    """
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " · ".join(filter(None, (browser, system)))
