"""The desk through its doors: the case, taking a proposal, working lists, new cases."""

import re
from datetime import timedelta

import pytest

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.desk.tests.reading import page
from tests.cast import COUNTY, GRID, County, point_in, report_leak


def test_who_only_administers_is_shown_to_the_administration(login) -> None:
    for who in ("guan", "an"):
        answer = login(who).get("/desk/")
        assert answer.status_code == 302
        assert "/desk/admin/" in answer["Location"]


def test_the_case_page_masks_the_reporter(login, case: Case) -> None:
    text = page(login("cun"), f"/desk/cases/{case.number}/")
    assert "李*" in text
    assert "138****5678" in text
    assert "13812345678" not in text
    assert "李秀兰" not in text


def test_absent_and_not_yours_look_alike(login, case: Case) -> None:
    client = login("bie")
    theirs, nobodys = (
        re.sub(r"(Token|token)[^>]+", "", page(client, f"/desk/cases/{number}/panel/", 404))
        for number in (case.number, "260101-999999")
    )
    assert theirs == nobodys


def test_the_proposal_is_shown_with_its_reason_and_taken_with_one_press(login, county) -> None:
    case = actions.report(
        county=COUNTY,
        what="隔壁私搭乱建，把路都占了",
        where=actions.Where(path=GRID),
        channel="portal",
        actor=NOBODY,
    ).case
    client = login("cun")
    answer = client.get(f"/desk/cases/{case.number}/panel/")
    proposal = answer.context["proposal"]
    assert proposal.words
    text = answer.content.decode()
    assert "河湾镇综合执法队" in text
    assert proposal.unit_why in text
    sent = {
        "category": proposal.category,
        "unit": str(proposal.unit.id),
        "revision": case.lines,
        "once": "one-press",
    }
    for _again in range(2):
        taken = client.post(f"/desk/cases/{case.number}/take/", sent)
        assert taken.status_code == 200
        assert "gz-moved" in taken["HX-Trigger"]
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("assigned", proposal.unit.id)
    assert [line.act for line in reads.history_of(case)] == ["report", "accept", "assign"]


def test_another_category_is_chosen_with_one_press(login, county) -> None:
    case = actions.report(
        county=COUNTY,
        what="隔壁私搭乱建，把路都占了，垃圾也没人清",
        where=actions.Where(path=GRID),
        channel="portal",
        actor=NOBODY,
    ).case
    client = login("cun")
    first = client.get(f"/desk/cases/{case.number}/panel/").context["proposal"]
    other, name = first.others[0]
    address = f"/desk/cases/{case.number}/proposal/"
    anew = client.get(address, {"category": other})
    assert anew.context["proposal"].category == other
    assert name in anew.content.decode()
    assert first.category in {key for key, _name in anew.context["proposal"].others}
    assert client.get(address, {"category": "no.such"}).status_code == 422
    sent = {"category": other, "unit": "", "revision": case.lines, "once": "other"}
    assert client.post(f"/desk/cases/{case.number}/take/", sent).status_code == 200
    case.refresh_from_db()
    assert case.category == other


def test_taking_is_all_or_nothing(login, county: County, case: Case) -> None:
    far = county.unit("centre-990101102201")
    sent = {"category": case.proposed_category, "unit": str(far), "revision": case.lines}
    assert login("cun").post(f"/desk/cases/{case.number}/take/", sent).status_code == 422
    case.refresh_from_db()
    assert case.state == "reported"


def test_return_visits_are_recorded_in_the_row(login, county: County, handled: Case) -> None:
    outcome = "withdrawn"
    actions.finish(
        handled.id, outcome=outcome, answer="已经联系过，诉求人自己撤回", actor=county.actor("shui")
    )
    client = login("fang")
    text = page(client, "/desk/visits/")
    assert handled.number in text
    assert "诉求人自己撤回" in text
    said = {"is_reached": "yes", "is_solved": "yes", "rating": "5", "words": "满意"}
    answer = client.post(f"/desk/cases/{handled.number}/moves/visit_back/", said)
    assert answer.status_code == 200
    handled.refresh_from_db()
    assert handled.state == "closed"
    assert handled.number not in page(client, "/desk/visits/")


