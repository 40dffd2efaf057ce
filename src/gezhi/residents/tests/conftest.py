"""A phone for every test that asks for one, and who is signed in with it."""

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


@pytest.fixture
def own(county: Any, phone: Any, rita: Any, reported: Any) -> str:
    """Rita, signed in with the phone of her report; its number."""
    from gezhi.residents.tests.signing import sign_in

    sign_in(rita, phone)
    return str(reported.case.number)
