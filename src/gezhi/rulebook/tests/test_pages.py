"""The administration of the rulebook through its pages."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gezhi.base import clock
from gezhi.rulebook import reads
from gezhi.rulebook.models import Version
from gezhi.rulebook.tests.books import files_with, line_of

ROOT = "/desk/admin/rulebook/"
QUICKER = ("deadlines.toml", 'within = "1 hour"', 'within = "30 minutes"')
BROKEN = ("deadlines.toml", 'within = "1 hour"', 'within = "soon"')

Login = Callable[[str], Client]


@pytest.fixture
def guan(login: Login) -> Client:
    """The administrator's browser."""
    return login("guan")


def upload(client: Client, files: dict[str, str], *names: str) -> Any:
    sent = [SimpleUploadedFile(name, files[name].encode()) for name in names]
    return client.post(f"{ROOT}check/", {"upload": sent})


def shown_form(answer: Any) -> dict[str, str]:
    """What the check page's hidden fields hold."""
    form = answer.context["form"]
    return {"texts": form["texts"].value(), "against": str(form["against"].value())}


def test_the_overview_shows_what_is_in_force_and_finds_categories(guan: Client) -> None:
    page = guan.get(ROOT)
    assert page.status_code == 200
    assert "暴露垃圾" in page.text
    assert "第 1 版" in page.text
    found = guan.get(ROOT, {"q": "井盖"})
    keys = [row["category"].key for row in found.context["categories"]]
    assert "utility.manhole" in keys
    assert "env.toilet" not in keys
    group = guan.get(ROOT, {"group": "edu"})
    assert {row["category"].group for row in group.context["categories"]} == {"edu"}
    assert "没有符合的事项" in guan.get(ROOT, {"q": "无此词条"}).text


def test_the_overview_in_english_shows_no_chinese_of_its_own(guan: Client) -> None:
    page = guan.get(ROOT, headers={"accept-language": "en"})
    assert "Exposed rubbish" in page.text
    assert "1 working day" in page.text
    assert "7 working days" in page.text
    assert "办结" not in page.text


ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n"
    "DTSTART;VALUE=DATE:20261123\r\nSUMMARY:县庆放假\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def send_calendar(client: Client, text: str, days: str = "local") -> Any:
    sent = SimpleUploadedFile("days.ics", text.encode())
    return client.post(f"{ROOT}calendar/import/", {"calendar": sent, "days": days})


def test_a_calendar_is_imported_after_its_changes_were_seen(guan: Client) -> None:
    seen = send_calendar(guan, ICS)
    assert seen.status_code == 200
    (row,) = seen.context["changes"]
    assert (row["change"].key, str(row["before"]), str(row["after"])) == ("2026-11-23", "", "放假")
    assert Version.objects.count() == 1, "nothing is in force before the yes"
    done = guan.post(f"{ROOT}apply/", {**shown_form(seen), "note": "县庆"})
    assert done.status_code == 302
    page = guan.get(ROOT)
    assert "县庆放假" in page.text
    out = guan.get(f"{ROOT}calendar/export/")
    assert out.headers["Content-Type"] == "text/calendar"
    assert "UID:20261123-off-local@" in out.text
    again = send_calendar(guan, out.text)
    assert "没有变化" in again.text


def test_a_calendar_that_cannot_be_read_is_told_line_by_line(guan: Client) -> None:
    answer = send_calendar(guan, ICS.replace("20261123", "20261123T090000"))
    assert answer.status_code == 422
    (problem,) = answer.context["problems"]
    assert (problem.file, problem.line, problem.code) == ("days.ics", 4, "ics_timed")
    part = send_calendar(guan, ICS, "official")
    assert part.status_code == 422
    assert "2026 年的安排不完整" in part.text
    large = send_calendar(guan, ICS + " " * 1024 * 1024)
    assert large.status_code == 422
    assert "日历文件太大" in large.text
    nothing = guan.post(f"{ROOT}calendar/import/", {"days": "local"})
    assert nothing.status_code == 422
    assert "请选择要上传的文件" in nothing.text
    assert send_calendar(guan, ICS, "moon").status_code == 422


def test_the_calendar_and_the_ladders_are_shown(guan: Client) -> None:
    page = guan.get(ROOT)
    for words in ("夏令", "08:30–12:00", "14:30–18:00", "便民服务", "09:00–17:00", "05-01"):
        assert words in page.text
    assert "当时：承办单位负责人 → 2 个工作小时：本级中心督办员" in page.text
    english = guan.get(ROOT, headers={"accept-language": "en"})
    assert "At once: heads of the holding unit" in english.text


