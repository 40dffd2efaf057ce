"""How alike two texts are: sketches without words, pairs marked by hand, near-duplicates."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gezhi.triage.rules import pairs, sameness

LEAK = "金桂花园门口自来水管爆了，水一直往外冒，没人来修"
LEAK_AGAIN = "金桂花园小区大门口的自来水管爆了，水一直往外流，请尽快来修"
LAMP = "青松路的路灯坏了三天，晚上看不见路"
FIRST_FOUR = [12573461, 94021070, 43049508, 11582770]


def test_a_matter_in_other_words_is_likelier_the_same_than_another_matter() -> None:
    leak, again, lamp = map(sameness.said, (LEAK, LEAK_AGAIN, LAMP))
    assert sameness.likeness(leak, again) > 0.6 > sameness.likeness(leak, lamp)
    assert sameness.likeness(leak, again) == sameness.likeness(again, leak)


def test_the_same_words_of_another_place_are_less_likely_the_same() -> None:
    text = "{}临街门面油烟直排，没有烟道，熏得开不了窗，请处理"
    here, again, there = (
        sameness.said(text.format(name)) for name in ("金桂花园", "金桂花园二期", "翠竹新苑")
    )
    assert sameness.likeness(here, again) > sameness.likeness(here, there) + 0.2


def test_courtesies_signs_and_numbers_make_no_difference() -> None:
    polite = f"尊敬的领导：您好！{LEAK}。电话１３８ 1234 5678，谢谢！"
    assert sameness.plain(polite) == sameness.plain(f"{LEAK}电话")
    assert "1234" not in sameness.plain(polite)


def test_sketches_tell_how_much_is_shared() -> None:
    text = "".join(chr(0x4E00 + 7 * n) for n in range(200))
    half = text[:100] + "".join(chr(0x6E00 + 5 * n) for n in range(100))
    one, other = sameness.sketch(sameness.grams(text)), sameness.sketch(sameness.grams(half))
    assert sameness.shared(one, np.stack([one]))[0] == 1
    assert 0.15 < sameness.shared(one, np.stack([other]))[0] < 0.55  # a third
    assert sameness.bands(one, 7) == sameness.bands(sameness.sketch(sameness.grams(f"{text}！")), 7)
    assert sameness.bands(sameness.sketch(sameness.grams("？")), 7) == []
    assert not {*sameness.bands(one, 7)} & {*sameness.bands(one, 8)}


def test_a_sketch_is_the_same_on_every_machine_for_ever() -> None:
    """Prints are stored; a change of these numbers asks for all of them to be made anew."""
    found = sameness.sketch(sameness.grams(LEAK))
    assert [int(one) for one in found[:4]] == FIRST_FOUR
    assert len(sameness.bands(found, 7)) == sameness.BANDS
    assert all(-(2**31) <= band < 2**31 for band in sameness.bands(found, 7))


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_texts_can_be_compared(texts: list[str]) -> None:
    for one, other, likely in sameness.near_pairs(texts, least=0):
        assert one < other
        assert 0 <= likely <= 1


def test_near_pairs_are_found_among_many() -> None:
    others = [f"{chr(0x4E00 + 40 * n)}{chr(0x5000 + 31 * n)}的事情" for n in range(700)]
    texts = [*others, LEAK, LAMP, LEAK_AGAIN]
    assert [pair[:2] for pair in sameness.near_pairs(texts)] == [(700, 702)]


SHARED = Path(__file__).parents[5] / "shared" / "data"
MESSAGES = SHARED / "messages" / "hot_topics_4326.xlsx"
PAIRS = Path(__file__).with_name("pairs_200.csv")


def marked() -> list[pairs.Marked]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return [
            pairs.Marked(row["number_a"], row["number_b"], row["same"] == "1", row["why"])
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def messages() -> dict[str, str]:
    if not MESSAGES.exists():
        pytest.skip(f"no {MESSAGES.name}")
    rows = CalamineWorkbook.from_path(MESSAGES).get_sheet_by_index(0).to_python()
    return {str(row[0]).removesuffix(".0"): f"{row[2]}\n{row[4]}" for row in rows[1:]}


def test_marked_pairs_are_agreed_with(messages: dict[str, str]) -> None:
    """Floors a little under what is reported in docs/benchmarks.md, on the half that counts."""
    _fitted, reported = pairs.halves(marked())
    said = [
        sameness.likeness(*(sameness.said(messages[each]) for each in (pair.number, pair.other)))
        >= sameness.SAME
        for pair in reported
    ]
    found = pairs.agreement([pair.is_same for pair in reported], said)
    assert found.precision.value >= 0.85
    assert found.recall.value >= 0.78


def test_near_duplicates_of_all_messages(messages: dict[str, str]) -> None:
    numbers = list(messages)
    found = sameness.near_pairs(list(messages.values()))
    assert 1500 < len(found) < 4000
    near = {(numbers[one], numbers[other]) for one, other, _likely in found}
    copies = [pair for pair in marked() if pair.why == "copy"]
    kept = sum((p.number, p.other) in near or (p.other, p.number) in near for p in copies)
    assert kept >= 0.95 * len(copies)


def test_shares_know_how_sure_they_are() -> None:
    low, high = pairs.Share(58, 66).interval
    assert (round(low, 2), round(high, 2)) == (0.78, 0.94)
    assert pairs.Share(0, 0).interval == (0.0, 1.0)
    found = pairs.agreement([True, True, False, False], [True, False, True, False])
    assert (found.precision, found.recall) == (pairs.Share(1, 2), pairs.Share(1, 2))
