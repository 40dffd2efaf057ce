"""An answer is checked while it is written, and what must be seen asks for a tick."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.tests.test_pages import photo, send
from gezhi.triage.reads import answers as reads
from tests.cast import COUNTY, GRID, County, plain_reason, point_in, report_leak, voice_of

Login = Callable[[str], Client]
GOOD = "我们今天上午到村口把破裂的自来水管换了新的，路上的水也清理干净了，现在供水正常。"


def check(client: Client, case: Case, answer: str, outcome: str = "solved") -> Any:
    return client.post(
        f"/desk/answers/{case.number}/check/", {"answer": answer, "outcome": outcome}
    )


def test_a_good_answer_has_nothing_to_change(login: Login, handled: Case) -> None:
    shown = check(login("shui"), handled, GOOD)
    assert shown.status_code == 200
    assert "没有发现要改的地方" in shown.content.decode()


def test_what_is_found_says_where_and_what_to_do(login: Login, handled: Case) -> None:
    answer = "水管破裂一事，由13912345678负责，请于{日期}前留意。"
    shown = check(login("shui"), handled, answer).content.decode()
    assert "还有没填的地方：{日期}" in shown
    at = answer.index("{日期}")
    assert f'data-at="{at},{at + 4}"' in shown
    assert "139****5678" in shown
    assert "13912345678" not in shown


def test_the_name_of_who_reported_is_found(login: Login, handled: Case) -> None:
    shown = check(login("shui"), handled, GOOD + "李秀兰同志已经签字。").content.decode()
    assert "诉求人的个人信息" in shown


def test_who_may_not_open_a_name_does_not_learn_it_by_typing(county: County, login: Login) -> None:
    lon, lat = point_in(GRID)
    secret = cases.report(
        county=COUNTY, what="村口自来水管破裂，路上全是水", where=cases.Where(lon=lon, lat=lat),
        channel="portal", contact=cases.Contact(name="周国强", phone="13700001111", is_secret=True),
        actor=NOBODY,
    ).case  # fmt: skip
    cases.accept(secret.id, category=secret.proposed_category, actor=county.actor("cun"))
    cases.assign(secret.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(secret.id, actor=county.actor("shui"))
    shown = check(login("shui"), secret, GOOD + "周国强也在场。").content.decode()
    assert "诉求人的个人信息" not in shown


def test_a_promise_after_it_is_due_is_said(login: Login, handled: Case) -> None:
    later = clock.now() + timedelta(days=200)
    answer = f"我们查看了村口破裂的自来水管，将于{later:%Y年%m月%d日}前换好。"
    assert (
        "晚于这件事的办理时限" in check(login("shui"), handled, answer, "partly").content.decode()
    )


def test_whoever_cannot_answer_is_told_nothing(login: Login, handled: Case) -> None:
    for who in ("lu", "zhen", "ling", "guan"):
        assert check(login(who), handled, GOOD).status_code == 404
        assert login(who).get(f"/desk/answers/{handled.number}/help/").status_code == 404


def test_what_must_be_seen_stops_the_sending_once(login: Login, handled: Case) -> None:
    shui, answer = login("shui"), GOOD + "有事打13912345678。"
    typed: dict[str, Any] = {"outcome": "solved", "answer": answer}
    stopped = send(shui, handled, "finish", **typed, after=photo())
    assert stopped.status_code == 422
    shown = stopped.content.decode()
    assert "就在这里打勾" in shown
    assert answer in shown  # nothing typed is lost
    handled.refresh_from_db()
    assert handled.state == "handling"
    sent = send(shui, handled, "finish", **typed, looked="on")
    assert sent.status_code == 200, sent.content.decode()
    handled.refresh_from_db()
    assert (handled.state, handled.answer) == ("done", answer)


def test_advice_stops_nothing(login: Login, handled: Case) -> None:
    answer = "已收悉，领导高度重视，正在研究。"
    shown = check(login("shui"), handled, answer).content.decode()
    assert "没有说办了什么" in shown
    assert "data-must" not in shown
    typed: dict[str, Any] = {"outcome": "solved", "answer": answer, "after": photo()}
    assert send(login("shui"), handled, "finish", **typed).status_code == 200


def test_the_form_brings_the_check_and_the_help(login: Login, handled: Case) -> None:
    form = login("shui").get(f"/desk/cases/{handled.number}/moves/finish/").content.decode()
    assert f'hx-post="/desk/answers/{handled.number}/check/"' in form
    assert f'hx-get="/desk/answers/{handled.number}/help/"' in form
    other = login("shui").get(f"/desk/cases/{handled.number}/moves/send_back/").content.decode()
    assert "/desk/answers/" not in other


def solved(county: County, answer: str, *, what: str = "", is_solved: bool = True) -> Case:
    """A leak that was answered and voted on."""
    reported = report_leak()
    if what:
        Case.objects.filter(pk=reported.case.id).update(what=what)
    case = reported.case
    cases.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    cases.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    cases.sign(case.id, actor=county.actor("shui"))
    cases.finish(
        case.id,
        outcome="partly",
        reason=plain_reason("cannot"),
        answer=answer,
        actor=county.actor("shui"),
    )
    rating = 5 if is_solved else 1
    report, voice = reported.report.id, voice_of(reported)
    cases.rate(case.id, report=report, is_solved=is_solved, rating=rating, words="", actor=voice)
    case.refresh_from_db()
    return case


def test_solved_cases_like_it_show_their_answers(
    county: County, login: Login, handled: Case
) -> None:
    example = solved(county, "换了新水管，联系电话13912345678。")
    bad = solved(county, "没有人来修水管。", is_solved=False)
    other = solved(county, "灯已经换了。", what="广场舞音乐太吵睡不着觉")
    shui = county.actor("shui")
    found = reads.solved_like(shui, case_reads.case_for(shui, handled.id))
    assert [one.case.number for one in found] == [example.number]
    assert found[0].votes.asked == 1
    assert found[0].answer == "换了新水管，联系电话139****5678。"
    shown = login("shui").get(f"/desk/answers/{handled.number}/help/").content.decode()
    assert example.number in shown
    assert bad.number not in shown
    assert other.number not in shown
    assert "13912345678" not in shown


def test_nobody_is_shown_an_example_they_may_not_see(county: County, handled: Case) -> None:
    solved(county, "换了新水管，供水正常。")
    case = case_reads.case_for(county.actor("zhen"), handled.id)
    assert len(reads.solved_like(county.actor("zhen"), case)) == 1
    assert reads.solved_like(county.actor("bie"), case) == []


def test_examples_are_of_the_last_year_and_the_newest_of_each_kind(
    county: County, handled: Case, monkeypatch: Any
) -> None:
    old, new = solved(county, "换了新水管，供水正常。"), solved(county, "换了阀门，供水正常。")
    shui = county.actor("shui")

    def numbers() -> set[str]:
        return {one.case.number for one in reads.solved_like(shui, handled)}

    assert numbers() == {old.number, new.number}
    monkeypatch.setattr(reads, "_NEWEST", 1)
    assert numbers() == {new.number}
    Case.objects.filter(pk=new.pk).update(opened_at=clock.now() - timedelta(days=366))
    assert numbers() == {old.number}
