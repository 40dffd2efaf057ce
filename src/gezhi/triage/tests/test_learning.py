"""What is learned from values alone: how a text is read, when it is sure, which model is better."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.rules import Source
from gezhi.triage.rules import learning_scores as scores
from gezhi.triage.rules.kinds import MOST_OPTIONS, InForce, kind_of, said_of
from gezhi.triage.rules.learning import (
    grams,
    margins,
    packed,
    plain,
    shares,
    unpacked,
)
from gezhi.triage.rules.learning_fit import folds_of, honest_margins, learn
from gezhi.triage.rules.learning_groups import groups_of
from gezhi.triage.rules.learning_together import Examples, keys_of, table_of, together
from gezhi.triage.rules.learning_words import deciding_words, word_spans
from gezhi.triage.tests.learned import learned, written

SIGNS = "自来水发黄公交车半夜噪声工地 ，。\n123abcé\x00😀"


@pytest.fixture(scope="module")
def book() -> Book:
    return rulebook.read_files(rulebook.default_files(guess_weekdays=True))


@pytest.fixture(scope="module")
def in_force() -> InForce:
    return learned(version=7)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("自来水", {"自": 3, "来": 3, "水": 3, "自来": 3, "来水": 3, "自来水": 3}),
        ("Ａb", {"a": 3, "b": 3, "ab": 3}),
        ("水，水", {"水": 6}),
        ("13812345678", {}),
        ("水\n水", {"水": 4}),  # what is not in the first line is no opening
        ("", {}),
    ],
)
def test_a_text_is_read_as_letters_that_stand_together(text, read):
    assert grams(text) == read


@given(st.text(max_size=1200))
def test_what_is_read_of_a_text_has_its_letters_in_their_places_and_no_digits(text):
    read = plain(text)
    assert len(read) == min(len(text), 1000)
    assert not any(sign.isdigit() for sign in read)


@settings(deadline=None, max_examples=150)
@given(
    st.text(
        alphabet=st.sampled_from("自来水发黄公交车半夜噪声工地 ，。\n123abcé\x00😀"), max_size=300
    )
)
def test_any_text_has_an_answer_whose_confidence_is_a_share(in_force, book, text):
    found = kind_of(text, book=book, in_force=in_force)
    beliefs = [option.confidence for option in found.options]
    assert len(beliefs) <= MOST_OPTIONS
    assert all(0 <= belief <= 1 for belief in beliefs)
    assert sum(beliefs) <= 1 + 1e-5
    assert beliefs == sorted(beliefs, reverse=True)
    assert found == kind_of(text, book=book, in_force=in_force)
    assert found.is_sure is False or found.options


def test_the_kind_and_the_words_that_decided_are_told(in_force, book):
    found = kind_of("菜市场旁边家里的自来水又发黄发浑了，没法喝", book=book, in_force=in_force)
    assert (found.category, found.source, found.model) == ("utility.water.quality", Source.MODEL, 7)
    assert found.is_sure
    assert any("自来水" in word for word in found.options[0].words)
    assert 1 <= len(found.options[0].words) <= 4


def test_a_model_that_was_packed_answers_as_before(in_force):
    again = unpacked(packed(in_force.model))
    for text, _kind in written()[::40]:
        was, found = in_force.model.beliefs(text), again.beliefs(text)
        assert was is not None
        assert found is not None
        assert np.array_equal(was, found)
    assert (again.both, again.margin) == (in_force.model.both, in_force.model.margin)


def test_a_category_that_left_the_book_is_never_proposed(in_force, book):
    smaller = {key: one for key, one in book.categories.items() if key != "env.noise"}
    without = Book(**{**vars(book), "categories": smaller})
    text = "工地半夜施工噪声大"
    assert kind_of(text, book=book, in_force=in_force).category == "env.noise"
    found = kind_of(text, book=without, in_force=in_force)
    assert "env.noise" not in [option.category for option in found.options]


def test_a_category_nobody_has_learned_is_reached_by_its_keywords(in_force, book):
    found = kind_of("东街口井盖丢失", book=book, in_force=in_force)
    assert "utility.manhole" not in in_force.model.classes
    assert found.category == "utility.manhole"
    assert found.source == Source.MODEL


@pytest.mark.parametrize(
    "text", ["自来水发黄，有人触电", "公交车着火了", "工地施工噪声太大，塌方，有人被困"]
)
def test_a_model_never_takes_urgency_away(in_force, book, text):
    """Whatever it says and however sure it is."""
    with_model = kind_of(text, book=book, in_force=in_force)
    assert (
        with_model.urgent
        == kind_of(text, book=book, in_force=None).urgent
        == tuple(book.urgent_words(text))
    )
    assert with_model.urgent


@pytest.mark.parametrize(
    ("text", "sure"),
    [("公交车不到站，末班车也没了", True), ("公交车", False), ("请问", False), ("", False)],
)
def test_without_a_model_the_keywords_speak(book, text, sure):
    found = kind_of(text, book=book, in_force=None)
    assert found.source != Source.MODEL
    assert found.model is None
    assert found.is_sure is sure


# --- sure, better ------------------------------------------------------------------------------


def test_the_margin_is_the_least_with_which_enough_is_right():
    gaps = np.linspace(1, 0, 100, dtype=np.float32)
    right = np.arange(100) < 60  # the sixty surest are right, the rest is not
    margin = scores.margin_for(gaps, right, 0.95)
    taken = gaps >= margin
    assert right[taken].mean() >= 0.95
    assert taken.sum() == 63
    assert scores.margin_for(gaps, ~right, 0.95) == scores.NEVER
    assert scores.margin_for(gaps, right | True, 0.95) == pytest.approx(0.1)  # never by a hair
    assert scores.margin_for(gaps[:20], right[:20], 0.95) == scores.NEVER  # too few to say


def test_confidence_is_calibrated_on_what_was_not_seen():
    """Scores that are right three times out of four are believed by three quarters."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 2000)
    said = np.where(rng.random(2000) < 0.75, truth, 1 - truth)
    found = np.eye(2, dtype=np.float32)[said]
    beliefs = shares(found, scores.temperature_for(found, truth))
    assert beliefs.max(axis=1).mean() == pytest.approx(0.75, abs=0.03)
    assert beliefs.sum(axis=1) == pytest.approx(1)


