"""A small learned model and closed cases, for tests: written matters of three kinds."""

from datetime import datetime, timedelta
from itertools import product

from gezhi.base.ids import new_id
from gezhi.cases.models import Case
from gezhi.cases.rules import State
from gezhi.triage.rules.kinds import InForce
from gezhi.triage.rules.learning_fit import learn
from gezhi.triage.rules.learning_together import Examples
from gezhi.triage.rules.training import Settled

WHEN = ("昨天晚上在东街口，", "连着三天了！新庄小区，", "请问有人管吗？河堤旁边，", "菜市场南门：")
# Of each kind what it is about, and what is wrong with it.
MATTERS = {
    "utility.water.quality": (
        [
            "自来水",
            "水龙头",
            "家里的饮用水",
            "接出来的水",
            "二次供水",
            "水厂送来的水",
            "烧开的水",
            "自来水管里",
        ],
        [
            "发黄发浑",
            "有一股漂白粉味",
            "沉着黑色杂质",
            "泛白起泡",
            "带铁锈",
            "喝了拉肚子",
            "全是泥沙",
            "有股腥臭",
        ],
    ),
    "env.noise": (
        [
            "工地施工",
            "广场舞音响",
            "楼下烧烤摊",
            "夜里切割机",
            "隔壁装修",
            "酒吧低音炮",
            "商铺喇叭",
            "空调外机",
        ],
        [
            "吵得睡不着",
            "轰隆隆响到半夜",
            "噪声太大",
            "声音震得心慌",
            "不分昼夜地响",
            "扰民严重",
            "吵到凌晨两点",
            "分贝超标",
        ],
    ),
    "traffic.bus": (
        [
            "公交车",
            "末班公交",
            "二路公交",
            "公交司机",
            "乡村客运班线",
            "公交站牌",
            "社区巴士",
            "早高峰公交",
        ],
        [
            "一小时不来一班",
            "取消了没通知",
            "到站不停",
            "甩客拒载",
            "改道绕远",
            "常常晚点",
            "挤得上不去",
            "班次太少",
        ],
    ),
}


def written() -> list[tuple[str, str]]:
    """Texts and their kinds, in turn."""
    return [
        (f"{WHEN[turn]}{about[at]}{wrong[first]}，而且{wrong[(first + turn + 1) % 8]}", kind)
        for turn, step, at in product(range(4), range(8), range(8))
        for first in [(at + step) % 8]
        for kind, (about, wrong) in MATTERS.items()
    ]


def learned(version: int = 1) -> InForce:
    """A model of these."""
    texts, labels = zip(*written(), strict=True)
    return InForce(version, learn(Examples(texts, labels))[0])


def settled(now: datetime, many: int = 400) -> list[Settled]:
    """Closed one an hour, the newest first."""
    return [
        Settled(what, kind, now - timedelta(hours=at))
        for at, (what, kind) in enumerate(written()[:many])
    ]


def close_many(case: Case, found: list[Settled]) -> None:
    """Rows of closed cases like `case`, with these words and categories."""
    rows = []
    for at, one in enumerate(found):
        row = Case.objects.get(id=case.id)
        row.pk, row.number = new_id(), f"{case.number[:10]}{at:06d}"
        row.what, row.category, row.closed_at = one.what, one.category, one.closed_at
        row.state, row.source_key = State.CLOSED.value, ""
        rows.append(row)
    Case.objects.bulk_create(rows)
