"""Pages, the API and the command."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from ninja import NinjaAPI
from ninja.testing import TestClient
from typer.testing import CliRunner

from gezhi.cases.models import Case
from gezhi.intake import actions, reads, rules
from gezhi.intake.api import router
from gezhi.intake.models import Import
from gezhi.intake.tests.files import HEADER, csv_file, message, xlsx
from gezhi.people import actions as people
from gezhi.people.actions import NewPerson, NewPost
from gezhi.places.models import Area
from gezhi.site.commands.house import Stopped
from gezhi.site.commands.messages import app
from gezhi.site.commands.places import app as places_app
from tests.cast import COUNTY, SETTING_UP

GOOD = [HEADER, message(1), message(2), message(3, time="2019/2/30")]


def upload(client, data: bytes, name: str = "留言.xlsx"):
    file = SimpleUploadedFile(name, data)
    return client.post("/desk/import/", {"file": file, "channel": "board"})


def choices(**more: str) -> dict[str, str]:
    fields = ["number", "user", "title", "time", "text", "dislikes", "likes"]
    return {f"column{at}": field for at, field in enumerate(fields)} | {
        "odd_dates": "report", **more,
    }  # fmt: skip


def test_a_file_goes_from_upload_to_result(login):
    xian = login("xian")
    answer = upload(xian, xlsx(GOOD))
    assert answer.status_code == 302
    address = answer["Location"]
    draft = xian.get(address).content.decode()
    assert "留言.xlsx" in draft
    assert "2 行可以导入" in draft
    assert "没有这一天或这个时刻" in draft
    assert xian.post(f"{address}start/", choices()).status_code == 302
    waiting = xian.get(address).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    found = Import.objects.get()
    actions.work_on(found.id)
    done = xian.get(f"{address}progress/").content.decode()
    assert "hx-trigger" not in done
    assert "<html" not in done, "a part is no page"
    assert "第 4 行" in done
    errors = xian.get(f"{address}errors.xlsx")
    assert "attachment" in errors["Content-Disposition"]
    assert rules.read_table(errors.content).rows[0].at(0) == 3
    assert "留言.xlsx" in xian.get("/desk/import/").content.decode()
    assert Case.objects.count() == 2


def test_the_check_knows_what_is_in_already_and_what_comes_twice(login):
    xian, rows = login("xian"), [HEADER, *(message(number) for number in (1, 2))]
    address = upload(xian, xlsx([*rows, message(2, text="别的事"), message(1)]))["Location"]
    page = xian.get(address).content.decode()
    assert "2 行可以导入；1 行已经有了，不会重复；1 行有问题" in page
    assert "这个编号已经导入过，但内容不同" in page
    xian.post(f"{address}start/", choices())
    actions.work_on(Import.objects.get().id)
    again = xian.get(upload(xian, xlsx(rows))["Location"]).content.decode()
    assert "0 行可以导入；2 行已经有了，不会重复" in again


def test_the_check_tells_of_orders_without_a_number(login):
    xian, file = login("xian"), SimpleUploadedFile("工单.xlsx", xlsx([HEADER, message("")]))
    answer = xian.post("/desk/import/", {"file": file, "channel": "hotline"}, follow=True)
    assert "没有编号 × 1" in answer.content.decode()


def test_a_hotlines_place_is_known_and_a_table_without_one_says_so(login):
    xian = login("xian")
    for head, told in (("诉求地点", False), ("备注", True)):
        rows = [[*HEADER, head], [*message(1), "新桥社区2号楼"]]
        page = xian.get(upload(xian, xlsx(rows))["Location"]).content.decode()
        assert ("没有选“地点”一列" in page) == told


def test_rows_are_read_by_who_brought_them_alone(login, county, key):
    """Another one over the same county sees how far it is, and nobody's name or phone."""
    county.accounts |= people.add_accounts_with_posts(
        [NewPerson("xianer", "县二", (NewPost(f"centre-{COUNTY}", "receptionist"),))],
        county=COUNTY, password_hash="!", must_change_password=False, actor=SETTING_UP,
    )  # fmt: skip
    told = ["李秀兰", "13812345678", "柳树村三社12号"]
    rows = [[*HEADER, "手机号", "地址"]]
    for number, when in ((1, "2019/1/3"), (2, "2019/2/30")):
        row = message(number, time=when)
        rows.append([row[0], told[0], *row[2:], *told[1:]])
    xian, other = login("xian"), login("xianer")
    address = upload(xian, xlsx(rows))["Location"]
    typed = choices(column7="phone", column8="place")

    def shown(client) -> list[bool]:
        found = [client.get(address).content.decode()]
        found.append(client.post(f"{address}check/", typed).content.decode())
        return [masked in page for page in found for masked in ("李*", "柳树村三社***")]

    assert shown(xian) == [True] * 4
    assert shown(other) == [False] * 4
    for page in (client.get(address).content.decode() for client in (xian, other)):
        assert not [each for each in told if each in page]
    xian.post(f"{address}start/", typed)
    found = Import.objects.get()
    actions.work_on(found.id)
    page = other.get(address).content.decode()
    assert "没有这一天或这个时刻" in page
    assert "errors.xlsx" not in page
    by_app = f"/api/v1/imports/{found.id}/errors"
    assert other.get(f"{address}errors.xlsx").status_code == other.get(by_app).status_code == 403
    bearer = {"Authorization": f"Bearer {key('xian')}"}
    for mine in (xian.get(f"{address}errors.xlsx"), Client().get(by_app, headers=bearer)):
        assert rules.read_table(mine.content).rows[0].at(7) == told[1]


