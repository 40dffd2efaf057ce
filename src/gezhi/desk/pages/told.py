"""What a line of the audit says, in the reader's language.

Names stand for ids, what is empty is left out, and what has no words yet is shown as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.days import day
from gezhi.base.refusal import all_refusals
from gezhi.cases.rules import ACT_NAMES
from gezhi.cases.rules.sealed import FIELD_NAMES
from gezhi.desk.pages.sentences import SENTENCES
from gezhi.desk.rules import is_id
from gezhi.exchange.rules import WHY_NAMES
from gezhi.hotline import rules as hotline
from gezhi.people import reads as people
from gezhi.people.rules import FACTOR_NAMES, ROLE_NAMES
from gezhi.places import reads as places
from gezhi.record.keeping import kinds
from gezhi.record.models import AuditLine
from gezhi.record.rules import AuditKind
from gezhi.residents.rules import WISH_NAMES
from gezhi.triage.rules.answers_replies import CHANGE_NAMES

_SHORT = 12  # signs of a digest that are shown; the whole of it is in the exported list
# A page by its name; of a room's other pages the room.
_PAGES: Mapping[str, Promise] = {
    "desk:audit": _("审计"),
    "desk:audit_export": _("审计"),
    "desk:anchors": _("锚点与核对"),
    "desk:anchor_sheet": _("锚点与核对"),
    "desk:make_anchor": _("锚点与核对"),
    "desk:verify": _("锚点与核对"),
    "desk:verification": _("锚点与核对"),
    "desk:inbox": _("工单列表"),
    "desk:export": _("工单列表"),
    "desk:case": _("工单"),
    "desk:panel": _("工单"),
    "desk:approvals": _("审批"),
    "desk:visits": _("回访"),
    "desk:new_case": _("登记"),
    "desk:supervision": _("督办"),
    "desk:supervision_now": _("督办"),
    "desk:supervision_export": _("督办"),
    "desk:bulks": _("批量"),
    "people:accounts": _("账号"),
    "people:account": _("账号"),
    "people:units": _("机构"),
    "people:unit": _("机构"),
    "people:areas": _("区划"),
    "people:keys": _("加密密钥"),
    "people:make_key": _("接口密钥"),
    "people:revoke_key": _("接口密钥"),
    "notices:outbox": _("发件箱"),
    "notices:export": _("发件箱"),
    "cases:contact": _("诉求人的信息"),
    "cases:masked": _("诉求人的信息"),
    "cases:file": _("工单的附件"),
    "desk": _("工作台"),
    "people": _("人员机构"),
    "retention": _("保存期限"),
    "backup": _("备份"),
    "rulebook": _("规则册"),
    "rehearsals": _("规则推演"),
    "residents": _("信息申请"),
    "notices": _("通知"),
    "triage:names_export": _("地名"),
    "triage:topics_export": _("热点"),
    "triage:roots_export": _("治本事项"),
    "triage:wrong_dispatch_export": _("错派统计"),
    "triage:responsibilities_export": _("责任归属"),
    "triage": _("研判"),
    "intake": _("导入"),
    "exchange": _("事件推送"),
    "peers": _("对接单位"),
    "hotline": _("热线"),
    "cases": _("工单"),
    "entrance": _("自己的账号"),
    "portal": _("群众端"),
}
_ASKED: Mapping[str, Promise] = {
    "kind": _("种类"), "who": _("人员"), "about": _("涉及对象"), "words": _("理由中的字"),
    "since": _("起始日期"), "until": _("截止日期"), "q": _("编号或内容"),
    "state": _("状态"), "area": _("区划"), "holder": _("承办单位"), "tab": _("列表"),
    "sort": _("排序"),
}  # fmt: skip
_CHANGED: Mapping[str, Promise] = {
    "name": _("姓名或名称"), "phone": _("电话"), "login": _("登录名"),
    "is_active": _("启用或停用"), "language": _("语言"), "code": _("代码"),
    "path": _("区划"), "kind": _("种类"), "parent": _("上级"), "address": _("地址"),
    "kinds": _("哪些事件"), "categories": _("哪些类别"), "areas": _("哪些区划"),
    "unit_id": _("机构"), "jurisdiction": _("辖区代码"), "key": _("对方给的密钥"),
    "services": _("服务"), "others": _("其他类别的服务"),
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """What ids in lines of the audit mean, asked for all of them at once."""

    people: Mapping[str, tuple[str, str]]  # name and unit, by label
    units: Mapping[str, str]
    areas: Mapping[str, str]

    def area(self, path: str) -> str:
        """An area with its code; what is none as it is."""
        return f"{self.areas[path]} {path}" if path in self.areas else path

    def person(self, id: object) -> str:
        return self.people.get(f"account:{id}", (gettext("已离岗人员"), ""))[0]


_PERSONS = ("account", "on_behalf_of", "acting_for")


def names_of(lines: Sequence[AuditLine]) -> Names:
    """The people and units that these lines speak of."""
    labels = {label for line in lines for label in (line.actor, line.about)}
    labels |= {
        f"account:{line.data[key]}" for line in lines for key in _PERSONS if line.data.get(key)
    }
    units = {str(line.data["unit"]) for line in lines if line.data.get("unit")}
    units |= {line.about[5:] for line in lines if line.about.startswith("unit:")}
    ids = [UUID(id) for id in units if is_id(id)]
    named = {str(line.data.get("about", "")) for line in lines}
    named |= {line.about.removeprefix("county:") for line in lines}
    paths = {path for path in named if path.isdecimal()}
    return Names(
        people.who_are(label for label in labels if is_id(label.partition(":")[2])),
        {str(id): name for id, name in people.unit_names(ids).items()},
        {path: area.short_name for path, area in places.areas_by_paths(paths).items()},
    )


def told(line: AuditLine, names: Names) -> list[str]:
    """What a line says besides who, when and about whom, sentence by sentence."""
    left = {
        name: value
        for name, value in line.data.items()
        if name != "acting_for" and value is not None and value is not False and value != ""
    }
    said = []
    for row in SENTENCES[AuditKind(line.kind)]:
        fitting = next((one for one in row if one.fits(left)), None)
        if fitting is None:
            continue
        values = {name: _word(name, left[name], names) for name in fitting.places}
        said.append(str(fitting.words) % values)
        for name in (*fitting.places, *fitting.when, *fitting.also):
            left.pop(name, None)
    return said + [f"{name} {_word(name, value, names)}" for name, value in left.items()]


def _word(name: str, value: Any, names: Names) -> str:
    """One value in words, by what it is the value of; itself where there are none for it."""
    text = str(value)
    if name in _PERSONS:
        return names.person(text)
    if name == "unit":
        return names.units.get(text, text)
    if name == "about":
        return names.area(text)
    if name in _SAID:
        return _SAID[name](value)
    return str(_coded(name).get(text, text))


def _count(value: Any) -> str:
    """How many they are: of a long list the audit keeps the count alone."""
    return str(value if isinstance(value, int) else len(str(value).split(",")))


def _listed(words: Mapping[str, Promise]) -> Callable[[Any], str]:
    return lambda value: gettext("、").join(str(words.get(each, each)) for each in value.split(","))


def _short(value: Any) -> str:
    return f"{str(value)[:_SHORT]}…"


def _on_day(value: Any) -> str:
    return day(date.fromisoformat(str(value)), timezone.localdate(clock.now()))


def page_said(view: str) -> str:
    """A page's name, else that of the room it belongs to, else its own."""
    room, _colon, name = view.partition(":")
    if room == "api":
        return gettext("接口 %(name)s") % {"name": name}
    return str(_PAGES.get(view) or _PAGES.get(room) or view)


