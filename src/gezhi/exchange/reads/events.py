"""What lines of the book say to other systems: as much as their cases' secrecy lets."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings

from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.exchange import rules
from gezhi.exchange.models import Subscription
from gezhi.exchange.rules import Wanted
from gezhi.record import reads as record
from gezhi.record import rules as record_rules
from gezhi.record.models import Line


class Told:
    """Some lines of the book with the cases they speak of, fetched together."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = [line for line in lines if line.kind in rules.TYPES]
        ids = {UUID(line.data["case"]) for line in self.lines}
        self._cases = {case.id: case for case in cases.cases_behind(ids)} if ids else {}

    def case_of(self, line: Line) -> Case | None:
        return self._cases.get(UUID(line.data["case"]))

    def path_of(self, line: Line) -> str:
        """Where its case lies, as far as others may know."""
        case = self.case_of(line)
        return rules.told_path(case.path, hides_place=cases.hides_place(case)) if case else ""

    def wanted_by(self, wanted: Wanted) -> list[Line]:
        """Those that a subscription is told of."""
        return [line for line in self.lines if self._is_wanted(line, wanted)]

    def _is_wanted(self, line: Line, wanted: Wanted) -> bool:
        case = self.case_of(line)
        if case is None or line.county != settings.COUNTY:
            return False
        categories = (line.data.get("category", case.category), line.data.get("category_was", ""))
        return wanted.takes(line.kind, self.path_of(line), categories)


def event_of(line: Line, subscription: Subscription, reach: list[str]) -> tuple[str, bytes] | None:
    """The id and body of an event, as its case stands now; None where it is not told any more.

    It was wanted when it was read. Since then the account's areas may have changed, the case may
    have moved, or have turned out to be secret.
    """
    told = Told([line])
    if not told.wanted_by(Wanted(areas=subscription.areas, reach=reach)):
        return None
    id = rules.event_id(line.id, record_rules.leaf_hash(record.values_of(line)))
    body = rules.envelope(
        id=id,
        type=rules.TYPES[line.kind].name,
        source=_source(),
        at=line.at,
        data=rules.data_of(line.kind, line.data, told.path_of(line)),
        subject=str(line.data["number"]),
    )
    return id, body


def ping_of(subscription: Subscription, asked_at: datetime) -> tuple[str, bytes]:
    """An event that says nothing but that it arrives."""
    id = f"ping-{subscription.id.hex}-{int(asked_at.timestamp() * 1000)}"
    data = {"webhook": str(subscription.id)}
    return id, rules.envelope(id=id, type=rules.PING, source=_source(), at=asked_at, data=data)


def _source() -> str:
    return rules.source_of(settings.ADDRESS, settings.COUNTY)