def test_the_check_tells_what_another_map_would_come_to(login):
    xian = login("xian")
    address = upload(xian, xlsx(GOOD))["Location"]
    now = xian.post(f"{address}check/", choices(odd_dates="now")).content.decode()
    assert "3 行可以导入" in now
    assert "<html" not in now
    without = choices(column2="", column4="")
    refused = xian.post(f"{address}check/", without)
    assert refused.status_code == 422
    assert "至少要有一个" in refused.content.decode()
    twice = xian.post(f"{address}start/", choices(column2="text"))
    assert twice.status_code == 422
    assert "每个字段只能对应一列" in twice.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 nonsense", "读不懂这个文件"),
        (xlsx([HEADER]), "没有数据行"),
        (b"this is no workbook", "读不懂这个文件"),
        (b"", "空的"),
    ],
)
def test_a_file_that_is_none_is_refused_beside_its_field(login, data, words):
    answer = upload(login("xian"), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Import.objects.exists()


def test_pages_ask_for_the_right(login, rita, county):
    assert login("shui").get("/desk/import/").status_code == 403
    assert "/desk/sign-in/" in rita.get("/desk/import/")["Location"]
    address = upload(login("xian"), xlsx(GOOD))["Location"]
    absent = address.replace(address.split("/")[-2], "019353a0-0000-7000-8000-000000000000")
    assert login("cun").get(address).status_code == login("cun").get(absent).status_code == 404


def test_stop_go_on_and_drop(login):
    xian = login("xian")
    address = upload(xian, xlsx(GOOD))["Location"]
    assert xian.post(f"{address}stop/").status_code == 409
    xian.post(f"{address}start/", choices())
    assert xian.post(f"{address}drop/").status_code == 409
    assert xian.post(f"{address}stop/").status_code == 302
    assert "从停下的地方继续" in xian.get(address).content.decode()
    assert xian.post(f"{address}go-on/").status_code == 302
    assert Import.objects.get().state == "waiting"
    other = upload(xian, xlsx(GOOD))["Location"]
    assert xian.post(f"{other}drop/").status_code == 302
    assert Import.objects.count() == 1


def test_the_template_is_understood_in_both_languages(login):
    xian = login("xian")
    for language in ("zh-hans", "en"):
        answer = xian.get("/desk/import/template.xlsx", headers={"accept-language": language})
        table = rules.read_table(answer.content)
        found = rules.guess_columns(table.header)
        assert set(found) == {field.value for field in rules.Field}, table.header


@pytest.fixture
def api(county):
    """The router alone, as the root mounts it."""
    api = NinjaAPI(urls_namespace="imports-under-test")
    api.add_router("", router)

    class Client(TestClient):
        def _build_request(self, *args, **values):
            request = super()._build_request(*args, **values)
            vars(request)["actor"] = county.actor("xian")
            return request

    return Client(api)


def test_the_api_takes_a_file_and_tells_how_far_it_is(api, county):
    columns = json.dumps({"number": 0, "title": 2, "time": 3, "text": 4})
    sent = api.post(
        "/imports",
        data={"channel": "mailbox", "columns": columns},
        FILES={"file": SimpleUploadedFile("x.xlsx", xlsx(GOOD))},
    )
    assert sent.status_code == 202
    body = json.loads(sent.content)
    assert (body["state"], body["total"]) == ("waiting", 3)
    actions.work_on(body["id"])
    found = json.loads(api.get(f"/imports/{body['id']}").content)
    assert (found["state"], found["added"], found["failed"]) == ("done", 2, 1)
    assert found["faults"][0]["rows"] == 1
    assert json.loads(api.get("/imports").content)["items"][0]["id"] == body["id"]
    errors = api.get(f"/imports/{body['id']}/errors").content
    assert len(rules.read_table(errors).rows) == 1
    assert set(Case.objects.values_list("channel", flat=True)) == {"mailbox"}


def test_the_command_imports_and_leaves_a_file_of_wrong_rows(county, tmp_path):
    file = tmp_path / "留言.csv"
    file.write_bytes(
        csv_file([["甲", "乙", "丙"], ["1", "路灯不亮", "昨天"], ["2", "井盖", "2019-1-3"]])
    )
    wanted = ["messages", str(file), "--column", "number=甲", "--column", "text=乙"]
    bad = CliRunner().invoke(app, [*wanted, "--column", "time=丁"])
    assert isinstance(bad.exception, Stopped)
    done = CliRunner().invoke(app, [*wanted, "--column", "time=丙"])
    assert done.exit_code == 2, done.output
    assert "新增 1 added" in done.stdout
    assert len(rules.read_table((tmp_path / "留言-错误行.xlsx").read_bytes()).rows) == 1
    again = CliRunner().invoke(app, [*wanted, "--column", "time=丙", "--odd-dates", "now"])
    assert again.exit_code == 0
    assert "新增 1 added + 已有 1 known" in again.stdout
    assert reads.imports(county.actor("xian"), county=COUNTY).count() == 2


def test_the_places_command_tells_rows_and_reasons(county, tmp_path):
    file = tmp_path / "divisions.csv"
    file.write_text("code,name\n990101103,新设镇\n990101103201,新设村\n99x,错\n", encoding="utf-8")
    done = CliRunner().invoke(places_app, ["import", str(file), "--on", "2026-01-01"])
    assert done.exit_code == 2
    assert "新增 / added" in done.stdout
    assert "99x" in done.stderr
    assert Area.objects.filter(path="990101103201").exists()
    outline = tmp_path / "outline.json"
    outline.write_text("{}", encoding="utf-8")
    undated = CliRunner().invoke(places_app, ["import", str(outline)])
    assert isinstance(undated.exception, Stopped)
    assert "--datum" in str(undated.exception)
    changes = tmp_path / "changes.csv"
    changes.write_text("县,代码,原名,新名\n朔渭县,990101103,新设镇,新立镇\n", encoding="utf-8")
    changed = CliRunner().invoke(places_app, ["import", str(changes), "--on", "2026-06-01"])
    assert changed.exit_code == 0, changed.exception
    assert Area.objects.get(path="990101103", valid_to=None).name == "新立镇"
