"""A phone for every test that asks for one."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def phone(settings: Any) -> Iterator[Any]:
    """Short messages go out and come in here."""
    # Not before the apps are loaded.
    from gezhi.notices.tests.telling import http_gateway
    from gezhi.residents.tests.signing import SMS, Phone

    with http_gateway() as gateway:
        settings.SMS_GATEWAY = SMS % gateway.url
        yield Phone(gateway)
