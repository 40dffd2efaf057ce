"""What stands around every page of the desk: who works here, and where they may go."""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from gezhi.backup import reads as backups
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.desk import reads
from gezhi.desk.rules import Tab
from gezhi.exchange import reads as exchange
from gezhi.hotline import reads as hotline
from gezhi.intake.reads import sources
from gezhi.notices import reads as notices
from gezhi.notices.rules import EVENTS_OF
from gezhi.people import reads as people
from gezhi.people.rules import RIGHTS, ROLE_NAMES, Role
from gezhi.places import reads as places
from gezhi.residents import reads as residents
from gezhi.retention import reads as retention

_HAS_IMPORT = find_spec("gezhi.intake.urls") is not None
_at = cache(reverse)  # the same on every page
_ADMINISTERS = ("account.manage", "unit.manage", "area.manage", "post.manage")
# Which right a page asks for, by the beginning of its address beneath the desk; the first fits.
_ASKED_FOR: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("approvals/", ("case.approve",)),
    ("supervision/", ("case.supervise",)),
    ("visits/", ("case.visit_back",)),
    ("cases/new/", ("case.report",)),
    ("hotline/calls/", ("hotline.answer", "hotline.write")),
    ("hotline/articles/", ("hotline.answer", "hotline.write")),
    ("hotline/", ("hotline.answer",)),
    ("import/", ("case.import",)),
    ("export.xlsx", ("case.export",)),
    ("bulk/take/", ("case.assign",)),
    ("bulk/assign/", ("case.assign",)),
    ("bulk/supervise/", ("case.supervise",)),
    ("bulk/merge/", ("case.merge",)),
    ("data-requests/", ("case.accept", "security.manage")),
    ("outbox/", ("account.manage",)),
    ("wrong-dispatch/", ("case.supervise", "rulebook.manage")),
    ("admin/responsibilities/", ("area.manage",)),
    ("admin/rulebook/", ("rulebook.manage",)),
    ("admin/names/", places.NAMING),
    ("admin/replies/", ("rulebook.manage",)),
    ("admin/triage/", ("rulebook.manage",)),
    ("admin/sources/received/", ("case.import",)),
    ("admin/sources/", ("rulebook.manage", "case.import", "case.supervise")),
    ("admin/backups/", ("backup.manage",)),
    ("admin/retention/", ("security.manage",)),
    ("admin/sealing-keys/", ("security.manage",)),
    ("admin/channels/", (exchange.MANAGE,)),
    ("admin/webhooks/", (exchange.MANAGE, exchange.OWN)),
    ("admin/peers/", (exchange.MANAGE,)),
    ("audit/", ("audit.read",)),
    ("admin/", _ADMINISTERS),
    ("", ("case.read",)),
)


@dataclass(frozen=True)
class Item:
    """One line of the navigation."""

    name: str
    href: str
    icon: str
    is_here: bool


