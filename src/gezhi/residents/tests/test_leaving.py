"""What is left behind by whoever signs out, closes the account or joins it with another."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from gezhi.people.actions import residents as people
from gezhi.people.models import Resident
from gezhi.portal.tests.reporting import WORDS, send, tell_what, tell_where
from gezhi.residents import actions, jobs
from gezhi.residents.actions import copying
from gezhi.residents.models import Copy
from gezhi.residents.tests.signing import OTHER_PHONE, PHONE, Phone, sign_in
from tests.browser import PHONE as SMALL
from tests.browser import Window
from tests.cast import County, report_leak

pytest_plugins = ["tests.browser"]


@pytest.fixture(params=["/me/sign-out/", "/me/close/"])
def leave(request: pytest.FixtureRequest) -> str:
    """A way to leave a phone to the next person."""
    return str(request.param)


def test_the_next_person_finds_no_tracking_code(
    county: County, phone: Phone, rita: Client, leave: str
) -> None:
    sign_in(rita, phone)
    tell_what(rita)
    tell_where(rita)
    send(rita, name="李秀兰", phone=PHONE)
    assert rita.get("/report/done/").status_code == 200
    rita.post(leave)
    assert rita.get("/report/done/")["Location"] == "/mine/"


def test_the_next_person_finds_no_words_that_were_not_sent(
    county: County, phone: Phone, rita: Client, leave: str
) -> None:
    sign_in(rita, phone)
    tell_what(rita)
    before = rita.get("/").content.decode()
    assert WORDS[:20] in before
    assert "data-clear-kept" not in before
    left = rita.post(leave, follow=True).content.decode()
    assert "data-clear-kept" in left, "what was typed and not sent goes, portal.ts sees to it"
    for page in ("/", "/report/"):
        assert WORDS[:20] not in rita.get(page).content.decode()


@pytest.fixture
def _own_folder(settings: Any, tmp_path: Path) -> None:
    """Copies that other tests leave are none of ours."""
    settings.FILES_DIR = tmp_path


def copies_kept() -> list[Path]:
    return list(Path(settings.FILES_DIR).glob("copies/??/*.sealed"))


@pytest.fixture
def copied(county: County, phone: Phone, rita: Client) -> Copy:
    """Rita, signed in, has had a copy made."""
    report_leak()
    sign_in(rita, phone)
    rita.post("/me/copy/")
    copy = Copy.objects.get()
    jobs.make_copy(str(copy.id))
    return copy


@pytest.mark.usefixtures("_own_folder")
def test_a_closed_account_leaves_no_copy(
    copied: Copy, rita: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert copies_kept()
    with django_capture_on_commit_callbacks(execute=True):
        rita.post("/me/close/")
    assert Resident.objects.get().closed_at is not None
    assert not Copy.objects.exists()
    assert not copies_kept()


@pytest.mark.usefixtures("_own_folder")
def test_an_account_that_joins_another_leaves_no_copy(
    copied: Copy, phone: Phone, django_capture_on_commit_callbacks: Any
) -> None:
    second = Client()
    sign_in(second, phone, number=OTHER_PHONE)
    second.post("/me/copy/")
    second.post("/me/phone/", {"phone": PHONE})
    with django_capture_on_commit_callbacks(execute=True):
        second.post("/me/code/", {"code": phone.newest()})
    assert Resident.objects.exclude(closed_at=None).get() == copied.resident
    assert Copy.objects.get().resident.phone == PHONE, "the one that goes on keeps its own"
    assert not copies_kept()


@pytest.mark.usefixtures("_own_folder")
def test_an_account_that_is_closed_while_its_copy_is_made_leaves_none(
    county: County, phone: Phone, rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_leak()
    sign_in(rita, phone)
    rita.post("/me/copy/")
    go_on = copying._go_on

    def close_before(copy: Copy) -> None:
        rita.post("/me/close/")
        go_on(copy)

    monkeypatch.setattr(copying, "_go_on", close_before)
    assert actions.make_copy(Copy.objects.get().id) is False
    assert not copies_kept()


@pytest.mark.browser
def test_the_next_person_finds_nothing_that_was_typed(
    committed: County, window: Callable[..., Window]
) -> None:
    rita = window("leaving", SMALL)
    let_in = people.let_in(phone=PHONE, is_app=False, county=settings.COUNTY, address="")
    rita.context.add_cookies([{"name": "gz_resident", "value": let_in.token, "url": rita.address}])
    rita.go("/report/").fill("[name=what]", WORDS)
    assert rita.go("/report/").input_value("[name=what]") == WORDS, "kept until it is sent"
    rita.go("/mine/").get_by_role("button", name="退出登录").click()
    rita.page.wait_for_url(rita.address + "/")
    assert rita.go("/report/").input_value("[name=what]") == ""
    assert rita.problems == []
