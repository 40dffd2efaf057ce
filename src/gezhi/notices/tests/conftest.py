"""A case of which everybody was told, and a mail server: what these tests begin with."""

from collections.abc import Iterator
from typing import Any

import pytest

# Rooms are imported inside: this file is read before Django is set up.


@pytest.fixture
def told(county: Any, handled: Any) -> Any:
    """A case of which everybody was told."""
    from gezhi.notices.tests.reading import tell

    tell()
    return handled


@pytest.fixture
def post_office(settings: Any) -> Iterator[Any]:
    """A mail server that the settings name; short messages have no gateway."""
    from gezhi.notices.tests.telling import mail_server

    with mail_server() as found:
        settings.MAIL = f"smtp+plain://127.0.0.1:{found.port}"
        settings.MAIL_FROM = "gezhi@example.org"
        yield found
