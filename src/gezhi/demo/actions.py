"""Putting the demo county into the database, by the acts of the rooms it is about."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.days import midnight
from gezhi.demo.county import County, draw_county
from gezhi.demo.county.crew import (
    Body,
    PersonPlan,
    UnitPlan,
    plan_heads,
    plan_leaves,
    plan_people,
    plan_rotas,
    plan_units,
)
from gezhi.demo.county.owners import plan_keepers, plan_keepers_crew, plan_owners
from gezhi.demo.reads import crew_at_work, has_rosters, history_exists, units_staffed
from gezhi.demo.rules import (
    COUNTY,
    DEMO_ACCOUNTS,
    PASSWORD,
    PROGRAM,
    RATE,
    ROSTER_BACK,
    SEED,
    SINCE,
)
from gezhi.demo.simulation import Tell, Told, simulate, take_calls, write_articles
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.people.actions import NewPerson, NewPost, NewRota, NewUnit
from gezhi.people.rules import ADMINISTRATORS, WEEKS_AHEAD, Role
from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.rules import NewArea, NewFeature, NewName, NewOwner
from gezhi.rulebook import actions as rulebook
from gezhi.rulebook import reads as rulebook_reads
from gezhi.rulebook.rules import Book

_ACTOR = system("demo")


def load_county(
    county: County | None = None, *, password_hash: str = "", actor: Actor = _ACTOR
) -> bool:
    """Put the county in; False where one is there already, which only gets the rosters it lacks.

    All accounts get the one `password_hash`, by default that of the demo's known password.
    """
    if place_reads.areas_by_paths([COUNTY]):
        _add_missing_administrators(actor)
        _add_program(actor)
        _add_missing_duty(actor)
        return False
    drawn = county or draw_county(SEED)
    with transaction.atomic():
        load_places(drawn, actor)
        rulebook.ensure_default(drawn.code, actor, guess_weekdays=True)
        hashed = password_hash or make_password(PASSWORD)
        _load_people(drawn, hashed, actor)
        _load_owners(drawn, hashed, actor)
        _add_program(actor)
        _count_what_was_loaded()
    return True


def _add_missing_administrators(actor: Actor) -> None:
    """The accounts of administrators that a county put in earlier hasn't got.

    They get the password of the one there is: who has given the demo its own keeps it.
    """
    there = people_reads.accounts_by_login([one.login for one in DEMO_ACCOUNTS])
    model = there.get("admin")
    missing = [
        NewPerson(one.login, one.name, (NewPost(one.unit, one.role),))
        for one in DEMO_ACCOUNTS
        if one.role in ADMINISTRATORS and one.login not in there
    ]
    if model is not None and missing:
        people.add_accounts_with_posts(
            missing,
            county=COUNTY,
            password_hash=model.password,
            must_change_password=False,
            valid_from=SINCE,
            actor=actor,
        )


def _add_program(actor: Actor) -> None:
    """The account that webhooks, peers and Open311 are tried with, unless it is there."""
    login, name = PROGRAM
    if people_reads.logins_taken([login]):
        return
    people.add_accounts_with_posts(
        [NewPerson(login, name, (NewPost(f"centre-{COUNTY}", Role.INTEGRATOR),))],
        county=COUNTY,
        password_hash=make_password(None),
        must_change_password=False,
        valid_from=SINCE,
        actor=actor,
    )


def _add_missing_duty(actor: Actor) -> None:
    """Heads, rosters and leave for a county that was put in before there were any.

    Planned for the people who are there now; where anybody has ever kept a roster or named a head,
    that is left as it is.
    """
    crew = crew_at_work(COUNTY)
    with transaction.atomic():
        if not any(person.is_head for person, _post in crew):
            for post in plan_heads([person for person, _post in crew]):
                people.name_head(crew[post][1], actor=actor)
        if not has_rosters(COUNTY):
            staff = [person for person, _post in crew]
            _load_duty(units_staffed(COUNTY, staff), staff, COUNTY, actor)
            _count_what_was_loaded()


def _count_what_was_loaded() -> None:
    """Until the database counts by itself, it takes these tables for empty and plans so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE people_account, people_unit, people_post, people_shift, people_duty,"
            " people_leave, places_area"
        )


