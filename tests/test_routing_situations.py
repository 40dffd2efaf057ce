"""Situations in plain words, and whom each goes to: by what is laid down, or by the rules.

The county is the small one of the cast with all the bodies of the product's own rulebook, two
estates with property companies, a kindergarten inside one of them, a market, a school, a park, a
stretch of a national road and one of the river.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.forms import choices
from gezhi.cases.models import Case
from gezhi.cases.reads import routing
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.people.actions import NewPerson, NewPost, NewUnit
from gezhi.people.models import Account
from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.rules import NewOwner, corridor
from gezhi.rulebook import actions as rulebook_actions
from gezhi.rulebook import reads as rulebook
from tests.cast import (
    COUNTY,
    GRID,
    OTHER,
    SECOND,
    SETTING_UP,
    SINCE,
    TOWN,
    VILLAGE,
    County,
    plain_reason,
    report_leak,
)

TOWNS = {TOWN: "河湾镇", OTHER: "石坪镇"}

# Where things are said to be: a point, or an area alone.
SPOTS: dict[str, tuple[float, float] | str] = {
    "春和小区": (106.9025, 35.6025),
    "春和幼儿园": (106.9035, 35.6035),
    "河湾市场": (106.909, 35.603),
    "柳树小学": (106.913, 35.603),
    "滨河公园": (106.904, 35.611),
    "国道": (106.95, 35.608),
    "小区门口的国道": (106.9165, 35.608),
    "渭水河边": (106.95, 35.616),
    "柳树村": (106.917, 35.604),
    "柳树村二网格": (106.93, 35.604),
    "新庄花园": (106.945, 35.604),
    "新庄村": (106.955, 35.612),
    "高塬村": (106.99, 35.612),
    "河湾镇（没有定位）": TOWN,
    "全县（没有定位）": COUNTY,
}

# name: kind, area, outline
ZONES = {
    "春和小区": ("estate", GRID, box(106.902, 35.602, 106.906, 35.606)),
    "春和幼儿园": ("school", GRID, box(106.903, 35.603, 106.904, 35.604)),
    "河湾市场": ("market", GRID, box(106.908, 35.602, 106.910, 35.604)),
    "柳树小学": ("school", GRID, box(106.912, 35.602, 106.914, 35.604)),
    "滨河公园": ("park", GRID, box(106.902, 35.610, 106.906, 35.613)),
    "国道河湾段": (
        "road", TOWN, corridor(shapely.LineString([(106.9, 35.608), (106.98, 35.608)]), 20),
    ),
    "渭水河湾段": (
        "river", TOWN, corridor(shapely.LineString([(106.9, 35.616), (106.98, 35.616)]), 40),
    ),
    "新庄花园": ("estate", SECOND, box(106.942, 35.602, 106.948, 35.606)),
}  # fmt: skip

# where, thing, category or group, unit
LAID_DOWN = [
    *(
        ("春和小区", thing, "", "company-chunhe")
        for thing in ("road", "pavement", "lamp", "manhole", "drain", "green", "lift", "refuse",
                      "fire", "building", "parking")
    ),
    ("春和幼儿园", "", "", "company-nursery"),
    ("河湾市场", "", "", "company-market"),
    ("河湾市场", "", "gov.food", f"station-{TOWN}-market"),
    ("柳树小学", "", "", f"station-{TOWN}-school"),
    ("滨河公园", "green", "", "company-garden"),
    ("滨河公园", "sport", "", "company-garden"),
    ("滨河公园", "lamp", "", "company-garden"),
    ("国道河湾段", "road", "", "company-highway"),
    ("国道河湾段", "bridge", "", "company-highway"),
    ("渭水河湾段", "river", "", f"station-{TOWN}-river"),
    ("渭水河湾段", "", "env.garbage.exposed", f"station-{TOWN}-river"),
    ("新庄花园", "", "", "company-xinzhuang"),
    ("新庄花园", "lift", "", "company-xinzhuang"),
    (VILLAGE, "lamp", "", f"station-{TOWN}-works"),
    (TOWN, "refuse", "", f"station-{TOWN}-clean"),
    (COUNTY, "lamp", "", "company-lamp"),
    (COUNTY, "telecom", "", "company-telecom"),
]  # fmt: skip

MORE_UNITS = [
    NewUnit("company-chunhe", "company", "春和物业公司", COUNTY),
    NewUnit("company-xinzhuang", "company", "新庄物业公司", TOWN),
    NewUnit("company-nursery", "company", "春和幼儿园", VILLAGE),
    NewUnit("company-market", "company", "河湾市场服务公司", TOWN),
    NewUnit("company-garden", "company", "园林养护公司", COUNTY),
    NewUnit("company-highway", "company", "公路段", COUNTY),
    NewUnit("company-lamp", "company", "路灯管理所", COUNTY),
    NewUnit(f"station-{TOWN}-river", "station", "河湾镇河道站", TOWN),
    NewUnit(f"station-{TOWN}-clean", "station", "河湾镇环卫队", TOWN),
]


@dataclass(frozen=True)
class Situation:
    """What is reported where and how, which centre sends it ("": where it begins), and to whom."""

    what: str
    where: str
    channel: str
    level: str
    unit: str


def _table(text: str) -> list[Situation]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return [Situation(*(cell.strip() for cell in cells)) for cells in lines]


SITUATIONS = _table("""
小区里的路面塌了一块，电动车过不去    | 春和小区       | portal  |        | 春和物业公司
小区里的路灯三天不亮了          | 春和小区       | portal  |        | 春和物业公司
3号楼电梯又停了，老人上不去        | 春和小区       | portal  |        | 春和物业公司
单元门口的井盖破了            | 春和小区       | portal  |        | 春和物业公司
化粪池堵了，下水道往外冒         | 春和小区       | portal  |        | 春和物业公司
小区绿化带的树枝压到晾衣架        | 春和小区       | portal  |        | 春和物业公司
垃圾桶满了好几天没人收          | 春和小区       | portal  |        | 春和物业公司
物业费乱涨价，物业公司不公示账目     | 春和小区       | portal  |        | 河湾镇规划建设办公室
物业费乱涨价，物业公司不公示账目     | 春和小区       | hotline |        | 住房和城乡建设局
家里闻到煤气味，怀疑燃气泄漏       | 春和小区       | portal  |        | 燃气公司
楼上天天半夜唱歌扰民，吵得睡不着     | 春和小区       | portal  |        | 001网格
停水一天了，什么时候来水         | 春和小区       | hotline |        | 供水公司
小区里的路面塌了一块，电动车过不去    | 春和小区       | hotline |        | 春和物业公司
幼儿园门口的路灯坏了           | 春和幼儿园      | portal  |        | 春和幼儿园
幼儿园里的滑梯松了            | 春和幼儿园      | portal  |        | 春和幼儿园
幼儿园院子里路面坑坑洼洼         | 春和幼儿园      | hotline |        | 春和幼儿园
幼儿园厨房煤气泄漏，快来人        | 春和幼儿园      | portal  |        | 燃气公司
市场里的垃圾没人清，臭得很        | 河湾市场       | portal  |        | 河湾市场服务公司
市场东门的路灯不亮            | 河湾市场       | portal  |        | 河湾市场服务公司
市场里卖的熟食过期变质，食品安全没人管  | 河湾市场       | portal  |        | 河湾镇市场监管所
市场里有人打架，动了刀          | 河湾市场       | portal  |        | 公安局
学校围墙边的路灯坏了           | 柳树小学       | portal  |        | 河湾镇中心学校
学校操场的篮球架倒了           | 柳树小学       | portal  |        | 河湾镇中心学校
学校收费不合理，乱收费          | 柳树小学       | portal  |        | 河湾镇中心学校
学校收费不合理，乱收费          | 柳树小学       | hotline |        | 教育局
公园里的健身器材断了           | 滨河公园       | portal  |        | 园林养护公司
公园的路灯不亮              | 滨河公园       | portal  |        | 园林养护公司
公园里的树木枯死没人管，绿化太差     | 滨河公园       | portal  |        | 园林养护公司
公园旁边有人遛狗不拴绳          | 滨河公园       | portal  |        | 001网格
国道上路面坑洼，大车一过就颠       | 国道         | portal  |        | 公路段
国道路面塌陷了一个大坑          | 国道         | hotline |        | 公路段
国道桥梁的栏杆断了            | 国道         | portal  |        | 公路段
国道上红绿灯不亮             | 国道         | hotline |        | 公安局交警大队
国道边的路灯不亮             | 小区门口的国道    | portal  |        | 河湾镇规划建设办公室
国道边的路灯不亮             | 国道         | portal  |        | 路灯管理所
国道路面坑洼               | 小区门口的国道    | portal  |        | 公路段
河道里有人采砂              | 渭水河边       | portal  |        | 河湾镇河道站
河堤塌了一截，河道堵了          | 渭水河边       | hotline |        | 河湾镇河道站
河边垃圾成堆没人清            | 渭水河边       | portal  |        | 河湾镇河道站
河里排污，污水发黑            | 渭水河边       | portal  |        | 河湾镇公共事务服务中心
河里排污，污水发黑            | 渭水河边       | hotline |        | 生态环境局
村口的太阳能路灯坏了           | 柳树村        | portal  |        | 河湾镇规划建设办公室
村口的太阳能路灯坏了           | 柳树村        | hotline |        | 河湾镇规划建设办公室
村口的太阳能路灯坏了           | 柳树村二网格     | field   |        | 河湾镇规划建设办公室
垃圾桶满了没人清             | 柳树村        | portal  |        | 河湾镇环卫队
村里垃圾乱堆               | 柳树村        | portal  |        | 001网格
村里垃圾乱堆               | 柳树村        | portal  | county | 城市管理综合执法局
村里垃圾乱堆               | 柳树村        | portal  | town   | 001网格
自来水管破裂，路上全是水         | 柳树村        | portal  |        | 供水公司
变压器烧了，全村停电            | 柳树村        | portal  |        | 供电公司
邻居占了我家宅基地，吵了好几回      | 柳树村        | portal  |        | 河湾镇自然资源所
两家为了排水沟吵架，邻里纠纷       | 柳树村        | portal  |        | 河湾镇人民调解委员会
小区门口的电梯停了            | 新庄花园       | portal  |        | 新庄物业公司
楼道堆满杂物，消防通道堵了        | 新庄花园       | portal  |        | 消防救援大队
屋里失火了，发生火灾            | 新庄花园       | portal  |        | 消防救援大队
路灯不亮                 | 新庄村        | portal  |        | 路灯管理所
网线断了，光缆掉在地上          | 新庄村        | portal  |        | 通信运营企业
路灯不亮                 | 高塬村        | portal  |        | 路灯管理所
垃圾桶满了没人清             | 高塬村        | portal  |        | 001网格
春和小区3号楼路灯不亮           | 河湾镇（没有定位）  | portal  |        | 春和物业公司
春和小区里路面塌了一块           | 全县（没有定位）   | hotline |        | 春和物业公司
拖欠工资三个月，老板不给钱        | 全县（没有定位）   | mailbox |        | 人力资源和社会保障局
摊贩占道经营，占道摆摊没人管       | 河湾镇（没有定位）  | board   |        | 城市管理综合执法局
孩子在幼儿园被老师打了          | 春和幼儿园      | portal  |        | 河湾镇中心学校
幼儿园乱收费，还强制买校服        | 春和幼儿园      | hotline |        | 教育局
物业费又乱涨价              | 新庄花园       | portal  |        | 河湾镇规划建设办公室
小区停车位被外来车占满          | 春和小区       | portal  |        | 春和物业公司
市场里卖肉的缺斤短两           | 河湾市场       | portal  |        | 河湾镇市场监管所
公园里的公厕锁着不开           | 滨河公园       | portal  |        | 河湾镇综合执法队
国道边上有人乱倒建筑垃圾         | 国道         | portal  |        | 001网格
河边有小孩玩水，没有护栏         | 渭水河边       | portal  |        | 水务局
老板拖欠工人工资             | 河湾市场       | portal  |        | 河湾镇公共事务服务中心
村口的井盖丢了，怕人掉进去        | 高塬村        | portal  |        | 住房和城乡建设局
楼上漏水把我家泡了，跟楼上说不通     | 春和小区       | portal  |        | 河湾镇人民调解委员会
养鸡场臭味太大，窗户都不敢开       | 柳树村        | hotline |        | 生态环境局
楼顶有人要往下跳             | 春和小区       | portal  |        | 卫生健康局
电梯困人了，老人在里面          | 春和小区       | portal  |        | 春和物业公司
电线断了掉在路上冒火花          | 春和小区       | portal  |        | 供电公司
房子塌了，有人压在下面          | 高塬村        | hotline |        | 住房和城乡建设局
广场边有人晕倒，叫不醒          | 河湾市场       | portal  |        | 卫生健康局
""")


@pytest.fixture
def furnished(county: County) -> County:
    """The county with all bodies of the rulebook, its grounds, and whose things on them are."""
    book = rulebook.current(COUNTY)
    new = list(MORE_UNITS)
    for body in book.bodies.values():
        places_of = TOWNS.items() if "{town}" in body.code else [(COUNTY, "")]
        new += [
            NewUnit(body.code.replace("{town}", path), body.kind, name + body.name, path)
            for path, name in places_of
            if body.kind != "grid" and body.code.replace("{town}", path) not in county.units
        ]
    people.add_units(new, county=COUNTY, actor=SETTING_UP)
    made = {
        name: places.add_zone(
            name, kind, path=path, county=COUNTY, outline=outline, on=SINCE, actor=SETTING_UP
        ).id
        for name, (kind, path, outline) in ZONES.items()
    }
    for where, thing, category, unit in LAID_DOWN:
        lay_down(unit, where=made.get(where, where), asset=thing, category=category)
    return county


def lay_down(unit: str, *, where: object, asset: str = "", category: str = "") -> None:
    ground = {"path": where} if isinstance(where, str) else {"zone": where}
    new = NewOwner(
        unit=unit,
        reason=f"由{unit}负责",
        asset=asset,
        category=category,
        valid_from=SINCE,
        **ground,
    )  # type: ignore[arg-type]
    places.add_responsibility(new, county=COUNTY, actor=SETTING_UP)


def report(one: Situation) -> cases.Reported:
    spot = SPOTS[one.where]
    where = (
        cases.Where(path=spot, place=one.where)
        if isinstance(spot, str)
        else cases.Where(lon=spot[0], lat=spot[1])
    )
    return cases.report(
        county=COUNTY, what=one.what, where=where, channel=one.channel, actor=NOBODY
    )


def whom(one: Situation) -> routing.Who:
    case = report(one).case
    matter = routing.matter_of(case)
    if one.level:
        matter = replace(matter, level=one.level)
    book = rulebook.current(COUNTY)
    return routing.who(matter, book, case.proposed_category, at=clock.now())


def test_each_situation_goes_where_the_text_says(furnished):
    assert len(SITUATIONS) >= 60
    wrong = []
    for one in SITUATIONS:
        found = whom(one)
        name = found.unit.name if found.unit else "—"
        if name != one.unit:
            wrong.append(f"{one.what} {one.where} {one.channel}: {name} {found.rule} {found.why}")
    assert not wrong, "\n".join(wrong)


# --- what is laid down -------------------------------------------------------------------------


def test_every_answer_says_what_it_rests_on(furnished):
    lamp, noise = SITUATIONS[1], SITUATIONS[10]
    book = rulebook.current(COUNTY)
    case = report(lamp).case
    said = choices.why_words(choices.who_for(case, book, case.proposed_category))
    assert said == "责任归属：由company-chunhe负责"
    assert whom(lamp).responsibility
    case = report(noise).case
    said = choices.why_words(choices.who_for(case, book, case.proposed_category))
    assert said == "规则“小事网格先办”：网格员能当场解决的，先在网格里解决。"
    Case.objects.filter(id=case.id).update(path=VILLAGE)  # not known down to the grid
    case.refresh_from_db()
    found = choices.who_for(case, book, case.proposed_category)
    assert found.is_next
    assert found.unit.kind != "grid"
    assert choices.why_words(found) == f"{said} 排在前面的这里没有，轮到它"


def test_what_has_ended_or_has_not_begun_settles_nothing(furnished):
    """Nor what is a closed unit's: the next one outwards has it."""
    lamp = SITUATIONS[1]
    laid_down = place_reads.responsibilities(SETTING_UP, county=COUNTY)
    row = laid_down.get(unit="company-chunhe", asset="lamp")
    places.end_responsibility(row.id, county=COUNTY, on=place_reads.today(), actor=SETTING_UP)
    assert whom(lamp).unit.name == "河湾镇规划建设办公室", "the village's, which is next outwards"
    tomorrow = place_reads.today() + timedelta(days=1)
    new = NewOwner("company-garden", "明天起", zone=row.zone_id, asset="lamp", valid_from=tomorrow)
    places.add_responsibility(new, county=COUNTY, actor=SETTING_UP)
    assert whom(lamp).unit.name == "河湾镇规划建设办公室"
    with clock.standing_at(clock.now() + timedelta(days=1)):
        assert whom(lamp).unit.name == "园林养护公司"
    works = people_reads.unit_by_code(COUNTY, f"station-{TOWN}-works")
    people.close_unit(works.id, actor=SETTING_UP)
    assert whom(lamp).unit.name == "路灯管理所"