def test_approvals_are_granted_with_one_press(login, county: County, handled: Case) -> None:
    until = clock.now() + timedelta(days=2)
    actions.pause(
        handled.id, reason="parts", until=until, words="等配件", actor=county.actor("shui")
    )
    client = login("du")
    assert "等配件" in page(client, "/desk/approvals/")
    asked = reads.approvals_of(handled).get()
    address = f"/desk/cases/{handled.number}/moves/decide/"
    answer = client.post(address, {"approval": str(asked.id), "is_granted": "yes"})
    assert answer.status_code == 200
    handled.refresh_from_db()
    assert handled.paused_until is not None
    assert "没有等您审批的" in page(client, "/desk/approvals/")


def test_a_caller_is_written_down_once_and_told_the_code_once(login, county: County) -> None:
    client = login("cun")
    lon, lat = point_in(GRID)
    typed = {
        "channel": "desk", "what": "村东头路灯不亮", "lon": str(lon), "lat": str(lat),
        "name": "赵大爷", "phone": "13900001111", "once": "call-1",
    }  # fmt: skip
    first = client.post("/desk/cases/new/", typed)
    assert first.status_code == 201
    case = Case.objects.get(what="村东头路灯不亮")
    assert case.number in first.content.decode()
    assert first.context["code"]
    assert case.path == GRID
    again = client.post("/desk/cases/new/", typed)
    assert again.status_code == 201
    assert again.context["code"] == ""
    assert Case.objects.filter(what="村东头路灯不亮").count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"lon": "", "lat": "", "place": "", "path": ""}, "请说明在哪里"),
        ({"lon": "1", "lat": "1"}, "不在本县范围内"),
        ({"what": ""}, "请写几个字"),
        ({"what": "长" * 5001}, "5000"),
        ({"what": "零\x00字节"}, "不允许是用空字符串"),
        ({"category": "no.such"}, "选择一个有效的选项"),
    ],
)
def test_a_refused_report_keeps_what_was_typed(login, county, changed, words) -> None:
    lon, lat = point_in(GRID)
    typed = {"channel": "desk", "what": "路灯不亮", "lon": lon, "lat": lat, "name": "赵大爷"}
    answer = login("cun").post("/desk/cases/new/", {**typed, **changed})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert "赵大爷" in text
    assert not Case.objects.exists()


def test_typing_suggests_a_category(login, county: County) -> None:
    answer = login("cun").post("/desk/cases/new/suggest/", {"what": "自来水管破裂"})
    assert "data-suggest" in answer.content.decode()


def test_bulk_says_before_and_after_what_is_refused(login, county: County) -> None:
    ready, waiting = report_leak().case, report_leak().case
    actions.accept(ready.id, category=ready.proposed_category, actor=county.actor("cun"))
    client = login("cun")
    chosen = {"number": [ready.number, waiting.number]}
    before = client.post("/desk/bulk/assign/", chosen)
    assert before.status_code == 200
    assert before.context["fine"] == 1
    text = before.content.decode()
    assert "待受理" in text
    assert "派发 1 件</button>" in text
    assert '<details class="gz-refusals" open>' in text
    chosen |= {f"revision-{row.number}": row.revision for row in before.context["outlook"]}
    unit = str(county.unit("dept-water"))
    after = client.post("/desk/bulk/assign/do/", {**chosen, "unit": unit, "once": "bulk-1"})
    assert (after.context["fine"], after.context["refused"]) == (1, 1)
    ready.refresh_from_db()
    waiting.refresh_from_db()
    assert (ready.state, waiting.state) == ("assigned", "reported")


def test_bulk_refuses_what_changed_since_it_was_shown(login, county: County) -> None:
    same, changed, unseen = (report_leak().case for _at in range(3))
    for made in (same, changed, unseen):
        actions.accept(made.id, category=made.proposed_category, actor=county.actor("cun"))
    client, numbers = login("cun"), [same.number, changed.number, unseen.number]
    text = client.post("/desk/bulk/assign/", {"number": numbers}).content.decode()
    shown = dict(re.findall(r'name="(revision-[^"]+)" value="(\d+)"', text))
    assert set(shown) == {f"revision-{number}" for number in numbers}
    del shown[f"revision-{unseen.number}"]
    actions.note(changed.id, words="有人先写了一句", actor=county.actor("cun"))
    sent = {"number": numbers, "unit": "", **shown}
    kept = client.post("/desk/bulk/assign/do/", sent)
    assert kept.status_code == 422
    key = f"revision-{changed.number}"
    assert f'name="{key}" value="{shown[key]}"' in kept.content.decode(), "still what was shown"
    sent["unit"] = str(county.unit("dept-water"))
    after = client.post("/desk/bulk/assign/do/", sent)
    assert (after.context["fine"], after.context["refused"]) == (1, 2)
    assert "刚被别人改动过" in after.content.decode()
    same.refresh_from_db()
    assert same.state == "assigned"


