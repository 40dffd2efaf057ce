"""The worker goes on, whatever befalls one of its looks at the database."""

import asyncio
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from procrastinate.exceptions import ConnectorException

from gezhi.site import worker


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("the connection is lost"),
        ConnectorException("the connection is lost while a job is queued"),
        ExceptionGroup("followers", [RuntimeError("a line nobody understands")]),
    ],
)
def test_it_looks_again_after_a_fault(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PAUSE_AFTER_FAULT", 0.01)
    stop = asyncio.Event()
    answers: Iterator[Exception | bool] = iter([True, fault, False])
    seen: list[object] = []

    def look() -> bool:
        answer = next(answers)
        seen.append(answer)
        if isinstance(answer, Exception):
            raise answer
        if not answer:
            loop.call_soon_threadsafe(stop.set)
        return answer

    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.wait_for(worker._again_and_again(look, stop), timeout=10))
    loop.close()
    assert seen == [True, fault, False]
