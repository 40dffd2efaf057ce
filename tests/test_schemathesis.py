"""The whole OpenAPI file, operation by operation, with sound and unsound data.

Whatever comes in, the answer is one the file declares, in the form it declares, and
never a 5xx. Ids, numbers and codes are often swapped for ones that are there, so that
the operations get behind their doors.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gezhi.api.api import api as gezhi_api
from gezhi.api.api import operations
from gezhi.cases import actions as cases
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.people.models import Post
from gezhi.places import reads as place_reads
from gezhi.rulebook import reads as rulebook
from tests.cast import (
    COUNTY,
    GRID,
    SETTING_UP,
    SINCE,
    TOWN,
    VILLAGE,
    County,
    build_county,
    report_leak,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SOUND, UNSOUND = 14, 8
ROLES = [
    ("receptionist", f"centre-{COUNTY}"),
    ("supervisor", f"centre-{COUNTY}"),
    ("return_visitor", f"centre-{COUNTY}"),
    ("administrator", f"centre-{COUNTY}"),
    ("security_administrator", f"centre-{COUNTY}"),
    ("auditor", f"centre-{COUNTY}"),
    ("receptionist", f"centre-{VILLAGE}"),
    ("handler", "dept-water"),
]
NAMES = sorted(operation.view_func.__name__ for operation in operations(gezhi_api))


class World:
    """What is there to be named: values by the name of the field they stand in."""

    def __init__(self) -> None:
        county = build_county()
        self.token = self._everybody(county)
        book = rulebook.current(COUNTY)
        made = [report_leak() for _at in range(6)]
        category = made[0].case.proposed_category
        for reported in made[1:]:
            cases.accept(reported.case.id, category=category, actor=county.actor("cun"))
        water = county.unit("dept-water")
        for reported in made[2:]:
            cases.assign(reported.case.id, unit=water, actor=county.actor("cun"))
        for reported in made[3:]:
            cases.sign(reported.case.id, actor=county.actor("shui"))
        reasons = [code for kind in book.all_reasons.values() for code in kind]
        number = made[0].case.number
        self.known: dict[str, list[Any]] = {
            "ref": [reported.case.number for reported in made],
            "main": [reported.case.number for reported in made],
            "number": [number],
            "code": [made[0].code],
            "report": [str(made[0].report.id)],
            "unit": [str(water), str(county.unit(f"centre-{VILLAGE}"))],
            "account": [str(county.accounts["fang"].id), str(county.accounts["wang"].id)],
            "path": [COUNTY, TOWN, VILLAGE, GRID],
            "category": [category],
            "reason": reasons,
            "outcome": list(book.outcomes),
        }

    def _everybody(self, county: County) -> str:
        account = county.accounts["du"]
        for role, unit in ROLES:
            if (role, unit) != ("supervisor", f"centre-{COUNTY}"):
                # Past the act: no person may have all of these.
                Post.objects.create(
                    account=account,
                    unit_id=county.unit(unit),
                    role=role,
                    path=county.units[unit].path,
                    valid_from=SINCE,
                )
        made = people.make_key(account=account.id, name="schemathesis", actor=SETTING_UP)
        return str(made.token)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One small county for the whole file, in a transaction that is thrown away."""
    with django_db_blocker.unblock():
        # As Django's own test client does: a request must not close the test's connection.
        signals.request_started.disconnect(close_old_connections)
        signals.request_finished.disconnect(close_old_connections)
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            yield World()
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
            connection.close()
            signals.request_started.connect(close_old_connections)
            signals.request_finished.connect(close_old_connections)
            people_reads.forget_units()
            people_reads.forget_keys()
            place_reads.forget(COUNTY)


@pytest.fixture(scope="module")
def described() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", NAMES)
def test_an_operation_answers_as_the_file_says(
    name: str, mode: GenerationMode, world: World, described: Any
) -> None:
    operation = described.find_operation_by_id(name)
    is_sound = mode == GenerationMode.POSITIVE
    case_of = operation.as_strategy(generation_mode=mode)
    limits = settings(
        max_examples=SOUND if is_sound else UNSOUND,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )

    @limits
    @given(case=case_of, swaps=st.randoms(use_true_random=False))
    def answers(case: Any, swaps: Any) -> None:
        if is_sound:
            _swap(case.path_parameters, world.known, swaps, often=0.9)
            _swap(case.body, world.known, swaps, often=0.7)
        with transaction.atomic():
            case.call_and_validate(
                headers={**(case.headers or {}), "Authorization": f"Bearer {world.token}"},
                checks=CHECKS,
            )

    with transaction.atomic():  # what one operation did is not there for the next
        answers()
        transaction.set_rollback(True)


def _swap(values: Any, known: dict[str, list[Any]], swaps: Any, *, often: float) -> None:
    if not isinstance(values, dict):
        return
    for name in list(values):
        if name in known and swaps.random() < often:
            values[name] = swaps.choice(known[name])