@pytest.mark.parametrize(
    ("now", "style", "words"),
    [
        ("2026-10-31T04:00", None, None),
        ("2026-11-22T04:00", "alert-warning", "请在年底前导入"),
        ("2026-12-29T04:00", "alert-danger", "现在的时限已经会算到那一年"),
    ],
)
def test_from_november_on_a_banner_asks_for_the_next_year(
    guan: Client, monkeypatch: pytest.MonkeyPatch, now: str, style: str | None, words: str | None
) -> None:
    standing = datetime.fromisoformat(now).replace(tzinfo=UTC)
    known = reads.current(settings.COUNTY)
    official = replace(known.calendar.official, years=frozenset({2025, 2026}))
    book = replace(known, calendar=replace(known.calendar, official=official))
    with clock.standing_at(standing):
        guan.get(ROOT)  # signed in before
        monkeypatch.setattr(reads, "current", lambda county: book)
        page = guan.get(ROOT)
    found = re.search(r'class="alert (\S+)" role="alert" id="unknown-year"', page.text)
    assert (found and found[1]) == style
    assert words is None or words in page.text


@pytest.mark.parametrize(
    "path", ["", "categories/env.other/", "versions/1/", "versions/1/export/", "calendar/export/"]
)
def test_only_those_who_manage_the_rulebook_see_it(path: str, login: Login, rita: Client) -> None:
    assert rita.get(ROOT + path).status_code == 302
    assert login("shui").get(ROOT + path).status_code == 403
    assert login("guan").get(ROOT + path).status_code == 200


def test_a_category_tells_whom_it_goes_to(guan: Client) -> None:
    page = guan.get(f"{ROOT}categories/build.illegal/")
    assert "停工" in page.text
    assert "4 个工作小时" in page.text
    assert "城市管理综合执法局" in page.text
    assert guan.get(f"{ROOT}categories/no.such/").status_code == 422


def test_upload_check_and_apply(guan: Client) -> None:
    checked = upload(guan, files_with(*QUICKER), "deadlines.toml")
    assert checked.status_code == 200
    assert [str(row["change"]) for row in checked.context["changes"]] == [
        "~ due forward within: 1 hour → 30 minutes"
    ]
    assert Version.objects.count() == 1, "a check applies nothing"
    applied = guan.post(f"{ROOT}apply/", shown_form(checked) | {"note": "加快转办"}, follow=True)
    assert applied.redirect_chain == [(f"{ROOT}versions/2/", 302)]
    assert "加快转办" in applied.text
    assert Version.objects.get(is_current=True).number == 2


def test_a_broken_upload_shows_file_line_and_reason(guan: Client) -> None:
    files = files_with(*BROKEN)
    answer = upload(guan, files, "deadlines.toml")
    assert answer.status_code == 422
    (problem,) = answer.context["problems"]
    assert (problem.file, problem.line) == (
        "deadlines.toml",
        line_of(files["deadlines.toml"], 'within = "soon"'),
    )
    assert "时长“soon”读不懂" in answer.text
    assert Version.objects.count() == 1