def set_passwords(password: str, *, actor: Actor = _ACTOR) -> int:
    """Give every account of the demo county this password; returns how many there are."""
    return people.set_passwords(make_password(password), county=COUNTY, actor=actor)


def load_places(county: County, actor: Actor) -> None:
    areas = [
        NewArea(one.code, one.name, one.kind, one.short_name, one.households, one.people)
        for one in county.divisions
    ]
    made = places.add_areas(areas, on=SINCE, actor=actor)
    outlines = [(area.id, one.outline) for area, one in zip(made, county.divisions, strict=True)]
    places.set_boundaries(outlines, on=SINCE, actor=actor)
    features = [
        NewFeature(one.kind, one.geometry, one.name, one.height, one.rank)
        for one in county.features
    ]
    places.add_features(county.code, features, actor=actor)
    names = [
        (at, NewName(one.name, one.kind, lon=one.lon, lat=one.lat), "")
        for at, one in enumerate(county.names)
    ]
    places.import_names(names, county=county.code, actor=actor)
    places.set_relief(county.code, county.relief, bounds=county.bounds, actor=actor)


def _load_people(county: County, password_hash: str, actor: Actor) -> None:
    bodies = _bodies(rulebook_reads.current(county.code))
    units = plan_units(county.divisions, bodies)
    people.add_units([_new_unit(unit) for unit in units], county=county.code, actor=actor)
    crew = plan_people(units, county.divisions, np.random.default_rng([county.seed, 100]))
    new = _new_people(crew)
    people.add_accounts_with_posts(
        new,
        county=county.code,
        password_hash=password_hash,
        must_change_password=False,
        valid_from=SINCE,
        actor=actor,
    )
    staff = [replace(one, login=made.login) for one, made in zip(crew, new, strict=True)]
    _load_duty(units, staff, county.code, actor)


def _load_owners(county: County, password_hash: str, actor: Actor) -> None:
    """The companies that keep things up, the grounds they do it on, and what is theirs there."""
    keepers = plan_keepers()
    people.add_units([_new_unit(unit) for unit in keepers], county=county.code, actor=actor)
    people.add_accounts_with_posts(
        [
            NewPerson(one.login, one.name, (NewPost(one.unit, one.role),))
            for one in plan_keepers_crew(keepers, county.seed)
        ],
        county=county.code,
        password_hash=password_hash,
        must_change_password=False,
        valid_from=SINCE,
        actor=actor,
    )
    grounds, owners = plan_owners(county)
    made = {
        one.name: places.add_zone(
            one.name,
            one.kind,
            path=_path_at(county.code, one.at),
            county=county.code,
            outline=one.shape,
            on=SINCE,
            actor=actor,
        ).id
        for one in grounds
    }
    for owner in owners:
        new = NewOwner(
            owner.unit,
            owner.reason,
            zone=made[owner.ground],
            asset=owner.asset,
            valid_from=SINCE,
        )
        places.add_responsibility(new, county=county.code, actor=actor)


def _path_at(county: str, at: tuple[float, float] | None) -> str:
    found = place_reads.locate(*at, county=county) if at else None
    return found.path if found else county


def _load_duty(
    units: Sequence[UnitPlan], crew: Sequence[PersonPlan], county: str, actor: Actor
) -> None:
    """Rosters for the history and some weeks ahead, which a job goes on with; some leave."""
    now = clock.now()
    today = timezone.localdate(now)
    rotas = [
        NewRota(
            plan.unit,
            plan.name,
            plan.starts,
            plan.ends,
            tuple(crew[at].login for at in plan.people),
            since=SINCE,
            turn_days=plan.turn_days,
        )
        for plan in plan_rotas(units, crew)
    ]
    first, last = today - ROSTER_BACK, today + timedelta(weeks=WEEKS_AHEAD)
    people.add_rosters(rotas, first=first, last=last, county=county, actor=actor)
    day_begins = midnight(today)
    leaves = plan_leaves(units, crew)
    away = [
        crew[at].login for plan in leaves for at in (plan.person, plan.substitute) if at is not None
    ]
    ids = {login: one.id for login, one in people_reads.accounts_by_login(away).items()}
    for plan in leaves:
        starts = day_begins + timedelta(days=plan.first)
        people.take_leave(
            account=ids[crew[plan.person].login],
            starts=starts,
            ends=starts + timedelta(days=plan.days),
            kind=plan.kind,
            substitute=None if plan.substitute is None else ids[crew[plan.substitute].login],
            actor=actor,
        )