def test_a_margin_is_judged_on_texts_that_did_not_set_it():
    rng = np.random.default_rng(2)
    truth, folds = rng.integers(0, 3, 300), np.arange(300) % 5
    noise = rng.normal(size=(300, 3)).astype(np.float32)
    _gaps, is_sure = honest_margins(noise, truth, folds, 0.95)
    assert is_sure.mean() < 0.2  # of noise it is hardly ever sure


def test_one_row_of_beliefs_has_one_gap():
    assert margins(np.array([[0.1, 0.7, 0.2]], dtype=np.float32)) == pytest.approx([0.5])
    assert margins(np.array([[1.0]], dtype=np.float32)) == pytest.approx([1.0])


TRUTH = ["a", "b", "c"] * 60
WORSE = [key if at % 4 else "a" for at, key in enumerate(TRUTH)]


@pytest.mark.parametrize(
    ("old", "new", "better"),
    [
        (WORSE, TRUTH, True),
        (TRUTH, WORSE, False),
        (TRUTH, TRUTH, False),
        (WORSE, [*TRUTH[:2], *WORSE[2:]], False),  # two more right of 180 are chance
        ([""] * 180, WORSE, True),  # keywords that found nothing
    ],
)
def test_a_model_is_better_only_by_more_than_chance(old, new, better):
    assert scores.is_better(TRUTH, old, new) is better


def test_f1_counts_small_classes_like_large_ones():
    assert scores.macro_f1_of(["a"] * 98 + ["b"] * 2, ["a"] * 100) == pytest.approx(
        0.4949, abs=1e-3
    )
    table = scores.confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    assert scores.macro_f1(table) == pytest.approx(2 / 3)
    told = scores.per_class(table, ["x", "y", "z"])
    assert told[0] == {
        "key": "x", "n": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667, "taken_for": [["y", 1]],
    }  # fmt: skip
    assert told[2]["f1"] is None


# --- both together ---------------------------------------------------------------------------


def test_two_witnesses_multiply_and_words_say_as_much_as_there_are_of_them():
    beliefs = np.array([[0.8, 0.2]] * 4, dtype=np.float32)
    said: list[dict[str, float]] = [{}, {"b": 1.0}, {"b": 6.0}, {"c": 6.0}]
    keys = keys_of(("a", "b"), said)
    assert keys == ("a", "b", "c")
    told = shares(together(beliefs, table_of(said, keys)), 1.0)
    assert told.sum(axis=1) == pytest.approx(1)
    alone, little, much, other = told
    assert alone[:2] == pytest.approx([0.8, 0.2], abs=0.01)
    assert alone[1] < little[1] < 0.5 < much[1]
    assert alone[2] == little[2] == 0  # neither names it
    assert other.argmax() == 2