def test_a_name_that_means_two_grounds_means_none(furnished):
    by_name = next(one for one in SITUATIONS if one.what.startswith("春和小区3号楼"))
    assert whom(by_name).unit.name == "春和物业公司"
    places.add_zone(
        "春和小区", "estate", path=SECOND, county=COUNTY,
        outline=box(106.95, 35.602, 106.952, 35.604), on=SINCE, actor=SETTING_UP,
    )  # fmt: skip
    assert whom(by_name).unit.name == "路灯管理所"


def test_a_ground_and_all_that_was_laid_down_for_it_end_together(furnished):
    zone = place_reads.zones(COUNTY).get(name="国道河湾段")
    places.end_zone(zone.id, county=COUNTY, on=place_reads.today(), actor=SETTING_UP)
    broken = next(one for one in SITUATIONS if one.what.startswith("国道上路面"))
    assert whom(broken).rule != routing.LAID_DOWN


def test_asking_costs_no_query_once_it_is_known(furnished, django_assert_max_num_queries):
    """In a transaction that has itself changed the county each asks for its revision."""
    case = report(SITUATIONS[0]).case
    book, matter = rulebook.current(COUNTY), routing.matter_of(case)
    routing.who(matter, book, "utility.lamp", at=clock.now())
    with django_assert_max_num_queries(6) as asked:
        routing.who(matter, book, "utility.lamp", at=clock.now())
    tables = ("places_revision", "people_unitrevision", "places_area", "rulebook_version")
    assert all(any(name in one["sql"] for name in tables) for one in asked.captured_queries)


