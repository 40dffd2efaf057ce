"""A category's questions in a browser: residents may answer them, clerks what must be known."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gezhi.cases.models import Case
from tests.browser import DESK, PHONE, Window
from tests.cast import GRID, PASSWORD, VILLAGE, County

pytest_plugins = ["tests.browser"]
NOISE = "楼下广场舞音响太吵，夜里十点还不停"


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_resident_answers_what_they_like(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    rita = window("questions", size)
    page = rita.go("/report/")
    page.fill("[name=what]", NOISE)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/where/")
    page.select_option("[name=path]", VILLAGE)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/report/send/")
    page.get_by_text("夜里（22 点到 6 点）").click()
    page.get_by_label("什么声音").fill("音响")
    rita.shoot("send")
    assert rita.faults_seen_by_axe() == []
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".gz-ticket-number")).to_be_visible()
    assert Case.objects.get().answers == {"when": ["night"], "source": "音响"}


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_clerk_is_asked_what_the_chosen_category_must_know(
    committed: County, window: Callable[..., Window], size: dict[str, int]
) -> None:
    cun = window("questions", size)
    cun.sign_in("cun", PASSWORD)
    page = cun.go("/desk/cases/new/")
    page.locator("textarea[name=what]").fill(NOISE)
    page.locator("[data-suggest='env.noise']").click()  # by one press, as from the list
    source = page.get_by_label("什么声音")
    expect(source).to_be_visible()
    source.fill("音响")
    page.locator("#id_category").select_option("utility.lamp")
    expect(page.get_by_label("灯杆编号")).to_be_visible()
    page.locator("#id_category").select_option("env.noise")
    expect(source).to_be_visible()
    page.locator("#id_path").select_option(GRID)
    page.locator("form.gz-new-form button.btn-lg").click()
    expect(page.locator("#id_answers-when_error")).to_be_visible()
    cun.shoot("must")
    assert cun.faults_seen_by_axe() == []
    page.get_by_label("夜里（22 点到 6 点）").check()
    page.locator("form.gz-new-form button.btn-lg").click()
    expect(page.locator("form.gz-new-form")).to_have_count(0)
    case = Case.objects.get()
    assert case.answers["when"] == ["night"]
    page = cun.go(f"/desk/cases/{case.number}/")
    expect(page.get_by_text("什么时段吵")).to_be_visible()
    cun.shoot("case")
    assert cun.faults_seen_by_axe() == []
