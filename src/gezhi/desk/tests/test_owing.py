"""The head of a case names the unit that owes what is due next."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from tests.cast import County, report_leak


def head_of(client: Client, case: Case) -> str:
    page = client.get(f"/desk/cases/{case.number}/").content.decode()
    found = re.search(r'<p class="gz-due.*?</p>', page, re.DOTALL)
    assert found
    return re.sub("<[^>]+>", " ", found[0])


def test_who_was_called_to_help_owes_the_arrival_and_not_the_holder(
    login: Callable[[str], Client], county: County
) -> None:
    case = report_leak().case
    cun, shui = county.actor("cun"), county.actor("shui")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    actions.sign(case.id, actor=shui)
    assert "水务局 须在" in head_of(login("shui"), case)
    actions.whistle(
        case.id,
        units=[county.unit("dept-transport")],
        words="请来挖开路面",
        arrive_by=clock.now() + timedelta(minutes=20),
        actor=shui,
    )
    assert "交通运输局 须在" in head_of(login("shui"), case)
