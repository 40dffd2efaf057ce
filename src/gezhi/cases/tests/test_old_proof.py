"""Proof of work that came to nothing doesn't finish the case once more, whichever way in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions, reads, rules
from gezhi.cases.errors import ProofMissing
from gezhi.cases.models import Case
from gezhi.cases.rules.proof import Evidence
from gezhi.cases.tests.test_waiting_files import DONE, Login, begun, photo, picture, send
from tests.cast import County, plain_reason

BEGAN = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
EARLIER, LATER = BEGAN - timedelta(minutes=1), BEGAN + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "at", "waits_for", "stays"),
    [
        ("after", EARLIER, "", False),
        ("document", EARLIER, "", False),
        ("signature", EARLIER, "", False),
        ("before", EARLIER, "", True),
        ("photo", EARLIER, "", True),
        ("after", BEGAN, "", True),
        ("document", LATER, "", True),
        ("signature", LATER, "", True),
        ("after", None, "", True),
        # Whoever finishes may still name it; without a name `taken` leaves it.
        ("after", EARLIER, "finish", True),
    ],
)
def test_what_is_of_this_work(kind: str, at: datetime | None, waits_for: str, stays: bool) -> None:
    item = Evidence(kind, True, at=at, waits_for=waits_for)
    assert (rules.of_this_work([item], since=BEGAN) == [item]) is stays


_COLOURS = {"before": "red", "after": "gray", "signature": "blue"}


def _finished(county: County, wanted: str, *kinds: str) -> Case:
    case, shui = begun(county, wanted), county.actor("shui")
    for kind in kinds:
        data = b"%PDF-1.4 paper" if kind == "document" else picture(_COLOURS[kind])
        actions.attach(case.id, upload=actions.Upload(f"{kind}.x", data, kind), actor=shui)
    return actions.finish(case.id, **DONE, actor=shui)


def _sent_back(case: Case, county: County) -> None:
    actions.visit_back(
        case.id,
        is_reached=True,
        is_solved=False,
        rating=1,
        words="没修",
        actor=county.actor("fang"),
    )


def _reopened(case: Case, county: County) -> None:
    seen = actions.Upload("seen.jpg", picture("white"), "check")
    actions.attach(case.id, upload=seen, actor=county.actor("du"))
    actions.verify(case.id, is_solved=True, actor=county.actor("du"))
    actions.visit_back(
        case.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
    )
    actions.reopen(case.id, reason=plain_reason("reopen"), words="又坏了", actor=county.actor("du"))
    actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    actions.sign(case.id, actor=county.actor("shui"))


@pytest.mark.parametrize("again", [_sent_back, _reopened])
def test_an_old_photo_is_missing_again(
    login: Login,
    county: County,
    key: Callable[[str], str],
    again: Callable[[Case, County], None],
) -> None:
    case = _finished(county, "photo_after", "before", "after", "document", "signature")
    again(case, county)
    with pytest.raises(ProofMissing):
        actions.finish(case.id, **DONE, actor=county.actor("shui"))
    api = Client(headers={"Authorization": f"Bearer {key('shui')}"})
    told = api.post(f"/api/v1/cases/{case.number}/moves/finish", DONE, "application/json")
    assert (told.status_code, told.json()["code"]) == (422, "case_proof_missing")
    client = login("shui")
    refused = send(client, case, "finish", **DONE)
    assert refused.status_code == 422
    assert "还缺：处理后照片" in refused.content.decode()
    assert send(client, case, "finish", **DONE, after=photo("new.jpg", "green")).status_code == 200


def test_the_form_says_that_an_old_paper_is_missing(login: Login, county: County) -> None:
    case = _finished(county, "document", "before", "after", "document", "signature")
    _sent_back(case, county)
    case.refresh_from_db()
    assert {item.kind for item in reads.evidence_of(case)} == {"before"}
    refused = send(login("shui"), case, "finish", **DONE, after=photo("new.jpg", "green"))
    assert refused.status_code == 422
    assert "还缺：文书材料" in refused.content.decode()


def test_how_it_was_before_needs_no_second_photo(county: County) -> None:
    case, shui = (
        _finished(county, "photo_pair", "before", "after", "document"),
        county.actor("shui"),
    )
    _sent_back(case, county)
    new: dict[str, Any] = {"upload": actions.Upload("new.jpg", picture("green"), "after")}
    with clock.standing_at(clock.now() + timedelta(hours=1)):
        actions.attach(case.id, **new, actor=shui)
        assert actions.finish(case.id, **DONE, actor=shui).state == "done"