def test_a_zip_goes_round(guan: Client) -> None:
    exported = guan.get(f"{ROOT}versions/1/export/")
    content = exported.content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == (
            reads.default_files()
        )
    answer = guan.post(f"{ROOT}check/", {"upload": SimpleUploadedFile("all.zip", content)})
    assert answer.status_code == 200
    assert answer.context["changes"] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("all.zip", b"no zip at all"),
        ("all.zip", b"PK\x05\x06" + b"\0" * 18),
        ("deadlines.toml", b"\xff\xfe\x00"),
        ("deadlines.toml", b"name = 'a\x00b'"),
        ("deadlines.toml", b"x" * (2 * 1024 * 1024 + 1)),
    ],
    ids=["not a zip", "empty zip", "not UTF-8", "zero byte", "too large"],
)
def test_an_upload_that_cannot_be_read_is_refused_in_words(
    guan: Client, name: str, content: bytes
) -> None:
    answer = guan.post(f"{ROOT}check/", {"upload": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert "上传的文件读不了" in answer.text


def _zip(files: list[tuple[str, str]], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_one_wrong_byte_is_refused_wherever_it_is(guan: Client, packing: int) -> None:
    whole = _zip([("deadlines.toml", reads.default_files()["deadlines.toml"])], packing)
    begin = 30 + len("deadlines.toml")
    codes = set()
    for at in range(begin, len(whole), 97):
        broken = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        answer = guan.post(f"{ROOT}check/", {"upload": SimpleUploadedFile("a.zip", broken)})
        codes.add(answer.status_code)
        assert answer.status_code == 200 or "上传的文件读不了" in answer.text
    assert 422 in codes
    assert codes <= {200, 422}


def test_what_a_mac_puts_beside_each_file_is_passed_over(guan: Client) -> None:
    text = reads.default_files()["deadlines.toml"]
    content = _zip([("规则/deadlines.toml", text), ("__MACOSX/规则/._deadlines.toml", "\x00\x05")])
    answer = guan.post(f"{ROOT}check/", {"upload": SimpleUploadedFile("all.zip", content)})
    assert answer.status_code == 200
    assert answer.context["changes"] == []


@pytest.mark.parametrize("is_one_zip", [True, False])
def test_two_files_of_one_name_are_refused_by_that_name(guan: Client, is_one_zip: bool) -> None:
    text = reads.default_files()["deadlines.toml"]
    quicker = files_with(*QUICKER)["deadlines.toml"]
    if is_one_zip:
        packed = _zip([("旧/deadlines.toml", text), ("新/deadlines.toml", quicker)])
        sent = [SimpleUploadedFile("all.zip", packed)]
    else:
        packed = _zip([("旧/deadlines.toml", text)])
        sent = [
            SimpleUploadedFile("all.zip", packed),
            SimpleUploadedFile("deadlines.toml", quicker.encode()),
        ]
    answer = guan.post(f"{ROOT}check/", {"upload": sent})
    assert answer.status_code == 422
    assert "有两个 deadlines.toml" in answer.text


def test_a_zip_that_would_fill_the_memory_is_refused(guan: Client) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deadlines.toml", b"#" * (50 * 1024 * 1024))
    assert len(out.getvalue()) < 100_000
    answer = guan.post(f"{ROOT}check/", {"upload": SimpleUploadedFile("a.zip", out.getvalue())})
    assert answer.status_code == 422


def test_nothing_uploaded_and_files_of_unknown_names_are_told(guan: Client) -> None:
    assert "请选择要上传的文件" in guan.post(f"{ROOT}check/", {}).text
    sent = SimpleUploadedFile("notes.toml", b"a = 1")
    answer = guan.post(f"{ROOT}check/", {"upload": sent})
    assert answer.status_code == 422
    assert answer.context["problems"][0].code == "file_unknown"


def test_a_note_is_needed_and_nothing_typed_is_lost(guan: Client) -> None:
    checked = upload(guan, files_with(*QUICKER), "deadlines.toml")
    answer = guan.post(f"{ROOT}apply/", shown_form(checked) | {"note": ""})
    assert answer.status_code == 422
    assert shown_form(answer) == shown_form(checked)
    assert Version.objects.count() == 1


def test_who_checked_against_an_older_version_must_look_again(guan: Client) -> None:
    checked = upload(guan, files_with(*QUICKER), "deadlines.toml")
    other = files_with("deadlines.toml", 'within = "10 minutes"', 'within = "15 minutes"')
    first = upload(guan, other, "deadlines.toml")
    guan.post(f"{ROOT}apply/", shown_form(first) | {"note": "先到"})
    late = guan.post(f"{ROOT}apply/", shown_form(checked) | {"note": "后到"})
    assert late.status_code == 422
    assert "刚被别人更新过" in late.text
    assert Version.objects.count() == 2
    again = guan.post(f"{ROOT}apply/", shown_form(late) | {"note": "后到"})
    assert again.status_code == 302
    assert Version.objects.count() == 3


@pytest.mark.parametrize("texts", ["", "no json", "[]", '{"a": 1}', json.dumps({"x.toml": ""})])
def test_a_forged_apply_applies_nothing(guan: Client, texts: str) -> None:
    answer = guan.post(f"{ROOT}apply/", {"texts": texts, "against": "1", "note": "x"})
    assert answer.status_code in {302, 422}
    assert Version.objects.count() == 1


def test_an_older_version_can_be_put_in_force_again(guan: Client) -> None:
    checked = upload(guan, files_with(*QUICKER), "deadlines.toml")
    guan.post(f"{ROOT}apply/", shown_form(checked) | {"note": "试行"})
    page = guan.get(f"{ROOT}versions/2/")
    assert "1 hour" in page.text
    back = guan.post(f"{ROOT}versions/1/check/")
    assert len(back.context["changes"]) == 1
    guan.post(f"{ROOT}apply/", shown_form(back) | {"note": "恢复"})
    now = Version.objects.get(is_current=True)
    assert (now.number, now.files) == (3, reads.default_files())