# --- what came back ----------------------------------------------------------------------------


def send(case: Case, unit: str, county: County) -> None:
    cases.assign(case.id, unit=county.unit(unit), actor=county.actor("cun"))


def send_back(case: Case, login: str, county: County, *, named: str = "") -> Case:
    return cases.send_back(
        case.id, reason=plain_reason("send_back"), words="不归我们管",
        unit=county.unit(named) if named else None, actor=county.actor(login),
    )  # fmt: skip


def test_what_came_back_is_for_whom_the_sender_named_and_never_for_the_sender(county):
    case, book = report_leak().case, rulebook.current(COUNTY)
    cases.accept(case.id, category="env.stall", actor=county.actor("cun"))
    grid, water = county.unit(f"grid-{GRID}"), county.unit("dept-water")
    assert choices.who_for(case, book, "env.stall").unit.id == grid
    send(case, f"grid-{GRID}", county)
    case = send_back(case, "wang", county, named="dept-water")
    found = choices.who_for(case, book, "env.stall")
    assert found.unit.id == water
    assert grid not in {unit.id for unit in found.units}
    assert choices.why_words(found) == "退回的单位说应由它办"
    send(case, "dept-water", county)
    case = send_back(case, "shui", county, named=f"grid-{GRID}")
    found = choices.who_for(case, book, "env.stall")
    assert not {grid, water} & {unit.id for unit in found.units}, "each said it is not theirs"
    assert found.rule != routing.NAMED


