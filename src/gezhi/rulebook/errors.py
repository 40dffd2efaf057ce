"""Refusals of the rulebook, and the words for what can be wrong in its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal

FAULTS: Mapping[str, str | Promise] = {
    "file_missing": _("缺少这个文件。"),
    "file_unknown": _("规则册里没有这个文件名，可用的是：%(allowed)s。"),
    "not_toml": _("不是合法的 TOML：%(why)s"),
    "key_unknown": _("不认识的项“%(name)s”，请检查拼写。"),
    "table_unknown": _("不认识的表“%(name)s”，请检查拼写。"),
    "missing": _("缺少必填项“%(name)s”。"),
    "wrong_type": _("“%(name)s”的类型不对，应为%(wanted)s。"),
    "not_one_of": _("“%(name)s”不能是“%(value)s”，只能是：%(allowed)s。"),
    "twice": _("“%(value)s”出现了两次，第一次在第 %(first)s 行。"),
    "bad_key": _("标识“%(value)s”不合规：小写英文、数字，用点分段，第一段是所属大类。"),
    "group_unknown": _("没有“%(value)s”这个大类。"),
    "group_empty": _("大类“%(value)s”下面没有事项。"),
    "other_missing": _("大类“%(value)s”缺少兜底事项“%(value)s.other”。"),
    "category_unknown": _("没有“%(value)s”这个事项。"),
    "body_unknown": _("承办单位“%(value)s”没有在 routing.toml 的 [[body]] 中登记。"),
    "keywords_few": _("关键词太少：至少 %(least)s 个，现在 %(count)s 个。"),
    "metres_missing": _("要求现场定位（place）时必须写明 proof_metres。"),
    "bad_span": _("时长“%(value)s”读不懂，应写成“10 minutes”“4 working hours”“1 working day”。"),
    "row_unreachable": _("这一行永远用不上：第 %(first)s 行已经包含了它。"),
    "row_overlaps": _(
        "这一行与第 %(first)s 行有交叉，谁都不比谁更具体：请为交叉部分单写一行放在前面，"
        "或者在应当优先的那一行写 first = true。"
    ),
    "due_missing": _("时限“%(kind)s”缺少一行不带任何条件的兜底规则。"),
    "ladder_missing": _("升级阶梯缺少一行不带任何条件的兜底规则。"),
    "steps_order": _("各级要按时间从早到晚排列：“%(value)s”不晚于前一级的“%(before)s”。"),
    "place_unknown": _("文字里不能有“{%(value)s}”，能用的是：%(allowed)s。"),
    "bad_braces": _("“%(name)s”里的花括号不成对；要写花括号本身时，写两遍。"),
    "bad_clock": _("时间“%(value)s”读不懂，应写成“22:00”，几个时间要从早到晚、不重复。"),
    "every_or_at": _("汇总要写明每隔多久（every）或者几点（at），二者选一。"),
    "stages_order": _("分段时限要从短到长：“%(value)s”不长于前一段的“%(before)s”。"),
    "stages_late": _("最后一段“%(value)s”比整件事的办结时限“%(before)s”还长。"),
    "bad_stage_key": _("分段标识“%(value)s”不合规：小写英文、数字和下划线，以字母开头。"),
    "bad_question_code": _("问题代码“%(value)s”不合规：英文、数字和下划线，以字母开头。"),
    "values_of_lists": _(
        "问题“%(value)s”：单选（singlevaluelist）和多选（multivaluelist）要写 values，"
        "其他的不能写。"
    ),
    "not_ics": _("不是合法的 iCalendar（.ics）日历。"),
    "ics_large": _("日历文件太大，最多 %(most)s MB。"),
    "ics_many": _("日历里的日程太多，最多 %(most)s 条。"),
    "ics_empty": _("日历里没有日程。"),
    "ics_broken": _("这条日程的“%(name)s”读不懂，或者写了两次。"),
    "ics_timed": _("这条日程有钟点，不是全天日程；请改成全天。"),
    "ics_long": _("这条日程的结束早于开始，或者超过 %(most)s 天。"),
    "ics_rule": _("这条日程的重复规则不支持；只支持每年同一天，其他请逐日写出。"),
    "ics_unclear": _(
        "看不出“%(value)s”是放假还是上班；请把日程的类别（CATEGORIES）写成 OFF 或 WORKING。"
    ),
    "ics_twice": _("%(day)s 在这里和第 %(first)s 行说法不一，一处放假、一处上班。"),
    "ics_year_partial": _(
        "%(value)s 年的安排不完整（没有元旦和国庆），不能作为整年导入；请补全，"
        "或者作为本地特例导入。"
    ),
    "rows_inline": _("“%(name)s”写成了一行的列表，无法改写；请先改成 [[%(name)s]] 的形式。"),
    "bad_hours": _("时间段“%(value)s”读不懂，应写成“08:30-12:00”，并且先后不交叉。"),
    "bad_day": _("日期“%(value)s”读不懂，应写成“MM-DD”。"),
    "hours_gap": _("工作时间没有覆盖 %(day)s。"),
    "hours_overlap": _("%(day)s 有两种工作时间。"),
    "unit_hours_overlap": _("“%(value)s”在 %(day)s 有两种工作时间。"),
    "zone_unknown": _("没有“%(value)s”这个时区。"),
    "out_of_range": _("“%(name)s”应在 %(least)s 到 %(most)s 之间。"),
    "asset_unknown": _("设施种类“%(value)s”没有在 routing.toml 的 [[asset]] 中登记。"),
    "first_missing": _("缺少一行不带任何条件的首接规则（[[first]]）。"),
    "route_missing": _("级别“%(level)s”没有兜底的分派规则（不带其他条件的一行）。"),
    "reason_missing": _("至少要有一个“%(kind)s”理由。"),
}  # fmt: skip

# What is looked for since there were versions in use: those stored before go on as they are.
LATER_FAULTS = frozenset({"stages_order", "stages_late", "unit_hours_overlap"})


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file of a rulebook. `line` is 0 when it is about the whole file."""

    file: str
    line: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return str(FAULTS[self.code]) % self.values

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BrokenRulebook(Refusal):
    """The files are no rulebook; the one in force stays in force."""

    code = "rulebook_broken"
    status = 422
    message = _("规则册有 %(count)s 处错误，没有启用，原来的继续有效。第一处：%(first)s")
    field = "upload"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(self.problems), first=self.problems[0])


