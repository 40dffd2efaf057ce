"""What an answer promises, lacks and tells: by tables, and whatever is typed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base.masking import mask_text
from gezhi.rulebook.rules import Calendar
from gezhi.rulebook.tests.books import default_book
from gezhi.triage.reads.answers import plain
from gezhi.triage.rules.answers import Draft, check, must_be_seen
from gezhi.triage.rules.answers_dates import days_said, number_of
from gezhi.triage.rules.answers_found import Level
from gezhi.triage.rules.answers_matter import words_of_matter
from gezhi.triage.rules.answers_plain import read_plain
from gezhi.triage.rules.answers_replies import Votes, is_made_from
from gezhi.triage.rules.answers_words import WORDS

# A Tuesday, 09:00 in the city.
NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return default_book().calendar


# --- days -----------------------------------------------------------------------------------------

DAYS = [
    ("三日内修好", "2026-11-20"),
    ("3天之内修好", "2026-11-20"),
    ("将在两天内完成", "2026-11-19"),
    ("48小时内恢复供水", "2026-11-19"),
    ("24小时内恢复供水", "2026-11-18"),
    ("十五日内答复您", "2026-12-02"),
    ("一周内完成整改", "2026-11-24"),
    ("两个星期内完成", "2026-12-01"),
    ("半个月内完成", "2026-12-02"),
    ("一个月内完成", "2026-12-17"),
    ("一月内完成", "2026-12-17"),
    ("3个月内完成", "2027-02-17"),
    ("3个工作日内完成", "2026-11-20"),
    ("5个工作日内答复", "2026-11-24"),
    ("十个工作日内答复", "2026-12-01"),
    ("月底前完成", "2026-11-30"),
    ("月底之前完成", "2026-11-30"),
    ("本月底前完成", "2026-11-30"),
    ("本月25日前完成", "2026-11-25"),
    ("下月10日前完成", "2026-12-10"),
    ("下个月底前完成", "2026-12-31"),
    ("年底前完成", "2026-12-31"),
    ("今年年底前完成", "2026-12-31"),
    ("年内完成", "2026-12-31"),
    ("明年年底前完成", "2027-12-31"),
    ("明年上半年完成", "2027-06-30"),
    ("2027年6月底前完成", "2027-06-30"),
    ("明年3月前完成", "2027-03-31"),
    ("12月1日前完成", "2026-12-01"),
    ("12月1号之前完成", "2026-12-01"),
    ("1月5日前完成", "2027-01-05"),  # after New Year, not ten months ago
    ("10月1日前完成", "2026-10-01"),
    ("12月上旬完成", "2026-12-10"),
    ("12月中旬完成", "2026-12-20"),
    ("十二月底前完成", "2026-12-31"),
    ("第四季度末完成", "2026-12-31"),
    ("明年一季度完成", "2027-03-31"),
    ("下周五前完成", "2026-11-27"),
    ("下周五完成", "2026-11-27"),
    ("下下周一完成", "2026-11-30"),
    ("本周五前完成", "2026-11-20"),
    ("这周内完成", "2026-11-22"),
    ("周五前完成", "2026-11-20"),
    ("星期日前完成", "2026-11-22"),
    ("周二完成", "2026-11-17"),
    ("明天完成", "2026-11-18"),
    ("后天完成", "2026-11-19"),
    ("今天完成", "2026-11-17"),
    ("2026年11月20日前完成", "2026-11-20"),
    ("２０２６年１１月２０日前完成", "2026-11-20"),
]


@pytest.mark.parametrize(("words", "day"), DAYS)
def test_a_day_is_what_people_mean_by_it(words: str, day: str, calendar: Calendar) -> None:
    said = days_said(f"我们将{words}。", now=NOW, calendar=calendar)
    assert [one.day for one in said] == [date.fromisoformat(day)], words
    assert said[0].is_promise


NO_DAYS = [
    "春节前完成", "国庆节后完成", "节前完成", "年前完成", "端午以前完成", "正月十五前完成",
    "2月30日前完成", "第13个月", "近三日内水压偏低", "每周五清运一次", "每月底公布",
    "三天前", "河底清淤", "彻底解决", "收到材料后三日内答复", "自受理之日起10个工作日内审批",
    "第三季节", "百日内", "前三天内",
]  # fmt: skip


@pytest.mark.parametrize("words", NO_DAYS)
def test_what_nobody_can_look_up_is_not_guessed(words: str, calendar: Calendar) -> None:
    assert days_said(words, now=NOW, calendar=calendar) == []


NO_PROMISES = [
    "2026年5月5日，街道召开了会议。",
    "我们于11月16日前已经清理完毕。",
    "接到您的来电后，11月16日我们到了现场。",
    "您可以在30日内向县政府申请复议。",
    "根据条例，业主应当在15日内办理。",
    "合同约定2027年6月前交房。",
    "截至2026年11月底，共修了三处。",
]


@pytest.mark.parametrize("words", NO_PROMISES)
def test_a_day_that_is_told_is_no_promise(words: str, calendar: Calendar) -> None:
    assert not [one for one in days_said(words, now=NOW, calendar=calendar) if one.is_promise]


@pytest.mark.parametrize(
    ("words", "number"),
    [("三", 3), ("十", 10), ("十五", 15), ("二十", 20), ("二十一", 21), ("两", 2), ("半", 0.5),
     ("48", 48)],
)  # fmt: skip
def test_numbers_in_words(words: str, number: float) -> None:
    assert number_of(words) == number


# --- findings -------------------------------------------------------------------------------------

ASKED = "村口自来水管破裂，路上全是水，已经半天没人管。请问什么时候能修好？"
GOOD = "我们今天上午到村口换了破裂的自来水管，路上的水也清理干净了，现在供水正常。"
# The answer, whether the outcome says solved, and the codes that must come and must not.
FOUND = [
    (GOOD, True, "", "no_substance off_topic when_unanswered contradiction no_date past_date"),
    ("您的留言已收悉。", None, "no_substance too_short off_topic when_unanswered", "unfilled"),
    ("您反映的问题已转交相关部门调查处理，感谢您的理解。", None, "no_substance", "too_short"),
    ("领导高度重视，正在研究，请您耐心等待。", None, "no_substance filler", ""),
    ("现场看了以后，我们联系了施工队，三日内修好水管。", None, "", "late_promise no_substance"),
    ("自来水管要换新的，12月1日前完成更换。", None, "late_promise", "past_date"),
    ("自来水管要换新的，将于11月10日前完成更换。", None, "past_date", "late_promise"),
    ("自来水管要换新的，我们会尽快安排施工队更换。", None, "no_date", "late_promise"),
    ("自来水管要换新的，我们会尽快安排，本周五前换好。", None, "", "no_date"),
    ("自来水管暂时无法修复，现场已经围起来。", True, "contradiction", "claims_solved"),
    ("自来水管暂时无法修复，现场已经围起来。", False, "", "contradiction claims_solved"),
    ("自来水管已经修好，供水恢复正常。", False, "claims_solved", "contradiction"),
    ("之前无法修复的自来水管，今天换好了。", True, "", "contradiction"),
    (GOOD + "有事请打13912345678。", True, "phone", ""),
    (GOOD + "身份证号620102199001011234已经登记。", True, "identity", "phone"),
    (GOOD + "联系电话：0930-1234567。", True, "", "landline phone number"),
    (GOOD + "由0930-1234567处理。", True, "landline", "phone"),
    (GOOD + "卡号6222021234567890123。", True, "number", "phone"),
    (GOOD + "当事人王小明在现场。", True, "person", ""),
    (GOOD + "王小明先生在现场。", True, "person", ""),
    (GOOD + "王先生在现场。", True, "", "person"),
    (GOOD + "李秀兰签了字。", True, "reporter", ""),
    (GOOD + "工单{编号}办结。", True, "unfilled", ""),
    (GOOD + "工单____办结。", True, "unfilled", ""),
    (GOOD + "我单位对此予以支持。", True, "stiff", "filler"),
    (GOOD + "我局属两违整治单位。", True, "short", ""),
    (GOOD + "项目按PPP模式做。", True, "short", ""),
    (GOOD + "项目按PPP（政府和社会资本合作）模式做。", True, "", "short"),
    (GOOD + "请下载APP。", True, "", "short"),
    ("自来水管换了，" * 15 + "好了。", None, "long_sentence", ""),
    ("自来水管换了。" * 130, None, "too_long", "long_sentence"),
    ("广场舞的事，我们晚上到现场看了，劝他们把声音调小了。", None, "off_topic", "no_substance"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "is_solved", "wanted", "unwanted"), FOUND)
def test_what_is_found(
    answer: str, is_solved: bool | None, wanted: str, unwanted: str, calendar: Calendar
) -> None:
    draft = Draft(answer, ASKED, NOW, DUE, calendar, is_solved, ("李秀兰", "13812345678"))
    codes = {one.code for one in check(draft, plain())}
    assert set(wanted.split()) <= codes, codes
    assert not set(unwanted.split()) & codes, codes


def test_why_and_how_much_are_asked_for() -> None:
    asked = "为什么停水？水费要交多少钱？"
    codes = {one.code for one in check(Draft("停水的事，我们到现场看了。", asked), plain())}
    assert {"why_unanswered", "how_much_unanswered"} <= codes
    answer = "停水是因为主管道检修。水费每吨3元，一共36元。"
    assert not {"why_unanswered", "how_much_unanswered"} & {
        one.code for one in check(Draft(answer, asked), plain())
    }


def test_nothing_is_found_in_nothing() -> None:
    assert check(Draft("  \n"), plain()) == []


WORDS_TYPED = st.text(
    st.sampled_from(
        "我们将于前内底三十五日月年周工作完成修好{}_138123456789０-（）。，\n尽快已予以 "
    )
)


@given(WORDS_TYPED | st.text(max_size=200))
def test_whatever_is_typed_each_finding_has_its_place_and_its_words(text: str) -> None:
    calendar = default_book().calendar
    found = check(Draft(text, ASKED, NOW, DUE, calendar, True, ("李秀兰",)), plain())
    for one in found:
        assert 0 <= one.start <= one.end <= len(text)
        assert one.says
        assert one.do
        assert one.code in WORDS
    levels = [one.level for one in found]
    assert levels == sorted(levels, key=lambda level: level != Level.MUST)


@given(WORDS_TYPED)
def test_a_number_that_masking_hides_must_be_seen_unless_it_is_a_desks(text: str) -> None:
    if mask_text(text) != text and "0" not in text and "０" not in text:
        assert must_be_seen(check(Draft(text), plain()))


def test_the_list_of_words_is_read_whole() -> None:
    for kind in ("stiff", "filler", "empty", "short"):
        assert plain().words[kind]
    with pytest.raises(ValueError, match="nobody knows"):
        read_plain('common = []\n[[stif]]\nword = "a"')


# --- standard replies -----------------------------------------------------------------------------

REPLY = "{日期}，{单位}到现场更换了损坏的水管，现在供水正常。再有问题请打{电话}。"


@pytest.mark.parametrize(
    ("answer", "is_made"),
    [
        ("11月17日，水务局到现场更换了损坏的水管，现在供水正常。再有问题请打96123。", True),
        ("您好！11月17日水务局到现场更换了损坏的水管现在供水正常，谢谢。再有问题请打 96123", True),
        ("11月17日，水务局到现场更换了损坏的水管，但是还没有通水。", False),
        ("现在供水正常。水务局到现场更换了损坏的水管。", False),  # another order
        ("路灯已经修好。", False),
        (REPLY, True),
    ],
)
def test_an_answer_made_from_a_reply_is_known(answer: str, is_made: bool) -> None:
    assert is_made_from(answer, REPLY) is is_made


def test_what_is_all_places_is_made_from_nothing() -> None:
    assert not is_made_from("随便写的一段答复", "{日期}{单位}")


@pytest.mark.parametrize(
    ("votes", "between", "is_few"),
    [(Votes(0, 0), (0, 100), True), (Votes(10, 10), (72, 100), True),
     (Votes(100, 50), (40, 60), False)],
)  # fmt: skip
def test_few_votes_are_an_interval(votes: Votes, between: tuple[int, int], is_few: bool) -> None:
    assert (votes.between, votes.is_few) == (between, is_few)


def test_where_and_when_it_was_said_are_no_matter() -> None:
    asked = "昨天晚上小学旁边的机井对面没有人管，里面一直往外冒水，水泵也烧了"
    assert words_of_matter(asked, plain().common)[:3] == ["小学", "机井", "冒水"]


def test_days_are_said_as_people_write_them(calendar: Calendar) -> None:
    draft = Draft("自来水管要换新的，12月1日前完成更换。", now=NOW, due=DUE, calendar=calendar)
    late = next(one for one in check(draft, plain()) if one.code == "late_promise")
    assert late.says == "“12月1日前”是 12月1日，晚于这件事的办理时限 11月24日"
