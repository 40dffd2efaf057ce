"""Masks over names and numbers, also inside free text."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gezhi.base.masking import mask_address, mask_name, mask_phone, mask_text, masked_in


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


def test_of_a_mail_address_the_first_sign_is_left() -> None:
    assert mask_address("li@example.org") == "l***@example.org"
    assert mask_address("李家 @3号.院") == "李家 @***"


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("138.1234.5678", "138****5678"),
        ("１３８－１２３４－５６７８", "１３８****５６７８"),
        ("１３８　１２３４　５６７８", "１３８****５６７８"),
        ("138 - 1234 - 5678", "138****5678"),
        ("138--1234--5678", "138****5678"),
        ("138\n1234\n5678", "138****5678"),
        ("138\r\n12345678", "138****5678"),
        ("138·1234·5678", "138****5678"),
        ("138—1234—5678", "138****5678"),
        ("138_1234/5678", "138****5678"),
        ("138，1234，5678", "138****5678"),
        ("138\u200b1234\u20605678", "138****5678"),
        ("(138)1234-5678", "(138)****5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
        ("13 81 23 45 67 8", "138****5678"),
        ("1381234 5678", "138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("+86 138 1234 5678", "+86 138****5678"),
        ("+86-138-1234-5678", "+86-138****5678"),
        ("008613812345678", "86138****5678"),
        ("0086 138 1234 5678", "0086 138****5678"),
        ("+86138 1234 5678", "+86138****5678"),
        ("（＋８６）１３８１２３４５６７８", "（＋８６）１３８****５６７８"),
        ("0930-123-4567", "0930****4567"),
        ("0930 1234567", "0930****4567"),
        ("(0930)1234567", "(0930)****4567"),
        ("０９３０－１２３４５６７", "０９３０****４５６７"),
        ("010-12345678", "010****5678"),
        ("010.1234.5678", "010****5678"),
        ("610428 19900101 1234", "610428********1234"),
        ("610428-1990-0101-123X", "610428********123X"),
        ("610428 1990 01 01 123 x", "610428********123x"),
        ("6104 2819 9001 0112 34", "610428********1234"),
        ("６１０４２８１９９００１０１１２３Ｘ", "６１０４２８********１２３Ｘ"),
        ("610428-19901332-1234", "610428********1234"),
        ("2026-11-22 14:20 13812345678", "2026-11-22 14:20 138****5678"),
        ("2026-11-22 138 1234 5678", "2026-11-22 138****5678"),
        ("1203-13812345678", "1203-138****5678"),
        ("13812345678/13912345678", "138****5678/139****5678"),
        ("138 1234 5678 139 1234 5678", "138****5678 139****5678"),
        ("13 14 15 16 17 138 1234 5678", "13 14 15 16 17 138****5678"),
        ("261122-005338 138 1234 5678", "261122-005338 138****5678"),
        ("**13812345678**", "**138****5678**"),
        ("****13812345678****", "****138****5678****"),
        ("138 1234 5678号", "138****5678号"),
        ("找13812345678元旦前", "找138****5678元旦前"),
        ("13812345678元宝街3号", "138****5678元宝街3号"),
        ("138-1234-5678元月一号以后打", "138****5678元月一号以后打"),
        ("￥13812345678", "￥138****5678"),
        ("¥ 138 1234 5678", "¥ 138****5678"),
        ("13812345678元", "138****5678元"),
        ("13812345678.5元", "138****5678.5元"),
        ("13812345678.50 元", "138****5678.50 元"),
        ("138-1234-5678万元", "138****5678万元"),
        ("13 812 345 678元", "138****5678元"),
        ("8613812345678元", "86138****5678元"),
        ("0355-6223456元", "0355****3456元"),
        ("$(0355)6223456", "$(0355)****3456"),
        ("6222 0212 3456 7890 123", "622*****123"),
        ("6222-0212-3456-7890", "622*****890"),
        ("６２２２　０２１２　３４５６　７８９０", "６２２*****８９０"),
        ("6222 0212 1356 7890 123", "622*****123"),
        ("6222 0212 3456 7890 123元", "622*****123元"),
        ("6222 0212 3456 7890 138 1234 5678", "622*****890 138****5678"),
        ("6222 0212 3456 7890 13 8123 45678", "622*****890 138****5678"),
    ],
)
def test_a_number_is_hidden_however_it_is_written(text: str, shown: str) -> None:
    assert mask_text(text) == shown
    assert mask_text(f"电话：{text}，谢谢") == f"电话：{shown}，谢谢"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 14:20",
        "2026-11-15 2026-11-16 8:00",
        "2026.11.15-2026.11.19 8点",
        "2026/11/15 14:20-15:30",
        "2026-1-3 2026-11-16 8点",
        "261122-005338",
        "261122-005338 261122-005339",
        "261122-138123 12345热线",
        "261122-200511 261122-200512",
        "138123456.78元",
        "138123456.78 元",
        "1381234567890元",
        "23812345678.50 元",
        "¥23812345678",
        "￥ 138123456.78",
        "13,812,345,678.00元",
        "1381234.56万元",
        "县政发〔2024〕138号",
        "县政发(2024)138号、139号",
        "门牌13、14、15、16、17、8号",
        "13 14 15 16 17 101号",
        "13-14-15-16-17-101号楼",
        "3101 3102 3103 3104室",
        "2023 2024 2025 2026年",
        "3号楼2单元1201室",
        "开放时间0830-1130 1430-1730",
        "104.123456, 35.123456",
        "13:14:15 16:17:18",
        "12345",
        "110 119 120 122",
    ],
)
def test_what_is_no_phone_stays_readable(text: str) -> None:
    assert mask_text(text) == text
    assert mask_text(f"内容：{text}，谢谢") == f"内容：{text}，谢谢"


WORDS = st.text(alphabet="路灯坏了 ，。\n")
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
BLANKS = " \t\n\r\u3000\xa0\u200b\u200e\u2060\ufeff"
SEPARATORS = st.text(alphabet=BLANKS + "-－–—_＿.．·•/／\\|()（）", max_size=8)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def longest_run(text: str) -> int:
    """How many digits stand together at most, whatever is between them: stars part them."""
    digits = "".join(sign for sign in text if sign.isdecimal() or sign == "*")
    return max(map(len, digits.split("*")))


@given(WORDS, MOBILES, st.lists(SEPARATORS, min_size=10, max_size=10), st.booleans(), WORDS)
def test_no_mobile_gets_through_however_its_digits_are_parted(
    before: str, phone: str, between: list[str], is_full_width: bool, after: str
) -> None:
    digits = phone.translate(FULL_WIDTH) if is_full_width else phone
    parts = [digits[0], *(sep + digit for sep, digit in zip(between, digits[1:], strict=True))]
    shown = mask_text(before + "".join(parts) + after)
    assert longest_run(shown) <= 4
    kept = "".join(str(unicodedata.decimal(sign)) for sign in shown if sign.isdecimal())
    assert kept == phone[:3] + phone[-4:]


@given(
    MOBILES,
    st.sampled_from(["", "-", " ", "－", "—", " - "]),
    st.sampled_from(["", "￥", "¥ ", "$", "共"]),
    st.sampled_from(["", "元", "万元", " 亿元", ".5元", ".50 元", "元宝街"]),
)
def test_no_unit_makes_a_sum_of_a_mobile(phone: str, sep: str, before: str, unit: str) -> None:
    written = sep.join([phone[:3], phone[3:7], phone[7:]])
    assert mask_text(before + written + unit) == f"{before}{phone[:3]}****{phone[7:]}{unit}"


@given(
    st.from_regex(r"[3-69][0-9]{15,18}", fullmatch=True),
    st.lists(SEPARATORS, min_size=4, max_size=4),
)
def test_no_card_in_blocks_gets_through(digits: str, between: list[str]) -> None:
    blocks = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    pairs = zip(between, blocks[1:], strict=False)
    shown = mask_text(blocks[0] + "".join(sep + block for sep, block in pairs))
    assert longest_run(shown) <= 6


@given(MOBILES, st.text(alphabet=",，、；;：:。~～ -.", max_size=8), WORDS)
def test_signs_that_part_lists_do_not_let_a_mobile_through(phone: str, sep: str, words: str):
    shown = mask_text(f"{words}{phone[:3]}{sep}{phone[3:7]}{sep}{phone[7:]}{words}")
    assert longest_run(shown) <= 4


@given(
    st.dates().filter(lambda day: 1800 <= day.year < 2100),
    st.from_regex(r"[1-8][0-9]{5}", fullmatch=True),
    st.from_regex(r"[0-9]{3}[0-9Xx]", fullmatch=True),
    st.lists(SEPARATORS, min_size=17, max_size=17),
)
def test_no_identity_number_gets_through_however_it_is_parted(day, region, tail, between) -> None:
    signs = f"{region}{day:%Y%m%d}{tail}"
    parts = [signs[0], *(sep + sign for sep, sign in zip(between, signs[1:], strict=True))]
    shown = mask_text("".join(parts))
    assert longest_run(shown) <= 6
    assert f"{day:%Y%m%d}" not in re.sub(r"\D", "", shown)


@given(st.text(alphabet="0123456789８６1３*-. X元号：，(）年\n", max_size=80))
@example("13812341381 2345678")
@example("13 812345 13812341234")
@example("1381234 008613812345678")
@example("13 812345 (138)12341234")
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@pytest.mark.parametrize(
    "part",
    [
        "1", "13", "1 ", "1        ", "138-", "138 1234 ", "0930-", "86", "0086", "610428 ",
        "6104281990010112", "20", "2026-11-1", "13 14 ", "261122-13", "1*", "138****", "(138)",
        "1381234567元", "13812345678元 ", "13.", "１３８　", "138，1234，567", "1 " * 10 + "个",
        "6222 ", "6222 0212 3456 7890 ", "¥138123456.7",
    ],
)  # fmt: skip
def test_no_text_keeps_the_masks_busy(part: str) -> None:
    """Each letter more costs what the one before did: 40,000 letters are soon read."""
    text = (part * 40_000)[:40_000]
    began = time.process_time()
    mask_text(text)
    assert time.process_time() - began < 3


@given(st.text(st.sampled_from("0123456789０１８ -、，.xX*/年号室()元¥"), max_size=120))
@example("电话13812345678、13912345678、0930-1234567")
@example("13 14 15 16 17 101号，13812345678")
def test_where_something_is_masked_is_known(text: str) -> None:
    """Outside of the spans the masked text is the text; in each of them something is hidden."""
    masked, at, apart = mask_text(text), 0, ""
    for start, end in masked_in(text):
        assert at <= start < end <= len(text)
        apart += re.escape(text[at:start]) + r"[\s\S]+"
        at = end
    assert re.fullmatch(apart + re.escape(text[at:]), masked)
    assert bool(masked_in(text)) == (masked != text)


def test_a_long_list_of_phones_is_found_at_once() -> None:
    phones = [f"138{number * 7919 % 10**8:08d}" for number in range(1, 417)]
    text = "、".join(phones)
    began = time.perf_counter()
    found = masked_in(text)
    assert time.perf_counter() - began < 1
    assert [text[start:end] for start, end in found] == phones
