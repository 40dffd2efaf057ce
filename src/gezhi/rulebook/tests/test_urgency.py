"""Words that say that people may be in danger, and words that only look like them."""

import pytest

from gezhi.rulebook import reads
from gezhi.rulebook.rules import Book
from gezhi.rulebook.tests.books import files_with

DANGER = [
    "煤气味很大",
    "厨房有煤气味",
    "天然气漏了，一股臭味",
    "闻到燃气味",
    "家里煤气漏气",
    "液化气罐漏气",
    "楼下着火了",
    "山上起火冒烟",
    "屋里冒烟了",
    "电线断了掉在地上",
    "电线杆倒了",
    "高压线垂下来了快碰到人",
    "变压器冒火花",
    "有人触电",
    "线路漏电",
    "水管爆裂，水淹进一楼了",
    "自来水管爆了，水一直喷",
    "主管道爆管",
    "暖气停了，家里有三个月大的婴儿",
    "停暖三天了，家里有八十岁老人冻得不行",
    "没有暖气，孩子都冻感冒了",
    "老人在家摔倒起不来",
    "电梯困人",
    "电梯里关着人",
    "小孩掉进井里",
    "有人落水",
    "孩子掉进化粪池",
    "房子塌了，有人压在下面",
    "墙倒了压到人",
    "山体滑坡",
    "有人要跳楼",
    "有人拿刀",
    "井盖没了",
    "房子着了",
    "老人摔了，头上一直流血",
    "挖机把气管挖断了",
    "小孩走丢了",
    "老人走失",
    "食物中毒",
    "一氧化碳中毒",
    "有人昏倒",
    "加油站漏油",
    "危化品泄漏",
]
CALM = [
    "火锅店油烟大",
    "消防站规划什么时候建",
    "防火门坏了",
    "灭火器过期",
    "火车站附近停车乱",
    "电动车乱停",
    "煤气费怎么交",
    "燃气开通什么时候办",
    "天然气入户申请",
    "暖气费太贵",
    "暖气温度不够",
    "没有暖气，什么时候供暖",
    "水费太高",
    "自来水发黄",
    "停水通知",
    "生意火爆",
    "爆米花摊占道",
    "水管漏水",
    "水电气过户",
    "消防通道被占",
    "跳楼价大甩卖",
    "被困难户家庭",
    "困难人员补贴",
    "落水管坏了",
    "老人卡怎么办",
    "车早上冻得打不着火",
    "燃气灶点不着火",
    "邻居家的狗走丢了",
    "气管炎犯了，呛得厉害",
    "暖气管漏了",
    "找了半天才睡着了",
    "滑坡治理工程款",
    "燃气灶维修",
    "电线太乱不美观",
    "孩子上学",
    "煤气站搬迁",
    "漏电保护器补贴",
    "婴儿补贴",
    "我们着火锅店",
]


@pytest.fixture(scope="module")
def book() -> Book:
    return reads.read_files(reads.default_files(guess_weekdays=True))


@pytest.mark.parametrize("text", DANGER)
def test_danger_is_heard(book: Book, text: str) -> None:
    """Gas, fire, wires, water, people trapped or gone; heating out where somebody is frail."""
    assert book.urgent_words(text)


@pytest.mark.parametrize("text", CALM)
def test_what_only_sounds_like_danger_is_not(book: Book, text: str) -> None:
    assert book.urgent_words(text) == ()


def test_a_calm_word_takes_back_itself_alone(book: Book) -> None:
    assert book.urgent_words("落水管断了，有人落水") == ("落水",)


def test_an_outage_is_urgent_where_somebody_frail_is_named(book: Book) -> None:
    assert book.urgent_words("没有暖气") == book.urgent_words("家里有婴儿") == ()
    assert set(book.urgent_words("没有暖气，家里有婴儿")) == {"没有暖气", "婴儿"}


def test_a_change_of_calm_words_is_told(book: Book) -> None:
    files = files_with("categories.toml", '"落水管", ', "")
    changed = reads.diff(book, reads.read_files(files))
    assert [change.key for change in changed if change.section == "urgent_words"] == ["calm_words"]
