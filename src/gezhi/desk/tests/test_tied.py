"""What is wrong stands beside its field, tied to it for those who listen, and says what to do."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gezhi.cases import actions
from gezhi.cases.models import Case
from tests.cast import County

_GENERIC = ("这个字段是必填项", "确保该变量", "This field is required", "Ensure this value")


def words_tied_to(name: str, text: str) -> str:
    """What the field `name` is said to be wrong with, by the element it names."""
    field = re.search(rf'<(?:input|select|textarea)\b[^>]*\bname="{name}"[^>]*>', text)
    assert field, f"no field {name}"
    assert 'aria-invalid="true"' in field[0]
    described = re.search(r'aria-describedby="([^"]+)"', field[0])
    assert described, f"{name} is tied to nothing"
    for each in described[1].split():
        assert f'id="{each}"' in text, f"{name} is tied to {each}, which is not there"
    tied = next(each for each in described[1].split() if each.endswith("_error"))
    said = re.search(rf'id="{tied}"[^>]*>(.*?)</div>', text, re.DOTALL)
    assert said
    assert not any(words in said[1] for words in _GENERIC), said[1]
    return said[1]


@pytest.mark.parametrize("phone", ["abc电话", "0930-1234567、0930-7654321", "1", "9" * 60])
def test_a_unit_has_a_phone_that_can_be_called(login, county: County, phone: str) -> None:
    unit = county.unit("dept-water")
    typed = {"name": "水务局", "phone": phone}
    answer = login("guan").post(f"/desk/admin/units/{unit}/", typed)
    assert answer.status_code == 422
    assert "请" in words_tied_to("phone", answer.content.decode())


@pytest.mark.parametrize("phone", ["", "110", "0930-1234567 转 8", "+86 138 1234 5678"])
def test_phones_are_written_in_many_ways(login, county: County, phone: str) -> None:
    unit = county.unit("dept-water")
    answer = login("guan").post(f"/desk/admin/units/{unit}/", {"name": "水务局", "phone": phone})
    assert answer.status_code == 302


def test_a_picture_that_is_none_is_told_at_the_field_it_was_chosen_in(
    login, county: County, handled: Case
) -> None:
    actions.finish(
        handled.id, outcome="withdrawn", answer="诉求人自己撤回", actor=county.actor("shui")
    )
    typed = {
        "is_solved": "yes", "once": "k",
        "check": SimpleUploadedFile("after.jpg", b"no picture", "image/jpeg"),
    }  # fmt: skip
    answer = login("du").post(f"/desk/cases/{handled.number}/moves/verify/", typed)
    assert answer.status_code == 422
    assert "after.jpg" in words_tied_to("check", answer.content.decode())


def test_of_two_files_the_wrong_one_is_told_of(login, county: County, handled: Case) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "JPEG")
    fine = SimpleUploadedFile("photo.jpg", out.getvalue(), "image/jpeg")
    typed = {
        "once": "k", "is_public": "yes", "photo": fine,
        "after": SimpleUploadedFile("after.jpg", b"no picture", "image/jpeg"),
    }  # fmt: skip
    answer = login("shui").post(f"/desk/cases/{handled.number}/moves/attach/", typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "after.jpg" in words_tied_to("after", text)
    assert "photo.jpg" in text


def test_the_rulebooks_forms_say_what_to_do(login, county: County) -> None:
    guan: Client = login("guan")
    nothing = guan.post("/desk/admin/rulebook/check/", {})
    assert "请选择" in words_tied_to("upload", nothing.content.decode())
    empty = {"upload": SimpleUploadedFile("deadlines.toml", b"")}
    answer = guan.post("/desk/admin/rulebook/check/", empty)
    assert "空的" in words_tied_to("upload", answer.content.decode())
    checked = guan.post("/desk/admin/rulebook/versions/1/check/", {})
    assert checked.status_code == 200
    initial = checked.context["form"].initial
    for note, words in (("", "请写明为什么改"), ("改" * 600, "最多 500 个字")):
        answer = guan.post("/desk/admin/rulebook/apply/", {**initial, "note": note})
        assert answer.status_code == 422
        assert words in words_tied_to("note", answer.content.decode())


def test_the_imports_forms_say_what_to_do(login, county: County) -> None:
    xian: Client = login("xian")
    answer = xian.post("/desk/import/", {"channel": ""})
    text = answer.content.decode()
    assert "请选择要导入的文件" in words_tied_to("file", text)
    assert "从哪里来" in words_tied_to("channel", text)
    table = "编号,内容\n1,村口路灯不亮\n".encode()
    sent = xian.post(
        "/desk/import/", {"channel": "board", "file": SimpleUploadedFile("a.csv", table)}
    )
    address = sent["Location"]
    wrong = xian.post(f"{address}start/", {"odd_dates": "", "column0": "nonsense"})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "时间读不懂的行怎么办" in text
    assert "从列表里选" in words_tied_to("column0", text)
    assert not any(words in text for words in _GENERIC)
