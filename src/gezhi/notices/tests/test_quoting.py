"""What a reporter says is read in the case: no message to the house repeats it."""

from collections.abc import Callable

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.cases.tests.versions import NOISE, finish, work_on
from gezhi.notices import actions, reads
from gezhi.notices.models import Delivery, Notice
from gezhi.record.models import Line
from tests.cast import County, report_leak, voice_of

SAID = "我是三社李秀兰，还是吵"
Act = Callable[[County, cases.Reported], object]


def rate(county: County, own: cases.Reported) -> object:
    return cases.rate(
        own.case.id, report=own.report.id, is_solved=False, rating=1, words=SAID,
        actor=voice_of(own),
    )  # fmt: skip


def visit(county: County, own: cases.Reported) -> object:
    return cases.visit_back(
        own.case.id, is_reached=True, is_solved=False, words=SAID, actor=county.actor("fang")
    )


def reopen(county: County, own: cases.Reported) -> object:
    cases.visit_back(own.case.id, is_reached=True, is_solved=True, actor=county.actor("fang"))
    return cases.reopen(own.case.id, reason="not_solved", words=SAID, actor=voice_of(own))


@pytest.fixture
def own(county: County) -> cases.Reported:
    """A report of which the office says that it is done."""
    own = report_leak()
    finish(county, work_on(county, NOISE, own.case))
    return own


def tell() -> None:
    actions.note(list(Line.objects.order_by("id")), now=clock.now())


@pytest.mark.parametrize(
    ("say", "event"), [(rate, "returned"), (visit, "returned"), (reopen, "reopened")]
)
def test_the_house_is_told_that_something_was_said_and_not_what(
    county: County, own: cases.Reported, login: Callable[[str], Client], say: Act, event: str
) -> None:
    say(county, own)
    tell()
    told = Notice.objects.filter(event=event).exclude(report=own.report)
    assert told
    assert not [each.words for each in told if "李秀兰" in each.words or "，，" in each.words]
    assert not Delivery.objects.filter(words__contains="李秀兰")
    assert "李秀兰" not in login("guan").get("/desk/outbox/").content.decode()


def test_the_reason_and_what_the_house_says_itself_are_told(
    county: County, own: cases.Reported
) -> None:
    cases.verify(own.case.id, is_solved=False, words="核查时还很吵", actor=county.actor("du"))
    finish(county, own.case)
    reopen(county, own)
    tell()
    assert "没有解决" in Notice.objects.filter(event="reopened", audience="holder")[0].words
    assert "核查时还很吵" in Notice.objects.filter(event="returned", audience="holder")[0].words


def test_the_form_of_a_visit_foretells_the_message_as_it_will_be(
    county: County, own: cases.Reported
) -> None:
    typed = {"is_reached": "yes", "is_solved": "no", "words": SAID}
    case = Case.objects.get(pk=own.case.pk)
    foretold = reads.preview(case, "visit_back", typed, actor=county.actor("fang"))
    assert foretold
    assert not [each.words for each in foretold if "李秀兰" in each.words]


def test_an_erasure_takes_what_messages_once_quoted(county: County, own: cases.Reported) -> None:
    rate(county, own)
    tell()
    Notice.objects.filter(event="returned").update(words=SAID)
    Delivery.objects.filter(notice__event="returned").update(words=SAID, settled_at=clock.now())
    actions.forget_messages_to(own.report.id)
    assert not Notice.objects.filter(words=SAID)
    assert not Delivery.objects.filter(words=SAID)
