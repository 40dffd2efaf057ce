"""Why something did not go in is kept as a code with its values, and worded for whoever reads."""

import base64
import re

import pytest
from django.test import Client

from gezhi.cases.errors import FileRefused
from gezhi.intake import rules
from gezhi.intake.models import Fault, Import, ImportRow, Received
from gezhi.intake.tests.files import HEADER, message, xlsx
from gezhi.intake.tests.sending import sample, send

HAN = re.compile("[\u4e00-\u9fff]")


def test_reasons_are_told_in_the_language_of_the_page(login, source):
    document = base64.b64encode(b"MZ no picture").decode()
    send(source, sample("1", where={"lng": 10.0, "lat": 35.0}))
    send(source, sample("2", images=[{"data": document}]))
    send(source, sample("3", at="昨天"))
    send(source, b"")
    stored = [*Received.objects.values_list("detail", flat=True)]
    stored += Fault.objects.values_list("detail", flat=True)
    assert not HAN.search("".join(stored))
    guan, address = login("guan"), f"/desk/admin/sources/{source.id}/"
    zh = guan.get(address).content.decode()
    for told in ("这个位置不在本辖区内", "“1.jpg”不能上传：这不是能打开的照片", "读不懂这个时间"):
        assert told in zh
    en = guan.get(address, headers={"accept-language": "en"}).content.decode()
    for told in ("这个位置不在本辖区内", "不能上传", "读不懂"):
        assert told not in en


def test_what_was_sent_as_a_whole_is_refused_in_the_sender_s_language_too(source):
    send(source, b"{")
    detail = Fault.objects.get().detail
    assert rules.worded(detail) == "读不懂发来的内容：不是 JSON：第 1 行第 2 个字"
    answer = Client().post(
        f"/api/v1/sources/{source.id}/messages", headers={"accept-language": "en"}
    )
    assert not HAN.search(answer.json()["detail"])


def test_rows_of_a_file_too(bring, login):
    found = bring(xlsx([HEADER, message(1)]), channel="board")
    assert found.failed == 0
    Import.objects.update(added=0, failed=1)
    ImportRow.objects.update(
        outcome="failed", reason="case_file_refused",
        detail=rules.stored_refusal(FileRefused(name="a.pdf", why="too_large", mb=10)),
    )  # fmt: skip
    address = f"/desk/import/{found.id}/"
    assert "“a.pdf”不能上传：文件超过 10 MB。" in login("xian").get(address).content.decode()


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("MOVE NO", "MOVE NO"),
        ("老的一句话", "老的一句话"),
        (rules.stored("text_missing"), "正文和标题都是空的"),
        (rules.stored("no_such_code", {"a": 1}), "no_such_code"),
        (rules.stored("source_unreadable", {"why": "他们说的话"}), "读不懂发来的内容：他们说的话"),
    ],
)
def test_what_others_said_and_what_is_older_stands_as_it_is(detail, told):
    assert rules.worded(detail) == told


def test_a_long_value_is_cut_and_leaves_the_words_whole():
    detail = rules.stored("case_file_refused", {"name": "长" * 500, "why": "not_taken"})
    assert len(detail) <= rules.wording.MOST_DETAIL
    assert "长" in rules.worded(detail)
    assert "这种文件不能上传" in rules.worded(detail)


def test_others_words_that_begin_like_ours_are_shown_as_they_are():
    assert rules.worded('{"code": "cut off he') == '{"code": "cut off he'
