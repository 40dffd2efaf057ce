"""Pictures that a report only names: fetched by a job, kept as if they had come with it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases_actions
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.exchange.actions.addresses import host_of
from gezhi.exchange.actions.queueing import leave_pictures
from gezhi.exchange.adapters import Unheard, fetch_picture

_log = structlog.get_logger("gezhi.exchange")
_EXCHANGE = system("exchange")
_AGAIN, _FOR = timedelta(minutes=5), timedelta(hours=1)
_MOST = 5  # links of one report that are followed
LINKS = "media_url"


def ask_for_pictures(case: Case) -> None:
    """Leave what a new report's links lead to to the worker, if it has any."""
    if case.answers.get(LINKS):
        leave_pictures(case.id)


def fetch_pictures(id: UUID, failed: Sequence[str] = ()) -> None:
    """Fetch each and keep it; what doesn't come is tried again for an hour. The links stay.

    A case that everybody sees already was reviewed without them: there they stay inside.
    """
    found = cases.cases_behind([id])
    if not found or not settings.WEBHOOKS:
        return
    [case] = found
    links = failed or str(case.answers.get(LINKS, "")).splitlines()[:_MOST]
    late = [link for link in links if _fetch(case, link)]
    if late and clock.now() < case.opened_at + _FOR:
        leave_pictures(id, late, due=clock.now() + _AGAIN)


def _fetch(case: Case, link: str) -> bool:
    """Whether it should be tried again."""
    try:
        host_of(link)
        picture = fetch_picture(link)
    except Refusal:  # an address that is not called
        return False
    except Unheard as unheard:
        _log.info("a picture did not come", case=str(case.id), status=unheard.status)
        return unheard.status is None or unheard.status >= 500
    own = next(each for each in cases.reports_of(case) if each.is_first)
    with suppress(Refusal):  # it is none, or there already
        cases_actions.attach(
            case.id, upload=cases_actions.Upload("picture.jpg", picture), report=own.id,
            is_unseen=True, actor=_EXCHANGE,
        )  # fmt: skip
    return False
