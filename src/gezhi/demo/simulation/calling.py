"""What the county's hotline reads out, and some calls of its last hours. Invented, all of it."""

from datetime import datetime, timedelta
from uuid import UUID

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.cases.actions import Where
from gezhi.hotline import actions as hotline
from gezhi.hotline import reads
from gezhi.people import reads as people
from gezhi.people.models import Account
from gezhi.places import reads as places

_SWITCH = system("demo")  # the telephone system

# Title, the words people ask it in, what is read out, whose it is.
ARTICLES = (
    (
        "高龄津贴怎么申请", "八十岁老人补贴 高龄补贴 老年津贴 敬老钱",
        "年满 80 周岁的本县户籍老人，带身份证和户口簿到户籍所在的村委会或社区填表，村里公示七天，"
        "次月起每月打到一卡通。行动不便的，村里上门办。", "dept-civil",
    ),
    (
        "城乡居民医保什么时候缴", "合作医疗 新农合 医保缴费 医保断缴",
        "集中缴费期是每年 9 月 1 日到 12 月 31 日，在手机银行、微信城市服务或镇上便民服务中心缴。"
        "过期补缴的，有三个月的等待期，这期间住院不报销。", "dept-medicare",
    ),
    (
        "停水了问谁", "没水 停水通知 什么时候来水 水压小",
        "先看是不是计划停水：停水通知贴在小区和村委会门口，也发在水务局公众号上。通知里没有的，"
        "请说清哪个村哪一组、几户没有水、从什么时候起，我们现在就登记，派人去查。", "dept-water",
    ),
    (
        "路灯不亮报给谁", "路灯坏了 灯不亮 晚上看不见路",
        "城区和村道的路灯都可以在这里报。请说清在哪条路、靠近什么、几盏不亮。灯杆倒了、电线垂下来的，"
        "不要靠近，按紧急事项马上派人。", "dept-cityman",
    ),
    (
        "身份证丢了怎么补办", "补身份证 身份证挂失 临时身份证",
        "到就近的派出所或县政务大厅公安窗口补领，带户口簿，当场拍照；工本费 40 元，十五个工作日左右"
        "取证。急用的可以同时办临时身份证，当天能拿到。", "dept-police",
    ),
    (
        "拖欠工资找谁", "欠薪 工钱不给 农民工工资 老板跑了",
        "可以找人社局劳动保障监察大队，带上身份证、劳动合同或者能证明干过活的东西：工牌、转账记录、"
        "聊天记录、工友的证明。人多、金额大或者老板失联的，我们现在就登记成单，直接转过去。",
        "dept-labour",
    ),
    (
        "噪音扰民什么时候管", "半夜施工 广场舞太吵 邻居装修 烧烤摊吵",
        "晚上 10 点到早上 6 点，城区不许有扰民的施工和音响；抢修和有证明的连续作业除外。请说清"
        "在哪里、什么声音、一般几点到几点，登记以后由城管或派出所到现场。", "dept-cityman",
    ),
    (
        "大棚和农机补贴怎么领", "农机补贴 买拖拉机补贴 设施农业 种粮补贴",
        "先问镇农业农村中心今年的目录和额度还有没有，再买；买了以后三个月内带发票、身份证、一卡通"
        "和机具照片到镇上申请，核验以后打到卡里。没有先问、目录外的不补。", "dept-agriculture",
    ),
)  # fmt: skip

# Minutes ago, line, the number that calls (of a range that is given to nobody), what becomes of it.
_ANSWERED, _DROPPED, _OPENED, _JOINED, _DRAFT = "answered", "dropped", "opened", "joined", "draft"
_LEAK = "{village}二组巷道口的自来水管破了，水流了一路，下面几户人家都没有水"
CALLS = (
    (340, "12345-1", "15430017742", _ANSWERED, "我妈八十一了，听说有老人补贴，要到哪里去领"),
    (305, "12345-2", "15471620938", _OPENED, _LEAK),
    (268, "12345-1", "", _DROPPED, ""),
    (231, "12345-2", "15408836671", _JOINED, "我也是二组的，家里从早上就没有水，管子还在冒水"),
    (174, "12345-1", "15496203315", _ANSWERED, "身份证丢了，过两天要坐车，来得及补吗"),
    (122, "12345-3", "15417749920", _OPENED, "{village}村委会门口两盏路灯不亮，接娃娃的路黑得很"),
    (61, "12345-2", "15452870146", _ANSWERED, "今年的医保缴费还来得及吗，在哪里缴"),
    (9, "12345-1", "15430017742", _DRAFT, "还是早上那个，高龄补贴村里说要户口簿复印件，"),
)


def write_articles(*, county: str, actor: Actor) -> int:
    """The knowledge articles, unless somebody has written any; how many that were."""
    if reads.articles(actor).exists():
        return 0
    for title, asks, answer, unit in ARTICLES:
        owner = people.unit_by_code(county, unit).id
        hotline.make_article(title=title, asks=asks, answer=answer, unit=owner, actor=actor)
    return len(ARTICLES)


def take_calls(until: datetime, *, village: str, agent: Account) -> int:
    """Calls of the hours before `until`, as a telephone system tells of them, unless any came."""
    acting = people.actor_for(agent)
    if reads.calls(acting).exists():
        return 0
    name, opened = places.areas_by_paths([village])[village].short_name, ""
    for number, (ago, line, phone, outcome, words) in enumerate(CALLS, 1):
        what, at = words.format(village=name), until - timedelta(minutes=ago)
        with clock.standing_at(at):
            call = hotline.begin_call(
                f"demo-{number}", agent=agent.login, from_number=phone, line=line, actor=_SWITCH
            ).call
        with clock.standing_at(at + timedelta(minutes=3)):
            if outcome == _OPENED:
                made = _open(call.id, what, Where(path=village, place=name), acting)
                opened = opened or made
            else:
                _settle(call.id, outcome, what, opened, acting)
            if outcome != _DRAFT:
                hotline.end_call(f"demo-{number}", seconds=70 + 13 * number, actor=_SWITCH)
    return len(CALLS)


def _open(call: UUID, what: str, where: Where, agent: Actor) -> str:
    return hotline.open_case(call, what=what, where=where, actor=agent).case.number


def _settle(call: UUID, outcome: str, what: str, opened: str, agent: Actor) -> None:
    """What becomes of a call that opens no case; a draft is left at the agent's hand."""
    if outcome == _ANSWERED:
        article = reads.fitting(agent, what, most=1)[0].id
        hotline.answer_call(call, article=article, what=what, actor=agent)
    elif outcome == _JOINED:
        hotline.join_case(call, opened, what=what, actor=agent)
    elif outcome == _DROPPED:
        hotline.drop_call(call, actor=agent)
    else:
        hotline.note_typed(call, typed={"what": what}, actor=agent)
