"""Before a move: who will be told what. It must be what is sent then."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.cases.tests.test_stages import STOP, begun
from gezhi.notices import actions, reads, rules
from gezhi.notices.models import Delivery, Notice
from gezhi.people import actions as people
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, TUESDAY, VILLAGE, County, plain_reason, report_leak

Login = Callable[[str], Client]


def foretold(case: Case, act: Act, who: str, county: County, **values: Any) -> list[str]:
    """The words that the preview says will leave the house."""
    found = reads.preview(case_reads.case_for(county.actor(who), case.id), act, values,
                          actor=county.actor(who))  # fmt: skip
    return sorted(one.words for one in found if one.channel is not None)


def sent(after: int) -> list[str]:
    """The words that did, one message for each bundle."""
    lines = list(Line.objects.filter(id__gt=after).order_by("id"))
    actions.note(lines, now=clock.now())
    bundles: dict[object, list[str]] = {}
    for row in Delivery.objects.filter(account__isnull=True).order_by("made_at", "id"):
        bundles.setdefault(row.bundle, []).append(row.words)
    return sorted("\n".join(words) for words in bundles.values())


def last_line() -> int:
    return Line.objects.order_by("-id").values_list("id", flat=True).first() or 0


class Over(Exception):
    """Ends an example: nothing of it stays."""


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]),
    min_size=6, max_size=300,
)  # fmt: skip
ACTS = st.sampled_from([Act.ACCEPT, Act.ASK, Act.FINISH, Act.REFUSE])


@given(act=ACTS, words=WORDS, data=st.data(), minutes=st.integers(0, 3 * 24 * 60))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_foretold_is_what_is_sent(
    county: County, act: Act, words: str, data: st.DataObject, minutes: int
) -> None:
    """Over acts, words, categories and sizes, at any time of day."""
    book = rulebook.current(COUNTY)
    category = data.draw(st.sampled_from(sorted(book.categories)))
    size = data.draw(st.sampled_from(["", "small", "big", "hard"]))
    try:
        with transaction.atomic(), clock.standing_at(TUESDAY):
            case = report_leak().case
            cun, shui, du = (county.actor(name) for name in ("cun", "shui", "du"))
            values: dict[str, Any] = {"words": words}
            who = "cun"
            if act == Act.ACCEPT:
                values = {"category": category, "size": size}
            if act == Act.FINISH:
                cases.accept(case.id, category=category, size=size, actor=cun)
                cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
                cases.sign(case.id, actor=shui)
                who = "shui"
                values = {
                    "outcome": "cannot", "answer": words, "reason": plain_reason("cannot"),
                }  # fmt: skip
            if act == Act.REFUSE:
                who, values = "du", {"reason": plain_reason("refuse"), "words": words}
            with clock.standing_at(TUESDAY + timedelta(minutes=minutes)):
                case = case_reads.case_for(county.actor(who), case.id)
                before = last_line()
                if act == Act.REFUSE:
                    # Who only asks for leave is told that: no reporter hears of it yet.
                    assert not any(
                        "未能受理" in one for one in foretold(case, act, "cun", county, **values)
                    )
                    case = cases.refuse(case.id, **values, actor=cun)
                    asked = case_reads.open_approvals(case)[0]
                    before = last_line()
                    words_ahead = foretold(case, act, "du", county, **values)
                    cases.decide(case.id, approval=asked.id, is_granted=True, actor=du)
                else:
                    words_ahead = foretold(case, act, who, county, **values)
                    getattr(cases, act.value)(case.id, **values, actor=county.actor(who))
                assert words_ahead == sent(before)
                assert words_ahead
            raise Over
    except Over:
        return


def test_the_form_shows_whom_it_will_tell(county: County, case: Case, login: Login) -> None:
    cun = login("cun")
    form = cun.get(f"/desk/cases/{case.number}/moves/accept/").content.decode()
    assert f'hx-post="/desk/notices/preview/{case.number}/accept/"' in form
    told = cun.post(
        f"/desk/notices/preview/{case.number}/accept/", {"category": case.proposed_category}
    ).content.decode()
    assert "诉求人" in told
    assert "李* 138****5678" in told
    assert "13812345678" not in told
    assert "已受理，由柳树村综治中心负责" in told


def test_a_form_that_tells_no_reporter_asks_for_no_preview(case: Case, login: Login) -> None:
    form = login("cun").get(f"/desk/cases/{case.number}/moves/note/").content.decode()
    assert "gz-will-tell" not in form
    for act in ("note", "nosuch"):
        path = f"/desk/notices/preview/{case.number}/{act}/"
        assert login("cun").post(path).status_code == 404


def test_of_a_case_one_may_not_see_nothing_is_foretold(case: Case, login: Login) -> None:
    path = f"/desk/notices/preview/{case.number}/accept/"
    assert login("bie").post(path).status_code == 404


def test_who_asked_for_secrecy_is_not_shown(county: County, login: Login) -> None:
    reported = report_leak()
    reported.report.is_secret = True
    type(reported.report).objects.filter(pk=reported.report.pk).update(is_secret=True)
    told = login("cun").post(
        f"/desk/notices/preview/{reported.case.number}/ask/", {"words": "哪一头漏？"}
    ).content.decode()  # fmt: skip
    assert "****" in told
    assert "李*" not in told
    assert "5678" not in told
    assert "哪一头漏？" in told


def test_looking_ahead_changes_nothing(county: County, case: Case) -> None:
    before = (Line.objects.count(), Case.objects.values().get(pk=case.pk))
    reads.preview(case, Act.ACCEPT, {"category": case.proposed_category},
                  actor=county.actor("cun"))  # fmt: skip
    assert before == (Line.objects.count(), Case.objects.values().get(pk=case.pk))


@pytest.mark.parametrize("act", [Act.ASSIGN, Act.NOTE, Act.HAND_DOWN, Act.VERIFY, Act.MERGE])
def test_what_is_not_filled_in_foretells_nothing(county: County, case: Case, act: Act) -> None:
    assert reads.preview(case, act, {"unit": "?"}, actor=county.actor("cun")) == []


def test_the_forms_that_ask_are_those_of_the_moves_that_tell(case: Case) -> None:
    """The template's list and the moves that are foretold are one."""
    asking = {
        act
        for act in [*Act, "take"]
        if "hx-post" in render_to_string("notices/_will_tell.html", {"act": act, "case": case})
    }
    assert asking == reads.SHOWN_FOR


