"""Before a move: who will be told what. It must be what is sent then."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.rules import Act
from gezhi.notices import actions, reads
from gezhi.notices.models import Delivery
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, plain_reason, report_leak

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
                    # What needs somebody else's leave is not foretold to who asks for it.
                    assert foretold(case, act, "cun", county, **values) == []
                    case = cases.refuse(case.id, **values, actor=cun)
                    asked = case_reads.open_approvals(case)[0]
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


@pytest.mark.parametrize("act", [Act.ASSIGN, Act.NOTE])
def test_other_acts_are_not_foretold(county: County, case: Case, act: Act) -> None:
    assert reads.preview(case, act, {}, actor=county.actor("cun")) == []
