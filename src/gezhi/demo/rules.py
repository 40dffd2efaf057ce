"""The demo county's fixed choices: its seed, its accounts with readable logins, their password."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

COUNTY = "990101"
SEED = 7
RATE = 58.0  # reports a day: sixty days are about 3,500 cases
PROGRAM = "pingtai", "市级平台"  # another system's account: nobody signs in as it, it gets a key
SINCE = date(2025, 1, 1)  # from this day its areas, units and posts hold
ROSTER_BACK = timedelta(days=90)  # its rosters stand for its history, and a while before
PASSWORD = "gezhi-2026"  # noqa: S105 - told to all who start the demo; `--public` asks for another


@dataclass(frozen=True)
class DemoAccount:
    """An account to try the county with: who it is and what to try."""

    login: str
    name: str
    role: str
    unit: str
    title: Promise
    task: Promise
    password: str = PASSWORD

    @property
    def who(self) -> str:
        """Who it is and what to try, in one line."""
        return gettext("%(title)s：%(task)s") % {"title": self.title, "task": self.task}


_TOWN, _VILLAGE, _GRID = "990101001", "990101001001", "990101001001001"
DEMO_ACCOUNTS = (
    DemoAccount(
        "shouli", "常向明", "receptionist", "centre-990101",
        _("县综治中心受理员"), _("受理热线来件，派给县直部门或下派乡镇"),
    ),
    DemoAccount(
        "xiangzhen", "段玉兰", "receptionist", f"centre-{_TOWN}",
        _("街道综治中心受理员"), _("接村里报上来的事，派给站所，办不了的上报县里"),
    ),
    DemoAccount(
        "cun", "雷建平", "receptionist", f"centre-{_VILLAGE}",
        _("社区综治中心受理员"), _("最先看到居民上报，派给网格员"),
    ),
    DemoAccount(
        "wangge", "乔春燕", "grid_worker", f"grid-{_GRID}",
        _("网格员"), _("签收、到现场处理、拍照办结"),
    ),
    DemoAccount(
        "shuiwu", "汤国栋", "handler", "dept-water",
        _("水务局承办人"), _("签收、办结、退回不属于本单位的事"),
    ),
    DemoAccount(
        "tiaojie", "贺秀英", "mediator", f"committee-{_TOWN}",
        _("街道调委会调解员"), _("办理邻里、家庭纠纷"),
    ),
    DemoAccount(
        "duban", "石永强", "supervisor", "centre-990101",
        _("督办员"), _("审批延期和挂起，督办快超时的事"),
    ),
    DemoAccount(
        "huifang", "江慧琳", "return_visitor", "centre-990101",
        _("回访员"), _("给诉求人打电话，问解决了没有"),
    ),
    DemoAccount(
        "lingdao", "郝德成", "leader", "centre-990101",
        _("领导"), _("看全县的事和进度"),
    ),
    DemoAccount(
        "admin", "钟文斌", "administrator", "centre-990101",
        _("系统管理员"), _("管理机构、账号、区划、规则册"),
    ),
    DemoAccount(
        "anquan", "温静文", "security_administrator", "centre-990101",
        _("安全管理员"), _("任命岗位、结束岗位、发接口密钥"),
    ),
    DemoAccount(
        "shenji", "傅明远", "auditor", "centre-990101",
        _("审计管理员"), _("查看谁登录过、谁看过什么、谁改过权限"),
    ),
)  # fmt: skip
