"""What sources brought and nobody took: how long it lies here, and what goes with its case."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TestCase

from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.intake import actions
from gezhi.intake.actions import Brought, Wanted
from gezhi.intake.errors import MessageSettled
from gezhi.intake.models import Received, Source
from gezhi.retention import actions as retention
from gezhi.retention.tests.test_second_copies import SYSTEM, later, remove
from tests.cast import SETTING_UP

MAP = 'number = "id"\nwhat = "text"'


@pytest.fixture
def source(county: Any, settings: Any, tmp_path: Path) -> Source:
    settings.FILES_DIR = tmp_path
    made, _secret = actions.add_source(
        "webhook", Wanted(name="平台", field_map=MAP), actor=SETTING_UP
    )
    return made


def bring(source: Source, number: str, text: str) -> Received:
    raw = json.dumps({"id": number, "text": text}).encode()
    return actions.receive(source, Brought(number, raw))


def kept_files() -> list[Path]:
    return list(Path(settings.FILES_DIR).rglob("received/*.sealed"))


def test_what_was_not_taken_goes_when_its_time_is_up_and_why_it_was_not_stays(source):
    row = bring(source, "1", "")
    assert row.has_file
    retention.set_days("received", days=30, reason="个人信息保护法", actor=SYSTEM)
    with later(29):
        remove()
        assert len(kept_files()) == 1
    with later(31):
        remove()
    row.refresh_from_db()
    assert kept_files() == []
    assert (row.fate, row.reason, row.has_file) == ("dropped", "forgotten", False)
    with pytest.raises(MessageSettled):
        actions.try_again(row.id, actor=SETTING_UP)
    assert bring(source, "1", "学校门口的红绿灯坏了，孩子过马路很危险").fate == "taken", (
        "sent again"
    )


def test_what_waits_beside_a_case_that_is_held_stays(source):
    bring(source, "1", "学校门口的红绿灯坏了，孩子过马路很危险")
    other = bring(source, "1", "学校门口的红绿灯坏了三天了，孩子过马路很危险，请快一点")
    assert (other.fate, len(kept_files())) == ("waiting", 1)
    retention.set_days("received", days=30, reason="个人信息保护法", actor=SYSTEM)
    hold = retention.hold(Case.objects.get().number, reason="诉讼", actor=SYSTEM)
    with later(31):
        remove()
        assert len(kept_files()) == 1
        retention.lift(hold.id, reason="结案", actor=SYSTEM)
        remove()
        assert kept_files() == []
    assert Received.objects.get(external="1").fate == "taken", "what went in stays as it is"


def test_who_is_forgotten_is_no_more_found_by_their_address(source):
    row = bring(source, "1", "学校门口的红绿灯坏了，孩子过马路很危险")
    Received.objects.update(sender="a@example.org", sender_index=b"x" * 32)
    assert row.report
    cases.anonymise_report(row.report, reason="asked", actor=SETTING_UP)
    row.refresh_from_db()
    assert (row.sender, row.sender_index) == ("", None)


def test_who_is_forgotten_leaves_no_words_waiting_beside_the_case(source):
    bring(source, "1", "学校门口的红绿灯坏了，孩子过马路很危险")
    other = bring(source, "1", "学校门口的红绿灯坏了，我住三号楼二单元")
    assert (other.reason, len(kept_files())) == ("changed", 1)
    strange = bring(source, "2", "")
    Received.objects.filter(pk=strange.pk).update(
        fate="waiting", reason="sender_unknown", case=Case.objects.get()
    )
    report = Received.objects.get(fate="taken").report
    assert report
    with TestCase.captureOnCommitCallbacks(execute=True):
        cases.anonymise_report(report, reason="asked", actor=SETTING_UP)
    other.refresh_from_db()
    assert (other.fate, other.reason, other.has_file) == ("dropped", "forgotten", False)
    assert len(kept_files()) == 1, "what somebody else wrote waits on"


def test_one_message_is_dropped_and_its_file_with_it(county, source):
    row = bring(source, "1", "")
    actions.drop_message(row.id, actor=county.actor("xian"))
    assert Received.objects.get().fate == "dropped"
