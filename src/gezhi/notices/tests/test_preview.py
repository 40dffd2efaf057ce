"""Before a move: who will be told what. It must be what is sent then."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.base.actor import NOBODY, system
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.cases.tests.test_stages import STOP, begun
from gezhi.notices import reads
from gezhi.notices.models import Delivery
from gezhi.notices.tests.foretelling import (
    ROADS,
    WATER,
    Login,
    Over,
    asked,
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
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak

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


def again(case: Case, phone: str = "138 1234 5678", *, is_secret: bool = False) -> cases.Reported:
    """Whoever reported it calls once more and is joined to their case."""
    contact = cases.Contact(name="李秀兰", phone=phone, is_secret=is_secret)
    return cases.follow(
        case.id, channel="hotline", words="还在漏", contact=contact, county=COUNTY, actor=NOBODY
    )


def ask(case: Case, county: County) -> list[str]:
    """To which phones a question goes, after it was foretold in these words."""
    before, words = last_line(), "水是从哪一头漏出来的？"
    with clock.standing_at(clock.now()):
        ahead = foretold(case, Act.ASK, "cun", county, words=words)
        cases.ask(case.id, words=words, actor=county.actor("cun"))
        assert ahead == sent(before)
    return sorted(Delivery.objects.values_list("address", flat=True))


def accepted(reported: cases.Reported, county: County) -> Case:
    return cases.accept(
        reported.case.id, category=reported.case.proposed_category, actor=county.actor("cun")
    )


def test_who_reported_a_case_twice_from_one_phone_is_told_once(
    county: County, login: Login
) -> None:
    case = accepted(report_leak(), county)
    again(case)
    again(case, "13900000003")
    told = login("cun").post(
        f"/desk/notices/preview/{case.number}/ask/", {"words": "哪一头漏？"}
    ).content.decode()  # fmt: skip
    assert told.count("138****5678") == 1
    assert ask(case, county) == ["13812345678", "13900000003"]


@pytest.mark.parametrize("which", [0, 1])
def test_who_takes_one_of_two_reports_back_is_told_by_the_other(county: County, which: int) -> None:
    first = report_leak()
    case = accepted(first, county)
    both = first, again(case)
    cases.anonymise_report(both[which].report.id, reason="应本人要求", actor=system("erasure"))
    assert ask(case, county) == ["13812345678"]


def test_of_two_numbers_one_phone_is_told_under_each(county: County) -> None:
    main, second = accepted(report_leak(), county), accepted(report_leak(), county)
    again(main)
    again(second)
    cases.merge(second.id, main=main.id, actor=county.actor("cun"))
    assert ask(main, county) == ["13812345678"] * 2
    told = Delivery.objects.values_list("notice__number", flat=True)
    assert sorted(told) == sorted([main.number, second.number])


def test_nothing_that_is_sent_shows_whose_the_secret_report_is(county: County) -> None:
    case = accepted(report_leak(), county)
    again(case, is_secret=True)
    assert ask(case, county) == ["13812345678"] * 2


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
