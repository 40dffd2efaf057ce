"""Routing as data: kinds of things, where reports begin, equals; and what is wrong in them."""

from typing import Any

import pytest

from gezhi.base.intervals import share
from gezhi.rulebook import reads
from gezhi.rulebook.rules import Book, came_back, codes_meant
from gezhi.rulebook.tests.books import default_book, files_with, line_of, problems_of

CLOSING = '[[rule]]\nid = "urgent"'


def _book_with(rule: str) -> Book:

    return reads.read_files(files_with("routing.toml", CLOSING, f"{rule}\n\n{CLOSING}"))


@pytest.mark.parametrize(
    ("category", "text", "asset"),
    [
        ("utility.lamp", "楼下井盖丢了", "lamp"),
        ("build.property", "小区电梯坏了", "lift"),
        ("build.property", "井盖和路灯都坏了", "manhole"),
        ("build.property", "路灯和井盖都坏了", "lamp"),
        ("build.property", "物业费太贵", ""),
        ("env.noise", "广场舞", ""),
    ],
)
def test_a_category_says_what_thing_it_is_about_else_the_words_do(category, text, asset):
    assert default_book().asset(category, text) == asset


@pytest.mark.parametrize("channel", ["hotline", "mailbox", "board"])
def test_what_comes_to_the_county_begins_at_the_top(channel):
    assert default_book().first(category=None, channel=channel).at == "highest"


@pytest.mark.parametrize(
    "channel", ["portal", "field", "desk", "wechat", "patrol", "inspection", "api", "device"]
)
def test_what_is_seen_on_the_spot_begins_at_the_bottom(channel):
    assert default_book().first(category="utility.lamp", channel=channel).at == "lowest"


def test_where_a_report_begins_is_data():

    files = files_with(
        "routing.toml",
        '[[first]]\nid = "top-down"',
        '[[first]]\nid = "now"\nurgent = true\nat = "county"\nwhy = "x"\n\n'
        '[[first]]\nid = "top-down"',
    )
    book = reads.read_files(files)
    assert book.first(category=None, channel="portal", is_urgent=True).id == "now"
    assert book.first(category="utility.gas.leak", channel="portal").at == "county"
    assert book.first(category="utility.lamp", channel="portal").id == "bottom-up"


def test_words_of_danger_reach_the_rules_whatever_the_category():
    asked: dict[str, Any] = {"area_kind": "grid", "level": "village", "channel": "portal"}
    book = default_book()
    assert book.route("env.noise", **asked).rule != "urgent"
    assert book.route("env.noise", **asked, is_urgent=True).rule == "urgent"


def test_a_rule_may_ask_for_thing_ground_and_channel():
    book = _book_with(
        '[[rule]]\nid = "estate-lamps"\nasset = "lamp"\nzone = ["estate", "market"]\n'
        'channel = "portal"\nto = [["dept-housing", "dept-cityman"], "{body}"]\nwhy = "x"'
    )
    asked: dict[str, Any] = {"area_kind": "grid", "level": "village", "channel": "portal"}
    found = book.route("utility.lamp", zone="estate", **asked)
    assert (found.rule, found.steps[0]) == ("estate-lamps", ("dept-housing", "dept-cityman"))
    assert book.route("build.property", asset="lamp", zone="market", **asked).rule == "estate-lamps"
    assert book.route("utility.lamp", zone="park", **asked).rule != "estate-lamps"
    assert book.route("utility.lamp", **asked).rule != "estate-lamps"
    asked["channel"] = "hotline"
    assert book.route("utility.lamp", zone="estate", **asked).rule != "estate-lamps"


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "wrong"),
    [
        ("categories.toml", 'asset = "lamp"', 'asset = "lantern"', "asset_unknown", "lantern"),
        ("routing.toml", CLOSING, f'{CLOSING}\nasset = "x"', "not_one_of", 'asset = "x"'),
        ("routing.toml", CLOSING, f'{CLOSING}\nzone = "x"', "not_one_of", 'zone = "x"'),
        ("routing.toml", 'to = ["{body}", "{station}"]', 'to = "nobody"', "body_unknown", "nobody"),
        ("routing.toml", 'to = ["{body}", "{station}"]', "to = [[1]]", "wrong_type", "to = [[1]]"),
        ("routing.toml", 'at = "lowest"', 'at = "lowest"\nurgent = true', "first_missing", ""),
        ("routing.toml", 'at = "lowest"', 'at = "bottom"', "not_one_of", 'at = "bottom"'),
        ("routing.toml", 'channel = ["hotline", "mailbox", "board"]\n', "", "row_unreachable", ""),
        ("routing.toml", 'key = "lamp"', 'key = "road"', "twice", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(name, old, new, code, wrong):
    files = files_with(name, old, new)
    found = [one for one in problems_of(files) if one.code == code]
    assert found, problems_of(files)
    assert found[0].file == name
    if wrong:
        assert found[0].line == line_of(files[name], wrong)


def test_files_from_before_there_were_kinds_of_things_have_the_products_own():

    files = reads.default_files()
    text = files["routing.toml"]
    begin, end = text.index('[[asset]]\nkey = "road"'), text.index(CLOSING)
    files["routing.toml"] = text[:begin] + text[end:]
    book = reads.read_files(files)
    assert book.assets == default_book().assets
    assert book.first_rows == default_book().first_rows


def test_a_code_with_a_star_means_all_that_begin_so():
    known = ["team-1-b", "team-1-a", "team-2-a", "team-1"]
    assert codes_meant("team-1-*", known) == ["team-1-a", "team-1-b"]
    assert codes_meant("team-2-a", known) == ["team-2-a"]


def test_rows_are_told_by_name_and_by_id_where_the_file_gives_none():
    book = default_book()
    assert all(row.name != row.id for row in book.route_rows)
    assert all(row.name != row.id for row in book.first_rows)
    assert book.route("env.stall", area_kind="grid", level="village").name == "小事网格先办"
    book = _book_with('[[rule]]\nid = "mine"\ncategory = "env.stall"\nto = "grid"\nwhy = "x"')
    assert book.route("env.stall", area_kind="grid", level="village").name == "mine"


@pytest.mark.parametrize(
    ("back", "sent", "of_all", "is_high"),
    [(1, 1, 0.05, False), (2, 2, 0.05, False), (3, 3, 0.05, True), (3, 40, 0.05, False),
     (7, 700, 0.02, False), (40, 700, 0.02, True), (3, 3, 1.0, False), (0, 9, 0.0, False)],
)  # fmt: skip
def test_a_rule_stands_out_where_surely_more_comes_back_than_elsewhere(back, sent, of_all, is_high):
    assert came_back(share(back, sent), of_all=of_all).is_high is is_high
