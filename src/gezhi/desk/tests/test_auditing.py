"""The audit at the desk: only for who audits; searched, exported, checked, anchored."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.base.fact import Fact
from gezhi.cases import actions as cases
from gezhi.cases.actions import Reported
from gezhi.cases.models import Case, Report
from gezhi.desk import actions
from gezhi.desk.models import Verification
from gezhi.desk.pages.told import names_of, told
from gezhi.people import actions as people
from gezhi.people.models import Post
from gezhi.record import actions as record
from gezhi.record import adapters
from gezhi.record.models import AuditLine, Line
from gezhi.record.rules import AuditKind
from gezhi.retention import actions as retention
from tests.cast import COUNTY, SETTING_UP, VILLAGE, County, report_leak


@pytest.fixture
def shen(login: Callable[[str], Client]) -> Client:
    """The audit administrator, signed in."""
    return login("shen")


def rows(answer: Any) -> list[str]:
    text = answer.content.decode()
    body = text[text.index("<tbody>") : text.index("</tbody>")]
    return [re.sub(r"<[^>]+>|\s+", " ", row) for row in body.split("<tr>")[1:]]


def look(county: County, reported: Reported, reason: str) -> None:
    record.note_opening(
        about=f"report:{reported.report.id}", field="phone", reason=reason, county=COUNTY,
        actor=county.actor("cun"), now=clock.now(),
    )  # fmt: skip


ADDRESSES = ["audit/", "audit/export.xlsx", "audit/anchors/", "audit/anchors/1/",
             "audit/verify/progress/"]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_whose_post_is_a_village_reads_nothing_of_the_county(
    county: County, login: Callable[[str], Client], address: str
) -> None:
    Post.objects.filter(account=county.accounts["shen"]).update(path=VILLAGE)
    assert login("shen").get(f"/desk/{address}").status_code == 403


@pytest.mark.parametrize("who", ["guan", "xian", "du", "wang"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_only_who_audits_sees_the_audit(
    login: Callable[[str], Client], who: str, address: str
) -> None:
    assert login(who).get(f"/desk/{address}").status_code == 403
    for act in ("audit/verify/", "audit/anchors/make/"):
        assert login(who).post(f"/desk/{act}").status_code == 403


def test_the_api_gives_the_audit_to_who_audits_alone(
    shen: Client, login: Callable[[str], Client], county: County
) -> None:
    body = shen.get("/api/v1/audit?kind=rights&limit=1").json()
    assert [each["kind"] for each in body["items"]] == ["rights"]
    assert body["next"]
    assert login("guan").get("/api/v1/audit").status_code == 403


def test_lines_are_told_with_name_and_unit_and_found_by_filters(
    shen: Client, county: County, reported: Reported
) -> None:
    look(county, reported, "核实漏水的地方")
    look(county, reported, "约上门时间")
    (row,) = rows(shen.get("/desk/audit/?kind=opening&words=漏水"))
    assert "村小慧" in row
    assert "柳树村综治中心" in row
    assert "核实漏水的地方" in row
    assert len(rows(shen.get("/desk/audit/?who=cun&kind=opening"))) == 2
    assert len(rows(shen.get("/desk/audit/?who=村小慧&kind=opening"))) == 2
    assert len(rows(shen.get(f"/desk/audit/?about=report:{reported.report.id}"))) == 2
    assert "没有符合条件的" in rows(shen.get("/desk/audit/?who=nobody"))[0]
    assert "没有符合条件的" in rows(shen.get("/desk/audit/?until=2020-01-01"))[0]
    assert len(rows(shen.get("/desk/audit/?since=2020-01-01&kind=opening"))) == 2


def test_a_number_finds_what_was_done_to_the_case_its_reports_its_files_and_its_holds(
    shen: Client, login: Callable[[str], Client], county: County, reported: Reported
) -> None:
    number = reported.case.number
    look(county, report_leak(), "别的工单")
    look(county, reported, "约上门时间")
    hold = retention.hold(number, reason="诉讼", actor=county.actor("an"))
    retention.lift(hold.id, reason="判决生效", actor=county.actor("an"))
    upload = cases.Upload("a.pdf", b"%PDF-1.7", kind="document")
    file = cases.attach(reported.case.id, upload=upload, actor=county.actor("cun"))
    stranger = login("bie")
    assert stranger.get(f"/desk/cases/{number}/").status_code == 404
    assert stranger.get(f"/desk/cases/files/{file.id}/").status_code == 404
    found = rows(shen.get(f"/desk/audit/?about={number}"))
    assert len(found) == 5, "the other case's opening is not among them"
    assert all(number in row for row in found), "each says which case it was"
    for words in ("约上门时间", "查看了电话", "留住", "解除了保留", "判决生效", "工单的附件"):
        assert words in "".join(found), words
    sheet = shen.get(f"/desk/audit/export.xlsx?about={number}").content
    assert (
        len(CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()) == 6
    )


def test_the_number_leads_to_the_case_whom_it_may_be_shown_to(
    shen: Client, county: County, reported: Reported
) -> None:
    look(county, reported, "约上门时间")
    to_case = f'href="/desk/cases/{reported.case.number}/"'
    assert to_case not in shen.get("/desk/audit/").content.decode()
    Post.objects.filter(account=county.accounts["cun"]).update(account=county.accounts["shen"])
    assert to_case in shen.get("/desk/audit/").content.decode()


def test_what_an_area_or_a_person_is_called_finds_what_is_about_them(
    shen: Client, county: County
) -> None:
    retention.hold(VILLAGE, reason="审计", actor=county.actor("an"))
    assert "留住" in "".join(rows(shen.get(f"/desk/audit/?about={VILLAGE}")))
    people.change_account(county.accounts["cun"].id, name="村大慧", actor=SETTING_UP)
    assert "改了村大慧的姓名或名称" in "".join(rows(shen.get("/desk/audit/?about=村大慧")))


SAID = [
    ("sign_in", {"factor": "", "provider": False}, "用密码登录", "With password"),
    ("sign_in_failed", {"step": "password"}, "密码不对", "Wrong password"),
    ("opening", {"field": "phone"}, "查看了电话", "Looked at: Phone"),
    (
        "refused", {"code": "not_allowed", "page": "people:keys", "asked": "", "method": "GET"},
        "想打开：加密密钥，岗位不够",
        "Tried to open: Encryption keys. Their post does not allow it",
    ),
    ("retention", {"about": "990101", "held": False}, "解除了保留：朔渭县 990101", None),
    ("backup", {"work": "write", "fine": False}, "备份没有成功", "Backup failed"),
    ("backup", {"work": "went back", "anchors": 2, "first": "a", "last": "b", "folder": "lost"},
     "退回到较早的记录，a 到 b 的 2 个锚点移到 lost", None),
    ("export", {"page": "desk:audit_export", "asked": "kind", "bytes": 2048, "method": "GET"},
     "导出：审计；条件：种类；文件大小 2.0\xa0KB", None),
    ("security", {"brandnew": 7, "other": None}, "brandnew 7", "brandnew 7"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "words", "english"), SAID)
def test_what_a_line_says_is_said_in_sentences(
    county: County, kind: str, data: dict[str, Any], words: str, english: str | None
) -> None:
    line = AuditLine(kind=kind, data=data, actor="system:x", about="")
    assert "；".join(told(line, names_of([line]))) == words
    with override("en"):
        assert english is None or told(line, names_of([line])) == [english]


def test_ids_of_people_and_units_are_told_by_name(shen: Client, county: County) -> None:
    people.delegate_post(
        Post.objects.get(account=county.accounts["xian"]).id, to=county.accounts["du"].id,
        until=timezone.localdate(clock.now()), actor=county.actor("xian"),
    )  # fmt: skip
    row = rows(shen.get("/desk/audit/?kind=rights"))[0]
    assert "县小军把" in row
    assert "受理员委托给督小严" in row
    assert not re.search("[0-9a-f]{8}-", row)


def test_many_lines_ask_no_more_than_few(shen: Client, county: County, reported: Reported) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            shen.get("/desk/audit/")
        return len(seen)

    def happen() -> None:
        look(county, reported, "约上门时间")
        retention.hold(VILLAGE, reason="审计", actor=county.actor("an"))

    happen()
    asked()
    few = asked()
    for _at in range(5):
        happen()
    assert asked() == few


@pytest.mark.parametrize(
    "fact", [each for each in Fact.__subclasses__() if each.audited], ids=lambda each: each.kind
)
def test_every_fact_that_the_audit_tells_has_its_words(county: County, fact: type[Fact]) -> None:
    data = dict.fromkeys(fact.__annotations__, 1) | {"fact": fact.kind}
    data |= {name: "2026-11-23" for name in ("on", "until")} | {"fields": "name"}
    line = AuditLine(kind=fact.audited, data=data, actor="system:x", about="")
    said = told(line, names_of([]))
    assert not any(fact.kind in each for each in said), "add it to pages/sentences.py"


def test_nothing_of_a_case_is_on_the_page(shen: Client, county: County, handled: Case) -> None:
    for report in Report.objects.filter(case=handled):
        record.note_opening(
            about=f"report:{report.id}", field="phone", reason="约上门", county=COUNTY,
            actor=county.actor("shui"), now=clock.now(),
        )  # fmt: skip
    text = "".join(rows(shen.get("/desk/audit/")))
    for word in ("13812345678", "李秀兰", "水管破裂", "三社12号"):
        assert word not in text
    assert shen.get(f"/desk/cases/{handled.number}/").status_code in (403, 404)


def test_pages_go_on_by_key(shen: Client, county: County) -> None:
    for number in range(60):
        record.note(
            AuditKind.BACKUP, actor=SETTING_UP, county=COUNTY, about=f"x:{number}", now=clock.now()
        )
    first = shen.get("/desk/audit/?kind=backup")
    assert len(rows(first)) == 50
    cursor = re.search(r"cursor=([\w-]+)", first.content.decode())
    assert cursor
    rest = rows(shen.get(f"/desk/audit/?kind=backup&cursor={cursor[1]}"))
    assert len(rest) == 10
    assert "x:0 " in rest[-1]


def test_the_export_is_what_is_shown_and_itself_on_the_audit(
    shen: Client, county: County, reported: Reported
) -> None:
    look(county, reported, "=1+1 核实")
    answer = shen.get("/desk/audit/export.xlsx?kind=opening")
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0)
    header, line = sheet.to_python()
    assert header[2:4] == ["人员", "机构"]
    assert line[1:4] == ["查看密封信息", "村小慧", "柳树村综治中心"]
    made = AuditLine.objects.get(kind="export")
    assert made.data["page"] == "desk:audit_export"
    assert made.actor == f"account:{county.accounts['shen'].id}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    """No anchors in files but those a test keeps."""
    settings.GEZHI_HOME = tmp_path


def finish_check(id: UUID) -> Verification:
    while actions.work_on_verification(id, seconds=0.01):
        pass
    return Verification.objects.get(pk=id)


def test_a_check_is_asked_for_goes_on_in_slices_and_says_the_books_are_whole(
    shen: Client, county: County, handled: Case
) -> None:
    assert "还没有核对过" in shen.get("/desk/audit/anchors/").content.decode()
    record.seal_lines(list(Line.objects.order_by("xid", "id")), now=clock.now())
    assert shen.post("/desk/audit/verify/").status_code == 302
    check = Verification.objects.get()
    assert "正在逐行核对" in shen.get("/desk/audit/verify/progress/").content.decode()
    shen.post("/desk/audit/verify/")
    assert Verification.objects.count() == 1, "one that runs is shown instead of another"
    done = finish_check(check.id)
    assert (done.count, done.done, done.finished_at is None) == (0, done.total, False)
    assert "没有被改动、删除或换序的" in shen.get("/desk/audit/anchors/").content.decode()


def test_a_check_names_what_was_changed(shen: Client, county: County, handled: Case) -> None:
    record.seal_lines(list(Line.objects.order_by("xid", "id")), now=clock.now())
    line = Line.objects.order_by("id")[2].id
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE record_line SET actor = 'account:1' WHERE id = %s", [line])
        cursor.execute("UPDATE cases_historyline SET act = 'x' WHERE seq = 2")
        cursor.execute("SET LOCAL session_replication_role = origin")
    shen.post("/desk/audit/verify/")
    done = finish_check(Verification.objects.get().id)
    assert done.count == 2
    text = shen.get("/desk/audit/anchors/").content.decode()
    assert f"事实册第 {line} 行被改动" in text
    assert f"工单 {handled.number}：第 2 行被改动" in text


def test_of_two_checks_asked_for_in_one_moment_the_database_keeps_one(
    shen: Client, county: County
) -> None:
    """The second click knows nothing of the first, whose transaction has not ended."""
    shen.post("/desk/audit/verify/")
    first = Verification.objects.get()
    other = Verification(
        county=COUNTY, account_id=first.account_id, part="facts", asked_at=clock.now(),
        touched_at=clock.now(), total=1,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="desk_verification_one_open"), transaction.atomic():
        other.save()
    finish_check(first.id)
    shen.post("/desk/audit/verify/")
    assert Verification.objects.count() == 2, "one that is finished is no hindrance"


def test_a_check_at_the_desk_compares_the_anchors_in_files_too(
    shen: Client, county: County, handled: Case
) -> None:
    now = clock.now()
    record.seal_lines(list(Line.objects.order_by("xid", "id")), now=now)
    made = record.make_anchor(county=COUNTY, day=now.date(), now=now)
    assert made
    path = adapters.keep_anchor(made)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM record_anchor")
        cursor.execute("SET LOCAL session_replication_role = origin")
    shen.post("/desk/audit/verify/")
    finish_check(Verification.objects.get().id)
    text = shen.get("/desk/audit/anchors/").content.decode()
    assert f"锚点 {path.name} 不在数据库里" in text


def test_an_anchor_is_made_and_printed_as_a_sheet_with_a_code(
    shen: Client, county: County, handled: Case
) -> None:
    empty = shen.post("/desk/audit/anchors/make/", follow=True).content.decode()
    assert "还没有锚点" in empty
    record.seal_lines(list(Line.objects.order_by("xid", "id")), now=clock.now())
    sheet = shen.post("/desk/audit/anchors/make/", follow=True).content.decode()
    assert "gezhi anchor 1" in sheet
    assert "<svg" in sheet


def test_lines_that_nobody_seals_are_told(shen: Client, county: County) -> None:
    written = AuditLine.objects.earliest("at").at
    with clock.standing_at(written + timedelta(minutes=1)):
        assert "还没有封存" not in shen.get("/desk/audit/").content.decode()
    with clock.standing_at(written + timedelta(minutes=10)):
        assert "还没有封存" in shen.get("/desk/audit/").content.decode()
