"""Which facts other systems are told, under which names, and what of each. Pure.

CloudEvents 1.0 (cloudevents.io), structured JSON. What is not listed here is not told: a new
field of a fact leaves the house only once somebody has written it down below.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEDIA_TYPE = "application/cloudevents+json"
PING = "gezhi.ping"
ERASED = "case_erased"
_TOWN = 9  # signs of a town's code
_OF_CASE = (
    "case", "number", "seq", "was", "state", "holder", "holder_was", "centre", "category",
    "category_was", "size", "size_was", "channel", "reason",
)  # fmt: skip
_OF_PROMISE = ("case", "number", "deadline", "promise", "stage", "unit", "due")


@dataclass(frozen=True)
class Type:
    """One kind of event: its name for programs, for people, and the fields of the fact it tells.

    The place (`path`) is told beside these, as exactly as may be known.
    """

    name: str
    label: Promise
    fields: tuple[str, ...]


def _case(name: str, label: Promise, *fields: str) -> Type:
    return Type(f"gezhi.case.{name}", label, (*_OF_CASE, *fields))


def _promise(name: str, label: Promise, *fields: str) -> Type:
    return Type(f"gezhi.promise.{name}", label, (*_OF_PROMISE, *fields))


# By the kind of the line in the book.
TYPES: Mapping[str, Type] = {
    "case_reported": _case("reported", _("上报")),
    "case_followed": _case("followed", _("有人也反映同一件事")),
    "case_accepted": _case("accepted", _("受理")),
    "case_refused": _case("refused", _("不予受理")),
    "case_assigned": _case("assigned", _("派发"), "leg"),
    "case_signed": _case("signed", _("签收"), "leg"),
    "case_sent_back": _case("sent_back", _("退回"), "proposed"),
    "case_escalated": _case("escalated", _("上报上级")),
    "case_handed_down": _case("handed_down", _("下派")),
    "case_whistled": _case("whistled", _("吹哨"), "legs", "arrive_by"),
    "joint_arrived": _case("joint_arrived", _("协办单位到场"), "leg"),
    "joint_finished": _case("joint_finished", _("协办单位办完"), "leg"),
    "joint_excused": _case("joint_excused", _("协办单位免办"), "leg"),
    "stage_reached": _case("stage_reached", _("完成阶段"), "stage"),
    "reporter_asked": _case("reporter_asked", _("询问诉求人"), "answer_by"),
    "reporter_answered": _case("reporter_answered", _("诉求人答复")),
    "case_paused_fact": _case("paused", _("挂起"), "until"),
    "case_resumed": _case("resumed", _("恢复办理")),
    "case_extended": _case("extended", _("延期"), "due"),
    "case_supervised": _case("supervised", _("督办"), "answer_by"),
    "supervision_answered": _case("supervision_answered", _("答复督办")),
    "case_finished": _case("finished", _("办结"), "outcome"),
    "case_verified": _case("verified", _("核查通过")),
    "case_returned": _case("returned", _("退回重办"), "by"),
    "reporter_visited": _case("visited", _("回访"), "is_reached"),
    "case_rated": _case("rated", _("评价"), "is_solved", "rating"),
    "case_closed": _case("closed", _("结案")),
    "case_reopened": _case("reopened", _("重办")),
    "case_merged": _case("merged", _("并案"), "main"),
    "case_unmerged": _case("unmerged", _("撤销并案"), "main"),
    "case_withdrawn": _case("withdrawn", _("撤回")),
    "file_attached": _case("file_attached", _("添加附件"), "attachment", "kind_of"),
    "case_reclassified": _case("reclassified", _("更改类别")),
    "case_published": _case("published", _("公开或不公开"), "open_to_all"),
    "contact_corrected": _case("contact_corrected", _("更正联系方式")),
    "words_corrected": _case("words_corrected", _("更正内容")),
    ERASED: Type("gezhi.case.erased", _("个人信息被清除"), ("case", "number", "what")),
    "promise_reminded": _promise("reminded", _("快到时限"), "percent"),
    "promise_broken": _promise("broken", _("超时")),
    "promise_climbed": _promise("climbed", _("超时升级"), "rung"),
    "window_ended": _promise("window_ended", _("等待期满")),
}
# Facts about a case that nobody outside is told, and why.
LEFT_OUT: Mapping[str, str] = {
    "case_noted": "inner notes",
    "approval_asked": "what staff ask of each other",
    "approval_denied": "what staff ask of each other",
    "approval_lapsed": "what staff ask of each other",
    "nobody_on_duty": "who is at work",
}
KIND_OF: Mapping[str, str] = {type.name: kind for kind, type in TYPES.items()}


@dataclass(frozen=True)
class Wanted:
    """What a subscription is told of: everything where a list is empty.

    `reach` is where its account may read cases today, `areas` what it asked for of that.
    """

    kinds: Sequence[str] = ()
    categories: Sequence[str] = ()
    areas: Sequence[str] = ()
    reach: Sequence[str] = ()

    def takes(self, kind: str, path: str, categories: Sequence[str]) -> bool:
        """Whether such an event, of a case there and of one of these categories, is told.

        The category before counts too: so one that leaves is heard of once more.
        """
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.categories or not set(categories).isdisjoint(self.categories))
            and (not self.areas or path.startswith(tuple(self.areas)))
            and path.startswith(tuple(self.reach))
        )


def told_path(path: str, *, hides_place: bool) -> str:
    """Where a case lies, as far as others may know: the town, where its place is secret."""
    return path[:_TOWN] if hides_place else path


def event_id(line: int, leaf: bytes) -> str:
    """The same for a line at every try and replay; of two lines never.

    The number alone could come again after an older state of the database was restored.
    """
    return f"{line}-{leaf[:6].hex()}"


def data_of(kind: str, fact: Mapping[str, Any], path: str) -> dict[str, Any]:
    """What an event says: the listed fields that the fact has."""
    said = {name: fact[name] for name in TYPES[kind].fields if name in fact}
    return said | {"path": path}


def source_of(address: str, county: str) -> str:
    """Whose events they are: the deployment's address, where it has one, and its county."""
    return f"{address.rstrip('/')}/{county}" if address else f"urn:gezhi:{county}"


def envelope(
    *, id: str, type: str, source: str, at: datetime, data: Mapping[str, Any], subject: str = ""
) -> bytes:
    """One event as it is sent; the same bytes for the same event."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": type,
        **({"subject": subject} if subject else {}),
        "time": moment,
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