# --- equals ------------------------------------------------------------------------------------

TEAMS = [f"team-{TOWN}-{number}" for number in "123"]


@pytest.fixture
def teams(furnished: County) -> County:
    """Three teams of the town that are equals for rubbish, with two people each."""
    people.add_units(
        [NewUnit(code, "station", f"{code[-1]}中队", TOWN) for code in TEAMS],
        county=COUNTY,
        actor=SETTING_UP,
    )
    people.add_accounts_with_posts(
        [
            NewPerson(f"{code}-{number}", f"队员{number}", (NewPost(code, "handler"),))
            for code in TEAMS
            for number in "ab"
        ],
        county=COUNTY, password_hash="!", must_change_password=False, valid_from=SINCE,
        actor=SETTING_UP,
    )  # fmt: skip
    files = rulebook.default_files()
    files["routing.toml"] = files["routing.toml"].replace(
        '[[rule]]\nid = "urgent"',
        '[[body]]\ncode = "team-{town}-*"\nname = "中队"\nname_en = "Teams"\nkind = "station"\n\n'
        '[[rule]]\nid = "teams"\ncategory = "env.stall"\nto = ["team-{town}-*", "{body}"]\n'
        'why = "占道经营由三个中队轮流管。"\n\n[[rule]]\nid = "urgent"',
    )
    rulebook_actions.apply_book(files, note="teams", county=COUNTY, actor=SETTING_UP)
    return furnished


