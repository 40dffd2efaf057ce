"""Masks over names and numbers, also inside free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base.masking import mask_address, mask_name, mask_phone, mask_text


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("0930-1234567", "093****4567"),
        ("12345", "****45"),
        ("", ""),
    ],
)
def test_a_phone_shows_its_ends(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳娜娜", "欧*"), ("", "")])
def test_a_name_shows_its_first_character(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_an_address_ends_at_the_village() -> None:
    assert mask_address("河湾镇柳树村三社12号") == "河湾镇柳树村***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13812341234找我", "电话138****1234找我"),
        ("身份证610428199001011234。", "身份证610428********1234。"),
        ("身份证61042819900101123X", "身份证610428********123X"),
        ("座机0930-1234567", "座机0930****4567"),
        ("卡号6222021234567890123", "卡号622*****123"),
        ("3号楼2单元，2026年11月22日，12345热线", "3号楼2单元，2026年11月22日，12345热线"),
    ],
)
def test_free_text_hides_long_numbers_and_leaves_the_rest(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="路灯坏了 ，。\n"))
def test_no_mobile_number_gets_through(phone: str, words: str) -> None:
    assert phone not in mask_text(f"{words}{phone}{words}")