def _bodies(book: Book) -> list[Body]:
    return [Body(body.code, body.kind, body.name) for body in book.bodies.values()]


def _new_unit(unit: UnitPlan) -> NewUnit:
    return NewUnit(unit.code, unit.kind, unit.name, unit.path, unit.short_name, unit.parent)


def _new_people(crew: Sequence[PersonPlan]) -> list[NewPerson]:
    """The crew, with the demo accounts in the places of the first who hold the same post."""
    waiting = {(one.unit, one.role): one for one in DEMO_ACCOUNTS}
    found: list[NewPerson] = []
    for person in crew:
        demo = waiting.pop((person.unit, person.role), None)
        login, name = (demo.login, demo.name) if demo else (person.login, person.name)
        post = NewPost(person.unit, person.role, is_head=person.is_head)
        found.append(NewPerson(login, name, (post,)))
    if waiting:
        raise LookupError(f"no unit or role for the demo accounts of {sorted(waiting)}")
    return found


def fill_history(
    *, days: int, tell: Tell = lambda done, total, seconds: None, rate: float = RATE
) -> Told | None:
    """Let the county live through its past `days` up to now; None if it has done so before.

    What was interrupted goes on with the same reports. Once it is complete, the
    county's own life is left to whoever tries it.
    """
    plan = _planned(days, rate)
    if plan.is_complete and history_exists(SEED, county=COUNTY):
        return None
    told = simulate(
        start=plan.start, until=plan.until, rate=plan.rate, seed=SEED, county=COUNTY, tell=tell
    )
    _keep(replace(plan, is_complete=True))
    return told


def fill_articles() -> int:
    """What the hotline's agents answer from, unless there is any; how many that were."""
    supervisor = people_reads.accounts_by_login(["duban"]).get("duban")
    if supervisor is None:
        return 0
    return write_articles(county=COUNTY, actor=people_reads.actor_for(supervisor))


def fill_calls() -> int:
    """Some calls of the last hours, one still at its agent's hand; 0 where there are any."""
    agent = people_reads.accounts_by_login(["shouli"]).get("shouli")
    if agent is None:
        return 0
    return take_calls(clock.now(), village=f"{COUNTY}001001", agent=agent)


@dataclass(frozen=True)
class _Plan:
    """What the history shall be; kept in a file so that an interrupted one can go on."""

    start: datetime
    until: datetime
    rate: float
    is_complete: bool = False


def _plan_file() -> Path:
    return Path(settings.GEZHI_HOME) / "history.json"


def _planned(days: int, rate: float) -> _Plan:
    """The plan on file if its history has begun, else a new one that ends now."""
    with suppress(OSError, ValueError, KeyError):
        kept = json.loads(_plan_file().read_text(encoding="utf-8"))
        start, until = (datetime.fromisoformat(kept[name]) for name in ("start", "until"))
        if history_exists(SEED, county=COUNTY):
            return _Plan(start, until, float(kept["rate"]), bool(kept["is_complete"]))
    until = clock.now().replace(minute=0, second=0, microsecond=0)
    plan = _Plan(until - timedelta(days=days), until, rate)
    _keep(plan)
    return plan


def _keep(plan: _Plan) -> None:
    body = asdict(plan) | {"start": plan.start.isoformat(), "until": plan.until.isoformat()}
    draft = _plan_file().with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(body), encoding="utf-8")
    draft.replace(_plan_file())
