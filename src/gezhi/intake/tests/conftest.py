"""An importer of the small county: everything goes in through the acts."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

# Rooms are imported inside: this file is read before Django is set up.


@pytest.fixture
def bring(county: Any) -> Callable[..., Any]:
    """Import a file as the county's receptionist."""
    from gezhi.intake import actions

    def do(data: bytes, **more: Any) -> Any:
        return actions.import_messages(
            data, name="messages.xlsx", county=county.code, actor=county.actor("xian"), **more
        )

    return do


@pytest.fixture(autouse=True)
def _fresh_tables() -> None:
    from gezhi.intake import reads

    reads.forget_tables()


@pytest.fixture
def office(settings: Any) -> Iterator[Any]:
    """A mailbox on loopback, empty."""
    from gezhi.intake.tests.post_office import post_office

    settings.INSIDE = [ip_network("127.0.0.1")]
    with post_office() as opened:
        yield opened


@pytest.fixture
def box(county: Any, office: Any) -> Any:
    """The source that reads it."""
    from gezhi.intake.tests.test_mailbox import mailbox

    return mailbox(county, office)


@pytest.fixture
def source(county: Any) -> Any:
    """A webhook that is switched on."""
    from gezhi.intake.tests.sending import made_source

    return made_source(county)
