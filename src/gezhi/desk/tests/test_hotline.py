"""The hotline's console: the caller at hand, what is found while typing, what becomes of a call."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.cases.models import Case, Report
from gezhi.hotline import actions
from gezhi.hotline.models import Call
from gezhi.hotline.tests.calling import LEAK, PENSION, PHONE, Switch, spot, write_article
from gezhi.intake import actions as intake
from gezhi.record.models import AuditLine
from tests.cast import COUNTY, County, report_leak

_HOME = "/desk/hotline/"
Login = Callable[[str], Client]


@pytest.fixture
def switch(county: County, key: Callable[[str], str]) -> Switch:
    return Switch(key)


def hidden(page: Any, name: str) -> str:
    (found,) = re.findall(rf'name="{name}" value="([^"]*)"', page.content.decode())
    return str(found)


def form(call: str, **more: str) -> dict[str, str]:
    return {"call": call, "what": LEAK, **spot(), **more}


def test_a_call_comes_to_the_open_console_and_leaves_as_a_number(
    county: County, login: Login, switch: Switch
) -> None:
    xian = login("xian")
    empty = xian.get(_HOME)
    fresh, standing = hidden(empty, "call"), hidden(empty, "standing")
    asked = {"call": fresh, "standing": standing}
    assert xian.get(f"{_HOME}caller/", asked).status_code == 204
    switch.rings(line="12345-2", order="RX1")
    rung = xian.get(f"{_HOME}caller/", asked)
    said = rung.content.decode()
    assert "138****1234" in said
    assert PHONE not in said
    assert "RX1" in said
    call = hidden(rung, "call")
    asked = {"call": call, "standing": hidden(rung, "standing")}
    assert xian.get(f"{_HOME}caller/", asked).status_code == 204
    switch.is_over(seconds=61)
    assert "已挂断" in xian.get(f"{_HOME}caller/", asked).content.decode()
    done = xian.post(_HOME, form(call))
    made = Case.objects.get()
    assert done.status_code == 201
    assert made.number in done.content.decode()
    assert (made.channel, made.source_key) == ("hotline", "hotline:RX1")
    assert Report.objects.get().phone == PHONE
    again = xian.post(_HOME, form(call))
    assert again.status_code == 201
    assert "没有重复登记" in again.content.decode()
    assert Case.objects.count() == 1


def test_what_is_typed_is_kept_and_finds_articles_categories_and_the_same_matter(
    county: County, login: Login
) -> None:
    same, article = report_leak(), write_article(county)
    xian, call = login("xian"), str(uuid4())
    found = xian.post(f"{_HOME}typed/", form(call, name="李秀兰")).content.decode()
    assert same.case.number in found
    assert 'data-suggest="' in found
    assert article.title not in found
    by_words = {"call": call, "what": LEAK}  # no place was chosen: the words name the village
    assert same.case.number in xian.post(f"{_HOME}typed/", by_words).content.decode()
    asked = form(call, what="我妈八十岁了，老人补贴怎么领")
    found = xian.post(f"{_HOME}typed/", asked).content.decode()
    assert article.title in found
    assert PENSION["answer"] in found
    page = xian.get(_HOME).content.decode()
    assert "老人补贴怎么领" in page
    assert hidden(xian.get(_HOME), "call") == call
    assert Call.objects.get().outcome == ""


def test_an_urgent_matter_is_said_to_be_one_while_it_is_typed(county: County, login: Login) -> None:
    said = login("xian").post(f"{_HOME}typed/", form(str(uuid4()), what="楼里着火了，有人被困"))
    assert "紧急" in said.content.decode()


def test_nothing_typed_is_lost_where_it_is_refused(county: County, login: Login) -> None:
    xian, call = login("xian"), str(uuid4())
    long = "水" * 6000
    refused = xian.post(_HOME, form(call, what=long, name="李秀兰"))
    assert refused.status_code == 422
    assert long in refused.content.decode()
    assert "maxlength" not in re.findall(r"<textarea[^>]*>", refused.content.decode())[0]
    nowhere = xian.post(_HOME, {"call": call, "what": LEAK, "name": "李秀兰"})
    assert nowhere.status_code == 422
    assert LEAK in nowhere.content.decode()
    assert "李秀兰" in nowhere.content.decode()
    assert hidden(nowhere, "call") == call
    assert not Case.objects.exists()


def test_the_same_matter_gets_one_more_voice_and_no_second_case(
    county: County, login: Login
) -> None:
    same = report_leak().case
    nowhere = {"call": str(uuid4()), "what": "我家也停水了", "phone": PHONE}
    done = login("xian").post(_HOME, {**nowhere, "follows": same.number})
    assert done.status_code == 201
    assert "记到这一件上了" in done.content.decode()
    assert Case.objects.count() == 1
    voice = Report.objects.get(is_first=False)
    assert (voice.case_id, voice.channel, voice.phone) == (same.id, "hotline", PHONE)
    assert Call.objects.get().outcome == "joined"


def test_a_question_is_answered_at_once_and_is_no_case(county: County, login: Login) -> None:
    article, xian = write_article(county), login("xian")
    answered = xian.post(_HOME, form(str(uuid4()), article=str(article.id)), follow=True)
    assert "已记为当场答复" in answered.content.decode()
    assert not Case.objects.exists()
    xian.post(_HOME, form(str(uuid4()), do="drop"))
    listed = xian.get(f"{_HOME}calls/").content.decode()
    assert "当场答复" in listed
    assert "无需办理" in listed
    only = xian.get(f"{_HOME}calls/?article={article.id}")
    assert [row["call"].outcome for row in only.context["rows"]] == ["answered"]


def test_a_call_that_was_dropped_by_mistake_comes_back_with_its_words(
    county: County, login: Login, switch: Switch
) -> None:
    switch.rings()
    article, xian = write_article(county), login("xian")
    call = hidden(xian.get(_HOME), "call")
    for act in ({"do": "drop"}, {"article": str(article.id)}):
        gone = xian.post(_HOME, form(call, name="李秀兰", **act), follow=True)
        assert LEAK not in gone.content.decode()
        assert f'name="again" value="{call}"' in gone.content.decode()
        listed = xian.get(f"{_HOME}calls/").content.decode()
        assert LEAK in listed
        assert f"?settled={call}" in listed
        other = str(uuid4())  # what was begun meanwhile is kept
        back = xian.post(_HOME, {"call": other, "what": "路灯", "again": call}, follow=True)
        assert hidden(back, "call") == call
        assert LEAK in back.content.decode()
        assert "李秀兰" in back.content.decode()
        assert Call.objects.filter(pk=other, outcome="").exists()
    assert login("zhen").post(_HOME, {"call": str(uuid4()), "again": call}).status_code == 404
    xian.post(_HOME, form(call, do="drop"))
    with clock.standing_at(clock.now() + timedelta(hours=3)):
        xian = login("xian")
        assert 'name="again"' not in xian.get(_HOME, {"settled": call}).content.decode()
        assert xian.post(_HOME, {"call": str(uuid4()), "again": call}).status_code == 409


def test_where_nobody_rings_and_nothing_is_typed_no_call_is_written_down(
    county: County, login: Login, switch: Switch
) -> None:
    xian, empty = login("xian"), {"call": str(uuid4()), "what": " ", "path": ""}
    assert xian.post(_HOME, {**empty, "do": "drop"}).status_code == 302
    assert xian.post(f"{_HOME}typed/", empty).status_code == 200
    assert not Call.objects.exists()
    switch.rings()
    call = hidden(xian.get(_HOME), "call")
    xian.post(_HOME, {**empty, "call": call, "do": "drop"})  # silence
    assert Call.objects.get().outcome == "dropped"


def test_a_number_that_is_typed_is_looked_up_on_record(county: County, login: Login) -> None:
    xian = login("xian")
    xian.post(_HOME, form(str(uuid4()), phone=PHONE))
    draft = {"call": str(uuid4()), "phone": PHONE}
    number = Case.objects.get().number
    assert number not in xian.post(_HOME, draft).content.decode()
    xian.post(f"{_HOME}typed/", draft)
    assert number not in xian.get(_HOME).content.decode()
    known = xian.post(f"{_HOME}number/", {"phone": "138-0000-1234"}).content.decode()
    assert number in known
    assert PHONE not in known
    line = AuditLine.objects.get(kind="opening", data__looked_up="caller")
    assert line.actor == f"account:{county.accounts['xian'].id}"
    read = login("shen").get("/desk/audit/?kind=opening").content.decode()
    assert "按自己输入的号码" in read


def test_a_call_that_was_handed_over_says_so_and_keeps_its_words(
    county: County, login: Login, switch: Switch
) -> None:
    switch.rings(agent="zhen")
    zhen = login("zhen")
    page = zhen.get(_HOME)
    call = hidden(page, "call")
    zhen.post(f"{_HOME}typed/", form(call))
    switch.rings(agent="xian")
    asked = {"call": call, "standing": hidden(page, "standing")}
    assert "转给了别的话务员" in zhen.get(f"{_HOME}caller/", asked).content.decode()
    late = zhen.post(_HOME, form(call))
    assert late.status_code == 404
    assert LEAK in late.content.decode()
    assert LEAK in login("xian").get(_HOME).content.decode()
    assert not Case.objects.exists()


def test_the_next_call_waits_while_somebody_types(
    county: County, login: Login, switch: Switch
) -> None:
    switch.rings("c-1")
    xian = login("xian")
    page = xian.get(_HOME)
    switch.rings("c-2", from_number="13900005678")
    asked = {"call": hidden(page, "call"), "standing": hidden(page, "standing")}
    waiting = xian.get(f"{_HOME}caller/", asked).content.decode()
    assert "138****1234" in waiting
    assert "另有一个来电" in waiting
    second = Call.objects.get(call_id="c-2")
    xian.post(f"{_HOME}typed/", {"call": asked["call"], "what": LEAK})
    assert LEAK in xian.get(_HOME).content.decode(), "loaded anew, the one that is typed along"
    assert "139****5678" in xian.get(f"{_HOME}?call={second.id}").content.decode()


def test_articles_are_written_found_and_changed_on_their_pages(
    county: County, login: Login
) -> None:
    zhen, du = login("zhen"), login("du")
    new = f"{_HOME}articles/new/"
    assert zhen.post(new, {**PENSION, "answer": ""}).status_code == 422
    assert zhen.post(new, PENSION, follow=True).status_code == 200
    listed = du.get(f"{_HOME}articles/?q=老人补贴").content.decode()
    assert PENSION["title"] in listed
    (address,) = set(re.findall(rf"{_HOME}articles/[0-9a-f-]{{36}}/", listed))
    assert du.post(f"{address}take/").status_code == 302
    assert zhen.post(address, {**PENSION, "answer": "改一改"}).status_code == 403
    changed = du.post(address, {**PENSION, "answer": "改成到镇上办。"}, follow=True)
    assert "第 2 版" in changed.content.decode()
    assert PENSION["answer"] in changed.content.decode()
    assert du.get(f"{_HOME}calls/export.xlsx").status_code == 200
    actions.drop_article(address.split("/")[-2], actor=county.actor("du"))
    assert "不再使用" in zhen.get(address).content.decode()


def read_sheet(answer: Any) -> list[list[Any]]:
    data = BytesIO(b"".join(answer.streaming_content))
    return CalamineWorkbook.from_filelike(data).get_sheet_by_index(0).to_python()


def test_the_hotlines_own_number_is_shown_searched_and_exported(
    county: County, login: Login, switch: Switch
) -> None:
    """By all digits too, as many as a number of our own has."""
    switch.rings(order="202611170042")
    xian = login("xian")
    xian.post(_HOME, form(hidden(xian.get(_HOME), "call")))
    switch.is_over(seconds=75, recording="2026/11/c-1.wav")
    made, other = Case.objects.get(), report_leak().case
    page = xian.get(f"/desk/cases/{made.number}/").content.decode()
    assert "来源单号 202611170042" in page
    assert "2026/11/c-1.wav" in page
    for typed in ("202611170042", " 2026 1117 0042 "):
        found = xian.get("/desk/", {"tab": "area", "q": typed}).content.decode()
        assert made.number in found
        assert other.number not in found
    assert made.number in xian.get("/desk/", {"tab": "area", "q": made.number}).content.decode()
    head, *lines = read_sheet(xian.get("/desk/export.xlsx?tab=area&channel=hotline"))
    assert head[-2:] == ["来源单号", "来电时间"]
    assert [line[0] for line in lines] == [made.number]
    assert lines[0][-2] == "202611170042"
    assert lines[0][-1]


def test_orders_come_in_from_a_table_once_and_are_the_same_as_those_that_were_called(
    county: County, login: Login, switch: Switch
) -> None:
    switch.rings(order="RX1")
    xian = login("xian")
    xian.post(_HOME, form(hidden(xian.get(_HOME), "call")))
    table = "工单编号,来电时间,诉求内容,事发地点\n"
    table += f"RX1,2026-11-17 09:00,{LEAK},柳树村村口\nRX2,2026-11-17 09:05,路灯不亮,新庄村\n"
    for added, known in ((1, 1), (0, 2)):
        found = intake.import_messages(
            table.encode(), name="orders.csv", channel="hotline", county=COUNTY,
            actor=county.actor("xian"),
        )  # fmt: skip
        assert (found.added, found.known, found.failed) == (added, known, 0)
    keys = sorted(Case.objects.values_list("source_key", flat=True))
    assert keys == ["hotline:RX1", "hotline:RX2"]


def test_who_wants_to_stay_unnamed_stays_so_in_a_draft(
    county: County, login: Login, switch: Switch
) -> None:
    call = switch.rings().json()["id"]
    xian = login("xian")
    box = r'<input type="checkbox" name="is_secret"[^>]*>'
    typed = {"call": call, "what": "村里有人占地", "is_secret": "on", "name": "李"}
    xian.post(f"{_HOME}typed/", typed)
    (found,) = re.findall(box, xian.get(_HOME, {"call": call}).content.decode())
    assert "checked" in found
    xian.post(f"{_HOME}typed/", {**typed, "is_secret": ""})
    (found,) = re.findall(box, xian.get(_HOME, {"call": call}).content.decode())
    assert "checked" not in found


def test_a_call_of_this_morning_can_still_be_settled(
    county: County, login: Login, switch: Switch
) -> None:
    with clock.standing_at(clock.now() - timedelta(hours=3)):
        call = switch.rings().json()["id"]
        login("xian").post(f"{_HOME}typed/", form(call))
    xian = login("xian")
    assert LEAK not in xian.get(_HOME).content.decode()
    listed = xian.get(f"{_HOME}calls/").content.decode()
    assert f'href="{_HOME}?call={call}"' in listed
    assert f"?call={call}" in xian.get(f"{_HOME}calls/?outcome=open").content.decode()
    assert f"?call={call}" not in xian.get(f"{_HOME}calls/?outcome=opened").content.decode()
    assert f"?call={call}" not in login("du").get(f"{_HOME}calls/").content.decode()
    page = xian.get(_HOME, {"call": call})
    assert LEAK in page.content.decode()
    asked = {"call": call, "standing": hidden(page, "standing")}
    assert xian.get(f"{_HOME}caller/", asked).status_code == 204
    wrong = xian.post(_HOME, {"call": call, "what": LEAK})
    assert wrong.status_code == 422
    assert "138****1234" in wrong.content.decode()
    assert xian.post(_HOME, form(call)).status_code == 201
    assert f"?call={call}" not in xian.get(f"{_HOME}calls/").content.decode()


def test_answers_to_questions_stay_in_a_draft(county: County, login: Login, switch: Switch) -> None:
    call = switch.rings().json()["id"]
    xian = login("xian")
    typed = {"call": call, "what": "吵", "category": "env.noise", "answers-source": "装修队"}
    xian.post(f"{_HOME}typed/", {**typed, "answers-when": ["night"]})
    page = xian.get(_HOME).content.decode()
    assert "装修队" in page
    (box,) = re.findall(r'<input[^>]*name="answers-when"[^>]*value="night"[^>]*>', page)
    assert "checked" in box
    assert "装修队" not in xian.get(f"{_HOME}calls/").content.decode()


def test_a_poll_that_changes_nothing_looks_up_no_history(
    county: County, login: Login, switch: Switch
) -> None:
    switch.rings()
    xian = login("xian")
    page = xian.get(_HOME)
    asked = {"call": hidden(page, "call"), "standing": hidden(page, "standing")}
    with CaptureQueriesContext(connection) as asked_for:
        assert xian.get(f"{_HOME}caller/", asked).status_code == 204
    assert "phone_index" not in str([each["sql"].partition("WHERE")[2] for each in asked_for])
