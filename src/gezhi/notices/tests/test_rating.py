"""Whom is asked whether it is solved, and when: not before a second person has looked."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.cases.tests.test_second_look import finished
from gezhi.cases.tests.test_waiting_files import DONE, picture
from gezhi.notices.models import Notice
from gezhi.notices.reads import preview
from gezhi.notices.tests.sending import tell
from tests.cast import TUESDAY, County

DAY = timedelta(days=1)


def to_reporter(case: Case) -> Sequence[str]:
    told = Notice.objects.filter(case=case, audience="reporter").order_by("at", "id")
    return list(told.values_list("event", flat=True))


def previewed(case: Case, act: str, county: County, who: str, **values: object) -> list[str]:
    return [one.words for one in preview(case, act, values, actor=county.actor(who))]


def test_the_reporter_is_asked_once_the_check_held(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = finished(county)
        tell()
    assert to_reporter(case)[-1] == "finished"
    assert "rating_asked" not in to_reporter(case)
    with clock.standing_at(TUESDAY + DAY):
        ahead = previewed(case, "verify", county, "du", is_solved="yes", words="去看过")
        actions.verify(case.id, is_solved=True, words="去看过", actor=county.actor("du"))
        tell()
    assert to_reporter(case)[-1] == "rating_asked"
    assert [words for words in ahead if "解决了吗" in words] == list(
        Notice.objects.filter(event="rating_asked").values_list("words", flat=True)
    ), "as it was foretold"
    assert "请在11月24日09:00前评价" in ahead[-1], "the time for it began when the work was done"


def test_work_that_did_not_pass_asks_nobody(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = finished(county)
    with clock.standing_at(TUESDAY + DAY):
        actions.verify(case.id, is_solved=False, words="还在漏", actor=county.actor("du"))
        tell()
    assert "rating_asked" not in to_reporter(case)


def test_a_check_after_the_time_for_a_vote_asks_nobody(county: County) -> None:
    with clock.standing_at(TUESDAY):
        case = finished(county)
    with clock.standing_at(TUESDAY + 40 * DAY):
        actions.verify(case.id, is_solved=True, words="去看过", actor=county.actor("du"))
        tell()
    assert "rating_asked" not in to_reporter(case)


def test_where_nobody_has_to_look_the_reporter_is_asked_at_once(
    county: County, handled: Case
) -> None:
    shui = county.actor("shui")
    ahead = previewed(handled, "finish", county, "shui", **DONE)
    assert any("解决了吗" in words for words in ahead)
    picture_of_it = actions.Upload("after.jpg", picture("green"), "after")
    actions.attach(handled.id, upload=picture_of_it, actor=shui)
    actions.finish(handled.id, **DONE, actor=shui)
    looked = actions.Upload("seen.jpg", picture("navy"), "check")
    actions.attach(handled.id, upload=looked, actor=county.actor("du"))
    actions.verify(handled.id, is_solved=True, words="去看过", actor=county.actor("du"))
    tell()
    assert to_reporter(handled).count("rating_asked") == 1


@pytest.mark.parametrize("wanted", [(), ("photo_after",)])
def test_the_finish_of_what_is_looked_at_foretells_no_question(
    county: County, wanted: tuple[str, ...]
) -> None:
    case = finished(county, *wanted)
    Case.objects.filter(id=case.id).update(state="handling")
    case.refresh_from_db()
    ahead = previewed(case, "finish", county, "shui", **DONE)
    assert ahead
    assert not any("解决了吗" in words for words in ahead)
