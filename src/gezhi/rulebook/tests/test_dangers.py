"""Danger told in people's own words, and what only sounds like it."""

import pytest

from gezhi.rulebook import reads
from gezhi.rulebook.tests.books import default_book, files_with, line_of, problems_of

TOLD = [
    ("楼道里一股臭鸡蛋味，好像是煤气漏了", ["gas"]),
    ("漏了煤气", ["gas"]),
    ("煤气好像在漏", ["gas"]),
    ("挖掘机挖断了天然气管子", ["gas"]),
    ("厨房煤气漏了，我妈晕倒了", ["gas", "body"]),
    ("变压器着火了", ["fire"]),
    ("孩子被卡在电梯里出不来", ["lift"]),
    ("电线刮断了掉在路上", ["wire"]),
    ("娃娃掉到涝池里了，快淹死了", ["water"]),
    ("男的拿刀追着人砍", ["knife"]),
    ("楼顶有个姑娘要往下跳", ["leap"]),
    ("我爸倒在地上叫不醒", ["body"]),
    ("房子塌了，有人压在下面", ["buried"]),
    ("电线掉下来冒火花", ["wire"]),
    ("厨房暖气旁边燃气管在漏", ["gas"]),
    ("暖气管和燃气管都在漏", ["gas"]),
    ("燃气管在暖气管后面漏", ["gas"]),
    ("暖气改管时挖断了燃气管", ["gas"]),
    ("暖气片后面的煤气管一直嘶嘶响", ["gas"]),
    ("老人有气管炎闻到煤气味头晕", ["gas"]),
    ("电焊火花把仓库烧着了", ["fire"]),
    ("工地塌方有人被埋", ["buried"]),
    ("挖管沟塌了，两个工人埋在下面", ["buried"]),
    ("墙倒了把娃压在底下", ["buried"]),
    ("窑洞塌了把人埋住了", ["buried"]),
    ("房子倒了，人埋里面了", ["buried"]),
    ("有人在工地被土埋住了", ["buried"]),
    ("山体滑下来三个人埋在土里", ["buried"]),
    ("墙塌了老人还压在里面没人管", ["buried"]),
]
NOT_TOLD = [
    "天然气公司漏抄了两个月的表",
    "燃气管旁边的水管漏了",
    "河边一股臭鸡蛋味",
    "天然气漏气检测什么时候做，要交费吗",
    "楼道里堆满电动车还拉线充电，着火了跑都跑不出去",
    "家里着了火什么都没了，能不能救济点",
    "电梯经常困人",
    "去年我爸昏迷住院花了十万",
    "建议在河边装护栏，防止娃娃掉进去",
    "上班晕倒不给认定工伤",
    "电线太乱不美观",
    "我们着火锅店",
    "老人的养老钱被压在下面部门不发怕是没了",
    "有人把死猪埋在河边，臭得很",
    "夜里有人把建筑垃圾埋在耕地里",
    "施工的人把电缆埋在我家门口的路下面",
    "工人把水管埋在下面就走了",
    "有人半夜偷偷把垃圾埋在里面",
    "管子埋在下面没人管",
    "老人说水管被埋在路下面了",
    "孩子上学的路被埋了",
    "我家老人埋在村里的地，现在要迁",
    "老人的补偿款压在里面不发",
    "暖气管漏了",
    "老人气管炎犯了闻不得油烟味",
    "大车排气管味道呛人",
]


@pytest.mark.parametrize(("text", "dangers"), TOLD)
def test_danger_is_heard_in_any_order_of_words_and_goes_first(text, dangers):
    book = default_book()
    told = book.dangers_in(text)
    assert [one.danger.key for one in told] == dangers
    assert book.urgent_words(text)
    found = book.suggest(text)
    assert [one.key for one in found[: len(told)]] == [one.danger.category for one in told]
    assert found[0].score > sum(one.score for one in found[1:])
    assert all(word in text for one in found for word in one.words)


@pytest.mark.parametrize("text", NOT_TOLD)
def test_what_only_sounds_like_danger_goes_its_own_way(text):
    assert default_book().dangers_in(text) == []


def test_danger_in_a_long_story_is_one_part_of_it():
    assert default_book().dangers_in("说来话长" * 30 + "煤气漏了") == []


def test_numbers_to_call_are_the_books():
    called = {one.key: one.call for one in default_book().dangers}
    assert (called["gas"], called["body"], called["knife"]) == (("119",), ("120",), ("110",))
    call = default_book().numbers_to_call
    assert call("厨房煤气漏了，我妈晕倒了") == ("119", "120")
    assert call("井盖没了") == ("119", "120", "110"), "a danger of no kind the book knows"
    assert call("路灯不亮") == ()


def test_a_danger_that_is_none_is_refused():
    files = files_with("categories.toml", 'category = "utility.gas.leak"', 'category = "gas.leak"')
    found = problems_of(files)
    text = files["categories.toml"]
    assert [(one.code, one.line) for one in found] == [
        ("category_unknown", line_of(text, 'category = "gas.leak"'))
    ]
    files = files_with("categories.toml", 'things = ["电梯"]\n', "")
    assert [one.code for one in problems_of(files)] == ["missing"]


def test_a_change_of_danger_is_told():
    changed = reads.read_files(files_with("categories.toml", '"煤气中毒"', '"煤气中毒了"'))
    found = reads.diff(default_book(), changed)
    assert [(one.section, one.key, one.field) for one in found] == [("danger", "gas", "words")]