STALL = Situation("摊贩占道经营，占道摆摊没人管", "柳树村", "portal", "", "")


def give(unit: str, county: County) -> None:
    case = report(STALL).case
    cases.accept(case.id, category="env.stall", actor=county.actor("cun"))
    cases.assign(
        case.id, unit=people_reads.unit_by_code(COUNTY, unit).id, actor=county.actor("cun")
    )


def test_of_equals_the_one_with_the_least_in_hand_takes_it_and_a_tie_goes_by_code(teams):
    found = whom(STALL)
    assert [unit.code for unit in found.units[:3]] == TEAMS
    assert found.among == routing.Among(count=3, at_work=2, open=0)
    give(TEAMS[0], teams)
    give(TEAMS[0], teams)
    give(TEAMS[1], teams)
    found = whom(STALL)
    assert found.unit.code == TEAMS[2]
    case = report(STALL).case
    said = choices.why_words(choices.who_for(case, rulebook.current(COUNTY), "env.stall"))
    assert said.endswith("3 个单位里现在有人在岗、人均手上最少（0 件）")


def test_of_equals_one_whose_people_are_all_away_comes_last(teams):
    for login in ("a", "b"):
        account = Account.objects.get(login=f"{TEAMS[0]}-{login}")
        people.take_leave(
            account=account.id, kind="leave", starts=clock.now() - timedelta(hours=1),
            ends=clock.now() + timedelta(days=2), substitute=None, actor=SETTING_UP,
        )  # fmt: skip
    found = whom(STALL)
    assert [unit.code for unit in found.units[:3]] == [TEAMS[1], TEAMS[2], TEAMS[0]]