class RulebookMissing(Refusal):
    """The county has no rulebook yet."""

    code = "rulebook_missing"
    message = _("这个县还没有启用规则册，请管理员先启用一份。")


class VersionUnknown(Refusal):
    """No such version of the county's rulebook."""

    code = "rulebook_version_unknown"
    status = 404
    message = _("没有第 %(number)s 版规则册。")


class CategoryUnknown(Refusal):
    """The rulebook has no such category."""

    code = "category_unknown"
    status = 422
    message = _("规则册里没有“%(category)s”这个事项类别，请重新选择。")
    field = "category"


class ReasonUnknown(Refusal):
    """The rulebook has no such reason for this act."""

    code = "reason_unknown"
    status = 422
    message = _("规则册里没有“%(reason)s”这个理由，请重新选择。")
    field = "reason"


class CalendarYearUnknown(Refusal):
    """The State Council's days of this year are not known, and nobody allowed guessing."""

    code = "calendar_year_unknown"
    message = _("%(year)s 年的放假安排还没有导入，无法计算时限，请管理员在工作日历中补上。")


class UploadUnreadable(Refusal):
    """What was uploaded is neither a zip nor TOML files in UTF-8."""

    code = "rulebook_upload_unreadable"
    status = 422
    message = _("上传的文件读不了：请上传一个 zip，或者若干个 UTF-8 的 toml 文件。")
    field = "upload"


class UploadTwice(Refusal):
    """Two of the uploaded files have one name, in different folders or beside a zip."""

    code = "rulebook_upload_twice"
    status = 422
    message = _("上传的文件里有两个 %(name)s，请只留一个。")
    field = "upload"
