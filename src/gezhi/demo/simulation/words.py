"""Short sentences of staff and residents on the way: notes, questions, answers, judgements."""

import numpy as np

SENT_BACK = (
    "经核实，该事项不属于我单位职责，建议转主管部门。",
    "现场看过，设施产权不在我单位，请改派。",
)
ESCALATED = (
    "村里没有设备和资金，请上级协调。", "需要县直部门到场处理，本级无权限。",
    "涉及两个村，请镇上统一安排。",
)  # fmt: skip
QUESTIONS = (
    "请问具体是哪一栋、哪一单元？", "方便的话请发一张现场照片。",
    "请问事情大概发生在什么时间？", "请问您说的是路的哪一侧？",
)  # fmt: skip
ANSWERS = (
    "就在我刚才说的地方，靠北边。", "是三单元，一楼门口。", "从上个星期开始的，早晚都有。",
    "我下午在家，可以带你们去看。",
)  # fmt: skip
PAUSES = {
    "weather": "连续降雨，暂不能施工，天晴后马上开工。",
    "parts": "配件已经下单，到货后更换。",
    "procedure": "需要委托检测，等待报告。",
    "third_party": "当事人外出，约定回来后到场。",
}
EXTENSIONS = {
    "complex": "涉及多户，需要逐户核实。",
    "works": "工程量较大，需要分段施工。",
    "coordination": "正在和有关部门会商。",
}
NOTES = (
    "已联系诉求人，约好到场时间。", "已到现场查看，情况属实。", "材料已备齐，明早进场。",
    "已和村干部对接。", "已拍照留存，等待施工队。",
)  # fmt: skip
STAGES = {
    "build.illegal:stop": (
        "已到场责令停工，施工机械断电封存，工人已经离场。",
        "已下达停工通知书，当事人签收，现场已停工。",
        "切断了工地用电，砖和水泥已清出，安排人每天巡查。",
    ),
    "build.illegal:fine": (
        "已作出行政处罚决定，决定书已经送达当事人。",
        "已经立案调查清楚，认定为违法建设，处罚决定已送达。",
    ),
}
STAGE = ("这一步已经做完，接着办下一步。",)
WHISTLES = ("需要部门共同到现场认定责任，请按时报到。", "单靠一家解决不了，请到场会商。")
JOINT_DONE = ("已到场配合，本单位负责的部分已完成。", "已出具意见并参与处置。")
EXCUSED = "该单位职责已由主办单位代为完成，予以免除。"
DEMANDS = (
    "此件临近时限，请说明进展和预计办结时间。", "群众多次来电，请今日内到场并反馈。",
    "已超时，请说明原因并尽快办结。",
)  # fmt: skip
DEMAND_ANSWERS = ("已安排人员到场，预计今天办结。", "正在处理，材料明天到齐。")
CANNOT = {
    "no_rule": "按现行政策不符合条件，已当面说明并告知可以申请的其他途径。",
    "no_money": "该项目需要资金较多，已列入明年计划，先做了临时处置。",
    "private": "属于当事人之间的民事问题，已告知可以申请调解或向法院起诉。",
    "not_found": "现场两次核实均未发现反映的情况，已留下电话，再出现请随时联系。",
}
REFUSALS = {
    "court": "该事项正在法院审理，请以裁判结果为准，可向承办法官了解进展。",
    "outside": "反映的地点在邻县，已告知当地热线电话。",
    "unclear": "三次联系未能接通，地点不清，无法办理；欢迎补充后再次反映。",
}
FINISHED = "已办理完毕，感谢您的反映。"
GOOD = ("处理得很快，谢谢。", "问题解决了。", "态度好，满意。", "", "还行。", "比以前快多了。")
BAD = ("只来看了一眼，没有解决。", "修好两天又坏了。", "答复和实际不一样。", "还是老样子。")
UNREACHED = ("无人接听。", "号码暂时无法接通。", "对方不方便，约好改时间再打。")
VERIFIED = ("已到现场查看，确已处理到位。", "照片与现场一致，核查通过。")
NOT_VERIFIED = ("现场还有残留，请继续处理。", "与答复不符，退回重办。")
REOPENED = ("处理后又出现了，请再来看看。", "没有彻底解决，请重新办理。")


def one_of(choices: tuple[str, ...], chance: np.random.Generator) -> str:
    """One of the sentences."""
    return choices[int(chance.integers(len(choices)))]


def key_of(choices: dict[str, str], chance: np.random.Generator) -> str:
    """One of the reason codes."""
    return list(choices)[int(chance.integers(len(choices)))]
