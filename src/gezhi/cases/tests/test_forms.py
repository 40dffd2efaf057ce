"""What forms ask for, when, and in which words; above all the one that finishes the work."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from gezhi.cases import actions, reads
from gezhi.cases.models import Case
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, County, report_leak

Login = Callable[[str], Client]


def photo(name: str, colour: str = "gray") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    out.seek(0)
    out.name = name
    return out


def send(client: Client, case: Case, act: str, **typed: object) -> Any:
    case.refresh_from_db()
    typed.setdefault("revision", case.lines)
    return client.post(f"/desk/cases/{case.number}/moves/{act}/", typed)


def begun(county: County, wanted: str) -> Case:
    """A case in work at the water bureau, of a category that asks for this proof."""
    book = rulebook.current(COUNTY)
    category = next(key for key, one in book.categories.items() if wanted in one.proof)
    case = report_leak().case
    actions.accept(case.id, category=category, actor=county.actor("cun"))
    actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    return actions.sign(case.id, actor=county.actor("shui"))


def test_each_outcome_says_what_else_it_needs(login: Login, handled: Case) -> None:
    """A style sheet shows the reason and the proof by these words alone."""
    text = login("shui").get(f"/desk/cases/{handled.number}/moves/finish/").content.decode()
    needs = dict(re.findall(r'<option value="(\w*)"[^>]* data-needs="(\w*)"', text))
    assert needs["solved"] == "proof"
    assert needs["cannot"] == "reason"
    assert needs["withdrawn"] == ""
    assert needs[""] == "proof"
    assert "gz-field-reason" in text


@pytest.mark.parametrize("outcome", ["partly", "cannot", "not_ours"])
def test_a_reason_is_asked_for_only_where_it_matters(login, handled: Case, outcome) -> None:
    refused = send(login("shui"), handled, "finish", outcome=outcome, answer="写了很长一段答复")
    assert refused.status_code == 422
    assert "请选择没有解决的原因" in refused.content.decode()


def test_a_reason_chosen_before_another_outcome_is_forgotten(login, handled: Case) -> None:
    reason = next(iter(rulebook.current(COUNTY).reasons("cannot")))
    answer = send(
        login("shui"), handled, "finish", outcome="withdrawn", reason=reason, answer="他自己撤回了"
    )
    assert answer.status_code == 200
    line = reads.history_of(handled).get(act="finish")
    assert line.reason == ""


def test_the_form_says_which_proof_is_missing_and_which_is_there(login, county) -> None:
    case = begun(county, "photo_pair")
    client, address = login("shui"), f"/desk/cases/{case.number}/moves/finish/"
    text = client.get(address).content.decode()
    assert 'data-lacks="before"' in text
    assert "还缺：处理前照片" in text
    assert "还缺：处理后照片" in text
    assert send(client, case, "attach", before=photo("b.jpg"), is_public="yes").status_code == 200
    text = client.get(address).content.decode()
    assert "已有：处理前照片" in text
    assert 'data-lacks="after"' in text
    assert (
        send(client, case, "attach", after=photo("a.jpg", "green"), is_public="yes").status_code
        == 200
    )
    text = client.get(address).content.decode()
    assert "已有：处理后照片" in text
    assert "data-lacks" not in text


def test_missing_proof_is_said_beside_its_field_and_chosen_files_stay(login, county) -> None:
    case = begun(county, "photo_pair")
    client = login("shui")
    typed = {"outcome": "solved", "answer": "水管已经换好了", "once": "one"}
    refused = send(client, case, "finish", **typed, before=photo("before.jpg"))
    assert refused.status_code == 422
    text = refused.content.decode()
    assert 'id="finish_after_error"' in text
    assert "还缺：处理后照片。请在这里选好再提交" in text
    assert 'id="finish_before_error"' not in text
    assert "before.jpg" in text.split("已经收到")[1]
    assert "水管已经换好了" in text
    done = send(client, case, "finish", **typed, after=photo("after.jpg", "green"))
    assert done.status_code == 200, "the same form with another file"
    assert sorted(row.kind for row in reads.attachments_of(case)) == ["after", "before"]


def test_files_of_a_form_with_a_mistake_are_not_lost(login: Login, handled: Case) -> None:
    refused = send(login("shui"), handled, "finish", outcome="", after=photo("after.jpg"))
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "after.jpg" in text.split("已经收到")[1]
    handled.refresh_from_db()
    assert f'name="revision" value="{handled.lines}"' in text
    assert handled.state == "handling"
    assert reads.attachments_of(handled).get().kind == "after"


def test_files_of_who_read_an_old_state_are_not_taken(login: Login, handled: Case, county) -> None:
    seen = handled.lines
    actions.note(handled.id, words="别人先写的", actor=county.actor("shuiba"))
    refused = send(login("shui"), handled, "finish", after=photo("after.jpg"), revision=seen)
    assert refused.status_code == 422
    assert "刚被别人改动过" in refused.content.decode()
    assert not reads.attachments_of(handled).exists()


@pytest.mark.parametrize(
    ("who", "act", "words"),
    [
        ("shui", "finish", ("请选择“办理结果”", "请填写“给诉求人的答复”")),
        ("shui", "pause", ("请选择“理由”", "请填写“到什么时候”")),
        ("shui", "whistle", ("请选择“请哪些单位来”", "请填写“请他们来做什么”")),
        ("shui", "ask", ("请填写“要问诉求人的话”",)),
        ("du", "supervise", ("请填写“督办要求”",)),
        ("fang", "visit_back", ("请选择“联系上了吗”",)),
    ],
)
def test_what_is_empty_is_asked_for_by_name(login, handled: Case, who, act, words) -> None:
    text = send(login(who), handled, act).content.decode()
    for each in words:
        assert each in text
    assert "这个字段" not in text


def test_a_time_that_is_none_is_told_how_to_write_it(login: Login, handled: Case) -> None:
    answer = send(login("shui"), handled, "extend", until="明天下午")
    assert "例如 2026-11-22 14:30" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/desk/admin/accounts/new/", ("请填写“姓名”", "请填写“登录名”")),
        ("/desk/password/", ("请填写“原密码”", "请填写“新密码”")),
    ],
)
def test_administration_asks_by_name_too(login: Login, address: str, words) -> None:
    answer = login("guan").post(address, {"x": "1"})
    text = answer.content.decode()
    for each in words:
        assert each in text
    assert "这个字段" not in text