# --- every move that tells somebody --------------------------------------------------------------


@dataclass(frozen=True)
class Moving:
    """Somebody about to move a case: what they type, and what the act takes."""

    case: Case
    who: str
    act: Act
    values: dict[str, Any]


def ready(county: County, *, until: str = "handling", at: str = GRID) -> Case:
    """A case with the water department, as far as that."""
    case = report_leak(at=at).case
    cun, shui = county.actor("cun"), county.actor("shui")
    cases.accept(case.id, category=case.proposed_category, actor=cun)
    if until == "accepted":
        return case
    cases.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    cases.sign(case.id, actor=shui)
    if until == "handling":
        return case
    cases.finish(
        case.id, outcome="cannot", reason=plain_reason("cannot"), answer="水管太旧，要换新的。",
        actor=shui,
    )  # fmt: skip
    if until == "closed":
        with clock.standing_at(clock.now() + timedelta(hours=1)):
            cases.visit_back(case.id, is_reached=True, is_solved=True, actor=county.actor("fang"))
    return case


def asked(county: County, act: Act, **values: Any) -> Case:
    """One for which leave was asked."""
    case = ready(county)
    getattr(cases, act.value)(
        case.id, reason=plain_reason(act.value), actor=county.actor("shui"), **values
    )
    return case


def decision(county: County, act: Act, *, is_granted: bool, **values: Any) -> Moving:
    case = asked(county, act, **values)
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    return Moving(
        case, "du", Act.DECIDE, {"approval": wish.id, "is_granted": is_granted, "words": "人手够"}
    )


def later(days: int = 1) -> datetime:
    return clock.now() + timedelta(days=days)


def paused(county: County) -> Case:
    case = asked(county, Act.PAUSE, until=later(10))
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    cases.decide(case.id, approval=wish.id, is_granted=True, actor=county.actor("du"))
    return case


def asking(county: County) -> Case:
    case = ready(county)
    cases.ask(case.id, words="哪一头漏？", actor=county.actor("shui"))
    return case


