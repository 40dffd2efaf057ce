"""One report is one case, however often it is sent and whatever the browser has lost."""

import re
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case
from gezhi.portal import adapters
from gezhi.portal.tests.reporting import WORDS, code_on, photo, send, tell_what, tell_where
from gezhi.record.models import KeptAnswer
from tests.cast import GRID, VILLAGE, County, point_in


def test_sent_twice_is_one_case_and_the_same_answer(county: County, rita: Client) -> None:
    tell_what(rita)
    tell_where(rita)
    send(rita)
    first = code_on(rita.get("/report/done/").content.decode())
    assert send(rita)["Location"] == "/report/done/"
    assert Case.objects.count() == 1
    assert code_on(rita.get("/report/done/").content.decode()) == first


def test_two_presses_at_once_meet_one_kept_answer(county: County, rita: Client) -> None:
    """The second was under way before the first was answered: for it the draft is unsent."""
    tell_what(rita)
    tell_where(rita)
    draft_id = rita.cookies["gz_draft"].value.split(":")[0]
    unsent = adapters.read_draft(draft_id)
    assert unsent is not None
    send(rita)
    sent = adapters.read_draft(draft_id)
    adapters.write_draft(unsent)
    send(rita)
    assert Case.objects.count() == 1
    assert adapters.read_draft(draft_id) == sent
    assert sent is not None
    assert sent.sent is not None
    assert sent.sent.code not in str(KeptAnswer.objects.get().answer)


def test_a_lost_draft_is_carried_by_the_form(county: County, rita: Client) -> None:
    """The cookie is gone in the middle: what the page carries is enough to send."""
    lon, lat = point_in(GRID)
    answer = rita.post("/report/where/", {"what": WORDS, "lon": lon, "lat": lat})
    assert answer["Location"] == "/report/same/"
    rita.cookies.clear()
    answer = rita.post("/report/send/", {"what": WORDS, "place": "村口", "path": VILLAGE})
    assert code_on(answer.content.decode())
    assert Case.objects.get().place == "村口"


def fields_of(page: str) -> dict[str, str]:
    """What the last form sends besides what is typed into it."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    words = re.search(r'<textarea name="what" hidden>\n(.*?)</textarea>', page, re.S)
    assert words
    return {**found, "what": words.group(1)}


def last_form(rita: Client) -> dict[str, str]:
    tell_what(rita, photos=photo())
    tell_where(rita, place="村口")
    fields = fields_of(rita.get("/report/send/").content.decode())
    assert fields["once"]
    return fields


def test_one_form_sent_from_two_browsers_without_cookies_is_one_case(
    county: County, rita: Client
) -> None:
    form = last_form(rita)
    first, second = (Client().post("/report/send/", form).content.decode() for _at in range(2))
    assert code_on(first) == code_on(second)
    case = Case.objects.get()
    assert case.number in first
    assert Attachment.objects.count() == 1
    # The browser it was written in gets the same, on its own page.
    assert rita.post("/report/send/", form)["Location"] == "/report/done/"
    assert code_on(rita.get("/report/done/").content.decode()) == code_on(first)


def test_one_form_sent_twice_after_its_draft_was_swept_away_is_one_case(
    county: County, rita: Client
) -> None:
    form = last_form(rita)
    answers = []
    for _at in range(2):
        adapters.sweep(before=datetime.now(UTC) + timedelta(days=1))
        answers.append(Client().post("/report/send/", form).content.decode())
    assert code_on(answers[0]) == code_on(answers[1])
    case = Case.objects.get()
    assert (case.what, case.place, case.path) == (WORDS, "村口", GRID)


def test_a_form_sent_again_while_the_next_report_is_written_is_still_the_first(
    county: County, rita: Client
) -> None:
    form = last_form(rita)
    rita.post("/report/send/", form)
    tell_what(rita, "路灯坏了不亮，晚上看不见")
    tell_where(rita, GRID)
    code_on(rita.post("/report/send/", form).content.decode())
    assert Case.objects.count() == 1


def test_a_forged_token_names_no_draft(county: County, rita: Client) -> None:
    form = last_form(rita)
    draft_id = form["once"].partition(":")[0]
    stranger = Client().post("/report/send/", {"once": f"{draft_id}:forged"})
    assert stranger["Location"] == "/report/"
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_case(
    county: County, rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made to stand where the case is made; without the token both would make one."""
    form = last_form(rita)
    between = threading.Barrier(2)
    report = cases.report

    def stand_between(**values: Any) -> cases.Reported:
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return report(**values)

    monkeypatch.setattr(cases, "report", stand_between)
    codes: list[str] = []

    def press() -> None:
        try:
            codes.append(code_on(Client().post("/report/send/", form).content.decode()))
        finally:
            connection.close()

    both = [threading.Thread(target=press) for _at in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(codes) == 2
    assert codes[0] == codes[1]
    assert Case.objects.count() == 1
