"""Deciding what somebody asks leave for, in the row of the list."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from gezhi.base import clock
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from tests.browser import DESK, Window
from tests.cast import PASSWORD, County, plain_reason, report_leak

pytest_plugins = ["tests.browser"]
Windows = Callable[..., Window]


@pytest.fixture
def asked(committed: County) -> Case:
    """A case whose centre would let it wait for two days."""
    case, cun = report_leak().case, committed.actor("cun")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    until = clock.now() + timedelta(days=2)
    return actions.pause(case.id, reason=plain_reason("pause"), until=until, actor=cun)


def list_of(window: Windows) -> tuple[Window, Page]:
    du = window("approvals", DESK)
    du.sign_in("du", PASSWORD)
    return du, du.go("/desk/approvals/")


def height(field: Locator) -> float:
    box = field.bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.browser
def test_enter_in_the_words_grants_nothing(asked: Case, window: Windows) -> None:
    du, page = list_of(window)
    words = page.get_by_label("意见")
    words.fill("天还没有冷到不能施工")
    low = height(words)
    words.press("Enter")
    words.press_sequentially("请按期办")
    du.shoot("approvals")
    assert height(words) > low, "it grows with what is typed"
    assert reads.approvals_of(asked).get().is_granted is None
    expect(page.locator("#late-sign")).to_have_text("1")
    assert du.faults_seen_by_axe() == []
    page.get_by_role("button", name="不同意").click()
    expect(page.locator(".gz-moved")).to_be_visible()
    decided = reads.approvals_of(asked).get()
    assert decided.is_granted is False
    assert decided.decision.split() == ["天还没有冷到不能施工", "请按期办"]


@pytest.mark.browser
def test_while_one_answer_is_on_its_way_no_other_can_be_given(asked: Case, window: Windows) -> None:
    _du, page = list_of(window)
    page.route("**/moves/decide/", lambda _route: None)  # never answered
    page.get_by_role("button", name="同意", exact=True).click()
    for name in ("同意", "不同意"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