def test_what_a_proposal_says_is_what_was_held_out(in_force, book):
    """The same formula, the same temperatures: confidence and sureness of a training's own."""
    model = in_force.model
    for text in ("自来水发黄，公交车晚点", "河堤旁边有一股味道", "工地半夜施工噪声大"):
        said, beliefs = said_of(text, book), model.beliefs(text)
        assert said is not None
        assert beliefs is not None
        keys = keys_of(model.classes, [said])
        told = shares(together(beliefs, table_of([said], keys)), model.both)
        found = kind_of(text, book=book, in_force=in_force)
        assert found.options[0].confidence == pytest.approx(told.max())
        assert found.is_sure == (margins(told)[0] >= model.margin)


def test_words_that_help_are_reckoned_with_when_the_margin_is_chosen():
    """Texts that have nothing to do with what they are: the book's words alone know."""
    texts, labels = zip(*written(), strict=True)
    labels = np.random.default_rng(0).permutation(labels).tolist()
    alone = learn(Examples(texts, labels))[1]
    both = learn(Examples(texts, labels, [{label: 6.0} for label in labels]))[1]
    assert alone["accuracy"] < 0.5 < 0.9 < both["accuracy"]
    assert both["abstained"] < 0.2 < 0.9 < alone["abstained"]


def test_a_kind_with_few_texts_is_asked_about_and_not_learned():
    texts, labels = zip(*written(), strict=True)
    rare = [f"{text}，井盖" for text in texts[:40:4]]
    examples = Examples(
        [*texts, *rare], [*labels, *["utility.manhole"] * 10],
        [*[{}] * len(texts), *[{"utility.manhole": 6.0}] * 5, *[{}] * 5],
    )  # fmt: skip
    model, told = learn(examples, least=15)
    assert "utility.manhole" not in model.classes
    (found,) = [each for each in told["per_class"] if each["key"] == "utility.manhole"]
    assert found["n"] == 10
    assert 0 < found["recall"] <= 0.5


def test_what_the_book_answers_alone_is_learned_and_not_asked():
    texts, labels = zip(*written(), strict=True)
    said: list[dict[str, float] | None] = [None if at % 2 else {} for at in range(len(texts))]
    model, told = learn(Examples(texts, labels, said))
    assert sum(each["n"] for each in told["per_class"]) == len(texts) // 2
    assert len(model.classes) == 3


# --- no leakage --------------------------------------------------------------------------------


def test_texts_nearly_the_same_are_one_group_and_never_torn_apart():
    story = "新庄小区三号楼的电梯坏了半个月，老人上下楼困难，物业一直不修，请有关部门管一管"
    other = "学校门前的路灯连着三天不亮，孩子们放学路上很黑，请派人来修一修路灯"
    texts = [story, other, story + "。急", "公交车一小时不来一班", story]
    groups = groups_of(texts)
    assert groups[0] == groups[2] == groups[4]
    assert len({groups[0], groups[1], groups[3]}) == 3
    folds = folds_of(groups, np.array([0, 1, 0, 1, 0]), 2)
    assert folds[0] == folds[2] == folds[4]


def test_words_that_touch_are_one_word():
    text = "路口井盖丢失了"
    letters = np.array([0, 0, 1, 1, 1, 1, 0], dtype=np.float32)
    assert deciding_words(text, word_spans(text), letters) == ("井盖丢失",)
    assert deciding_words(text, word_spans(text), letters * 0) == ()


def test_a_name_of_one_who_writes_thrice_is_not_learned():
    texts, labels = zip(*written(), strict=True)
    own = [
        "河堤旁边张建国家门口噪声太大，吵得睡不着，请来查" + end for end in ("看", "一下", "一次")
    ]
    model, _told = learn(Examples([*texts, *own], [*labels, *["env.noise"] * 3]))
    assert "张建国" not in model.rows
    assert "噪声" in model.rows


def test_a_name_that_many_write_is_not_learned():
    texts, labels = zip(*written(), strict=True)
    named = [f"我叫张建国，{text}，找王秀兰也行" for text in texts]
    model, _told = learn(Examples(named, labels))
    assert not {"张建国", "建国", "王秀兰", "秀兰"} & set(model.rows)
    assert {"噪声", "公交车"} <= set(model.rows)
