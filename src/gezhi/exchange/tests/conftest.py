"""Another city, which speaks Open311 in one of two ways."""

from collections.abc import Iterator
from typing import Any

import pytest

# Rooms are imported inside: this file is read before Django is set up.


@pytest.fixture(params=[("json", "xml"), ("xml",)], ids=["json", "xml-only"])
def there(request: pytest.FixtureRequest) -> Iterator[Any]:
    from gezhi.exchange.tests.city import city

    with city(forms=request.param) as found:
        yield found
