"""What a measurement needs of the county it runs against."""

from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.utils.crypto import get_random_string

from gezhi.base.actor import system
from gezhi.bench.driving import Work
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook

if TYPE_CHECKING:
    from gezhi.people.models import Account

_CENTRE, _UNIT = "shouli", "shuiwu"


def stored_cases() -> int:
    """How many cases there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")
        row = cursor.fetchone()
    return int(row[0])


def stored_prints() -> int:
    """How many of them have a print to be found by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM triage_print")
        row = cursor.fetchone()
    return int(row[0])


def work_for(url: str, *, county: str) -> Work:
    """Keys and a session of the demo's own accounts, and a category that asks for no proof."""
    accounts = people_reads.accounts_by_login([_CENTRE, _UNIT])
    book = rulebook.current(county)
    category = next(key for key, row in book.categories.items() if not row.proof and not row.urgent)
    outcome = next(code for code, row in book.outcomes.items() if row.is_solved)
    village = next(iter(places.areas_under(county, county=county, level="village")))
    outline = places.outline(village.id)
    point = outline.representative_point() if outline is not None else None
    if point is None:
        raise RuntimeError("The county has no outlines to report from.")
    return Work(
        url=url,
        centre_key=_key(accounts[_CENTRE].id),
        unit_key=_key(accounts[_UNIT].id),
        unit=str(people_reads.unit_by_code(county, "dept-water").id),
        category=category,
        outcome=outcome,
        reason="",
        lon=point.x,
        lat=point.y,
        cookie=_session(accounts[_CENTRE]),
        service=next(
            key
            for key, row in book.categories.items()
            if row.service_type == "realtime" and not any(one.required for one in row.asks)
        ),
    )


def _key(account: UUID) -> str:
    return str(people.make_key(account=account, name="bench", actor=system("bench")).token)


def _session(account: "Account") -> str:
    """A signed-in browser's cookies, made as signing in makes them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(account.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = account.get_session_auth_hash()
    store.create()
    token = get_random_string(CSRF_SECRET_LENGTH)
    return (
        f"{settings.SESSION_COOKIE_NAME}={store.session_key}; {settings.CSRF_COOKIE_NAME}={token}"
    )
