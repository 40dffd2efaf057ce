"""All that is kept about somebody, taken home in one file."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.cases.rules.sealed import Field
from gezhi.record.models import AuditLine
from gezhi.residents import actions, jobs
from gezhi.residents.models import Copy
from gezhi.residents.tests.mine import text
from gezhi.residents.tests.signing import OTHER_PHONE, PHONE, Phone, sign_in
from tests.cast import SETTING_UP, TUESDAY, County, plain_reason


def test_everything_comes_in_one_file_just_after_a_code(
    county: County, phone: Phone, rita: Client, handled: Case, reported: cases.Reported
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
        cases.open_field(
            handled.id,
            report=reported.report.id,
            field=Field.PHONE,
            reason="电话核实",
            actor=county.actor("shui"),
        )
        cases.send_back(
            handled.id,
            reason=plain_reason("send_back"),
            words="不要理他",
            actor=county.actor("shui"),
        )
        cases.refuse(handled.id, reason=plain_reason("refuse"), words="归物业管", actor=SETTING_UP)
        assert rita.post("/me/copy/").status_code == 302
        assert "正在整理" in text(rita, "/me/copy/")
        copy = Copy.objects.get()
        jobs.make_copy(str(copy.id))
        assert "做好了" in text(rita, "/me/copy/progress/")
        answer = rita.get("/me/copy/file/")
        assert answer["Content-Type"] == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    body = json.loads(packed.read("data.json"))
    (report,) = body["reports"]
    assert body["phone"] == PHONE
    assert report["contact"] == {"name": "李秀兰", "phone": PHONE, "address": "柳树村三社12号"}
    assert report["who_looked"][0]["reason"] == "电话核实"
    assert report["words"] == handled.what
    told = {step["words"] for step in report["steps"]}
    assert ("归物业管" in told, "不要理他" in told) == (True, False), "as on the page of the case"
    page = packed.read("index.html").decode()
    assert handled.number in page
    assert "· 电话 · 电话核实" in page
    kinds = list(AuditLine.objects.filter(kind="export").values_list("data", flat=True))
    assert [each.get("fetched") for each in kinds if "copy" in each] == [None, True]
    assert PHONE not in str(kinds)


def test_the_file_is_sealed_and_goes_away_in_time(
    own: str, rita: Client, phone: Phone, django_capture_on_commit_callbacks: Any
) -> None:
    rita.post("/me/copy/")
    copy = Copy.objects.get()
    jobs.make_copy(str(copy.id))
    (kept,) = Path(settings.FILES_DIR).glob(f"copies/??/{copy.id.hex}.sealed")
    assert PHONE.encode() not in kept.read_bytes()
    assert not kept.read_bytes().startswith(b"PK")
    over = clock.now() + timedelta(days=3, minutes=1)
    with clock.standing_at(over), django_capture_on_commit_callbacks(execute=True):
        jobs.sweep_copies(0)
    assert not kept.exists()
    assert not Copy.objects.exists()


def test_no_file_without_a_fresh_code_and_none_of_anybody_else(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    with clock.standing_at(TUESDAY):
        sign_in(rita, phone)
        rita.post("/me/copy/")
        jobs.make_copy(str(Copy.objects.get().id))
        other = Client()
        sign_in(other, phone, number=OTHER_PHONE)
        assert other.get("/me/copy/file/").status_code == 302
    with clock.standing_at(TUESDAY + timedelta(minutes=11)):
        assert "确认是您本人" in text(rita, "/me/copy/file/")
        with clock.standing_at(TUESDAY + timedelta(minutes=12)):
            assert rita.post("/me/copy/")["Location"].startswith("/me/code/")
    assert Copy.objects.count() == 1


def test_a_copy_that_broke_off_begins_again_and_is_given_up_in_the_end(
    own: str, rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rita.post("/me/copy/")
    copy = Copy.objects.get()

    def broken(*_given: object) -> bytes:
        raise OSError("the disk is full")

    monkeypatch.setattr("gezhi.residents.adapters.keep_copy", broken)
    for _time in range(3):
        with pytest.raises(OSError, match="disk"):
            jobs.make_copy(str(copy.id))
    actions.make_copy(copy.id)
    assert Copy.objects.get().state == "failed"
    assert "没有做成" in text(rita, "/me/copy/")


def test_asked_twice_it_is_one_copy(own: str, rita: Client) -> None:
    rita.post("/me/copy/")
    rita.post("/me/copy/")
    assert Copy.objects.count() == 1
