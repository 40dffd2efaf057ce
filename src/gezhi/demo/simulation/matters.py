"""What people report, how often, and in which words. Invented; no message of anybody is used."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Matter:
    """One kind of matter: how often (weight), where, and sentences with places for words."""

    category: str
    weight: float
    zone: str  # town, rural or any
    texts: tuple[str, ...]
    answer: str  # what the reporter is told in the end


# Words that fill {…} in the sentences below.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "days": ("两天", "三天", "四五天", "一个星期", "快十天", "半个月", "一个多月"),
    "when": ("昨天", "前天", "今天早上", "昨晚", "这几天", "上周", "这两个星期", "最近"),
    "night": ("晚上十点以后", "半夜", "凌晨一两点", "晚上十一点多", "天一黑"),
    "who": ("老人和娃娃", "几户人家", "附近的居民", "我们组里的人", "接送学生的家长", "过路的人"),
    "spot": (
        "村委会门口", "小学旁边", "卫生室后面", "老槐树底下", "桥头", "三岔路口", "二组路边",
        "三组巷道里", "涝池边上", "文化广场旁边", "小卖部门前", "打麦场边上", "进村的坡上",
    ),
    "block": (
        "小区南门口", "三号楼下面", "五号楼二单元", "农贸市场后门", "十字路口", "公交站牌旁边",
        "学校东墙外", "医院对面", "河堤步道", "锅炉房旁边", "地下车库入口", "临街门面前",
    ),
    "many": ("一大堆", "好几堆", "满满一路边", "四五袋", "一三轮车那么多"),
    "crop": ("苹果", "核桃", "玉米", "洋芋", "荞麦", "红薯"),
    "money": ("三千多块", "六千八", "一万二", "两万多", "八千块", "四千五"),
    "size": ("半米宽", "一米多长", "脸盆那么大", "能陷进去一个车轮", "两指深"),
}  # fmt: skip
_OPENINGS = ("", "", "", "您好，", "你好，", "请问，", "反映一下，", "同志您好，", "麻烦问一下，")
_CLOSINGS = (
    "", "", "请尽快处理。", "希望有人来看看。", "麻烦派人管一下。", "请给个答复。", "谢谢。",
    "盼解决，谢谢。", "大家意见很大。", "已经打过一次电话了，没人来。",
)  # fmt: skip

MATTERS = (
    Matter("env.garbage.exposed", 9.0, "any", (
        "{spot}的垃圾{days}没人拉了，{many}，味道大得很。",
        "{block}垃圾桶满了，垃圾堆到路上，{who}都要绕着走。",
        "有人把生活垃圾倒在{spot}的沟边，风一吹到处都是。",
    ), "已安排保洁人员清运完毕，并在该处增加了收集频次。"),
    Matter("env.garbage.debris", 3.0, "any", (
        "{when}有人把建筑垃圾倒在{spot}，{many}，车过不去。",
        "{block}装修垃圾堆了{days}，没有人清。",
    ), "渣土已清运，查到了倾倒人并作了教育，已责令自行承担清运费用。"),
    Matter("env.road", 3.0, "town", (
        "{block}路面脏，{days}没人扫，沙土多，一过车就扬起来。",
        "早市散了以后{block}满地菜叶子，清扫不及时。",
    ), "已安排清扫，早市结束后增加一次保洁。"),
    Matter("env.burning", 3.5, "rural", (
        "{when}{spot}有人烧玉米秆，烟大得睁不开眼。",
        "{night}有人在地里焚烧秸秆，呛得人睡不成。",
    ), "火点已扑灭，对当事人进行了批评教育，村里安排了巡查。"),
    Matter("env.stall", 3.0, "town", (
        "{block}摆摊的把人行道占完了，{who}只能走车道。",
        "{block}卖菜的三轮车天天占道经营，堵得厉害。",
    ), "已劝导摊贩进入便民市场经营，安排人员早晚值守。"),
    Matter("env.stuff", 2.0, "any", (
        "{spot}有人把柴草和旧木头乱堆在路边，占了半条路。",
        "楼道里堆放杂物，{block}，怕着火。",
    ), "堆放的杂物已由当事人清走，楼道恢复畅通。"),
    Matter("env.animal", 1.2, "rural", (
        "{spot}沟里扔了一只死羊，已经发臭。",
        "邻家散养的鸡和狗满巷道跑，把{spot}弄得很脏。",
    ), "已按规定处理，并提醒养殖户圈养。"),
    Matter("env.noise", 3.0, "town", (
        "{block}{night}还在放音响跳广场舞，扰民，孩子没法写作业。",
        "楼下饭馆{night}噪音很大，{who}睡不着。",
    ), "已与当事人约定活动时间和音量，社区将继续留意。"),
    Matter("env.fumes", 1.5, "town", (
        "{block}烧烤店的油烟直接排到楼上，窗户都不敢开。",
    ), "店家已安装净化设备并改变排烟口朝向。"),
    Matter("env.toilet", 0.8, "any", (
        "{block}公共厕所{days}没有打扫，水也停了。",
    ), "公厕已恢复供水和保洁，管理牌上公布了负责人电话。"),
    Matter("env.river", 0.9, "any", (
        "河堤{block}护坡塌了一段，{size}，{who}经过很危险。",
    ), "已对塌陷河堤临时围护，并完成修补。"),
    Matter("env.water", 0.8, "any", (
        "{when}河里水发黑，有股臭味，怀疑上游排污。",
    ), "已取样检测并查明排口，责令停止排放，检测结果已公示。"),
    Matter("env.farm", 0.9, "rural", (
        "养殖场的粪便流到{spot}，味道大，{who}意见很大。",
    ), "养殖场已清理粪污并修建储存池，畜牧站已复查。"),
    Matter("utility.heat", 7.0, "town", (
        "暖气不热，{block}，屋里只有十四五度，{who}受不了。",
        "供暖{days}了，我家暖气片还是凉的，打电话没人来。",
        "楼上热楼下不热，{block}供热不平衡，请来调一下。",
    ), "已入户测温并调节管网，现室温达到标准，供热公司留了维修人员电话。"),
    Matter("utility.lamp", 5.0, "any", (
        "{spot}的路灯{days}不亮了，晚上黑，{who}走路害怕。",
        "{block}路灯坏了三盏，请修一下。",
    ), "路灯已修复，共更换灯头和控制器，当晚已亮。"),
    Matter("utility.water.cut", 3.5, "any", (
        "{when}停水到现在，也没有通知，{who}没水做饭。",
        "水压低，{night}才有一点水，{block}住高层的用不上。",
    ), "经查为管道检修，现已恢复供水；以后停水会提前通知。"),
    Matter("utility.water.pipe", 1.6, "any", (
        "{spot}水管爆了，水流了一路，请快来。",
        "{block}水管破裂，跑水{days}没人管。",
    ), "破裂水管已更换，路面已恢复。"),
    Matter("utility.water.quality", 1.0, "any", (
        "自来水发黄，{when}开始的，放半天也不清，不敢喝。",
    ), "已冲洗管网并取样检测，水质合格，结果已张贴公示。"),
    Matter("utility.power.cut", 1.6, "any", (
        "{when}停电，{spot}一片都没电，什么时候能来电？",
    ), "故障已排除，恢复供电，已向用户说明原因。"),
    Matter("utility.power.line", 1.2, "rural", (
        "{spot}电线杆歪了，电线快挨着地了，很危险。",
    ), "电杆已扶正加固，线路高度符合要求。"),
    Matter("utility.drain", 3.0, "town", (
        "{block}下水道堵塞，污水外溢，臭得很。",
        "污水从井里冒出来，{block}，{days}了。",
    ), "已疏通管道并清掏检查井，排水恢复正常。"),
    Matter("utility.manhole", 2.0, "town", (
        "{block}井盖破损，缺了一块，{who}容易掉下去。",
        "{block}井盖丢失，{when}发现的，请赶快盖上。",
    ), "井盖已更换，周边同类井盖已排查。"),
    Matter("utility.flood", 1.2, "any", (
        "一下雨{spot}就积水，{size}，车都熄火了。",
    ), "已清理雨水口并抽排积水，列入改造计划。"),
    Matter("utility.gas", 0.8, "town", (
        "小区天然气{days}没通，物业和燃气公司互相推。",
    ), "燃气公司已完成验收并通气。"),
    Matter("utility.lift", 1.2, "town", (
        "{block}电梯故障，{when}又困人了，物业不修。",
    ), "电梯已由维保单位修复，检验合格后恢复使用，报告已张贴。"),
    Matter("utility.telecom", 0.8, "rural", (
        "{spot}手机没信号，打电话要到塬上去，宽带也装不上。",
    ), "运营商已现场测试，调整了基站方向，信号改善。"),
    Matter("utility.cable", 1.2, "any", (
        "{spot}电缆线乱拉，垂下来挂住车了。",
    ), "垂落的线缆已整理固定。"),
    Matter("traffic.road.broken", 3.4, "any", (
        "{spot}路面破损，坑洼{size}，骑车摔了人。",
        "进村的路坏了，{days}没人修，{crop}拉不出去。",
    ), "破损路面已修补，后续列入养护计划。"),
    Matter("traffic.road.collapse", 0.8, "any", (
        "{spot}路面塌陷一个坑，{size}，怕有人掉下去。",
    ), "塌陷处已围挡、回填并恢复路面。"),
    Matter("traffic.park", 4.0, "town", (
        "{block}天天有车占道停车，消防车都进不来。",
        "{block}违停的车把出口堵了，叫不到车主。",
    ), "已通知车主驶离并施划禁停标线。"),
    Matter("traffic.sign", 1.4, "town", (
        "{block}红绿灯坏了，{when}开始，车乱走。",
        "学校门口斑马线磨得看不见了，请重画标线。",
    ), "已修复信号灯并补划标线。"),
    Matter("traffic.bus", 1.2, "any", (
        "班车{when}起不按点来，{who}在{spot}等了一个多小时。",
    ), "客运公司已调整班次，站牌已更新时刻。"),
    Matter("traffic.truck", 0.7, "any", (
        "大货车超载，{night}从{spot}过，房子都在抖。",
    ), "已开展联合检查，路口增设限行标志。"),
    Matter("rural.road", 2.2, "rural", (
        "我们组的入户路{days}前被水冲了，{size}的沟，请硬化一下。",
        "村道边上没有护栏，{spot}下去就是沟，危险。",
    ), "已垫平路面并设置警示，护栏纳入今年项目。"),
    Matter("rural.sell", 1.5, "rural", (
        "今年{crop}卖不出去，客商压价，请帮忙联系一下销路。",
    ), "已对接收购企业和电商服务站，签订了收购意向。"),
    Matter("rural.subsidy", 1.6, "rural", (
        "耕地地力补贴{days}前别人都到账了，我家的没有，怎么回事？",
    ), "经核对账号有误，已更正并补发到卡，凭证已附。"),
    Matter("rural.irrigation", 1.0, "rural", (
        "{spot}机井坏了，浇不上水，{crop}都要旱死了。",
    ), "水泵已更换，机井恢复使用。"),
    Matter("rural.homestead", 1.2, "rural", (
        "宅基地审批交上去{days}没有回音，想问办到哪一步了。",
    ), "已完成现场勘测和公示，批准书已发放。"),
    Matter("rural.land.contract", 0.7, "rural", (
        "土地流转合同到期了，公司不给{money}租金。",
    ), "已组织双方核对合同，公司已支付租金，凭据已附。"),
    Matter("rural.finance", 0.6, "rural", (
        "村务公开栏{days}没有更新，想看看修路的账目。",
    ), "村里已补充公开账目，并召开会议作了说明。"),
    Matter("rural.forest", 0.7, "rural", (
        "有人在{spot}砍树，听说没有手续。",
    ), "林业站已现场核查，责令停止并补种。"),
    Matter("safety.fire", 2.4, "any", (
        "{block}消防通道被车堵死，楼里灭火器也过期了。",
        "有人在楼道给电动车充电，{block}，怕着火。",
    ), "通道已清理，隐患已整改，并进行了复查。"),
    Matter("safety.theft", 1.2, "any", (
        "{when}家里的电动车在{block}被偷了。",
        "{night}果园里的{crop}被人偷了一片。",
    ), "公安机关已受理，案件办理情况将由办案民警告知。"),
    Matter("safety.rental", 0.6, "town", (
        "{block}出租屋里住了很多人，乱拉电线，担心出事。",
    ), "已对出租房登记检查，责令房东拆除私拉线路。"),
    Matter("safety.water", 0.9, "any", (
        "{spot}涝池没有护栏，娃娃常在边上玩。",
    ), "已安装护栏和警示牌。"),
    Matter("safety.geology", 0.6, "rural", (
        "{spot}后面的崖上掉土块，{when}下雨后裂缝{size}，怕滑坡。",
    ), "已组织受威胁户避让并监测，削坡加固已完成。"),
    Matter("safety.fraud", 0.7, "any", (
        "接到电话说能办贷款，被骗了{money}。",
    ), "公安机关已立案，正在追查；已进行反诈提醒。"),
    Matter("dispute.neighbour", 4.2, "any", (
        "邻居盖房把滴水流到我家院里，说了几次都不听。",
        "隔壁养狗{night}叫，吵得没法睡，邻里关系也僵了。",
        "楼上漏水把我家顶棚泡了，楼上不认，请社区调一调。",
    ), "经调解双方达成一致，已按约定处理。"),
    Matter("dispute.family", 1.6, "any", (
        "家庭矛盾，{when}吵得厉害，想请人来劝一劝。",
    ), "调解员上门两次，双方情绪平稳，约定继续沟通。"),
    Matter("dispute.property", 1.0, "rural", (
        "和邻家因为宅基地纠纷，地界说不清，{days}了。",
    ), "已现场丈量并签订调解协议，界桩已埋设。"),
    Matter("dispute.consumer", 1.2, "town", (
        "在{block}的店里买的东西坏了，店家不给退款。",
    ), "经调解商家已退款。"),
    Matter("dispute.damage", 0.7, "any", (
        "{when}收割机把我家围墙撞坏了，说好赔偿又不给。",
    ), "双方签订协议，赔偿款已当场付清。"),
    Matter("civil.minimum", 1.6, "any", (
        "家里老人常年吃药，想问低保怎么申请。",
    ), "已入户核查并受理申请，评议公示后按规定办理，告知书已附。"),
    Matter("civil.old", 1.2, "any", (
        "高龄津贴{days}没有到账，老人腿脚不便，请查一下。",
    ), "已为老人上门完成生存认证，津贴当月补发。"),
    Matter("civil.disabled", 0.8, "any", (
        "残疾证到期了，行动不便，能不能上门办？",
    ), "已上门采集信息并代办，新证已送达。"),
    Matter("civil.place", 0.5, "any", (
        "门牌掉了一直没补，快递找不到地方，{spot}。",
    ), "门牌已补装。"),
    Matter("labour.wage", 2.4, "any", (
        "在工地干活，拖欠工资{money}，老板电话不接。",
        "饭店不发工资，欠了我{money}，已经{days}。",
    ), "经劳动监察协调，工资已发到本人卡上，凭据已附。"),
    Matter("labour.pension", 1.4, "any", (
        "养老保险缴费显示不成功，想问怎么补缴。",
    ), "已核对缴费记录并协助补缴成功。"),
    Matter("labour.medical", 1.8, "any", (
        "医保报销材料交了{days}还没有到账。",
        "新农合缴费后查不到记录，怕看病报不了。",
    ), "材料已审核完毕，报销款已拨付到账。"),
    Matter("edu.enrol", 0.8, "town", (
        "孩子转学手续交了{days}，还没有通知。",
    ), "已协调接收学校，学籍已转入。"),
    Matter("edu.campus", 0.9, "any", (
        "学校食堂饭菜凉，{who}反映好几次了。",
    ), "学校已加装保温设备并建立家长陪餐。"),
    Matter("health.village", 0.8, "rural", (
        "村卫生室常关门，{who}买药要跑十几里。",
    ), "已明确村医坐诊时间并张榜公布。"),
    Matter("health.fee", 0.6, "any", (
        "住院费里有一项收费看不懂，想要个说明，{money}。",
    ), "已与患者核对清单，多收部分已退还。"),
    Matter("gov.food", 1.6, "town", (
        "{block}买的熟食变质，吃了拉肚子。",
        "超市卖过期食品，{when}买的，有小票。",
    ), "已现场检查并下架问题食品，依法立案处理。"),
    Matter("gov.window", 1.0, "town", (
        "{when}去办事大厅，窗口没人，等了一上午。",
    ), "已核实并调整窗口排班，公布了监督电话。"),
    Matter("gov.info", 2.0, "any", (
        "咨询一下，今年取暖补贴怎么领，要带什么材料？",
        "政策咨询：返乡创业贷款还能不能申请？",
    ), "已电话答复办理条件、材料和地点。"),
    Matter("gov.suggest", 1.2, "any", (
        "建议在{spot}装个健身器材，晚上大家有个去处。",
        "感谢网格员{when}帮老人送药，特此表扬。",
    ), "建议已收到并转相关单位研究，感谢您的关心。"),
    Matter("build.property", 2.0, "town", (
        "物业费涨了，服务没跟上，{block}门禁坏了{days}。",
    ), "已约谈物业公司，门禁已修复，服务内容已公示。"),
    Matter("build.quality", 1.0, "town", (
        "新房墙体开裂，{size}，开发商不理。",
    ), "已组织鉴定并督促开发商维修，报告已附。"),
    Matter("build.illegal", 1.1, "any", (
        "{block}有人楼顶加盖，违章建筑，已经盖了{days}。",
        "{spot}有人占路搭棚，请来看看是不是违建。",
    ), "经认定为违法建设，已依法拆除并复查。"),
    Matter("build.site.noise", 1.8, "town", (
        "工地{night}还在施工，噪音大，{who}没法休息。",
    ), "已责令停止夜间施工，并要求公告作业时间。"),
    Matter("build.site.dust", 1.2, "town", (
        "{block}工地扬尘大，不洒水，渣土车一路撒土。",
    ), "工地已覆盖裸土并增加洒水，进出口设置冲洗。"),
    Matter("build.ad", 1.2, "town", (
        "{block}满墙小广告，招牌也快掉了。",
    ), "小广告已清除，破损招牌已拆除。"),
    Matter("build.park", 0.8, "town", (
        "广场上健身路旁的座椅坏了，绿化带踩秃了。",
    ), "座椅已修好，绿化已补植。"),
)  # fmt: skip


def compose(matter: Matter, *, in_town: bool, chance: np.random.Generator) -> str:
    """A resident's message about it."""
    text = _one(matter.texts, chance)
    for word, choices in _WORDS.items():
        # The same place fits a village or a street, not both.
        named = {"spot": "block", "block": "spot"}.get(word, word)
        wrong = (word == "spot" and in_town) or (word == "block" and not in_town)
        fills = _WORDS[named] if wrong else choices
        while "{" + word + "}" in text:
            text = text.replace("{" + word + "}", _one(fills, chance), 1)
    return _one(_OPENINGS, chance) + text + _one(_CLOSINGS, chance)


def choose_matter(*, in_town: bool, chance: np.random.Generator) -> Matter:
    """A matter that fits the place, as often as its weight says."""
    zone = "town" if in_town else "rural"
    fitting = [matter for matter in MATTERS if matter.zone in ("any", zone)]
    weights = np.array([matter.weight for matter in fitting])
    return fitting[int(chance.choice(len(fitting), p=weights / weights.sum()))]


def _one(choices: tuple[str, ...], chance: np.random.Generator) -> str:
    return choices[int(chance.integers(len(choices)))]


ANSWERS = {matter.category: matter.answer for matter in MATTERS}