class Shell:
    """Worked out only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def actor(self) -> Actor:
        return actor_of(self.request)

    @cached_property
    def tabs(self) -> tuple[Tab, ...]:
        return reads.tabs_for(self.actor)

    @property
    def first_tab(self) -> str:
        return self.tabs[0].value if self.tabs else ""

    @property
    def search_tab(self) -> str:
        """The search at the top looks through everything one may see, whatever list is open."""
        return Tab.AREA.value if Tab.AREA in self.tabs else self.first_tab

    @property
    def may_report(self) -> bool:
        return self.actor.may("case.report") and self.actor.kind == "staff"

    @property
    def may_answer(self) -> bool:
        """Whether the keys of the hotline's console are told."""
        return self.actor.may(hotline.ANSWER)

    @property
    def may_take(self) -> bool:
        """Whether there is any use in taking proposals for many cases."""
        return self.actor.may("case.accept") and self.actor.may("case.assign")

    @property
    def who_may(self) -> list[object]:
        """The roles that may open this page, where its address tells; for who is refused it."""
        root = _at("desk:inbox")
        here = self.request.path.removeprefix(root) if self.request.path.startswith(root) else None
        if here is None or "/moves/" in here:
            return []
        asked = next(rights for start, rights in _ASKED_FOR if here.startswith(start))
        return [ROLE_NAMES[role] for role, rights in RIGHTS.items() if not rights.isdisjoint(asked)]

    @property
    def heard(self) -> str:
        """The kinds of news that may bring a notice, for the bell."""
        return ",".join(EVENTS_OF)

    @property
    def may_give_posts(self) -> bool:
        return self.actor.may("post.manage")

    @property
    def may_keep_areas(self) -> bool:
        return self.actor.may("area.manage")

    @property
    def may_see_keys(self) -> bool:
        return self.actor.may("security.manage")

    @property
    def posts(self) -> list[tuple[str, object, str]]:
        """Unit, role, and on whose behalf a delegated one is held."""
        posts = self.actor.posts
        units = people.unit_names(post.unit for post in posts)
        behalf = [post.on_behalf_of for post in posts if post.on_behalf_of]
        names = people.account_names(behalf) if behalf else {}
        return [
            (
                units.get(post.unit, ""),
                ROLE_NAMES[Role(post.role)],
                names.get(post.on_behalf_of, "") if post.on_behalf_of else "",
            )
            for post in posts
        ]

    @property
    def nav(self) -> list[list[Item]]:
        """The day's work, then administration."""
        return [group for group in (self._work(), self._administration()) if group]

    def _item(self, name: str, href: str, icon: str) -> Item:
        root = _at("desk:inbox")
        path = self.request.path
        here = path == href if href == root else path.startswith(href)
        return Item(name, href, icon, here)

    def _work(self) -> list[Item]:
        may = self.actor.may
        items = []
        if may("case.read"):
            items.append(self._inbox())
        items += self._overseeing()
        if may("case.visit_back"):
            own_first = 0 if reads.calls_back_only(self.actor) else len(items)
            items.insert(own_first, self._item(_("回访"), _at("desk:visits"), "phone"))
        if may(hotline.ANSWER):
            items.append(self._item(_("热线"), _at("desk:hotline"), "phone"))
        elif hotline.is_for_calls(self.actor):
            items.append(self._item(_("热线"), _at("hotline:calls"), "phone"))
        if self.may_report:
            items.append(self._item(_("登记"), _at("desk:new_case"), "plus"))
        if self.may_take or may("case.assign") or may("case.supervise"):
            items.append(self._item(_("批量"), _at("desk:bulks"), "table"))
        if _HAS_IMPORT and may("case.import"):
            items.append(self._item(_("导入"), _at("desk:inbox") + "import/", "file-import"))
        return items

    def _overseeing(self) -> list[Item]:
        """What is asked for, late or wrong, and what many speak of."""
        may = self.actor.may
        items = []
        if may("case.approve"):
            items.append(self._item(_("审批"), _at("desk:approvals"), "circle-check"))
        if may("case.supervise"):
            items.append(self._item(_("督办"), _at("desk:supervision"), "alert-triangle"))
            items.append(self._item(_("错派"), _at("triage:wrong_dispatch"), "arrow-back-up"))
        if may("case.read_area"):
            items.append(self._item(_("热点"), _at("triage:topics"), "speakerphone"))
            items.append(self._item(_("治本事项"), _at("triage:roots"), "flag"))
        return items

    def _inbox(self) -> Item:
        """Whoever calls people back comes in at that list, and says so who wants the cases."""
        plain = self._item(_("工单"), _at("desk:inbox"), "list")
        if not reads.calls_back_only(self.actor):
            return plain
        return Item(plain.name, f"{plain.href}?tab={Tab.AREA.value}", plain.icon, plain.is_here)

    def _administration(self) -> list[Item]:
        items = []
        if any(self.actor.may(right) for right in _ADMINISTERS):
            items.append(self._item(_("人员机构"), _at("people:home"), "users"))
        if self.actor.may("rulebook.manage"):
            items += self._of_the_rules()
        items += self._lie_of_the_land()
        if backups.may_manage(self.actor):
            items.append(self._item(_("备份"), _at("backup:overview"), "database"))
        if retention.may_manage(self.actor):
            items.append(self._item(_("保存期限"), _at("retention:overview"), "clock-pause"))
        items += self._ways_in_and_out()
        items += self._looking_on()
        if any(item.is_here for item in items[1:]):
            items[0] = replace(items[0], is_here=False)  # others lie under its address
        return items

    def _of_the_rules(self) -> list[Item]:
        """The rulebook, what answers are made of, and what was learned beside it."""
        items = [
            self._item(_("规则册"), _at("rulebook:overview"), "book"),
            self._item(_("标准答复"), _at("triage:replies"), "message"),
        ]
        if self.actor.may("rulebook.manage", path=settings.COUNTY):
            items.append(self._item(_("分类模型"), _at("triage:models"), "hierarchy"))
        return items

    def _lie_of_the_land(self) -> list[Item]:
        """What places are called, and whose the things on them are."""
        items = []
        if places.may_name(self.actor):
            items.append(self._item(_("地名"), _at("triage:names"), "map-pin"))
        if self.may_keep_areas:
            owned = _at("triage:responsibilities")
            items.append(self._item(_("责任归属"), owned, "building-community"))
        return items

    def _ways_in_and_out(self) -> list[Item]:
        """How each is; what brings messages, who is told of events, who works on our cases."""
        items = []
        if exchange.may_manage(self.actor):
            items.append(self._item(_("渠道状况"), _at("desk:channels"), "activity"))
        if sources.may_look(self.actor):
            items.append(self._item(_("来源接入"), _at("sources:overview"), "link"))
        if exchange.is_for_webhooks(self.actor):
            items.append(self._item(_("事件推送"), _at("exchange:overview"), "upload"))
        if exchange.may_manage(self.actor):
            items.append(self._item(_("对接单位"), _at("peers:overview"), "arrows-right-left"))
        return items

    def _looking_on(self) -> list[Item]:
        """What was done, what residents ask about their data, what left the house."""
        items = []
        if self.actor.may("audit.read", path=settings.COUNTY):
            items.append(self._item(_("审计"), _at("desk:audit"), "eye"))
        if residents.may_decide(self.actor):
            items.append(self._item(_("信息申请"), _at("residents:data_requests"), "lock"))
        if notices.is_for_outbox(self.actor):
            items.append(self._item(_("发件箱"), _at("notices:outbox"), "send"))
        return items


def around(request: HttpRequest) -> dict[str, Any]:
    """For every template: `desk`, which costs nothing until it is used."""
    return {"desk": Shell(request)}