def test_many_refused_are_folded_above_the_form(login, county: County) -> None:
    ready, *waiting = [report_leak().case for _at in range(5)]
    actions.accept(ready.id, category=ready.proposed_category, actor=county.actor("cun"))
    chosen = {"number": [case.number for case in (ready, *waiting)]}
    text = login("cun").post("/desk/bulk/assign/", chosen).content.decode()
    assert '<details class="gz-refusals"><summary>会被拒绝的 4 件，为什么</summary>' in text


def test_bulk_does_nothing_to_cases_of_others(login, county: County, case: Case) -> None:
    answer = login("bie").post("/desk/bulk/assign/", {"number": [case.number]})
    assert answer.status_code == 422


@pytest.mark.parametrize("who", ["cun", "xian", "wang", "shui", "du", "fang", "ling", "dui"])
def test_every_role_has_an_inbox_and_a_case_page(login, county, handled: Case, who) -> None:
    client = login(who)
    text = page(client, "/desk/?tab=area")
    assert "gz-rows" in text
    page(client, "/desk/bell/")
    page(client, "/desk/filter/")
    page(client, f"/desk/cases/{handled.number}/", 404 if who == "wang" else 200)


def test_signing_in_leads_back_to_the_page_around_a_part(client, handled: Case) -> None:
    answer = client.get(
        f"/desk/cases/{handled.number}/panel/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?tab=area"},
    )
    assert answer["HX-Redirect"] == "/desk/sign-in/?next=/desk/%3Ftab%3Darea"
    elsewhere = client.get(
        f"/desk/cases/{handled.number}/panel/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://elsewhere.example/desk/"},
    )
    assert "elsewhere" not in elsewhere["HX-Redirect"]


def test_a_visit_shows_a_compact_row_and_its_form_on_demand(login, handled: Case, county) -> None:
    actions.finish(
        handled.id, outcome="withdrawn", answer="已经联系过，他自己撤回", actor=county.actor("shui")
    )
    typed = {"is_reached": "no"}
    client = login("fang")
    text = page(client, "/desk/visits/")
    article = re.search(r"<article.*?</article>", text, re.S)
    assert article is not None
    before, form = article.group().split("<details", 1)
    for shown in ("李*", "138****5678", "查看电话", "他自己撤回", "已联系 0 / 3 次"):
        assert shown in before
    assert "<form" not in before
    assert " open" not in form.split(">", 1)[0], "the form opens on demand"
    client.post(f"/desk/cases/{handled.number}/moves/visit_back/", typed)
    assert "已联系 1 / 3 次" in page(client, "/desk/visits/")


@pytest.mark.parametrize(
    ("phone", "doubt"),
    [
        ("13812345678", ""),
        ("138 1234 5678", ""),
        ("+86 138-1234-5678", ""),
        ("0930-1234567", ""),
        ("0930-12345678", ""),
        ("8221234", ""),
        ("0930-8221234转801", ""),
        ("400 810 1234", ""),
        ("12345", ""),
        ("+852 2345 6789", ""),
        ("", ""),
        ("1381234567", "10 位"),
        ("138123456789", "12 位"),
        ("12812345678", "第二位"),
        ("3812345678", "不像手机号"),
        ("张三的电话", "不是数字"),
    ],
)
def test_a_doubtful_phone_is_said_and_never_refused(login, county, phone, doubt) -> None:
    client = login("cun")
    said = client.post("/desk/cases/new/phone/", {"phone": phone}).content.decode()
    assert doubt in said if doubt else not said.strip()
    typed = {"channel": "desk", "what": "路灯不亮", "path": GRID, "phone": phone}
    made = client.post("/desk/cases/new/", typed)
    assert made.status_code == 201
    assert ("电话要核对" in made.content.decode()) is bool(doubt)
    kept = client.post("/desk/cases/new/", {**typed, "path": ""})
    assert kept.status_code == 422
    assert ("gz-doubt" in kept.content.decode()) is bool(doubt)