def demanded(county: County) -> Case:
    case = ready(county)
    cases.supervise(case.id, words="今天答复", answer_by=later(3), actor=county.actor("du"))
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


WATER, ROADS = "dept-water", "dept-transport"
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


def test_of_a_stage_the_reporter_hears_its_name_and_a_link(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = begun(county)
        values = {"stage": STOP, "words": "王某的房子已责令停工。"}
        (ahead,) = foretold(case, Act.REACH_STAGE, "shui", county, **values)
        assert f"您反映的{case.number}：已完成“停工”阶段" in ahead
        assert "王某" not in ahead
        assert "私搭乱建" not in ahead
        assert foretold(case, Act.REACH_STAGE, "shui", county, stage="?") == []


def test_before_a_choice_is_made_the_form_says_nothing(county: County, login: Login) -> None:
    case = asked(county, Act.PAUSE, until=later(3))
    wish = case_reads.open_approvals(case_reads.case_for(county.actor("du"), case.id))[0]
    path, typed = f"/desk/notices/preview/{case.number}/decide/", {"approval": str(wish.id)}
    du = login("du")
    assert "没有人" not in du.post(path, typed).content.decode()
    chosen = du.post(path, {**typed, "is_granted": "yes"}).content.decode()
    assert "提交后会通知" in chosen


@pytest.mark.parametrize("typed", ["0001-01-01T10:00", "2020-11-21T10:00", "9999-12-31T10:00"])
def test_a_date_that_is_refused_is_foretold_nobody(county: County, typed: str) -> None:
    case = ready(county)
    for act, field in ((Act.SUPERVISE, "answer_by"), (Act.WHISTLE, "arrive_by")):
        values = {"words": "今天答复", field: typed, "units": [county.unit(ROADS)]}
        assert reads.preview(case, act, values, actor=county.actor("du")) == []
    assert reads.preview(case, Act.PAUSE, {"until": typed}, actor=county.actor("du")) == []


def test_it_is_said_that_nobody_is_on_duty_where_it_goes(county: County, login: Login) -> None:
    now = clock.now()
    for away in ("shui", "shuiba"):
        people.take_leave(
            account=county.accounts[away].id, kind="leave", starts=now,
            ends=now + timedelta(days=2), actor=county.actor("guan"),
        )  # fmt: skip
    case = ready(county, until="accepted")
    path = f"/desk/notices/preview/{case.number}/assign/"
    cun = login("cun")
    told = cun.post(path, {"unit": str(county.unit(WATER))}).content.decode()
    assert "承办单位现在没有人值班" in told
    assert "0 人" not in told
    other = cun.post(path, {"unit": str(county.unit(ROADS))}).content.decode()
    assert "没有人值班" not in other


@pytest.mark.parametrize(("away", "is_said"), [(("shui", "shuiba"), True), (("lu",), False)])
def test_of_a_merge_it_is_said_whether_anybody_is_on_duty_where_work_goes_on(
    county: County, login: Login, away: tuple[str, ...], is_said: bool
) -> None:
    """The one merged is with the roads department, the main one with the water department."""
    merged, main = ready(county, until="accepted"), ready(county)
    cases.assign(merged.id, unit=county.unit(ROADS), actor=county.actor("cun"))
    now = clock.now()
    for name in away:
        people.take_leave(
            account=county.accounts[name].id, kind="leave", starts=now,
            ends=now + timedelta(days=2), actor=county.actor("guan"),
        )  # fmt: skip
    path = f"/desk/notices/preview/{merged.number}/merge/"
    told = login("cun").post(path, {"main": main.number}).content.decode()
    assert ("承办单位现在没有人值班" in told) is is_said


@pytest.mark.parametrize("words", ["", " ", "。", "，，", "\n。 "])
def test_words_that_say_nothing_leave_no_doubled_stops(county: County, words: str) -> None:
    found = reads.preview(ready(county), Act.SUPERVISE, {"words": words}, actor=county.actor("du"))
    found += reads.preview(
        demanded(county), Act.ANSWER_SUPERVISION, {"words": words}, actor=county.actor("shui")
    )
    assert found
    for one in found:
        assert not re.search(r"[，。：]\s*[，。]", one.words), one.words
