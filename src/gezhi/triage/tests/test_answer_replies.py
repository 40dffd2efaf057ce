"""Standard replies: who keeps them, what they may hold, how often they are used."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases.actions.erasing import anonymise_report
from gezhi.cases.models import Case, Report
from gezhi.record.models import AuditLine, Line
from gezhi.rulebook import reads as rulebook
from gezhi.triage.actions import answers as actions
from gezhi.triage.errors import NothingAnswered, ReplyTellsOfPersons
from gezhi.triage.followers import note_uses
from gezhi.triage.models import ReplyChange, ReplyUse, StandardReply
from gezhi.triage.reads import answers as reads
from gezhi.triage.tests.test_answer_pages import solved
from tests.cast import COUNTY, County

Login = Callable[[str], Client]
Key = Callable[[str], str]
TEXT = "{日期}，{单位}到现场换了破裂的水管，现在供水正常。"
SENT = "11月17日，水务局到现场换了破裂的水管，现在供水正常。"


@pytest.fixture
def reply(county: County, handled: Case) -> StandardReply:
    return actions.add_reply(
        title="水管修好了", text=TEXT, category=handled.category, actor=county.actor("guan")
    )


def test_the_administrator_keeps_them_with_history(login: Login, county: County) -> None:
    guan = login("guan")
    made = guan.post("/desk/admin/replies/", {"kind": "", "title": "修好了", "text": TEXT})
    assert made.status_code == 302
    reply = StandardReply.objects.get()
    assert (reply.state, reply.made_by) == ("in_use", county.actor("guan").label)
    page = f"/desk/admin/replies/{reply.id}/"
    changed = guan.post(page, {"kind": "", "title": "修好了", "text": SENT})
    assert changed.status_code == 302
    shown = guan.get(page).content.decode()
    assert TEXT in shown  # how it stood before
    assert "管小安" in shown
    assert guan.post(f"{page}drop/").status_code == 302
    noted = AuditLine.objects.filter(about=f"reply:{reply.id}").order_by("id")
    acts = ["made", "changed", "dropped"]
    assert [line.data for line in noted] == [{"reply": act} for act in acts]
    assert [one.act for one in ReplyChange.objects.order_by("id")] == acts
    assert ReplyChange.objects.get(act="changed").before["text"] == TEXT


@pytest.mark.parametrize("who", ["shui", "zhen", "du", "ling", "an", "shen"])
def test_nobody_else_keeps_them(login: Login, reply: StandardReply, who: str) -> None:
    assert login(who).get("/desk/admin/replies/").status_code == 403
    assert login(who).post(f"/desk/admin/replies/{reply.id}/drop/").status_code == 403


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "", "text": TEXT},
        {"title": "水管", "text": " "},
        {"title": "水管", "text": "请打13912345678找小王"},
        {"title": "找620102199001011234", "text": TEXT},
        {"title": "水管", "text": TEXT, "kind": "c:no.such"},
        {"title": "水管", "text": "水" * 2001},
    ],
)
def test_what_no_reply_may_be_is_refused_and_stays_typed(
    login: Login, county: County, typed: dict[str, str]
) -> None:
    shown = login("guan").post("/desk/admin/replies/", {"kind": "", **typed})
    assert shown.status_code == 422
    assert typed["title"] in shown.content.decode()
    assert not StandardReply.objects.exists()


def test_whoever_answers_is_offered_those_that_fit(
    login: Login, county: County, handled: Case, reply: StandardReply
) -> None:
    guan = county.actor("guan")
    actions.add_reply(title="都能用", text="谢谢您告诉我们。", actor=guan)
    other = next(
        key for key in _categories() if key.split(".")[0] != handled.category.split(".")[0]
    )
    actions.add_reply(title="别的事", text="灯换好了。", category=other, actor=guan)
    dropped = actions.add_reply(title="停用的", text="不再用。", actor=guan)
    actions.drop_reply(dropped.id, actor=guan)
    shown = login("shui").get(f"/desk/answers/{handled.number}/help/").content.decode()
    assert f'data-insert="{TEXT}"' in shown
    assert "都能用" in shown
    assert "别的事" not in shown
    assert "停用的" not in shown
    assert [one.row.title for one in reads.fitting(handled)] == ["水管修好了", "都能用"]


def _categories() -> Iterable[str]:
    return rulebook.current(COUNTY).categories


def test_a_use_is_known_by_the_words_and_votes_count(
    county: County, login: Login, reply: StandardReply
) -> None:
    solved(county, SENT)
    solved(county, SENT.replace("水务局", "我们"), is_solved=False)
    solved(county, "另外写的一段答复，没有用标准答复。")
    for _again in range(2):
        note_uses(list(Line.objects.order_by("id")))
    assert ReplyUse.objects.filter(reply=reply).count() == 2
    found = reads.counted([reply])[0]
    assert (found.uses, found.votes.asked, found.votes.solved) == (2, 2, 1)
    shown = login("guan").get("/desk/admin/replies/").content.decode()
    assert "用过 2 次" in shown
    assert "2 人评价，1 人说解决了" in shown


def test_a_case_answered_anew_in_other_words_is_no_use_any_more(
    county: County, reply: StandardReply
) -> None:
    case = solved(county, SENT)
    lines = list(Line.objects.order_by("id"))
    note_uses(lines)
    assert ReplyUse.objects.get(case=case).reply == reply
    Case.objects.filter(pk=case.pk).update(answer="另外挖开看了，是主管道的事，换了阀门。")
    note_uses(lines)
    assert not ReplyUse.objects.exists()


def test_uses_of_years_ago_say_nothing_of_today(county: County, reply: StandardReply) -> None:
    solved(county, SENT)
    note_uses(list(Line.objects.order_by("id")))
    ReplyUse.objects.update(at=clock.now() - timedelta(days=366))
    found = reads.counted([reply])[0]
    assert (found.uses, found.votes.asked) == (0, 0)


def test_a_good_answer_is_proposed_and_taken_in(county: County, login: Login) -> None:
    case = solved(county, SENT + "李秀兰在场。有事打13912345678。")
    page = f"/desk/answers/{case.number}/reply/"
    shown = login("shui").get(f"/desk/cases/{case.number}/").content.decode()
    assert page in shown
    form = login("shui").get(page).content.decode()
    assert "139****5678" in form
    for text in (SENT + "李秀兰在场。", SENT + "打13912345678。"):
        assert login("shui").post(page, {"title": "水管", "text": text}).status_code == 422
    assert login("shui").post(page, {"title": "水管", "text": TEXT}).status_code == 302
    reply = StandardReply.objects.get()
    assert (reply.state, reply.source_id, reply.category) == ("proposed", case.id, case.category)
    assert reads.fitting(case) == []  # nobody is offered it yet
    assert login("guan").post(f"/desk/admin/replies/{reply.id}/take/").status_code == 302
    assert [one.row.id for one in reads.fitting(case)] == [reply.id]
    again = login("guan").post(f"/desk/admin/replies/{reply.id}/take/")
    assert again.status_code == 409


def test_nothing_is_proposed_of_what_is_not_answered(login: Login, handled: Case) -> None:
    assert login("shui").get(f"/desk/answers/{handled.number}/reply/").status_code == 404


def test_an_act_refuses_what_the_form_would(county: County) -> None:
    with pytest.raises(ReplyTellsOfPersons):
        actions.add_reply(title="水管", text="打0930 1234567 8", actor=county.actor("guan"))


def test_programs_do_the_same(county: County, key: Key, handled: Case, client: Client) -> None:
    guan: dict[str, Any] = {"headers": {"authorization": f"Bearer {key('guan')}"}}
    shui: dict[str, Any] = {"headers": {"authorization": f"Bearer {key('shui')}"}}
    json = "application/json"
    body = {"title": "水管", "text": TEXT, "category": handled.category}
    made = client.post("/api/v1/replies", body, json, **guan)
    assert made.status_code == 201
    one = f"/api/v1/replies/{made.json()['id']}"
    assert client.put(one, {**body, "title": "供水"}, json, **guan).json()["title"] == "供水"
    assert client.post("/api/v1/replies", body, json, **shui).status_code == 403
    assert [each["title"] for each in client.get("/api/v1/replies", **guan).json()["items"]] == [
        "供水"
    ]
    of_case = f"/api/v1/cases/{handled.number}"
    assert client.get(f"{of_case}/replies", **shui).json()["items"][0]["title"] == "供水"
    found = client.post(
        f"{of_case}/answer-check", {"answer": "由13912345678处理{日期}"}, json, **shui
    ).json()["items"]
    assert {each["code"] for each in found if each["level"] == "must"} == {"phone", "unfilled"}
    example = solved(county, SENT)
    alike = client.get(f"{of_case}/solved-like", **shui).json()["items"]
    assert [each["number"] for each in alike] == [example.number]
    assert alike[0]["votes"] == {"asked": 1, "solved": 1}
    proposed = client.post(
        f"/api/v1/cases/{example.number}/replies", {"title": "新的", "text": TEXT}, json, **shui
    )
    assert proposed.status_code == 201
    assert client.post(f"{one}/drop", {}, json, **guan).json()["state"] == "dropped"
    assert client.post(f"{one}/take", {}, json, **guan).json()["state"] == "in_use"
    wording = client.post(f"{of_case}/answer-wording", {"answer": SENT}, json, **shui)
    assert (wording.status_code, wording.json()["code"]) == (409, "triage_no_model")


def test_nobody_learns_by_proposing_who_joined_in_secrecy(county: County) -> None:
    """Who may not open a name is told nothing of it, whether it is typed or not."""
    case = solved(county, SENT)
    reports = Report.objects.filter(case=case)
    shui = county.actor("shui")
    assert reads.may_propose(shui, case)
    reports.update(is_secret=True)
    for guess in ("", "李秀兰"):
        with pytest.raises(NothingAnswered):
            actions.propose_reply(case.id, title="水管", text=TEXT + guess, actor=shui)


def test_what_was_taken_from_a_case_goes_with_its_words(county: County) -> None:
    shui, guan = county.actor("shui"), county.actor("guan")
    case = solved(county, SENT)
    for title in ("没人看过", "改好采用了", "采用又停用"):
        actions.propose_reply(case.id, title=title, text=SENT, actor=shui)
    kept, dropped = (
        StandardReply.objects.get(title=title) for title in ("改好采用了", "采用又停用")
    )
    actions.change_reply(kept.id, title=kept.title, text=TEXT, actor=guan)
    for one in (kept, dropped):
        actions.take_reply(one.id, actor=guan)
    note_uses(list(Line.objects.order_by("id")))
    actions.drop_reply(dropped.id, actor=guan)
    anonymise_report(case.reports.get().id, reason="本人要求", actor=county.actor("an"))
    assert StandardReply.objects.get() == kept
    assert StandardReply.objects.get().text == TEXT
    assert not any(SENT in str(one.before) for one in ReplyChange.objects.all())


def test_a_proposal_that_is_not_wanted_goes_with_its_words(county: County) -> None:
    made = actions.propose_reply(
        solved(county, SENT).id, title="水管", text=SENT, actor=county.actor("shui")
    )
    actions.drop_reply(made.id, actor=county.actor("guan"))
    assert not StandardReply.objects.exists()
    assert not ReplyChange.objects.exists()
    noted = AuditLine.objects.filter(about=f"reply:{made.id}").order_by("id")
    assert [line.data["reply"] for line in noted] == ["proposed", "dropped"]


def test_a_name_beside_a_title_is_in_no_reply(county: County) -> None:
    with pytest.raises(ReplyTellsOfPersons):
        actions.add_reply(title="水管", text="王建国师傅换好了。", actor=county.actor("guan"))
