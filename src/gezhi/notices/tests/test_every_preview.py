"""Every move that tells somebody foretells it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.cases.tests.test_stages import STOP, begun
from gezhi.notices import actions, reads, rules
from gezhi.notices.models import Notice
from gezhi.notices.tests.foretelling import (
    ROADS,
    WATER,
    Login,
    asked,
    asking,
    demanded,
    foretold,
    last_line,
    later,
    ready,
    sent,
)
from gezhi.people import actions as people
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, VILLAGE, County, plain_reason


@dataclass(frozen=True)
class Moving:
    """Somebody about to move a case: what they type, and what the act takes."""

    case: Case
    who: str
    act: Act
    values: dict[str, Any]


def decision(county: County, act: Act, *, is_granted: bool, **values: Any) -> Moving:
    case = asked(county, act, **values)
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    return Moving(
        case, "du", Act.DECIDE, {"approval": wish.id, "is_granted": is_granted, "words": "人手够"}
    )


def paused(county: County) -> Case:
    case = asked(county, Act.PAUSE, until=later(10))
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    cases.decide(case.id, approval=wish.id, is_granted=True, actor=county.actor("du"))
    return case


def tried_in_vain(county: County, times: int) -> Case:
    """Nobody answered the phone that often."""
    case = ready(county, until="done")
    for hours in range(1, 5 * times, 5):
        with clock.standing_at(clock.now() + timedelta(hours=hours)):
            cases.visit_back(case.id, is_reached=False, actor=county.actor("fang"))
    return case


def passed_up(county: County) -> Case:
    case = ready(county, until="accepted")
    cases.escalate(case.id, reason=plain_reason("escalate"), actor=county.actor("cun"))
    return case


def merging(county: County) -> Moving:
    main, other = ready(county), ready(county, until="accepted")
    return Moving(other, "cun", Act.MERGE, {"main": main.number})


MOVINGS: dict[str, Callable[[County], Moving]] = {
    "assign": lambda county: Moving(
        ready(county, until="accepted"), "cun", Act.ASSIGN, {"unit": county.unit(WATER)}
    ),
    "assign as a harder one": lambda county: Moving(
        ready(county, until="accepted"), "cun", Act.ASSIGN,
        {"unit": county.unit(WATER), "size": "hard"},
    ),  # fmt: skip
    "reach a stage": lambda county: Moving(
        begun(county), "shui", Act.REACH_STAGE, {"stage": STOP, "words": "已责令停工。"}
    ),
    "escalate": lambda county: Moving(
        ready(county, until="accepted"), "cun", Act.ESCALATE, {"reason": plain_reason("escalate")}
    ),
    "send back": lambda county: Moving(
        ready(county), "shui", Act.SEND_BACK, {"reason": plain_reason("send_back")}
    ),
    "whistle": lambda county: Moving(
        ready(county), "shui", Act.WHISTLE, {"units": [county.unit(ROADS)], "words": "路也坏了"}
    ),
    "ask to pause": lambda county: Moving(
        ready(county), "shui", Act.PAUSE, {"reason": plain_reason("pause"), "until": later(3)}
    ),
    "ask to extend": lambda county: Moving(
        ready(county), "shui", Act.EXTEND, {"reason": plain_reason("extend"), "until": later(3)}
    ),
    "grant a pause": lambda county: decision(county, Act.PAUSE, is_granted=True, until=later(3)),
    "grant more time": lambda county: decision(county, Act.EXTEND, is_granted=True, until=later(5)),
    "deny a pause": lambda county: decision(county, Act.PAUSE, is_granted=False, until=later(3)),
    "supervise": lambda county: Moving(
        ready(county), "du", Act.SUPERVISE, {"words": "今天答复", "answer_by": later(3)}
    ),
    "not solved": lambda county: Moving(
        ready(county, until="done"), "fang", Act.VISIT_BACK,
        {"is_reached": True, "is_solved": False, "words": "还在漏"},
    ),
    "solved": lambda county: Moving(
        ready(county, until="done"), "fang", Act.VISIT_BACK,
        {"is_reached": True, "is_solved": True},
    ),
    "reopen": lambda county: Moving(
        ready(county, until="closed"), "du", Act.REOPEN,
        {"reason": plain_reason("reopen"), "words": "又漏了"},
    ),
    "merge": merging,
    "resume": lambda county: Moving(paused(county), "shui", Act.RESUME, {}),
    "resume without an answer": lambda county: Moving(asking(county), "shui", Act.RESUME, {}),
    "hand down": lambda county: Moving(
        passed_up(county), "zhen", Act.HAND_DOWN, {"unit": county.unit(f"centre-{VILLAGE}")}
    ),
    "a check says not solved": lambda county: Moving(
        ready(county, until="done"), "cun", Act.VERIFY, {"is_solved": False, "words": "还在漏"}
    ),
    "answer a demand": lambda county: Moving(
        demanded(county), "shui", Act.ANSWER_SUPERVISION, {"words": "明天就好"}
    ),
    "a last call in vain": lambda county: Moving(
        tried_in_vain(county, 2), "fang", Act.VISIT_BACK, {"is_reached": False}
    ),
}  # fmt: skip


@pytest.mark.parametrize("moving", MOVINGS)
def test_every_move_foretells_what_it_sends(county: County, moving: str) -> None:
    with clock.standing_at(TUESDAY):
        there = MOVINGS[moving](county)
    with clock.standing_at(TUESDAY + timedelta(hours=26)):
        before = last_line()
        actor = county.actor(there.who)
        case = case_reads.case_for(actor, there.case.id)
        words_ahead = foretold(case, there.act, there.who, county, **there.values)
        inside_ahead = told_inside(case, there, actor)
        getattr(cases, there.act.value)(case.id, **there.values, actor=actor)
        assert words_ahead == sent(before)
        assert inside_ahead == noted_inside()
        assert words_ahead or inside_ahead


def test_a_call_in_vain_that_is_not_the_last_foretells_nothing(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = tried_in_vain(county, 1)
    assert foretold(case, Act.VISIT_BACK, "fang", county, is_reached=False) == []


def told_inside(case: Case, moving: Moving, actor: Actor) -> list[tuple[str, int]]:
    found = reads.preview(case, moving.act, moving.values, actor=actor)
    return sorted((one.words, one.count) for one in found if one.channel is None and one.count)


def noted_inside() -> list[tuple[str, int]]:
    rows = Notice.objects.filter(is_on_desk=True).values_list("words", "audience", "account")
    counted = Counter((words, audience) for words, audience, _account in rows)
    return sorted((words, count) for (words, _audience), count in counted.items())


def test_who_has_to_approve_is_told_and_who_asked_hears_of_it(county: County) -> None:
    case = asked(county, Act.PAUSE, until=later(3), words="等水管到货")
    actions.note(list(Line.objects.order_by("id")), now=clock.now())
    (asking,) = Notice.objects.filter(event="approval_asked", is_on_desk=True)
    assert asking.account is not None
    assert asking.account.login == "zhendu", "the lowest centre above that has a supervisor"
    assert "水务局申请挂起" in asking.words
    assert "等水管到货" in asking.words
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    cases.decide(case.id, approval=wish.id, is_granted=True, actor=county.actor("zhendu"))
    actions.note(list(Line.objects.order_by("id")), now=clock.now())
    answers = Notice.objects.filter(event="paused", audience="asker", is_on_desk=True)
    assert [each.account.login for each in answers if each.account] == ["shui"]
    assert "已同意挂起" in answers[0].words


def test_a_wish_waits_for_who_is_not_at_work_where_nobody_is(county: County) -> None:
    now = clock.now()
    for login in ("zhendu", "du"):
        people.take_leave(
            account=county.accounts[login].id, kind="leave", starts=now,
            ends=now + timedelta(days=2), actor=county.actor("guan"),
        )  # fmt: skip
    asked(county, Act.PAUSE, until=later(3))
    actions.note(list(Line.objects.order_by("id")), now=clock.now())
    (asking,) = Notice.objects.filter(event="approval_asked", account__isnull=False)
    assert asking.is_on_desk
    assert asking.account is not None
    assert asking.account.login == "zhendu", "the lowest centre above that has a supervisor"


def test_a_wish_that_is_denied_or_lapses_is_told_who_asked(county: County) -> None:
    case = asked(county, Act.EXTEND, until=later(5))
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    cases.decide(
        case.id, approval=wish.id, is_granted=False, words="时间够", actor=county.actor("du")
    )
    cases.extend(case.id, reason=plain_reason("extend"), until=later(5), actor=county.actor("shui"))
    cases.escalate(case.id, reason=plain_reason("escalate"), actor=county.actor("shuiba"))
    actions.note(list(Line.objects.order_by("id")), now=clock.now())
    for event, words in (
        ("approval_denied", "没有批准延期"),
        ("approval_lapsed", "延期的申请已失效"),
    ):
        (notice,) = Notice.objects.filter(event=event)
        assert notice.account is not None
        assert notice.account.login == "shui"
        assert words in notice.words
    assert Notice.objects.get(event="approval_denied").words.endswith("前办结，理由：时间够。")


def test_why_leave_was_denied_stands_apart_from_the_link(county: County) -> None:
    book = rulebook.current(COUNTY).notices
    row = next(one for one in book.templates if one.event == "approval_denied")
    values = {
        "move": "延期",
        "number": "1",
        "what": "水管",
        "due": "11月21日18:00",
        "link": "http://a/",
    }
    for words, chinese, english in (
        ("时间够", "前办结，理由：时间够。http://a/", "18:00. Why: 时间够. http://a/"),
        ("", "前办结。http://a/", "18:00. http://a/"),
    ):
        for language, end in (("zh-hans", chinese), ("en", english)):
            _subject, text = row.filled(values | {"words": words}, language=language)
            assert rules.tidied(text).endswith(end)


def test_the_proposal_says_whom_taking_it_will_tell(
    county: County, case: Case, login: Login
) -> None:
    cun = login("cun")
    panel = cun.get(f"/desk/cases/{case.number}/panel/").content.decode()
    assert f'hx-post="/desk/notices/preview/{case.number}/take/"' in panel
    typed = {"category": case.proposed_category, "unit": str(county.unit(WATER))}
    told = cun.post(f"/desk/notices/preview/{case.number}/take/", typed).content.decode()
    assert "已受理，由柳树村综治中心负责" in told
    assert "已交水务局办理" in told
    before = last_line()
    cun.post(f"/desk/cases/{case.number}/take/", {**typed, "revision": case.lines})
    for words in sent(before):
        first = words.partition("进展")[0].partition("http")[0]
        assert first in told
