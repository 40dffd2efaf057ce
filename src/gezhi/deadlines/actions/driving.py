"""A simulation drives a county's clock: the steps of its past are its own to take."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from gezhi.base import rows
from gezhi.deadlines import reads
from gezhi.deadlines.actions.ending import end_windows
from gezhi.deadlines.actions.watching import take_steps
from gezhi.deadlines.models import Horizon


@contextmanager
def driven(*, county: str, until: datetime) -> Iterator[None]:
    """While this lasts, workers leave alone what was due before `until`; also if it breaks off."""
    _set_horizon(county, until)
    yield
    _clear_horizon(county)


@rows.atomic()
def _set_horizon(county: str, until: datetime) -> None:
    Horizon.objects.update_or_create(county=county, defaults={"until": until})


@rows.atomic()
def _clear_horizon(county: str) -> None:
    Horizon.objects.filter(county=county).delete()


def drive_until(moment: datetime, *, county: str) -> None:
    """Let everything happen that time brings up to `moment`, in order, each at its own."""
    while (following := reads.soonest(county)) is not None and following <= moment:
        taken = take_steps(county=county, now=following, is_driven=True)
        ended = end_windows(county=county, now=following, is_driven=True)
        if not taken and not ended:
            return  # held by somebody else just now; the next moment takes it
