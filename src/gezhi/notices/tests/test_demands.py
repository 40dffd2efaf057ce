"""Whoever demanded an answer hears of it: that it came, or that its time is over."""

from datetime import datetime, timedelta

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.deadlines import jobs
from gezhi.notices.models import Notice
from gezhi.notices.tests.sending import tell
from gezhi.record.models import Line
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, TUESDAY, County, report_leak

HOUR = timedelta(hours=1)


def pass_time(moment: datetime) -> None:
    with clock.standing_at(moment):
        while jobs.watch(COUNTY):
            pass
        tell()


def told(county: County, login: str, case: Case) -> list[str]:
    mine = Notice.objects.filter(account=county.accounts[login].id, case=case).order_by("at", "id")
    return list(mine.values_list("event", flat=True))


def test_no_answer_in_time_is_told_to_who_demanded_it(county: County) -> None:
    du, zhendu = county.actor("du"), county.actor("zhendu")
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        for actor, hours in ((zhendu, 1), (du, 2)):
            actions.supervise(
                case.id, words="为什么慢？", answer_by=TUESDAY + hours * HOUR, actor=actor
            )
    with clock.standing_at(TUESDAY + HOUR / 2):
        actions.answer_supervision(case.id, words="马上去", actor=county.actor("cun"))
    pass_time(TUESDAY + HOUR)
    assert told(county, "zhendu", case).count("supervision_answered") == 1
    pass_time(TUESDAY + 2 * HOUR)
    mine = Notice.objects.get(account=county.accounts["du"].id, event="broken", audience="asker")
    assert "没有按时答复督办" in mine.words
    assert not Notice.objects.filter(
        account=county.accounts["zhendu"].id, audience="asker", event="broken"
    ).exists(), "theirs was answered"
    lines = Line.objects.filter(kind="promise_broken", data__promise="answer")
    assert {line.data["audience"] for line in lines} == {"holder", "asker"}


def test_a_stored_rulebook_from_before_tells_it_too() -> None:
    files = {**rulebook.files_in(rulebook.DEFAULT_DIR)}
    before, row, after = files["notices.toml"].partition(
        '[[template]]\nevent = "broken"\naudience = "asker"'
    )
    assert row
    files["notices.toml"] = before + after[after.index("[[template]]") :]
    book = rulebook.read_files(files, stored=True)
    found = [
        one for one in book.notices.templates if one.event == "broken" and "asker" in one.audience
    ]
    assert len(found) == 1