def test_choosing_among_equals_costs_three_queries(teams, django_assert_max_num_queries):
    matter = routing.matter_of(report(STALL).case)
    book = rulebook.current(COUNTY)
    routing.who(matter, book, "env.stall", at=clock.now())
    with django_assert_max_num_queries(12) as asked:
        routing.who(matter, book, "env.stall", at=clock.now())
    known = ("places_revision", "people_unitrevision", "places_area", "rulebook_version")
    new = [one for one in asked.captured_queries if not any(name in one["sql"] for name in known)]
    assert len(new) <= 3


# --- whatever is laid down ---------------------------------------------------------------------

_INNER_FIRST = ["春和幼儿园", "春和小区", GRID, VILLAGE, TOWN, COUNTY]
_ANY_UNIT = [
    "company-chunhe", "company-nursery", "company-garden", f"centre-{TOWN}", "no-such-unit",
    f"station-{OTHER}-works", "company-closed",
]  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(st.sampled_from(_INNER_FIRST), st.sampled_from(_ANY_UNIT)),
    st.sampled_from(["utility.lamp", "traffic.road.broken", "env.noise", "utility.gas.leak"]),
)
def test_the_innermost_that_can_have_it_wins(ground_county, laid_down, category):
    """Who is proposed is active, no centre, and may work there; or nobody is."""
    county, zones = ground_county
    made = []
    asset = rulebook.current(COUNTY).category(category).asset
    for where, unit in laid_down.items():
        ground = {"zone": zones[where]} if where in zones else {"path": where}
        new = NewOwner(unit, "x", asset=asset, category=category, valid_from=SINCE, **ground)
        made.append(places.add_responsibility(new, county=COUNTY, actor=SETTING_UP))
    matter = routing.Matter(COUNTY, GRID, "village", "portal", lon=106.9035, lat=35.6035)
    found = routing.who(matter, rulebook.current(COUNTY), category, at=clock.now())
    for unit in found.units:
        assert unit.is_active
        assert unit.kind != "centre"
        assert unit.path.startswith(GRID) or GRID.startswith(unit.path)
    fit = {"company-chunhe", "company-nursery", "company-garden"}
    owned = [laid_down[where] for where in _INNER_FIRST if laid_down.get(where) in fit]
    if owned:
        assert (found.unit.code, found.rule) == (owned[0], routing.LAID_DOWN)
    else:
        assert found.rule != routing.LAID_DOWN
    for row in made:
        places.end_responsibility(row.id, county=COUNTY, on=SINCE, actor=SETTING_UP)


@pytest.fixture
def ground_county(county: County) -> tuple[County, dict[str, object]]:
    more = [one for one in MORE_UNITS if one.code in _ANY_UNIT]
    more += [NewUnit("company-closed", "company", "已撤公司", COUNTY)]
    more += [NewUnit(f"station-{OTHER}-works", "station", "石坪镇规划办", OTHER)]
    made = people.add_units(more, county=COUNTY, actor=SETTING_UP)
    people.close_unit(made["company-closed"].id, actor=SETTING_UP)
    zones = {
        name: places.add_zone(
            name, kind, path=path, county=COUNTY, outline=outline, on=SINCE, actor=SETTING_UP
        ).id
        for name, (kind, path, outline) in list(ZONES.items())[:2]
    }
    return county, zones