_SAID: Mapping[str, Callable[[Any], str]] = {
    "units": _count, "accounts": _count, "paths": _count, "codes": _count,
    "fields": _listed(_CHANGED), "asked": _listed(_ASKED), "hash": _short, "digest": _short,
    "bytes": filesizeformat, "size": filesizeformat, "on": _on_day, "until": _on_day,
    "page": page_said,
}  # fmt: skip


def _coded(name: str) -> Mapping[Any, str | Promise]:
    """The words for codes that stand under this name."""
    if name == "code":
        return _refusals()
    if name == "kind":
        return {kind.code: kind.name for kind in kinds()}
    return _CODES.get(name, {})


_CODES: Mapping[str, Mapping[Any, str | Promise]] = {
    "field": FIELD_NAMES, "factor": FACTOR_NAMES, "role": ROLE_NAMES, "wish": WISH_NAMES,
    "act": ACT_NAMES, "reply": CHANGE_NAMES, "why": WHY_NAMES, "change": hotline.ACT_NAMES,
}  # fmt: skip


@cache
def _refusals() -> Mapping[str, str | Promise]:
    """What refusals say, of those that say it without naming anything."""
    return {each.code: each.message for each in all_refusals() if "%(" not in str(each.message)}


_THINGS: Mapping[str, Promise] = {
    "anchors": _("锚点"),
    "rulebook": _("规则册"), "proofs": _("试恢复"), "keys:index": _("查询密钥"),
    "keys:sealing": _("加密密钥"), "backup": _("备份"), "run": _("备份"),
    "removal": _("到期清除"), "request": _("信息申请"), "resident": _("居民"),
    "reply": _("标准答复"), "report": _("上报"), "case": _("工单"), "hold": _("暂不清除"),
    "webhook": _("事件推送"), "article": _("知识条目"), "caller": _("来电人"),
}  # fmt: skip


def about_said(line: AuditLine, names: Names) -> str:
    """Whom or what a line is about, in a word; empty where it is about nothing in particular."""
    kind, _colon, id = line.about.partition(":")
    if line.about in names.people:
        return names.people[line.about][0]
    if kind == "unit":
        return names.units.get(id, line.about)
    if kind == "county":
        return names.area(id)
    if kind == "retention":
        return str(_coded("kind").get(id, id))
    if kind == "hold" and line.data.get("about"):
        return names.area(str(line.data["about"]))
    return str(_THINGS.get(line.about) or _THINGS.get(kind) or line.about)
