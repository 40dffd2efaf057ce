"""Answers to a category's questions: checked where they are asked, gone with the words."""

from typing import Any

import pytest

from gezhi.base.actor import NOBODY, system
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.errors import AnswersWrong
from gezhi.cases.models import Case
from gezhi.rulebook.rules import Given
from tests.cast import COUNTY, GRID, County, point_in

NIGHT: Given = {"when": ("night",), "source": ("音响，电话13812345678",), "other": ("x",)}


def _report(answers: Given | None, **more: Any) -> cases.Reported:
    lon, lat = point_in(GRID)
    return cases.report(
        county=COUNTY,
        what="夜里广场舞太吵",
        where=cases.Where(lon=lon, lat=lat),
        channel="portal",
        answers=answers,
        actor=NOBODY,
        **more,
    )


def test_who_was_not_asked_owes_no_answer(county: County) -> None:
    assert _report(None, category="env.noise").case.answers == {}


def test_who_names_no_category_need_not_answer_but_answers_rightly(county: County) -> None:
    made = _report({"source": ("音响",)})
    assert made.case.proposed_category == "env.noise"
    assert made.case.answers == {"source": "音响"}
    with pytest.raises(AnswersWrong):
        _report({"when": ("noon",)})


def test_who_names_the_category_is_held_to_its_questions(county: County) -> None:
    with pytest.raises(AnswersWrong) as refused:
        _report({"source": ("声" * 201,)}, category="env.noise")
    assert [fault.code for fault in refused.value.faults] == ["missing", "too_long"]
    assert not Case.objects.exists()


def test_answers_are_told_masked_with_their_questions_to_all_but_who_gave_them(
    county: County,
) -> None:
    case = _report(NIGHT, category="env.noise").case
    told = [(one.name, said) for one, said in reads.told_answers(case)]
    assert told == [("什么时段吵", "夜里（22 点到 6 点）"), ("什么声音", "音响，电话138****5678")]
    assert reads.told_answers(case, is_own=True)[1][1] == "音响，电话13812345678"


def test_answers_go_with_the_words(county: County) -> None:
    made = _report(NIGHT, category="env.noise")
    cases.anonymise_report(made.report.id, reason="test", actor=system("tests"))
    assert Case.objects.get().answers == {}
